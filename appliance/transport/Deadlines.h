#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::transport {

/// Where a connection stands, as far as time and input limits are concerned.
enum class Phase : std::uint8_t {
  handshaking,     // TLS
  judging,         // the host looks at the evidence; no byte of the conversation is delivered
  greeting,        // the conversation runs, nobody knows who it is
  betweenMessages, // the peer owes nothing
  insideMessage,   // the peer has begun a message; entered by itself when the handler leaves bytes
  streamingBody,   // a body of known length or chunks: long is fine, slow is not
  answering,       // we owe an answer: the peer is not to blame for the time
  draining,        // output that the peer does not take; runs beside the others
  closing,         // close_notify, FIN, and the peer's
};
inline constexpr std::size_t phaseCount = 9;
[[nodiscard]] std::string_view word(Phase) noexcept; // "inside message"

/// One phase's limits. 0: no such limit.
struct PhaseLimits {
  std::uint32_t ceilingMs = 0;         // from the phase's start, whatever the peer does
  std::uint32_t idleMs = 0;            // without a byte
  std::uint32_t minBytesPerSecond = 0; // judged over windows of rateWindowMs
  std::uint32_t rateWindowMs = 0;
  std::uint32_t inputLimit =
      0; // bytes: ciphertext while handshaking, plaintext that waits unconsumed in the others
};

/// The limits by phase. A value: configuration hands in a changed copy.
struct DeadlineTable {
  std::array<PhaseLimits, phaseCount> rows{};

  [[nodiscard]] constexpr const PhaseLimits& operator[](Phase phase) const {
    return rows[static_cast<std::size_t>(phase)];
  }
  [[nodiscard]] constexpr PhaseLimits& operator[](Phase phase) {
    return rows[static_cast<std::size_t>(phase)];
  }
};

/// The one table (design §4.1). README.md says where each number comes from.
inline constexpr DeadlineTable defaultDeadlines = [] {
  DeadlineTable table;
  //                               ceiling   idle  rate  window   input limit
  table[Phase::handshaking] = {10'000, 0, 0, 0, 64 * 1024};
  table[Phase::judging] = {3'000, 0, 0, 0, 64 * 1024};
  table[Phase::greeting] = {15'000, 10'000, 0, 0, 168 * 1024}; // 10 arguments of 16 KiB, framed (design §6)
  table[Phase::betweenMessages] = {0, 30'000, 0, 0, 1024 * 1024};
  table[Phase::insideMessage] = {30'000, 10'000, 1024, 10'000, 1024 * 1024};
  table[Phase::streamingBody] = {0, 10'000, 1024, 10'000, 1024 * 1024};
  table[Phase::answering] = {0, 0, 0, 0, 1024 * 1024};
  table[Phase::draining] = {120'000, 20'000, 1024, 20'000, 0};
  table[Phase::closing] = {5'000, 0, 0, 0, 0};
  return table;
}();

/// Which limit a peer ran into.
enum class Overdue : std::uint8_t { none, ceiling, idle, rate };
[[nodiscard]] std::string_view word(Overdue) noexcept;

/// The clock of one phase. Pure: time is handed in.
///
/// Threads: a value.
class PhaseDeadline {
public:
  static constexpr std::uint64_t never = UINT64_MAX;

  /// Starts anew, also when it was in this phase already.
  void enter(Phase phase, const PhaseLimits& limits, std::uint64_t nowMs) noexcept;
  /// No phase: nothing is ever due.
  void leave() noexcept { active_ = false; }
  /// Bytes moved.
  void progress(std::uint64_t bytes, std::uint64_t nowMs) noexcept;
  /// Until now the peer could not move bytes: idle time and rate begin anew, the ceiling stands.
  void excuse(std::uint64_t nowMs) noexcept;

  /// When expired() should be asked next; may be early, is never late. `never` when nothing limits the phase.
  [[nodiscard]] std::uint64_t nextCheckMs() const noexcept;
  /// Ends a window of the minimum rate that has passed. The limit that was met is met at the exact
  /// millisecond.
  [[nodiscard]] Overdue expired(std::uint64_t nowMs) noexcept;

  [[nodiscard]] bool active() const noexcept { return active_; }
  [[nodiscard]] Phase phase() const noexcept { return phase_; }

private:
  PhaseLimits limits_;
  Phase phase_ = Phase::handshaking;
  bool active_ = false;
  std::uint64_t startMs_ = 0, lastMs_ = 0, windowMs_ = 0, windowBytes_ = 0;
};

} // namespace gatehouse::transport
