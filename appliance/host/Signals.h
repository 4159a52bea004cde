#pragma once
#include "base/UniqueFd.h"

#include <cstdint>
#include <optional>

namespace gatehouse::host {

/// The signals that the server answers, taken one by one by the thread that asks: no handler ever runs.
///
/// Made before the first thread (threads inherit the mask): TERM, INT, HUP, USR1 and PIPE are blocked from
/// then on. USR1 is swallowed: an engine that shares the gateway's uid must not be able to end it (R18). A
/// child that is started must unblock them before exec. Threads: wait() from one thread. Owns: a signalfd.
/// Errors: the constructor ends the process if the kernel gives none.
class Signals {
public:
  enum class Word : std::uint8_t { stop, reload };

  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  /// The next word, or nothing when `timeoutMs` has passed (-1: wait for ever).
  [[nodiscard]] std::optional<Word> wait(int timeoutMs);

  /// Readable when a signal waits: for a loop of one's own.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// Makes wait() answer `stop`: how a thread that cannot go on ends the server. Threads: any.
  static void requestStop() noexcept;

private:
  UniqueFd fd_;
};

} // namespace gatehouse::host
