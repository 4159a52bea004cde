#include "pki/Certificate.h"

#include "base/Text.h"
#include "pki/Hash.h"
#include "pki/Name.h"

#include <algorithm>
#include <ctime>
#include <optional>

namespace gatehouse::pki {
namespace {

constexpr std::size_t maximumSerial = 64; // bytes; RFC 5280 §4.1.2.2 allows 20

Error bad(std::string description) { return Error{Code::invalid_certificate, std::move(description)}; }

/// DER of anything that has an i2d function; empty when it cannot be encoded.
template <class T>
std::string encode(int (*toDer)(const T*, unsigned char**), const T* object) {
  const int length = toDer(object, nullptr);
  if (length <= 0) return {};
  std::string out(static_cast<std::size_t>(length), '\0');
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  return toDer(object, &at) == length ? out : std::string();
}

/// RFC 5280 §4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ and nothing else. OpenSSL's own conversion takes
/// offsets and fractions too, which its verification then refuses.
std::optional<std::int64_t> seconds(const ASN1_TIME* time) {
  const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(time)),
                              static_cast<std::size_t>(ASN1_STRING_length(time)));
  const std::size_t expected = ASN1_STRING_type(time) == V_ASN1_UTCTIME ? 13 : 15;
  if (text.size() != expected || text.back() != 'Z') return std::nullopt;
  if (!std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return static_cast<std::int64_t>(timegm(&parts));
}

/// R10, from what OpenSSL has read.
bool issues(std::uint32_t flags, std::uint32_t keyUsage) noexcept {
  if ((flags & EXFLAG_INVALID) != 0 || (flags & EXFLAG_CA) == 0) return false;
  if ((flags & EXFLAG_KUSAGE) != 0) return (keyUsage & KU_KEY_CERT_SIGN) != 0;
  return (flags & EXFLAG_XKUSAGE) == 0;
}

/// Dots, letters and digits are not asked for: a dNSName is compared byte by byte or not at all.
Result<std::vector<std::string>> readDnsNames(const X509* certificate) {
  std::vector<std::string> names;
  int found = 0;
  const GeneralNamesPtr san(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nullptr)));
  if (!san) {
    if (found == -1) return names;
    return opensslError(Code::invalid_certificate,
                        "its subjectAltName cannot be read, or stands there twice");
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(san.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(san.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_EMAIL && name->type != GEN_URI) continue;
    const ASN1_IA5STRING* string = name->d.ia5; // the three share this member
    const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                                 static_cast<std::size_t>(ASN1_STRING_length(string)));
    // Other programs read these names as C strings (lessons 1-5): what they would misread is no good
    // certificate for us either.
    if (bytes.find('\0') != std::string_view::npos) return bad("a name in its subjectAltName holds a NUL");
    if (name->type != GEN_DNS) continue;
    if (bytes.empty() || bytes.size() > Certificate::maximumDnsName)
      return bad("a dNSName in its subjectAltName is empty or longer than " +
                 std::to_string(Certificate::maximumDnsName) + " bytes");
    if (std::any_of(bytes.begin(), bytes.end(),
                    [](char c) { return static_cast<unsigned char>(c) > 0x7e || c <= 0x20; }))
      return bad("a dNSName in its subjectAltName holds what is not printable ASCII");
    if (names.size() == Certificate::maximumDnsNames)
      return bad("it has more than " + std::to_string(Certificate::maximumDnsNames) + " dNSNames");
    names.emplace_back(bytes);
  }
  return names;
}

} // namespace

struct Certificate::Content {
  X509Ptr x509;
  std::string der;
  model::Digest digest{}, keyDigest{}, serialDigest{};
  std::string serial;
  model::Subject subject;
  std::int64_t notBefore = 0, notAfter = 0;
  std::vector<std::string> dnsNames;
  std::uint32_t flags = 0, keyUsage = 0, extendedKeyUsage = 0; // as OpenSSL reads them
};

Result<Certificate> Certificate::fromDer(std::string_view der) {
  if (der.size() > maximumDer) return bad("it is longer than " + std::to_string(maximumDer) + " bytes");
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!x509) return opensslError(Code::invalid_certificate, "it is not an X.509 certificate");
  if (at != reinterpret_cast<const unsigned char*>(der.data()) + der.size())
    return bad("something stands behind the certificate");
  Result<Certificate> certificate = fromX509(x509.get());
  if (certificate && certificate->der() != der) return bad("it is not encoded in DER");
  return certificate;
}

