#include "support/CertForge.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

namespace gatehouse::test {
namespace {

void must(bool ok, const char* what) {
  if (ok) return;
  std::string text = std::string("CertForge: ") + what;
  if (const unsigned long code = ERR_get_error(); code != 0)
    if (const char* reason = ERR_reason_error_string(code); reason != nullptr)
      text += std::string(": ") + reason;
  ERR_clear_error();
  throw std::logic_error(text);
}

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// One key per name and kind, for the whole program.
std::shared_ptr<EVP_PKEY> cachedKey(const std::string& name, const std::string& kind) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, std::shared_ptr<EVP_PKEY>> keys;
  const std::lock_guard lock(mutex);
  std::shared_ptr<EVP_PKEY>& key = keys[{name, kind}];
  if (!key) {
    EVP_PKEY* made = kind.rfind("RSA:", 0) == 0
                         ? EVP_RSA_gen(static_cast<unsigned>(std::stoul(kind.substr(4))))
                         : EVP_EC_gen(kind.c_str());
    must(made != nullptr, "a key cannot be made");
    key.reset(made, EVP_PKEY_free);
  }
  return key;
}

ASN1_OBJECT* objectOf(const std::string& type) {
  ASN1_OBJECT* object = OBJ_txt2obj(type.c_str(), 0);
  must(object != nullptr, "no such attribute or extension type");
  return object;
}

std::shared_ptr<X509_NAME> nameOf(const ForgedName& attributes) {
  const std::shared_ptr<X509_NAME> name(X509_NAME_new(), X509_NAME_free);
  for (const ForgedAttribute& attribute : attributes) {
    const std::shared_ptr<ASN1_OBJECT> object(objectOf(attribute.type), ASN1_OBJECT_free);
    // The string is set as it is: going through X509_NAME_add_entry_* would check and convert it.
    X509_NAME_ENTRY* entry = X509_NAME_ENTRY_new();
    must(entry != nullptr, "out of memory");
    must(X509_NAME_ENTRY_set_object(entry, object.get()) == 1, "an attribute type cannot be set");
    must(X509_NAME_ENTRY_set_data(entry, attribute.asn1Type, bytesOf(attribute.value),
                                  static_cast<int>(attribute.value.size())) == 1,
         "a value cannot be set");
    const bool added = X509_NAME_add_entry(name.get(), entry, -1, attribute.joinsPrevious ? -1 : 0) == 1;
    X509_NAME_ENTRY_free(entry);
    must(added, "an attribute cannot be added");
  }
  return name;
}

template <class Write>
std::string written(Write write) {
  const std::shared_ptr<BIO> out(BIO_new(BIO_s_mem()), BIO_free_all);
  must(write(out.get()) == 1, "cannot write");
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

std::string commonNameOf(const ForgedName& name) {
  for (const ForgedAttribute& attribute : name)
    if (attribute.type == "CN") return attribute.value;
  return "nobody";
}

/// DER of a TLV whose content is `content`.
std::string tlv(unsigned char tag, const std::string& content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    out += static_cast<char>(content.size());
  } else {
    must(content.size() < 0x10000, "an extension is too long");
    out += '\x82';
    out += static_cast<char>(content.size() >> 8);
    out += static_cast<char>(content.size() & 0xff);
  }
  return out + content;
}

void addRaw(X509* certificate, const std::string& type, const std::string& content, bool critical) {
  const std::shared_ptr<ASN1_OBJECT> object(objectOf(type), ASN1_OBJECT_free);
  const std::shared_ptr<ASN1_OCTET_STRING> string(ASN1_OCTET_STRING_new(), ASN1_OCTET_STRING_free);
  must(ASN1_OCTET_STRING_set(string.get(), bytesOf(content), static_cast<int>(content.size())) == 1,
       "an extension cannot be set");
  const std::shared_ptr<X509_EXTENSION> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), critical ? 1 : 0, string.get()),
      X509_EXTENSION_free);
  must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "an extension cannot be added");
}

void addByWords(X509* certificate, X509* issuer, const std::string& name, const std::string& words) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::shared_ptr<X509_EXTENSION> extension(
      X509V3_EXT_conf(nullptr, &context, name.c_str(), words.c_str()), X509_EXTENSION_free);
  must(extension && X509_add_ext(certificate, extension.get(), -1) == 1,
       ("extension " + name + " = " + words).c_str());
}

