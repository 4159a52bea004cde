#include "pki/SelfSigned.h"

#include "pki/Hash.h"
#include "pki/OpenSsl.h"

#include <arpa/inet.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

namespace gatehouse::pki {
namespace {

constexpr std::size_t maximumCommonName = 64;  // RFC 5280 appendix A, ub-common-name
constexpr std::int64_t clockDifference = 3600; // seconds

/// The bytes of an IPv4 or IPv6 address; empty for any other text.
std::string addressBytes(const std::string& text) {
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

bool addName(GENERAL_NAMES* names, int kind, std::string_view bytes) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* string = ASN1_STRING_type_new(kind == GEN_DNS ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);
  if (name == nullptr || string == nullptr ||
      ASN1_STRING_set(string, bytes.data(), static_cast<int>(bytes.size())) != 1) {
    GENERAL_NAME_free(name);
    ASN1_STRING_free(string);
    return false;
  }
  GENERAL_NAME_set0_value(name, kind, string);
  if (sk_GENERAL_NAME_push(names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

bool addAlternativeNames(X509* certificate, const std::string& nodeName) {
  const GeneralNamesPtr names(GENERAL_NAMES_new());
  std::vector<std::pair<int, std::string>> wanted;
  for (const std::string& text :
       {nodeName, std::string("localhost"), std::string("127.0.0.1"), std::string("::1")}) {
    const std::string address = addressBytes(text);
    std::pair<int, std::string> name(address.empty() ? GEN_DNS : GEN_IPADD, address.empty() ? text : address);
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wanted.push_back(std::move(name));
  }
  const bool all = names && std::all_of(wanted.begin(), wanted.end(), [&](const auto& name) {
                     return addName(names.get(), name.first, name.second);
                   });
  return all && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool addExtension(X509* certificate, int nid, const char* words) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, words));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool setSerial(X509* certificate, std::string bytes) {
  bytes[0] = static_cast<char>((bytes[0] & 0x7f) | 0x40); // positive, and always of the same length
  const BignumPtr number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool setNames(X509* certificate, const std::string& commonName) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto* bytes = reinterpret_cast<const unsigned char*>(commonName.data());
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, V_ASN1_UTF8STRING, bytes,
                                    static_cast<int>(commonName.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

bool setValidity(X509* certificate, std::int64_t now) {
  const auto from = static_cast<time_t>(now - clockDifference);
  const auto to = static_cast<time_t>(now + std::int64_t{selfSignedDays} * 86400);
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), to) != nullptr;
}

std::string contents(BIO* bio) {
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

} // namespace

Result<GeneratedPair> generateSelfSigned(std::string_view nodeName, std::int64_t now) {
  const bool plain =
      std::all_of(nodeName.begin(), nodeName.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (nodeName.empty() || nodeName.size() > maximumCommonName || !plain)
    return Error{Code::invalid_param,
                 "node.name must be 1 to " + std::to_string(maximumCommonName) +
                     " printable ASCII characters without blanks: it becomes a certificate's name"};
  const std::string name(nodeName);
  Result<std::string> serial = randomBytes(16);
  if (!serial) return std::move(serial).error();

  const PkeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  X509* raw = certificate.get();
  const bool made = key && certificate && X509_set_version(raw, X509_VERSION_3) == 1 &&
                    setSerial(raw, std::move(*serial)) && setNames(raw, name) && setValidity(raw, now) &&
                    X509_set_pubkey(raw, key.get()) == 1 &&
                    addExtension(raw, NID_basic_constraints, "critical,CA:FALSE") &&
                    addExtension(raw, NID_key_usage, "critical,digitalSignature") &&
                    addExtension(raw, NID_ext_key_usage, "serverAuth,clientAuth") &&
                    addExtension(raw, NID_subject_key_identifier, "hash") && addAlternativeNames(raw, name) &&
                    X509_sign(raw, key.get(), EVP_sha256()) > 0;
  if (!made) return opensslError(Code::internal_error, "a self-signed certificate cannot be made");

  const BioPtr certificateOut(BIO_new(BIO_s_mem()));
  const BioPtr keyOut(BIO_new(BIO_s_secmem())); // wiped when it goes
  if (!certificateOut || !keyOut || PEM_write_bio_X509(certificateOut.get(), raw) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(keyOut.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return opensslError(Code::internal_error, "a self-signed certificate cannot be written");
  drainErrors();
  return GeneratedPair{contents(certificateOut.get()), Secret(contents(keyOut.get()))};
}

} // namespace gatehouse::pki
