#pragma once
#include <cstdint>

namespace gatehouse {

/// The three clocks that anything here may read. Time is handed in, so that tests own it.
///
/// Threads: any.
class Clock {
public:
  virtual ~Clock() = default;
  /// CLOCK_MONOTONIC, milliseconds: deadlines.
  [[nodiscard]] virtual std::uint64_t steadyMs() const noexcept = 0;
  /// CLOCK_BOOTTIME, milliseconds: what must not outlive a suspended machine (a remembered password).
  [[nodiscard]] virtual std::uint64_t bootMs() const noexcept = 0;
  /// CLOCK_REALTIME, seconds since the epoch: validity of certificates, time stamps.
  [[nodiscard]] virtual std::int64_t wallSeconds() const noexcept = 0;
};

class SystemClock final : public Clock {
public:
  [[nodiscard]] std::uint64_t steadyMs() const noexcept override;
  [[nodiscard]] std::uint64_t bootMs() const noexcept override;
  [[nodiscard]] std::int64_t wallSeconds() const noexcept override;
};

} // namespace gatehouse
