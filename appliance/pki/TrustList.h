#pragma once
#include "base/Result.h"
#include "model/Admission.h"
#include "pki/Certificate.h"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace gatehouse::pki {

/// Why a chain was refused.
struct Refusal {
  int verifyError = X509_V_ERR_UNSPECIFIED; // X509_V_ERR_*, never X509_V_OK: decides the TLS alert
  std::string sentence;                     // printable and bounded, for the log
};

/// What a verification says: the facts of an accepted chain, or the refusal.
using Verification = std::variant<model::ChainFacts, Refusal>;

/// What may differ between two listeners that verify under one list. Part of the key of anything remembered
/// (R12).
struct VerifyOptions {
  bool allowOutdated = false; // accept what has expired; what is not valid yet is refused all the same
  bool operator==(const VerifyOptions&) const = default;
};

/// A list of certificates that clients are verified under: `mtls_trusted_ca`, or a database's
/// `authentication_ssl_client_certs`.
///
/// Each listed certificate is an issuer or an end-entity by R10. Every issuer is an anchor, in a store of its
/// own key (lessons, fact 9); an end-entity matches its own bytes and issues nothing. The order of the list
/// has no meaning; duplicates are one.
///
/// Threads: immutable; any.
/// Errors:  build refuses an empty list: nobody by certificate is the absence of a list, never a list without
/// certificates (R11). Owns:    its certificates and stores. Never opens a default path.
class TrustList {
public:
  static constexpr int maximumDepth = 8;              // issuers above the leaf
  static constexpr std::size_t maximumPresented = 10; // certificates that a peer may send beside its leaf

  static Result<std::shared_ptr<const TrustList>> build(const std::vector<Certificate>& certificates);
  ~TrustList();
  TrustList(const TrustList&) = delete;
  TrustList& operator=(const TrustList&) = delete;

  /// Verifies a client's certificate: path, R10 for each issuer, purpose, strength (security level 2),
  /// validity of each element at `atTime` (seconds since the epoch). The facts are the leaf's, never another
  /// presented certificate's (lesson 16).
  ///
  /// `presented` is what the peer sent, with or without the leaf itself; may be null. Does not check
  /// revocation.
  [[nodiscard]] Verification verify(X509* leaf, STACK_OF(X509) * presented, std::int64_t atTime,
                                    VerifyOptions options = {}) const;

  /// One listed certificate, for answers that say which each is.
  struct Listed {
    model::Digest digest{};
    bool issuer = false; // else an end-entity: matches itself alone
    std::int64_t notAfter = 0;
    std::string subject; // RFC 4514
  };

  /// In the order given, without duplicates.
  [[nodiscard]] const std::vector<Listed>& listed() const noexcept { return listed_; }
  /// Digests of all listed certificates, sorted: what ChainFacts::anchor may be.
  [[nodiscard]] const std::vector<model::Digest>& anchors() const noexcept { return anchors_; }
  /// The same for two lists with the same certificates: ChainFacts::trustList.
  [[nodiscard]] const model::Digest& identity() const noexcept { return identity_; }
  /// Issuers of the list, for a CertificateRequest's certificate_authorities.
  [[nodiscard]] std::vector<Certificate> issuers() const;

private:
  struct KeyStore;
  struct Helpers;
  TrustList();

  [[nodiscard]] Helpers helpersFor(X509* leaf, STACK_OF(X509) * presented) const;
  [[nodiscard]] Verification verifyUnder(const KeyStore* store, const Certificate& leaf,
                                         STACK_OF(X509) * helpers, std::int64_t atTime,
                                         VerifyOptions options) const;
  [[nodiscard]] Verification factsOf(const Certificate& leaf, STACK_OF(X509) * path,
                                     const KeyStore* store) const;
  [[nodiscard]] Refusal noIssuer(const Certificate& leaf, const Helpers& helpers) const;

  std::vector<Certificate> certificates_; // by digest
  std::vector<Certificate> endEntities_;  // those of them that may not issue
  std::vector<KeyStore> stores_;          // one per issuer key
  std::vector<Listed> listed_;
  std::vector<model::Digest> anchors_;
  model::Digest identity_{};
};

/// What `mtls_trusted_ca` asks of its certificates when it is written (R10): each must be able to issue
/// (invalid_certificate) and be unexpired at `now` (certificate_expired). The error names which, counted
/// from 1.
[[nodiscard]] Status checkTrustedCa(const std::vector<Certificate>& certificates, std::int64_t now);

} // namespace gatehouse::pki
