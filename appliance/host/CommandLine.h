#pragma once
#include "base/Result.h"
#include "host/Config.h"

#include <string>
#include <vector>

namespace gatehouse::host {

/// What was asked on the command line.
struct CommandLine {
  std::string command; // serve, check, migrate, plugins, version; or help
  std::string config = kDefaultConfigFile;
  bool json = false;     // check, plugins
  bool newStore = false; // serve
  bool help = false;     // --help after a command
};

/// Reads the arguments (without the program's name). Threads: any. Errors: a sentence for people; exit 64 is
/// meant.
[[nodiscard]] Result<CommandLine> readCommandLine(const std::vector<std::string>& arguments);

/// The help of one command, or of all when `command` is empty or "help". Ends with a newline.
[[nodiscard]] std::string helpText(const std::string& command);

} // namespace gatehouse::host
