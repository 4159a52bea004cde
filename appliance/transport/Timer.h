#pragma once
#include "transport/EventLoop.h"

#include <cstddef>
#include <functional>

namespace gatehouse::transport {

/// Calls back once when its deadline has come. A member of whatever it times: nothing is allocated to arm it.
///
/// Threads: the loop's. Cost: O(log n) of the loop's armed timers.
/// Owns: its callback. Destroying it cancels it, also from inside its callback.
class Timer {
public:
  Timer(EventLoop& loop, std::function<void()> callback);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// `deadlineMs` in terms of Clock::steadyMs. Replaces the deadline of an armed timer. One in the past fires
  /// in this turn or the next.
  void arm(std::uint64_t deadlineMs);
  void cancel() noexcept;
  [[nodiscard]] bool armed() const noexcept { return index_ != idle; }
  [[nodiscard]] std::uint64_t deadlineMs() const noexcept { return deadlineMs_; }

private:
  friend class EventLoop;
  static constexpr std::size_t idle = static_cast<std::size_t>(-1);

  EventLoop& loop_;
  std::function<void()> callback_;
  std::uint64_t deadlineMs_ = 0;
  std::size_t index_ = idle; // in the loop's heap
};

/// Calls back every `periodMs` from start() on, until stop() or its end. Misses are not made up for.
///
/// Threads: the loop's. Not to be destroyed inside its own callback; stop() is fine there.
class RepeatingTimer {
public:
  RepeatingTimer(EventLoop& loop, std::uint64_t periodMs, std::function<void()> callback);
  void start();
  void stop() noexcept;

private:
  void fire();

  EventLoop& loop_;
  const std::uint64_t periodMs_;
  std::function<void()> callback_;
  Timer timer_;
};

} // namespace gatehouse::transport
