#pragma once
#include <cstdint>
#include <optional>

namespace gatehouse::engine {

/// How long an engine has answered nothing, and when that is the end of it. A frozen process (SIGSTOP, a
/// debugger, a cgroup's freezer) comes back with its data: it is given time. One that runs is busy, however
/// long: killing it would lose what it has not yet written. Pure.
///
/// Threads: a value.
class Silence {
public:
  static constexpr std::uint64_t shownMs = 5'000;   // then it is not called ready
  static constexpr std::uint64_t frozenMs = 60'000; // then it is ended

  void answered() noexcept { askedMs_ = frozenSinceMs_ = 0; }
  /// A question is on its way. Only the oldest counts.
  void asked(std::uint64_t nowMs) noexcept {
    if (askedMs_ == 0) askedMs_ = nowMs;
  }
  [[nodiscard]] bool waiting() const noexcept { return askedMs_ != 0; }
  [[nodiscard]] std::uint64_t lastedMs(std::uint64_t nowMs) const noexcept {
    return askedMs_ == 0 ? 0 : nowMs - askedMs_;
  }
  [[nodiscard]] bool toBeShown(std::uint64_t nowMs) const noexcept { return lastedMs(nowMs) >= shownMs; }
  /// `state`: the process's, as in /proc; nothing where there is none. True: end it.
  [[nodiscard]] bool hopeless(std::optional<char> state, std::uint64_t nowMs) noexcept {
    if (askedMs_ == 0) return false;
    if (state && *state != 'T' && *state != 't' && *state != 'Z') {
      frozenSinceMs_ = 0;
      return false;
    }
    if (frozenSinceMs_ == 0) frozenSinceMs_ = nowMs;
    return nowMs - frozenSinceMs_ >= frozenMs;
  }

private:
  std::uint64_t askedMs_ = 0, frozenSinceMs_ = 0; // 0: not
};

} // namespace gatehouse::engine
