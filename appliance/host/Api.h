#pragma once
#include "base/Result.h"
#include "host/CommandLine.h"
#include "host/Config.h"
#include "host/Wire.h"

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::host {

/// The REST API as commands speak it, whichever way leads to it.
///
/// Threads: the main thread, before there are others; waits. Errors: unavailable where nobody can be asked.
class Api {
public:
  virtual ~Api() = default;
  /// A request, with a JSON body or none ("").
  virtual Result<Reply> ask(std::string_view method, std::string_view path, std::string_view body,
                            const Waiting& waiting) = 0;
  /// Who answers, for people: "the server at https://gw1:9443".
  [[nodiscard]] virtual const std::string& who() const noexcept = 0;

  /// The body of a 200. Errors: what the answer's `description` says, and whatever ask says.
  Result<std::string> call(std::string_view method, std::string_view path, std::string_view body = {},
                           const Waiting& waiting = {});
};

/// To a server elsewhere, proven by certificate on both sides.
[[nodiscard]] Result<std::unique_ptr<Api>> openServer(const ServerOptions& options);

/// To the server of this configuration: over its control socket where one runs, which the store's lock says
/// (R19); else to the store itself (LocalApi.h). `mayMake`: a store that is not there is made.
[[nodiscard]] Result<std::unique_ptr<Api>> openHere(const Config& config, bool mayMake);

} // namespace gatehouse::host
