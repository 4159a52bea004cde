#include "pki/KeyPair.h"

#include "base/Text.h"
#include "pki/Hash.h"

#include <openssl/pem.h>

#include <algorithm>

namespace gatehouse::pki {
namespace {

constexpr int minimumSecurityBits = 112; // security level 2: RSA 2048, any usual curve
constexpr std::size_t maximumIssuers = 8;

Error bad(std::string description) { return Error{Code::invalid_certificate, std::move(description)}; }

/// Stands in for OpenSSL's default, which asks on the terminal.
int noPassphrase(char*, int, int, void*) { return -1; }

Result<PkeyPtr> readKey(const Secret& pem) {
  const std::string_view text = pem.reveal();
  if (text.size() > KeyPair::maximumKeyPem) return bad("the private key's PEM text is over-long");
  if (text.find("ENCRYPTED") != std::string_view::npos)
    return bad("the private key is encrypted; give it without a passphrase (openssl pkey -in KEY -out "
               "PLAIN), in a file that only the "
               "service can read");
  const BioPtr in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  PkeyPtr key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, noPassphrase, nullptr) : nullptr);
  if (!key) return opensslError(Code::invalid_certificate, "the private key cannot be read");
  drainErrors();
  const int type = EVP_PKEY_get_base_id(key.get());
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_RSA_PSS && type != EVP_PKEY_EC && type != EVP_PKEY_ED25519 &&
      type != EVP_PKEY_ED448)
    return bad("the private key is of a kind that TLS servers do not use");
  if (EVP_PKEY_get_security_bits(key.get()) < minimumSecurityBits)
    return bad("the private key is too weak: RSA takes 2048 bits or more");
  return key;
}

/// A signature made with the key verifies under the certificate: comparing public halves alone believes what
/// the key file says of itself.
bool provesItself(EVP_PKEY* key, X509* certificate) {
  static constexpr std::string_view challenge = "gatehouse key pair proof 1";
  const auto* bytes = reinterpret_cast<const unsigned char*>(challenge.data());
  const MdCtxPtr signing(EVP_MD_CTX_new()), verifying(EVP_MD_CTX_new());
  std::size_t length = 0;
  if (EVP_DigestSignInit_ex(signing.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) != 1 ||
      EVP_DigestSign(signing.get(), nullptr, &length, bytes, challenge.size()) != 1)
    return false;
  std::string signature(length, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  return EVP_DigestSign(signing.get(), out, &length, bytes, challenge.size()) == 1 &&
         EVP_DigestVerifyInit_ex(verifying.get(), nullptr, nullptr, nullptr, nullptr,
                                 X509_get0_pubkey(certificate), nullptr) == 1 &&
         EVP_DigestVerify(verifying.get(), out, length, bytes, challenge.size()) == 1;
}

/// What libssl asks at security level 2 of each certificate that it sends.
bool isWeaklySigned(const Certificate& certificate) {
  if ((X509_get_extension_flags(certificate.native()) & EXFLAG_SS) != 0) return false;
  int bits = 0;
  const bool known = X509_get_signature_info(certificate.native(), nullptr, nullptr, &bits, nullptr) == 1;
  return !known || bits < minimumSecurityBits;
}

Status checkServes(const Certificate& certificate) {
  const std::string which = "the certificate \"" + certificate.subjectText() + "\"";
  if (!certificate.allowsServerAuth())
    return bad(which + " has an extendedKeyUsage without serverAuth: no client would accept it");
  if (!certificate.allowsSignature())
    return bad(which + " has a keyUsage without digitalSignature: TLS 1.3 needs it");
  return {};
}

} // namespace

struct KeyPair::Content {
  Certificate certificate;
  std::vector<Certificate> issuers;
  PkeyPtr key;
};

Result<KeyPair> KeyPair::fromPem(std::string_view chainPem, const Secret& keyPem) {
  Result<PkeyPtr> key = readKey(keyPem);
  if (!key) return std::move(key).error();
  Result<std::vector<Certificate>> read = Certificate::fromPem(chainPem);
  if (!read) return std::move(read).error();
  std::vector<Certificate> rest = std::move(*read);

  // A CA and a server certificate of the same key do occur; the one that is no CA is meant.
  const auto fits = [&](const Certificate& c) {
    return EVP_PKEY_eq(X509_get0_pubkey(c.native()), key->get()) == 1;
  };
  auto leaf =
      std::find_if(rest.begin(), rest.end(), [&](const Certificate& c) { return !c.mayIssue() && fits(c); });
  if (leaf == rest.end()) leaf = std::find_if(rest.begin(), rest.end(), fits);
  if (leaf == rest.end() || !provesItself(key->get(), leaf->native())) {
    drainErrors();
    return bad("the private key does not fit " +
               (rest.size() == 1 ? std::string("the certificate")
                                 : "any of the " + std::to_string(rest.size()) + " certificates"));
  }
  auto content = std::make_shared<Content>(Content{*leaf, {}, std::move(*key)});
  rest.erase(leaf);
  GH_TRY(checkServes(content->certificate));

  const Certificate* last = &content->certificate;
  content->issuers.reserve(maximumIssuers);
  while (!last->isSelfIssued() && content->issuers.size() < maximumIssuers) {
    const auto next = std::find_if(rest.begin(), rest.end(), [&](const Certificate& c) {
      return X509_check_issued(c.native(), last->native()) == X509_V_OK &&
             X509_verify(last->native(), X509_get0_pubkey(c.native())) == 1;
    });
    if (next == rest.end()) break;
    content->issuers.push_back(*next);
    rest.erase(next);
    last = &content->issuers.back();
  }
  drainErrors();
  for (const Certificate* sent = &content->certificate; const Certificate& issuer : content->issuers) {
    if (isWeaklySigned(*sent))
      return bad("the certificate \"" + sent->subjectText() + "\" is signed with a weak hash");
    sent = &issuer;
  }
  if (isWeaklySigned(*last))
    return bad("the certificate \"" + last->subjectText() + "\" is signed with a weak hash");
  return KeyPair(std::move(content));
}

Status KeyPair::checkValidity(std::int64_t now) const {
  std::vector<Certificate> chain = content_->issuers;
  chain.insert(chain.begin(), content_->certificate);
  for (const Certificate& certificate : chain) {
    const std::string which = "the certificate \"" + certificate.subjectText() + "\"";
    if (certificate.notAfter() <= now)
      return Error{Code::certificate_expired, which + " has expired on " + isoTime(certificate.notAfter())};
    if (certificate.notBefore() > now)
      return Error{Code::certificate_expired,
                   which + " is not valid before " + isoTime(certificate.notBefore())};
  }
  return {};
}

const Certificate& KeyPair::certificate() const noexcept { return content_->certificate; }
const std::vector<Certificate>& KeyPair::issuers() const noexcept { return content_->issuers; }
EVP_PKEY* KeyPair::key() const noexcept { return content_->key.get(); }
std::int64_t KeyPair::notAfter() const noexcept {
  std::int64_t earliest = content_->certificate.notAfter();
  for (const Certificate& issuer : content_->issuers) earliest = std::min(earliest, issuer.notAfter());
  return earliest;
}

} // namespace gatehouse::pki
