#include "transport/TlsContext.h"

#include "pki/Hash.h"
#include "pki/OpenSsl.h"
#include "transport/TlsCiphers.h"
#include "transport/TlsEngine.h"

#include <set>
#include <span>
#include <string>

namespace gatehouse::transport {
namespace {

constexpr long largestChain = 32 * 1024;        // bytes of a peer's Certificate message
constexpr std::size_t largestNames = 16 * 1024; // bytes of the CA names that a client is told

Error libsslRefuses(std::string_view what) { return pki::opensslError(Code::invalid_certificate, what); }

std::string_view bytesOf(const unsigned char* data, int length) noexcept {
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(length)};
}

Status usePair(SSL_CTX* context, const pki::Certificate& leaf, std::span<const pki::Certificate> issuers,
               EVP_PKEY* key) {
  if (SSL_CTX_use_certificate(context, leaf.native()) != 1)
    return libsslRefuses("the certificate cannot be used for TLS");
  for (const pki::Certificate& issuer : issuers)
    if (SSL_CTX_add1_chain_cert(context, issuer.native()) != 1)
      return libsslRefuses("the certificate's chain cannot be used for TLS");
  if (key == nullptr || SSL_CTX_use_PrivateKey(context, key) != 1 || SSL_CTX_check_private_key(context) != 1)
    return libsslRefuses("the private key cannot be used with the certificate");
  return {};
}

/// RFC 7301 §3.1: each name behind its length.
Result<std::string> alpnWire(const std::vector<std::string>& names) {
  std::string wire;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255)
      return Error{Code::invalid_param, "an ALPN name has 1 to 255 bytes"};
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

/// Tells clients whose certificates are asked for, so that those with several pick the right one. A list too
/// long for comfort is not sent: then a client picks as it likes.
Status sendNames(SSL_CTX* context, const pki::TrustList& list) {
  STACK_OF(X509_NAME)* names = sk_X509_NAME_new_null();
  if (names == nullptr) return libsslRefuses("no memory for the names of the certificate authorities");
  std::set<std::string> seen;
  std::size_t total = 0;
  for (const pki::Certificate& issuer : list.issuers()) {
    X509_NAME* name = X509_get_subject_name(issuer.native());
    unsigned char* der = nullptr;
    const int length = i2d_X509_NAME(name, &der);
    if (length <= 0) continue;
    const bool fresh = seen.emplace(bytesOf(der, length)).second;
    OPENSSL_free(der);
    if (!fresh) continue;
    total += static_cast<std::size_t>(length) + 2;
    X509_NAME* copy = X509_NAME_dup(name);
    if (copy == nullptr || sk_X509_NAME_push(names, copy) <= 0) {
      X509_NAME_free(copy);
      sk_X509_NAME_pop_free(names, X509_NAME_free);
      return libsslRefuses("no memory for the names of the certificate authorities");
    }
  }
  if (total > largestNames)
    while (X509_NAME* name = sk_X509_NAME_pop(names)) X509_NAME_free(name);
  SSL_CTX_set0_CA_list(context, names);
  return {};
}

model::Digest hashOf(const TlsPolicy& policy) {
  std::string text;
  const auto add = [&](std::string_view part) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
  };
  add(pki::view(policy.keyPair->certificate().digest()));
  add(std::to_string(static_cast<int>(policy.minimum)));
  add(policy.cipherList);
  add(policy.cipherSuites);
  add(std::to_string(policy.alpn.size()));
  for (const std::string& name : policy.alpn) add(name);
  add(std::to_string(static_cast<int>(policy.clientCertificate)));
  add(policy.trustList ? pki::view(policy.trustList->identity()) : std::string_view());
  add(policy.verifyOptions.allowOutdated ? "outdated" : "");
  add(std::to_string(policy.trustRevision));
  return pki::sha256({"gatehouse tls policy 1", text});
}

} // namespace

