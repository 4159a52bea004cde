#pragma once
#include "base/Clock.h"
#include "base/Result.h"
#include "base/UniqueFd.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace gatehouse::transport {

class Deferred;
class Timer;

/// Told when a descriptor is ready. `events` are epoll's bits (EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP,
/// EPOLLERR). It may unwatch anything, itself included, and may be destroyed inside the call once it has been
/// unwatched.
class Watcher {
public:
  virtual ~Watcher() = default;
  virtual void onReady(std::uint32_t events) = 0;
};

/// One thread's epoll, timers and end of turn. A turn is: wait, descriptors, timers, posted work, deferred
/// work.
///
/// Threads: post and stop from any; everything else on the thread that runs it (or before it runs).
/// Errors:  create fails when the process has no descriptors left; watch when the kernel refuses.
/// Owns:    its epoll and eventfd descriptors, posted work that has not run. Outlives every Timer and
/// Deferred on it.
class EventLoop {
public:
  /// `clock` outlives the loop.
  static Result<std::unique_ptr<EventLoop>> create(const Clock& clock);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Turns until stop() is called; a stop before run counts. What was posted before the stop still runs.
  void run();
  void stop() noexcept;
  /// One turn that waits for `mostMs` milliseconds at most (0: not at all).
  void turn(std::uint64_t mostMs);

  /// Runs `work` on the loop's thread in one of its next turns, in order of posting. Unbounded: for wake-ups
  /// and completions, whose number something else bounds.
  void post(std::function<void()> work);

  /// Level-triggered unless EPOLLET is asked for. EPOLLHUP and EPOLLERR are always reported. One watcher a
  /// descriptor.
  [[nodiscard]] Status watch(int fd, std::uint32_t events, Watcher& watcher);
  /// Changes the events of a watched descriptor (not of one watched with EPOLLEXCLUSIVE: unwatch and watch).
  void rewatch(int fd, std::uint32_t events) noexcept;
  /// Call before the descriptor is closed. What this turn had collected for it is dropped, also when the
  /// number is used again at once. Unwatching what is not watched does nothing.
  void unwatch(int fd) noexcept;

  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }
  /// CLOCK_MONOTONIC as read at the beginning of this turn's work: what deadlines are counted from.
  [[nodiscard]] std::uint64_t nowMs() const noexcept { return nowMs_; }

private:
  friend class Deferred;
  friend class Timer;
  struct Slot {
    Watcher* watcher = nullptr;
    std::uint32_t generation = 0; // of the watching: events of an earlier one are stale
  };
  struct DeferredList {
    Deferred* first = nullptr;
    Deferred* last = nullptr;
  };

  explicit EventLoop(const Clock& clock);
  [[nodiscard]] int waitMs(std::uint64_t mostMs) noexcept;
  void dispatch(std::uint64_t token, std::uint32_t events);
  void runTimers();
  void runPosted();
  void runDeferred();
  void wake() noexcept;
  void siftUp(std::size_t index) noexcept;
  void siftDown(std::size_t index) noexcept;
  void place(std::size_t index, Timer* timer) noexcept;

  const Clock& clock_;
  UniqueFd epoll_, wake_;
  std::uint64_t nowMs_ = 0;
  std::uint64_t turn_ = 0; // counts turns, so that deferred work runs once in each
  std::atomic<bool> stopping_{false};
  std::vector<Slot> slots_;    // by descriptor
  std::vector<Timer*> timers_; // a binary heap, earliest first
  Timer* firing_ = nullptr;
  DeferredList today_, tomorrow_; // in order of asking; tomorrow: has run in this turn
  Deferred* running_ = nullptr;
  std::mutex mutex_; // of posted_
  std::vector<std::function<void()>> posted_;
};

} // namespace gatehouse::transport
