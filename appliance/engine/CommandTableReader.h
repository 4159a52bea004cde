#pragma once
#include "base/Result.h"
#include "engine/EngineFolders.h"
#include "engine/Sandbox.h"
#include "model/AclRules.h"

#include <optional>
#include <string>

namespace gatehouse::engine {

/// What the redis-server at `program` knows: its commands with their subcommands, its categories, its
/// version, asked of a short-lived one that runs in a folder of its own below `folders` (R14: denials are
/// written for the program that is installed).
///
/// Threads: any, never a worker's: it blocks for 5 seconds at the most, commonly 50 ms. The engine ends
/// before it returns. Errors: unavailable: the program cannot be started (sandbox: nothing only where the
/// configuration switches it off), or does not answer as a redis-server of version 7 or later does.
[[nodiscard]] Result<model::CommandTable> readCommandTable(const std::string& program, EngineFolders& folders,
                                                           const std::optional<SandboxSupport>& sandbox);

} // namespace gatehouse::engine
