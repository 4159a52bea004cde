#pragma once
#include <cstdint>
#include <string_view>

namespace gatehouse::model {

/// An authenticator's answer (R2): next and unknown ask the next authenticator; everything else ends the
/// chain.
enum class Verdict : std::uint8_t { accept = 1, next, unknown, mismatch, disabled, expired, failure };

[[nodiscard]] constexpr std::string_view word(Verdict v) noexcept {
  switch (v) {
  case Verdict::accept: return "accept";
  case Verdict::next: return "next";
  case Verdict::unknown: return "unknown";
  case Verdict::mismatch: return "mismatch";
  case Verdict::disabled: return "disabled";
  case Verdict::expired: return "expired";
  case Verdict::failure: return "failure";
  }
  return "failure";
}

} // namespace gatehouse::model
