#pragma once
#include <cstdint>
#include <string_view>

namespace gatehouse::model {

/// What a peer presents now. The kind decides which users an ACCEPT may name (R1). `token`: one that this
/// cluster issued. `none`: nothing at all, the evidence of a database's default user (R3).
enum class EvidenceKind : std::uint8_t { certificate, password, token, local, none };

[[nodiscard]] constexpr std::string_view word(EvidenceKind kind) noexcept {
  switch (kind) {
  case EvidenceKind::certificate: return "certificate";
  case EvidenceKind::password: return "password";
  case EvidenceKind::token: return "token";
  case EvidenceKind::local: return "local";
  case EvidenceKind::none: return "none";
  }
  return "?";
}

} // namespace gatehouse::model
