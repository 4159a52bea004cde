#pragma once
#include <algorithm>
#include <cstdint>

namespace gatehouse::engine {

/// How long to wait before an engine is started again: doubles with each failure, and begins anew after a
/// life of some length, so that an engine which dies at each start (a full disk: measured) does not keep the
/// machine busy. Threads: a value.
class Backoff {
public:
  static constexpr std::uint64_t firstMs = 250, mostMs = 30'000;
  static constexpr std::uint64_t lifeMs = 60'000; // ready for so long: what comes now is another trouble

  [[nodiscard]] std::uint64_t next(std::uint64_t livedMs) noexcept {
    if (livedMs >= lifeMs) delayMs_ = firstMs;
    const std::uint64_t delay = delayMs_;
    delayMs_ = std::min(delayMs_ * 2, mostMs);
    return delay;
  }

private:
  std::uint64_t delayMs_ = firstMs;
};

} // namespace gatehouse::engine
