#pragma once
#include "base/Result.h"
#include "model/Admission.h"
#include "model/Subject.h"
#include "pki/OpenSsl.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::pki {

/// One X.509 certificate, read once from DER with lengths, decoded whole, immutable. Nothing in here ever
/// went through a C string (lessons 1-5). What cannot be decoded strictly is not a Certificate: a NUL, a
/// second CN, an over-long or undecodable value in the subject or a SAN dNSName, a time that is none, a
/// malformed extension.
///
/// Threads: a value over shared immutable content; any thread. A copy is one reference count.
/// Errors:  invalid_certificate (400), naming what is wrong with it.
/// Owns:    the X509 and its DER.
class Certificate {
public:
  static constexpr std::size_t maximumDer = 64 * 1024;   // bytes of one certificate
  static constexpr std::size_t maximumPem = 1024 * 1024; // bytes of a PEM text
  static constexpr std::size_t maximumCount = 256;       // certificates of a PEM text
  static constexpr std::size_t maximumDnsNames = 128;    // of one certificate
  static constexpr std::size_t maximumDnsName = 253;     // bytes, RFC 1035 §2.3.4

  /// Exactly one certificate and nothing behind it, in DER: what would encode to other bytes is refused, so
  /// that equal digests and equal certificates are the same thing.
  static Result<Certificate> fromDer(std::string_view der);

  /// From what libssl has parsed already: no second parse. Takes a reference of its own.
  static Result<Certificate> fromX509(X509* certificate);

  /// All certificates of a PEM text, in order: at least one, each whole (R11). Text between blocks is
  /// tolerated as `openssl x509 -text` and CA bundles print it, and so are CRLF and a missing last newline;
  /// any other block (a private key!), a block that does not end and a line that looks like half a boundary
  /// are errors which name the certificate by its number, counted from 1.
  static Result<std::vector<Certificate>> fromPem(std::string_view text);

  [[nodiscard]] std::string_view der() const noexcept;
  [[nodiscard]] std::string pem() const; // RFC 7468, with a newline at its end
  /// SHA-256 of der().
  [[nodiscard]] const model::Digest& digest() const noexcept;
  /// SHA-256 of the SubjectPublicKeyInfo.
  [[nodiscard]] const model::Digest& keyDigest() const noexcept;
  /// The serial number's content bytes, big-endian two's complement as in DER; and their SHA-256.
  [[nodiscard]] std::string_view serial() const noexcept;
  [[nodiscard]] const model::Digest& serialDigest() const noexcept;
  /// May be empty (RFC 5280 §4.1.2.6 allows it beside a critical SAN): nobody's subject.
  [[nodiscard]] const model::Subject& subject() const noexcept;
  /// RFC 4514, bounded and printable, for people; never compared.
  [[nodiscard]] std::string subjectText() const;
  [[nodiscard]] std::string issuerText() const;
  /// Seconds since the epoch. It has expired in the second of notAfter, as OpenSSL counts (RFC 5280 would
  /// still let that one pass).
  [[nodiscard]] std::int64_t notBefore() const noexcept;
  [[nodiscard]] std::int64_t notAfter() const noexcept;
  /// SAN entries of kind dNSName alone (lesson 9), bytes as they stand.
  [[nodiscard]] const std::vector<std::string>& dnsNames() const noexcept;

  [[nodiscard]] bool hasExtendedKeyUsage() const noexcept;
  [[nodiscard]] bool
  allowsServerAuth() const noexcept; // EKU absent, or serverAuth in it; anyExtendedKeyUsage does not count
  [[nodiscard]] bool
  allowsClientAuth() const noexcept; // EKU absent, or clientAuth in it; anyExtendedKeyUsage does not count
  /// keyUsage absent, or digitalSignature in it, critical or not (lesson 20).
  [[nodiscard]] bool allowsSignature() const noexcept;
  /// R10: CA:TRUE, and keyCertSign, or neither keyUsage nor extendedKeyUsage.
  [[nodiscard]] bool mayIssue() const noexcept;
  /// Subject and issuer are the same name (which does not prove that it signed itself).
  [[nodiscard]] bool isSelfIssued() const noexcept;

  /// For libssl and libcrypto, which take no const; nobody changes it. Lives as long as any copy of this.
  [[nodiscard]] X509* native() const noexcept;

  /// The same bytes.
  [[nodiscard]] friend bool operator==(const Certificate& a, const Certificate& b) noexcept {
    return a.digest() == b.digest();
  }

private:
  struct Content;
  explicit Certificate(std::shared_ptr<const Content> content) noexcept
      : content_(std::move(content)) {}
  std::shared_ptr<const Content> content_;
};

/// R10 of a certificate that only libcrypto has parsed; false for one whose extensions are malformed.
[[nodiscard]] bool mayIssue(X509* certificate) noexcept;

/// The encoding of a certificate that libssl has parsed; libcrypto kept it, so this is a copy. Empty when
/// there is no memory.
[[nodiscard]] std::string derOf(X509* certificate);

} // namespace gatehouse::pki