Result<Certificate> Certificate::fromX509(X509* x509) {
  auto content = std::make_shared<Content>();
  X509_up_ref(x509);
  content->x509.reset(x509);

  content->der = encode(i2d_X509, static_cast<const X509*>(x509));
  if (content->der.empty()) return opensslError(Code::invalid_certificate, "it cannot be encoded");
  if (content->der.size() > maximumDer)
    return bad("it is longer than " + std::to_string(maximumDer) + " bytes");
  // -1 asks for no purpose: this reads and caches the extensions, once, before threads share the object.
  if (X509_check_purpose(x509, -1, 0) != 1)
    return opensslError(Code::invalid_certificate, "its extensions are malformed");
  content->flags = X509_get_extension_flags(x509);
  if ((content->flags & EXFLAG_INVALID) != 0)
    return opensslError(Code::invalid_certificate, "its extensions are malformed");
  content->keyUsage = X509_get_key_usage(x509);
  content->extendedKeyUsage = X509_get_extended_key_usage(x509);

  const std::string key =
      encode(i2d_X509_PUBKEY, static_cast<const X509_PUBKEY*>(X509_get_X509_PUBKEY(x509)));
  if (key.empty() || X509_get0_pubkey(x509) == nullptr)
    return opensslError(Code::invalid_certificate, "its public key cannot be read");

  const std::string serial = encode(i2d_ASN1_INTEGER, X509_get0_serialNumber(x509));
  if (serial.size() < 3 || serial.size() > 2 + maximumSerial)
    return bad("its serial number is empty or over-long");
  content->serial = serial.substr(2); // behind tag and one byte of length

  const std::optional<std::int64_t> notBefore = seconds(X509_get0_notBefore(x509));
  const std::optional<std::int64_t> notAfter = seconds(X509_get0_notAfter(x509));
  drainErrors();
  if (!notBefore || !notAfter) return bad("its validity cannot be read");
  content->notBefore = *notBefore;
  content->notAfter = *notAfter;

  Result<model::Subject> subject = decodeName(X509_get_subject_name(x509));
  if (!subject) return bad("its subject is refused: " + subject.error().description);
  content->subject = std::move(*subject);
  Result<std::vector<std::string>> dnsNames = readDnsNames(x509);
  if (!dnsNames) return std::move(dnsNames).error();
  content->dnsNames = std::move(*dnsNames);

  content->digest = sha256(content->der);
  content->keyDigest = sha256(key);
  content->serialDigest = sha256(content->serial);
  return Certificate(std::move(content));
}

std::string Certificate::pem() const {
  const std::string text = base64(der());
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < text.size(); at += 64) out.append(text, at, 64).append("\n");
  return out + "-----END CERTIFICATE-----\n";
}

std::string_view Certificate::der() const noexcept { return content_->der; }
const model::Digest& Certificate::digest() const noexcept { return content_->digest; }
const model::Digest& Certificate::keyDigest() const noexcept { return content_->keyDigest; }
std::string_view Certificate::serial() const noexcept { return content_->serial; }
const model::Digest& Certificate::serialDigest() const noexcept { return content_->serialDigest; }
const model::Subject& Certificate::subject() const noexcept { return content_->subject; }
std::string Certificate::subjectText() const { return subjectTextOf(native()); }
std::string Certificate::issuerText() const { return nameText(X509_get_issuer_name(native())); }
std::int64_t Certificate::notBefore() const noexcept { return content_->notBefore; }
std::int64_t Certificate::notAfter() const noexcept { return content_->notAfter; }
const std::vector<std::string>& Certificate::dnsNames() const noexcept { return content_->dnsNames; }
bool Certificate::hasExtendedKeyUsage() const noexcept { return (content_->flags & EXFLAG_XKUSAGE) != 0; }
bool Certificate::allowsServerAuth() const noexcept {
  return !hasExtendedKeyUsage() || (content_->extendedKeyUsage & XKU_SSL_SERVER) != 0;
}
bool Certificate::allowsClientAuth() const noexcept {
  return !hasExtendedKeyUsage() || (content_->extendedKeyUsage & XKU_SSL_CLIENT) != 0;
}
bool Certificate::allowsSignature() const noexcept {
  return (content_->flags & EXFLAG_KUSAGE) == 0 || (content_->keyUsage & KU_DIGITAL_SIGNATURE) != 0;
}
bool Certificate::mayIssue() const noexcept { return issues(content_->flags, content_->keyUsage); }
bool Certificate::isSelfIssued() const noexcept { return (content_->flags & EXFLAG_SI) != 0; }
X509* Certificate::native() const noexcept { return content_->x509.get(); }

bool mayIssue(X509* certificate) noexcept {
  const std::uint32_t flags = X509_get_extension_flags(certificate);
  const std::uint32_t keyUsage = X509_get_key_usage(certificate);
  drainErrors();
  return issues(flags, keyUsage);
}

std::string derOf(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) {
    drainErrors();
    return {};
  }
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

} // namespace gatehouse::pki
