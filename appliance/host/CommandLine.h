#pragma once
#include "base/Result.h"
#include "host/Config.h"

#include <string>
#include <vector>

namespace gatehouse::host {

/// A server elsewhere, and what both sides prove themselves by: files of PEM.
struct ServerOptions {
  std::string url; // "https://gw1.example.com:9443"; empty: the one of the configuration
  std::string cert, key, cacert;
};

/// What was asked on the command line.
struct CommandLine {
  std::string command; // of CommandTable.cpp; or help
  std::string config = kDefaultConfigFile;
  bool configGiven = false;
  std::vector<std::string> arguments; // FILE..., or the words behind `user`, `cluster`, `import`

  bool json = false;                                              // check, plugins, plan, apply
  bool newStore = false;                                          // serve
  bool offline = false;                                           // check
  bool prune = false, force = false, impact = false, yes = false; // plan, apply
  std::vector<std::string> adopt, release, destroy;
  std::string output;       // export
  std::string passwordFile; // user reset
  ServerOptions server;
  bool help = false; // --help after a command
};

/// Reads the arguments (without the program's name). Threads: any. Errors: a sentence for people; exit 64 is
/// meant.
[[nodiscard]] Result<CommandLine> readCommandLine(const std::vector<std::string>& arguments);

/// The help of one command, or of all when `command` is empty or "help". Ends with a newline.
[[nodiscard]] std::string helpText(const std::string& command);

} // namespace gatehouse::host