/// What OpenSSL calls; members of the context so that they reach the engine.
struct TlsContext::VerifyPeer {
  /// Replaces libssl's own chain verification: pki answers. Returns 1 only for an accepted chain.
  static int verify(X509_STORE_CTX* store, void* self) noexcept {
    const auto& context = *static_cast<const TlsContext*>(self);
    X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED); // until something better is known
    const auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* engine = ssl != nullptr ? static_cast<TlsEngine*>(SSL_get_app_data(ssl)) : nullptr;
    if (engine == nullptr || !context.policy_.trustList) return 0;
    try {
      const pki::TrustList& list = *context.policy_.trustList;
      X509* leaf = X509_STORE_CTX_get0_cert(store);
      auto* presented = X509_STORE_CTX_get0_untrusted(store);
      const std::int64_t now = context.clock_->wallSeconds();
      engine->verification_ =
          engine->chains_ != nullptr
              ? engine->chains_->verify(list, leaf, presented, now, context.policy_.verifyOptions)
              : list.verify(leaf, presented, now, context.policy_.verifyOptions);
      if (const auto* refusal = std::get_if<pki::Refusal>(&*engine->verification_)) {
        X509_STORE_CTX_set_error(store, refusal->verifyError != X509_V_OK ? refusal->verifyError
                                                                          : X509_V_ERR_UNSPECIFIED);
        return 0;
      }
    } catch (...) { // no memory; OpenSSL is C
      engine->verification_.reset();
      X509_STORE_CTX_set_error(store, X509_V_ERR_OUT_OF_MEM);
      return 0;
    }
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }

  static int chooseAlpn(SSL*, const unsigned char** out, unsigned char* outLength, const unsigned char* in,
                        unsigned inLength, void* self) noexcept {
    const std::string& ours = static_cast<const TlsContext*>(self)->alpnWire_;
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, outLength, reinterpret_cast<const unsigned char*>(ours.data()),
                              static_cast<unsigned>(ours.size()), in, inLength) != OPENSSL_NPN_NEGOTIATED)
      return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
  }
};

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Status TlsContext::setUp(TlsVersion minimum, TlsVersion maximum, std::string_view list,
                         std::string_view suites, const std::vector<std::string>& alpn) {
  GH_TRY(checkCipherList(list));
  GH_TRY(checkCipherSuites(suites));
  auto wire = alpnWire(alpn);
  if (!wire) return std::move(wire).error();
  alpnWire_ = std::move(wire).value();
  context_ = SSL_CTX_new(client_ ? TLS_client_method() : TLS_server_method());
  if (context_ == nullptr) return pki::opensslError(Code::internal_error, "no memory for a TLS context");
  // openssl.cnf has had its say inside SSL_CTX_new: everything that matters is said again here.
  SSL_CTX_clear_options(context_, SSL_CTX_get_options(context_));
  SSL_CTX_set_options(context_, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                    SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN |
                                 SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_security_level(context_, 2);
  SSL_CTX_set_max_cert_list(context_, largestChain);
  if (SSL_CTX_set_num_tickets(context_, 0) != 1 ||
      SSL_CTX_set_min_proto_version(context_, static_cast<int>(minimum)) != 1 ||
      SSL_CTX_set_max_proto_version(context_, static_cast<int>(maximum)) != 1 ||
      SSL_CTX_set1_groups_list(context_, std::string(groups).c_str()) != 1 ||
      SSL_CTX_set_cipher_list(context_, std::string(list).c_str()) != 1 ||
      SSL_CTX_set_ciphersuites(context_, std::string(suites).c_str()) != 1)
    return pki::opensslError(Code::internal_error, "libssl refuses its own settings");
  return {};
}

Status TlsContext::setUpServer() {
  if (!policy_.keyPair)
    return Error{Code::missing_certificate, "a TLS listener needs a certificate and its key"};
  const bool asks = policy_.clientCertificate != ClientCertificate::none;
  if (asks && !policy_.trustList)
    return Error{Code::missing_certificate,
                 "client certificates cannot be asked for without a list of trusted ones"};
  GH_TRY(
      setUp(policy_.minimum, TlsVersion::tls13,
            policy_.cipherList.empty() ? intermediateCipherList : std::string_view(policy_.cipherList),
            policy_.cipherSuites.empty() ? intermediateCipherSuites : std::string_view(policy_.cipherSuites),
            policy_.alpn));
  GH_TRY(
      usePair(context_, policy_.keyPair->certificate(), policy_.keyPair->issuers(), policy_.keyPair->key()));
  const model::Digest id = hashOf(policy_);
  static_assert(sizeof id <= SSL_MAX_SID_CTX_LENGTH);
  if (SSL_CTX_set_session_id_context(context_, id.data(), id.size()) != 1)
    return pki::opensslError(Code::internal_error, "libssl refuses a session id context");
  if (!alpnWire_.empty()) SSL_CTX_set_alpn_select_cb(context_, &VerifyPeer::chooseAlpn, this);
  // Set in every case: should a certificate ever come unasked, nobody but pki may say yes to it.
  SSL_CTX_set_cert_verify_callback(context_, &VerifyPeer::verify, this);
  if (!asks) {
    SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
    return {};
  }
  const int fail =
      policy_.clientCertificate == ClientCertificate::require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | fail, nullptr);
  return sendNames(context_, *policy_.trustList);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::build(TlsPolicy policy, const Clock& clock) {
  std::shared_ptr<TlsContext> context(new TlsContext(&clock));
  context->policy_ = std::move(policy);
  Status status = context->setUpServer();
  pki::drainErrors();
  if (!status) return std::move(status).error();
  return std::shared_ptr<const TlsContext>(std::move(context));
}

Status TlsContext::setUpClient(const TlsClientPolicy& policy) {
  client_ = true;
  serverName_ = policy.serverName;
  GH_TRY(
      setUp(policy.minimum, policy.maximum, intermediateCipherList, intermediateCipherSuites, policy.alpn));
  if (!alpnWire_.empty() &&
      SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>(alpnWire_.data()),
                              static_cast<unsigned>(alpnWire_.size())) != 0)
    return pki::opensslError(Code::internal_error, "libssl refuses the ALPN names");
  if (!policy.chain.empty()) {
    GH_TRY(usePair(context_, policy.chain.front(), std::span(policy.chain).subspan(1), policy.key.get()));
  }
  SSL_CTX_set_verify(context_, policy.authorities.empty() ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  X509_STORE* store = SSL_CTX_get_cert_store(context_);
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  for (const pki::Certificate& authority : policy.authorities)
    if (X509_STORE_add_cert(store, authority.native()) != 1)
      return libsslRefuses("an authority cannot be used");
  return {};
}

Result<std::shared_ptr<const TlsContext>> TlsContext::buildClient(const TlsClientPolicy& policy) {
  std::shared_ptr<TlsContext> context(new TlsContext(nullptr));
  Status status = context->setUpClient(policy);
  pki::drainErrors();
  if (!status) return std::move(status).error();
  return std::shared_ptr<const TlsContext>(std::move(context));
}

} // namespace gatehouse::transport
