#pragma once
#include "base/Result.h"
#include "base/Secret.h"
#include "model/Admission.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::control {

/// What a token says: whose it is, and what it is bound to.
struct TokenClaims {
  std::int64_t userUid = 0;
  model::Revision userRevision = 0;       // of the user's row: any later change of the user ends the token
  std::int64_t issuedAt = 0, expires = 0; // seconds since the epoch
  model::Digest leaf{}; // SHA-256 of the client certificate it belongs to (RFC 8705 §3.1); zero: none
};

/// JSON Web Tokens of this cluster (RFC 7519, HS256; Poco::JWT). The secret is the store's key `token`.
///
/// A token proves what its login proved and no more: model::judge sees the user, the revision, the end and
/// the certificate anew at each use.
///
/// Threads: const after it was made; any. Owns: the secret.
class Tokens {
public:
  static constexpr std::int64_t defaultTtl = 300, mostTtl = 86'400; // seconds
  static constexpr std::size_t mostBytes = 4096;                    // of a token that is read

  explicit Tokens(Secret key)
      : key_(std::move(key)) {}

  [[nodiscard]] Result<std::string> issue(const TokenClaims&) const;
  /// Errors: unauthenticated for anything but a token of this cluster in its one form: another algorithm,
  /// `none`, a wrong signature, a claim that is missing or of another type. Says nothing about its end: judge
  /// does.
  [[nodiscard]] Result<TokenClaims> read(std::string_view token) const;

private:
  Secret key_;
};

} // namespace gatehouse::control
