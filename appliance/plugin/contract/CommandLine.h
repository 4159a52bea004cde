#pragma once
#include "base/Result.h"
#include "plugin/contract/Runner.h"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::plugin::contract {

struct CommandLine {
  Task task;
  bool json = false, help = false, version = false;
  std::string stage; // of --run-stage: the process that runs a stage; not for people
};

/// Errors: a sentence for people; exit 64 is meant.
[[nodiscard]] Result<CommandLine> readCommandLine(const std::vector<std::string>& arguments);
/// Ends with a newline.
[[nodiscard]] std::string helpText();
[[nodiscard]] std::string versionText();

} // namespace gatehouse::plugin::contract
