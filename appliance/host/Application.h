#pragma once
#include "host/Commands.h"

#include <string>
#include <vector>

namespace gatehouse::host {

/// The whole program but for its streams: reads the command line and the configuration, and calls the
/// command. Threads: none were made before. Errors: in the exit code (Commands.h); no exception comes out.
[[nodiscard]] int run(const std::vector<std::string>& arguments, const Streams& streams) noexcept;

} // namespace gatehouse::host
