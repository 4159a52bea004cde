#pragma once
#include "engine/EngineFolders.h"
#include "engine/ProcessRecord.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::engine {

/// An engine that an earlier gateway left and that may still run (R19). It was told to end when that gateway
/// did; this waits while it saves and ends it where it does nothing, in steps that never block: SIGTERM (and
/// SIGCONT for a frozen one), SIGKILL of all its processes, each with its time.
///
/// Threads: one. Errors: none; `gaveUp` where the lock is held by a process that is not known to be ours, or
/// that survives SIGKILL. Owns: nothing. `folders` outlives it.
class Leftover {
public:
  enum class Phase : std::uint8_t {
    saving,  // its files grow: waited for, however long
    ending,  // has some time to end by itself
    killing, // SIGKILL was sent
    gone,    // nobody holds the directory: an engine may start there
    gaveUp
  };

  /// `nowMs` is Clock::steadyMs.
  Leftover(EngineFolders& folders, std::string engineId, std::uint64_t nowMs);

  /// Looks, and does what is due. Call it about every 100 ms until it says gone or gaveUp. With gone the
  /// record is forgotten; EngineProcess::start sweeps the folder.
  Phase step(std::uint64_t nowMs);
  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  /// What was found and done so far, for the log: "process 812 saves".
  [[nodiscard]] const std::string& account() const noexcept { return account_; }

  static constexpr std::uint64_t quietCeilingMs = 5'000;   // without growth, before SIGTERM is sent again
  static constexpr std::uint64_t endingCeilingMs = 10'000; // without growth, from SIGTERM to SIGKILL
  static constexpr std::uint64_t killingCeilingMs = 5'000; // from SIGKILL to giving up

private:
  Phase withoutProcess(std::uint64_t nowMs);
  [[nodiscard]] bool grows();
  Phase enter(Phase phase, std::string account, std::uint64_t nowMs);

  EngineFolders& folders_;
  std::string engineId_;
  std::optional<ProcessRecord> process_;
  Phase phase_ = Phase::ending;
  bool asked_ = false;             // SIGTERM has been sent by us
  std::uint64_t sinceMs_ = 0;      // when this phase began, or the files last grew
  std::uint64_t writtenBytes_ = 0; // of its files, when last looked at
  std::string account_;
};

} // namespace gatehouse::engine
