#pragma once
#include "engine/EngineUser.h"

#include <cstdint>
#include <linux/filter.h>
#include <sys/types.h>

namespace gatehouse::engine {

class SystemCallFilter;

/// All that the child of a fork needs to become an engine. Made before the fork; pointers into the parent's
/// memory, of which the child has a copy.
struct ChildPlan {
  const char* program = nullptr;
  const char* const* arguments = nullptr; // argv, ends with null
  EngineUser user;
  pid_t parent = 0;              // getppid() must say so, or the parent is gone already
  std::uint64_t descriptors = 0; // RLIMIT_NOFILE
  int input = -1, log = -1, directory = -1, report = -1;
  int ruleset = -1;                   // Landlock's; -1: no sandbox
  SystemCallFilter* filter = nullptr; // null: no sandbox
};

/// Where a child failed; what it writes to `report`. Nothing comes where the program was executed.
enum class ChildStep : std::int32_t {
  session,
  signals,
  limits,
  descriptors,
  lock, // EWOULDBLOCK: another engine has the directory
  directory,
  user,
  parent,
  privileges,
  self, // its own /proc/self/stat, which redis measures its memory by
  landlock,
  seccomp,
  execute
};
struct ChildReport {
  ChildStep step = ChildStep::session;
  std::int32_t error = 0; // errno
};

/// The child's part, from fork to exec, in the one order that works (README.md). Never returns.
///
/// Threads: the child's only one; system calls alone, since another thread of the parent may have held any
/// lock at the fork.
[[noreturn]] void becomeEngine(const ChildPlan& plan) noexcept;

/// A sentence's part: "cannot enter its directory: permission denied".
[[nodiscard]] const char* describe(ChildStep) noexcept;

} // namespace gatehouse::engine
