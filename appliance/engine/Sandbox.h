#pragma once
#include "base/Result.h"
#include "base/UniqueFd.h"
#include "engine/SystemCallFilter.h"

#include <string>

namespace gatehouse::engine {

/// What this kernel can do to keep an engine in (R18). Threads: a value.
struct SandboxSupport {
  int landlockAbi = 0;  // 0: none
  bool seccomp = false; // filters, and a machine whose system calls are listed here

  /// Asks the running kernel.
  static SandboxSupport probe() noexcept;

  /// Both are there. Without, no engine starts unless the configuration says `engines: {sandbox: off}`.
  [[nodiscard]] bool enough() const noexcept { return landlockAbi >= leastLandlock && seccomp; }
  /// ABI 1 cannot let a file move between directories: redis's rewrite of an append-only file fails there.
  static constexpr int leastLandlock = 2;
  /// Landlock sees truncate(2), so that engines may have it.
  [[nodiscard]] bool truncates() const noexcept { return landlockAbi >= 3; }
  /// What is missing or weaker than on a newer kernel and what follows from it, for the log and `check`;
  /// empty where nothing is.
  [[nodiscard]] std::string weakness() const;
};

/// The two walls around one engine, built before the fork: what it may reach by name (Landlock) and which
/// system calls it has (seccomp's allow-list). engine/README.md says what they were tried against.
///
/// Threads: a value. Owns: the ruleset's descriptor.
class Sandbox {
public:
  /// `program` is the redis-server's real path; `directory` the engine's own. Errors: unavailable, where the
  /// kernel lacks either or refuses.
  static Result<Sandbox> build(const SandboxSupport& support, const std::string& program, int directory);

  /// The child gives these to the kernel, after no_new_privs (ChildSetup).
  [[nodiscard]] int ruleset() const noexcept { return ruleset_.get(); }
  [[nodiscard]] SystemCallFilter& filter() noexcept { return filter_; }

private:
  Sandbox(UniqueFd ruleset, SystemCallFilter filter)
      : ruleset_(std::move(ruleset))
      , filter_(std::move(filter)) {}

  UniqueFd ruleset_;
  SystemCallFilter filter_;
};

} // namespace gatehouse::engine
