#pragma once
#include "plugin/contract/Stages.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::plugin::contract {

struct Finding {
  std::string rule, text; // a word, a sentence
  std::string during;     // what was being tried; may be empty
};

/// What a stage, run in a process of its own, has found.
struct StageReport {
  std::string stage;
  std::vector<Finding> findings;
  std::string name, version, kind; // of the plugin; empty if it did not get so far
};

struct Task {
  std::string file;
  std::map<std::string, std::string> settings;
  std::chrono::seconds limit{60}; // for each stage
};

/// Runs this same program again for one stage, and reads what it says until it ends or the limit has passed.
/// A plugin that crashes, throws, exits or hangs ends that process alone, and is a finding.
///
/// Errors: none; a process that can't be made is a finding.
[[nodiscard]] StageReport runApart(const Stage& stage, const Task& task);

} // namespace gatehouse::plugin::contract
