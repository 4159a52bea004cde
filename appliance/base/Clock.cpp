#include "base/Clock.h"

#include <ctime>

namespace gatehouse {
namespace {

std::uint64_t milliseconds(clockid_t id) noexcept {
  timespec t{};
  ::clock_gettime(id, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1000 + static_cast<std::uint64_t>(t.tv_nsec) / 1'000'000;
}

} // namespace

std::uint64_t SystemClock::steadyMs() const noexcept { return milliseconds(CLOCK_MONOTONIC); }
std::uint64_t SystemClock::bootMs() const noexcept { return milliseconds(CLOCK_BOOTTIME); }
std::int64_t SystemClock::wallSeconds() const noexcept { return ::time(nullptr); }

} // namespace gatehouse
