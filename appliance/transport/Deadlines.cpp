#include "transport/Deadlines.h"

#include <algorithm>

namespace gatehouse::transport {

std::string_view word(Phase phase) noexcept {
  switch (phase) {
  case Phase::handshaking: return "handshaking";
  case Phase::judging: return "judging";
  case Phase::greeting: return "greeting";
  case Phase::betweenMessages: return "between messages";
  case Phase::insideMessage: return "inside a message";
  case Phase::streamingBody: return "streaming a body";
  case Phase::answering: return "answering";
  case Phase::draining: return "output not taken";
  case Phase::closing: return "closing";
  }
  return "?";
}

std::string_view word(Overdue overdue) noexcept {
  switch (overdue) {
  case Overdue::none: return "none";
  case Overdue::ceiling: return "took too long";
  case Overdue::idle: return "idle for too long";
  case Overdue::rate: return "too slow";
  }
  return "?";
}

void PhaseDeadline::enter(Phase phase, const PhaseLimits& limits, std::uint64_t nowMs) noexcept {
  limits_ = limits;
  phase_ = phase;
  active_ = true;
  startMs_ = lastMs_ = windowMs_ = nowMs;
  windowBytes_ = 0;
}

void PhaseDeadline::progress(std::uint64_t bytes, std::uint64_t nowMs) noexcept {
  lastMs_ = nowMs;
  windowBytes_ += bytes;
}

void PhaseDeadline::excuse(std::uint64_t nowMs) noexcept {
  lastMs_ = windowMs_ = nowMs;
  windowBytes_ = 0;
}

std::uint64_t PhaseDeadline::nextCheckMs() const noexcept {
  if (!active_) return never;
  std::uint64_t next = never;
  if (limits_.ceilingMs != 0) next = std::min(next, startMs_ + limits_.ceilingMs);
  if (limits_.idleMs != 0) next = std::min(next, lastMs_ + limits_.idleMs);
  if (limits_.minBytesPerSecond != 0 && limits_.rateWindowMs != 0)
    next = std::min(next, windowMs_ + limits_.rateWindowMs);
  return next;
}

Overdue PhaseDeadline::expired(std::uint64_t nowMs) noexcept {
  if (!active_) return Overdue::none;
  if (limits_.ceilingMs != 0 && nowMs >= startMs_ + limits_.ceilingMs) return Overdue::ceiling;
  if (limits_.idleMs != 0 && nowMs >= lastMs_ + limits_.idleMs) return Overdue::idle;
  if (limits_.minBytesPerSecond != 0 && limits_.rateWindowMs != 0 &&
      nowMs >= windowMs_ + limits_.rateWindowMs) {
    // Window by window, so that a fast beginning buys no slow rest. A late look (a busy worker) asks for no
    // more bytes.
    if (windowBytes_ * 1000 < std::uint64_t{limits_.minBytesPerSecond} * limits_.rateWindowMs)
      return Overdue::rate;
    windowMs_ = nowMs;
    windowBytes_ = 0;
  }
  return Overdue::none;
}

} // namespace gatehouse::transport
