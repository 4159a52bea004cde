#pragma once
#include "model/Database.h"

#include <cstdint>

namespace gatehouse::engine {

/// What is tried to end an engine, in order and with its time (R19): SHUTDOWN with the save that its
/// persistence asks for, SIGTERM, SHUTDOWN NOSAVE, SIGKILL. What saves is waited for, however long it takes.
/// Pure: time and what is seen are handed in.
///
/// Threads: a value.
class StopLadder {
public:
  enum class Act : std::uint8_t {
    nothing,
    shutdown,       // SHUTDOWN, with SAVE where snapshots are kept
    shutdownNoSave, // ends a script that never ends: an append-only file loses nothing by it
    killScript,     // SCRIPT KILL: snapshots are saved after it
    wake,           // SIGCONT
    terminate,      // SIGTERM
    kill            // SIGKILL of the group
  };
  /// The answer to what was asked last.
  enum class Answer : std::uint8_t { none, busy, refused };
  struct Seen {
    bool linked = false; // a command can be sent
    Answer answer = Answer::none;
    bool frozen = false; // state T
    bool grows = false;  // its files have grown since the last look
  };

  StopLadder(model::Persistence persistence, std::uint64_t nowMs)
      : persistence_(persistence)
      , sinceMs_(nowMs)
      , askedMs_(nowMs) {}

  /// Look about every 100 ms.
  [[nodiscard]] Act next(std::uint64_t nowMs, const Seen& seen);

  static constexpr std::uint64_t againMs = 1'000;     // between two questions
  static constexpr std::uint64_t scriptMs = 3'000;    // that a script may still take
  static constexpr std::uint64_t quietMs = 10'000;    // neither gone nor growing: SIGTERM
  static constexpr std::uint64_t patienceMs = 60'000; // from SIGTERM to SIGKILL: an fsync may take long

private:
  model::Persistence persistence_;
  bool asked_ = false, terminated_ = false;
  std::uint64_t sinceMs_, askedMs_;
  std::uint64_t busyMs_ = 0; // since when it answers busy; 0: it does not
  std::uint64_t wokenMs_ = 0;
};

} // namespace gatehouse::engine
