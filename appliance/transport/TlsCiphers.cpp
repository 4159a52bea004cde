#include "transport/TlsCiphers.h"

#include "base/Text.h"
#include "pki/OpenSsl.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

namespace gatehouse::transport {
namespace {

constexpr std::size_t longest = 4096; // bytes of a list

struct ContextFree {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};

/// Words that other lists exclude and that this build of libssl may have nothing for: excluding nothing is
/// fine.
constexpr std::array<std::string_view, 14> goneAnyway = {"RC4",    "RC2",   "DES",   "3DES", "IDEA",
                                                         "SEED",   "MD5",   "EXP",   "LOW",  "NULL",
                                                         "EXPORT", "SSLv2", "SSLv3", "DSS"};

constexpr std::array<std::string_view, 5> suitesThatExist = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"};

Error refuse(std::string_view word, std::string_view why) {
  return Error{Code::invalid_param, "the cipher word '" + printable(word, 80) + "' " + std::string(why)};
}

Status checkWord(SSL_CTX* scratch, std::string_view word) {
  std::string_view name = word;
  const bool excludes = !name.empty() && (name.front() == '!' || name.front() == '-');
  if (excludes || (!name.empty() && name.front() == '+')) name.remove_prefix(1);
  if (name == "@STRENGTH" && name == word) return {};
  if (name.empty() || name.front() == '@') return refuse(word, "is not allowed in a cipher list");
  if (SSL_CTX_set_cipher_list(scratch, std::string(name).c_str()) == 1) return {};
  if (excludes && std::find(goneAnyway.begin(), goneAnyway.end(), name) != goneAnyway.end()) return {};
  return refuse(word, "is none that libssl knows");
}

/// Calls `check` with each word; empty words are mistakes.
template <class Check>
Status eachWord(std::string_view list, std::string_view separators, Check check) {
  while (true) {
    const auto end = list.find_first_of(separators);
    GH_TRY(check(list.substr(0, end)));
    if (end == std::string_view::npos) return {};
    list.remove_prefix(end + 1);
  }
}

Status checkList(std::string_view list) {
  if (list.size() > longest || list.find('\0') != std::string_view::npos)
    return Error{Code::invalid_param, "the cipher list is too long or holds a NUL"};
  const std::unique_ptr<SSL_CTX, ContextFree> scratch(SSL_CTX_new(TLS_method()));
  if (!scratch) return pki::opensslError(Code::internal_error, "no memory for a TLS context");
  GH_TRY(eachWord(list, ":, ", [&](std::string_view word) { return checkWord(scratch.get(), word); }));
  if (SSL_CTX_set_cipher_list(scratch.get(), std::string(list).c_str()) != 1)
    return Error{Code::invalid_param, "the cipher list '" + printable(list) + "' leaves no cipher"};
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(scratch.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
    if (SSL_CIPHER_get_auth_nid(cipher) == NID_auth_null || SSL_CIPHER_get_cipher_nid(cipher) == NID_undef)
      return refuse(SSL_CIPHER_get_name(cipher), "would be enabled, and encrypts or authenticates nothing");
  }
  return {};
}

} // namespace

Status checkCipherList(std::string_view list) {
  Status status = checkList(list);
  pki::drainErrors();
  return status;
}

Status checkCipherSuites(std::string_view suites) {
  if (suites.size() > longest) return Error{Code::invalid_param, "the list of cipher suites is too long"};
  return eachWord(suites, ":", [](std::string_view word) -> Status {
    if (std::find(suitesThatExist.begin(), suitesThatExist.end(), word) != suitesThatExist.end()) return {};
    return refuse(word, "is no TLS 1.3 suite; they are named like TLS_AES_256_GCM_SHA384");
  });
}

} // namespace gatehouse::transport
