#pragma once
#include "host/Api.h"
#include "host/CommandLine.h"
#include "host/Commands.h"

/// The commands that speak to the server, or to the store where none runs: one function each. They answer an
/// exit code. Each is called before the process has threads.
namespace gatehouse::host {

/// The way that the command line asks for. `config` may be null with --server.
[[nodiscard]] Result<std::unique_ptr<Api>> openApi(const CommandLine& line, const Config* config,
                                                   bool mayMake);

/// 0: nothing to do; 2: something would change; 1: it failed.
[[nodiscard]] int plan(const CommandLine&, const Config*, const Streams&);
/// Plans, shows, asks, applies on the planned revision.
[[nodiscard]] int apply(const CommandLine&, const Config*, const Streams&);
[[nodiscard]] int exportState(const CommandLine&, const Config*, const Streams&);
/// user reset|unlock NAME
[[nodiscard]] int user(const CommandLine&, const Config*, const Streams&);
/// cluster set KEY=VALUE...
[[nodiscard]] int cluster(const CommandLine&, const Config*, const Streams&);

/// Says why a command failed, and answers kFailed.
int failed(const Streams& streams, const Error& error);

} // namespace gatehouse::host
