#pragma once
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Mints certificates that the openssl command will not: any string type, NUL in names, two CNs, same-named
/// CAs with other keys, lying authority key ids, missing or wrong extensions. Keys are P-256 and cached by
/// name, so a test costs microseconds, not seconds.
///
///     const Forged ca = Forge().ca("Example CA").make();
///     const Forged ada = Forge().subject({{"CN", "ada"}, {"OU", "dev"}}).client().signedBy(ca).make();
///     const Forged other = Forge().ca("Example CA").key("other").make();       // same name, another key
///     const Forged nul = Forge().subject({{"CN", std::string("admin\0evil",
///     10)}}).client().signedBy(ca).make();
///
/// What is said last holds. A mistake in the use of it throws std::logic_error: it is for tests alone.
namespace gatehouse::test {

/// One attribute of a name to forge. `type` is a short name that OpenSSL knows (CN, OU, O, L, ST, C, DC,
/// emailAddress) or a dotted OID.
struct ForgedAttribute {
  std::string type;
  std::string value;                // the bytes that go into the string, whatever they are
  int asn1Type = V_ASN1_UTF8STRING; // V_ASN1_PRINTABLESTRING, V_ASN1_BMPSTRING (give UTF-16BE bytes), ...
  bool joinsPrevious = false;       // stands in the RDN of the attribute before it (multi-valued)
};
using ForgedName = std::vector<ForgedAttribute>;

/// A minted certificate, with its key. A cheap copy.
struct Forged {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> privateKey;

  [[nodiscard]] X509* x509() const { return certificate.get(); }
  [[nodiscard]] EVP_PKEY* key() const { return privateKey.get(); }
  [[nodiscard]] std::string der() const;
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] std::string keyPem() const; // PKCS#8
};

class Forge {
public:
  /// A client leaf of nobody yet: P-256, SHA-256, valid from `validFrom` to `validTo`, a serial of its own,
  /// without extensions.
  Forge();

  // -- what is usual
  // ------------------------------------------------------------------------------------------------------------------
  /// A CA of that CN: CA:TRUE, keyCertSign and cRLSign, self-signed unless signedBy says otherwise.
  Forge& ca(std::string_view commonName);
  /// A client leaf: EKU clientAuth, keyUsage digitalSignature. Subject CN=... if one is given.
  Forge& client(std::string_view commonName = {});
  /// A server leaf: EKU serverAuth, keyUsage digitalSignature, SAN dNSName of that name.
  Forge& server(std::string_view name);
  Forge& subject(ForgedName name);
  Forge& signedBy(const Forged& issuer);
  /// Seconds since the epoch.
  Forge& valid(std::int64_t from, std::int64_t to);
  Forge& serial(std::int64_t number);
  /// SAN dNSNames, bytes as they are (NUL too); other kinds of SAN through extension or rawExtension.
  Forge& dnsNames(std::vector<std::string> names);

  // -- what is unusual
  // ----------------------------------------------------------------------------------------------------------------
  /// Another key than the one of its subject's CN: keys are cached by name, the same name is the same key.
  Forge& key(std::string_view name);
  /// RSA of that many bits (slow), or a named curve.
  Forge& rsaKey(int bits);
  Forge& curveKey(std::string_view curve);
  /// Writes this issuer name whoever signs.
  Forge& issuerName(ForgedName name);
  /// "critical,CA:TRUE,pathlen:0", "CA:FALSE", or "" for none; in the words of openssl's x509v3_config, like
  /// the next two.
  Forge& basicConstraints(std::string_view words);
  Forge& keyUsage(std::string_view words);
  Forge& extendedKeyUsage(std::string_view words);
  /// Any other extension in the same words: ("nameConstraints", "permitted;DNS:example.com").
  Forge& extension(std::string_view name, std::string_view words);
  /// An extension's bytes as they are: the DER inside its OCTET STRING.
  Forge& rawExtension(std::string_view oid, std::string der, bool critical = false);
  /// Writes an authorityKeyIdentifier of these bytes. By default there is none.
  Forge& authorityKeyId(std::string bytes);
  /// The issuer's key identifier (SHA-1 of its key), as the openssl command writes it.
  Forge& withAuthorityKeyId();
  /// "SHA1", "SHA256", ...
  Forge& hash(std::string_view name);
  /// Turns a bit of the signature after signing.
  Forge& brokenSignature();

  [[nodiscard]] Forged make() const;

  static constexpr std::int64_t validFrom = 1'700'000'000; // 2023-11-14
  static constexpr std::int64_t validTo = 2'000'000'000;   // 2033-05-18
  static constexpr std::int64_t now = 1'800'000'000; // a moment at which all is valid unless said otherwise

private:
  struct Extension {
    std::string name; // short name, or a dotted OID when raw
    std::string content;
    bool raw = false, critical = false;
  };
  ForgedName subject_;
  std::optional<ForgedName> issuerName_;
  std::optional<Forged> issuer_;
  std::string keyName_;
  std::string keyKind_ = "P-256"; // a curve, or "RSA:bits"
  std::string hash_ = "SHA256";
  std::int64_t from_ = validFrom, to_ = validTo;
  std::optional<std::int64_t> serial_;
  std::vector<Extension> extensions_;
  std::vector<std::string> dnsNames_;
  std::optional<std::string> authorityKeyId_;
  bool withAuthorityKeyId_ = false;
  bool brokenSignature_ = false;
};

/// UTF-16BE, for BMPString values; ASCII and Latin letters are enough here: each byte of `latin1` becomes
/// two.
[[nodiscard]] std::string utf16be(std::string_view latin1);

/// The same PEM texts, one after the other.
[[nodiscard]] std::string pemOf(const std::vector<Forged>& certificates);

} // namespace gatehouse::test
