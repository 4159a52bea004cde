#pragma once
#include "base/Clock.h"

#include <algorithm>
#include <atomic>

namespace gatehouse::gateway {

/// The system's clocks, but for a wall clock that is never before the last Revision's time (R12): one that
/// was set back revives no certificate, at a handshake or later.
///
/// Threads: any.
class PolicyClock final : public Clock {
public:
  explicit PolicyClock(const Clock& clock)
      : clock_(clock) {}

  [[nodiscard]] std::uint64_t steadyMs() const noexcept override { return clock_.steadyMs(); }
  [[nodiscard]] std::uint64_t bootMs() const noexcept override { return clock_.bootMs(); }
  [[nodiscard]] std::int64_t wallSeconds() const noexcept override {
    return std::max(clock_.wallSeconds(), floor_.load(std::memory_order_relaxed));
  }
  /// A Revision of that time is in force.
  void passed(std::int64_t committedAt) noexcept { floor_.store(committedAt, std::memory_order_relaxed); }

private:
  const Clock& clock_;
  std::atomic<std::int64_t> floor_{0};
};

} // namespace gatehouse::gateway
