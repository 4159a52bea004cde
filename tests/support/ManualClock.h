#pragma once
#include "base/Clock.h"

#include <atomic>

namespace gatehouse::test {

/// A clock that stands until a test moves it. Threads: any.
class ManualClock final : public Clock {
public:
  std::atomic<std::uint64_t> milliseconds{1'000'000};
  std::atomic<std::int64_t> wall{1'800'000'000};

  [[nodiscard]] std::uint64_t steadyMs() const noexcept override { return milliseconds; }
  [[nodiscard]] std::uint64_t bootMs() const noexcept override { return milliseconds; }
  [[nodiscard]] std::int64_t wallSeconds() const noexcept override { return wall; }
  void advance(std::uint64_t ms) {
    milliseconds += ms;
    wall += static_cast<std::int64_t>(ms / 1000);
  }
};

} // namespace gatehouse::test
