#pragma once
#include "base/Result.h"
#include "base/Secret.h"
#include "pki/Certificate.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse::pki {

/// A server's certificate, its issuers and its private key, proven to belong together.
///
/// Threads: a value over shared immutable content; any thread. Owns: all of it; the key is wiped with the
/// last copy.
class KeyPair {
public:
  static constexpr std::size_t maximumKeyPem = 64 * 1024; // bytes

  /// Reads a PEM chain and a PEM key. The certificate that fits the key may stand anywhere in the text (some
  /// scripts write the root first); the issuers that follow from it are put in order behind it, anything else
  /// in the text is dropped.
  ///
  /// Errors: invalid_certificate for a chain that is empty, unreadable or does not fit the key, for an
  /// encrypted or unreadable key, an RSA key below 2048 bits or another key that security level 2 refuses, an
  /// extendedKeyUsage without serverAuth, a keyUsage without digitalSignature. Does not look at the clock:
  /// see checkValidity.
  static Result<KeyPair> fromPem(std::string_view chainPem, const Secret& keyPem);

  /// certificate_expired (406) when any certificate of the chain has expired at `now`, or is not valid yet.
  [[nodiscard]] Status checkValidity(std::int64_t now) const;

  [[nodiscard]] const Certificate& certificate() const noexcept;
  /// What is sent behind the certificate, each the issuer of the one before.
  [[nodiscard]] const std::vector<Certificate>& issuers() const noexcept;
  /// For SSL_CTX_use_PrivateKey. Lives as long as any copy of this.
  [[nodiscard]] EVP_PKEY* key() const noexcept;
  /// The earliest of the chain, seconds since the epoch.
  [[nodiscard]] std::int64_t notAfter() const noexcept;

private:
  struct Content;
  explicit KeyPair(std::shared_ptr<const Content> content) noexcept
      : content_(std::move(content)) {}
  std::shared_ptr<const Content> content_;
};

} // namespace gatehouse::pki
