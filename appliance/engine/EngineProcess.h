#pragma once
#include "base/Result.h"
#include "base/UniqueFd.h"
#include "engine/EngineFolders.h"
#include "engine/Sandbox.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gatehouse::engine {

/// How one redis-server is to be started.
struct Launch {
  std::int64_t database = 0; // for its name in process lists: /gatehouse-engine/3
  std::string engineId;
  std::string program;                   // an absolute path
  std::string input;                     // its standard input: engineConfiguration's
  std::vector<std::string> arguments{};  // argv, where it is to be another program than a server (AofRepair)
  std::uint32_t descriptors = 0;         // at most so many open at once
  std::optional<SandboxSupport> sandbox; // nothing: `engines: {sandbox: off}` is written
};

/// A redis-server that is our child: in its own session, in its sandbox, with nothing of ours but what it
/// needs, and gone when we are (PR_SET_PDEATHSIG).
///
/// Threads: one; the one that called start must live as long as the engine shall: the kernel ends an engine
/// with the *thread* that forked it. Errors: unavailable. Owns: the process and its group, which end with it
/// by SIGKILL (end them well before), the pidfd, the read end of its log.
class EngineProcess {
public:
  /// Sweeps the folder, starts the program and records it. Returns when it has been executed, which takes
  /// some milliseconds (a hung disk: 5 s, then an error): ready it is when its socket answers. Errors: what
  /// step failed and why, the lock that another engine holds among them.
  static Result<std::unique_ptr<EngineProcess>> start(const Launch& launch, EngineFolders& folders);
  ~EngineProcess();
  EngineProcess(const EngineProcess&) = delete;
  EngineProcess& operator=(const EngineProcess&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Becomes readable when the process has ended.
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
  /// What it logs: a non-blocking pipe. Where nobody reads, lines are lost; the engine never waits. Users of
  /// the database can write into it (`redis.log` in a script): bounded and printable before it goes anywhere.
  [[nodiscard]] int log() const noexcept { return log_.get(); }

  /// How it ended, for people, once it has: `exit code 1`, `signal 9`. Never blocks. After it the process is
  /// reaped; children of its own may still live for a moment and hold the lock (EngineFolders::inUse).
  [[nodiscard]] const std::optional<std::string>& ended();
  /// Nothing happens where it has ended. SIGTERM: saves and ends (R19 has what it does not end).
  void signal(int number) noexcept;
  /// SIGKILL to it and all that it forked.
  void killGroup() noexcept;

private:
  EngineProcess(pid_t pid, UniqueFd pidfd, UniqueFd log)
      : pid_(pid)
      , pidfd_(std::move(pidfd))
      , log_(std::move(log)) {}

  pid_t pid_ = 0;
  UniqueFd pidfd_, log_;
  std::optional<std::string> ended_;
};

} // namespace gatehouse::engine