std::string keyIdentifier(X509* certificate) {
  const ASN1_BIT_STRING* key = X509_get0_pubkey_bitstr(certificate);
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(ASN1_STRING_get0_data(key), static_cast<std::size_t>(ASN1_STRING_length(key)),
       reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

void setTime(ASN1_TIME* time, std::int64_t seconds) {
  must(ASN1_TIME_set(time, static_cast<time_t>(seconds)) != nullptr, "a time cannot be set");
}

std::int64_t nextSerial() {
  static std::atomic<std::int64_t> last{1000};
  return ++last;
}

} // namespace

std::string Forged::der() const {
  return written([&](BIO* out) { return i2d_X509_bio(out, certificate.get()); });
}
std::string Forged::pem() const {
  return written([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}
std::string Forged::keyPem() const {
  return written([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, privateKey.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

Forge::Forge() = default;

Forge& Forge::ca(std::string_view commonName) {
  return subject({{"CN", std::string(commonName)}})
      .basicConstraints("critical,CA:TRUE")
      .keyUsage("critical,keyCertSign,cRLSign");
}
Forge& Forge::client(std::string_view commonName) {
  if (!commonName.empty()) subject({{"CN", std::string(commonName)}});
  return basicConstraints("CA:FALSE").keyUsage("critical,digitalSignature").extendedKeyUsage("clientAuth");
}
Forge& Forge::server(std::string_view name) {
  return subject({{"CN", std::string(name)}})
      .basicConstraints("CA:FALSE")
      .keyUsage("critical,digitalSignature")
      .extendedKeyUsage("serverAuth")
      .dnsNames({std::string(name)});
}
Forge& Forge::subject(ForgedName name) {
  subject_ = std::move(name);
  return *this;
}
Forge& Forge::signedBy(const Forged& issuer) {
  issuer_ = issuer;
  return *this;
}
Forge& Forge::valid(std::int64_t from, std::int64_t to) {
  from_ = from;
  to_ = to;
  return *this;
}
Forge& Forge::serial(std::int64_t number) {
  serial_ = number;
  return *this;
}
Forge& Forge::dnsNames(std::vector<std::string> names) {
  dnsNames_ = std::move(names);
  return *this;
}
Forge& Forge::key(std::string_view name) {
  keyName_ = name;
  return *this;
}
Forge& Forge::rsaKey(int bits) {
  keyKind_ = "RSA:" + std::to_string(bits);
  return *this;
}
Forge& Forge::curveKey(std::string_view curve) {
  keyKind_ = curve;
  return *this;
}
Forge& Forge::issuerName(ForgedName name) {
  issuerName_ = std::move(name);
  return *this;
}
Forge& Forge::basicConstraints(std::string_view words) { return extension("basicConstraints", words); }
Forge& Forge::keyUsage(std::string_view words) { return extension("keyUsage", words); }
Forge& Forge::extendedKeyUsage(std::string_view words) { return extension("extendedKeyUsage", words); }
Forge& Forge::extension(std::string_view name, std::string_view words) {
  std::erase_if(extensions_, [&](const Extension& e) { return e.name == name && !e.raw; });
  if (!words.empty()) extensions_.push_back({std::string(name), std::string(words), false, false});
  return *this;
}
Forge& Forge::rawExtension(std::string_view oid, std::string der, bool critical) {
  extensions_.push_back({std::string(oid), std::move(der), true, critical});
  return *this;
}
Forge& Forge::authorityKeyId(std::string bytes) {
  authorityKeyId_ = std::move(bytes);
  return *this;
}
Forge& Forge::withAuthorityKeyId() {
  withAuthorityKeyId_ = true;
  return *this;
}
Forge& Forge::hash(std::string_view name) {
  hash_ = name;
  return *this;
}
Forge& Forge::brokenSignature() {
  brokenSignature_ = true;
  return *this;
}

Forged Forge::make() const {
  Forged made;
  made.certificate.reset(X509_new(), X509_free);
  made.privateKey = cachedKey(keyName_.empty() ? commonNameOf(subject_) : keyName_, keyKind_);
  X509* x509 = made.x509();
  X509* issuer = issuer_ ? issuer_->x509() : x509;

  must(X509_set_version(x509, X509_VERSION_3) == 1, "the version cannot be set");
  must(ASN1_INTEGER_set_int64(X509_get_serialNumber(x509), serial_.value_or(nextSerial())) == 1,
       "the serial cannot be set");
  setTime(X509_getm_notBefore(x509), from_);
  setTime(X509_getm_notAfter(x509), to_);
  must(X509_set_subject_name(x509, nameOf(subject_).get()) == 1, "the subject cannot be set");
  const std::shared_ptr<X509_NAME> issuerName = nameOf(issuerName_.value_or(ForgedName{}));
  must(X509_set_issuer_name(x509, issuerName_ ? issuerName.get() : X509_get_subject_name(issuer)) == 1,
       "the issuer cannot be set");
  must(X509_set_pubkey(x509, made.key()) == 1, "the key cannot be set");

  for (const Extension& extension : extensions_) {
    if (extension.raw)
      addRaw(x509, extension.name, extension.content, extension.critical);
    else
      addByWords(x509, issuer, extension.name, extension.content);
  }
  if (!dnsNames_.empty()) {
    std::string names;
    for (const std::string& name : dnsNames_) names += tlv(0x82, name); // [2] IMPLICIT IA5String
    addRaw(x509, "2.5.29.17", tlv(0x30, names), false);
  }
  if (authorityKeyId_ || withAuthorityKeyId_)
    addRaw(x509, "2.5.29.35", tlv(0x30, tlv(0x80, authorityKeyId_.value_or(keyIdentifier(issuer)))), false);

  const EVP_MD* hash = EVP_get_digestbyname(hash_.c_str());
  must(hash != nullptr && X509_sign(x509, issuer_ ? issuer_->key() : made.key(), hash) > 0, "cannot sign");
  if (brokenSignature_) {
    const ASN1_BIT_STRING* signature = nullptr;
    X509_get0_signature(&signature, nullptr, x509);
    auto* bytes = const_cast<unsigned char*>(ASN1_STRING_get0_data(signature));
    bytes[ASN1_STRING_length(signature) - 1] ^= 1;
  }

  // Read back, so that what tests hand on is what a peer would have sent, its cached parts included.
  const std::string der = made.der();
  const unsigned char* at = bytesOf(der);
  made.certificate.reset(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
  must(made.certificate != nullptr, "what was minted cannot be read back");
  ERR_clear_error();
  return made;
}

std::string utf16be(std::string_view latin1) {
  std::string out;
  for (const char c : latin1) out.append({'\0', c});
  return out;
}

std::string pemOf(const std::vector<Forged>& certificates) {
  std::string out;
  for (const Forged& certificate : certificates) out += certificate.pem();
  return out;
}

} // namespace gatehouse::test
