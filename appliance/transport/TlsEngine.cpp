#include "transport/TlsEngine.h"

#include "base/Text.h"
#include "pki/OpenSsl.h"

#include <openssl/err.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace gatehouse::transport {
namespace {

struct Queues {
  ByteQueue* in;
  ByteQueue* out;
};

int readQueue(BIO* bio, char* to, int most) {
  BIO_clear_retry_flags(bio);
  ByteQueue& in = *static_cast<Queues*>(BIO_get_data(bio))->in;
  if (most <= 0) return 0;
  if (in.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(in.size(), static_cast<std::size_t>(most));
  std::memcpy(to, in.view().data(), count);
  in.consume(count);
  return static_cast<int>(count);
}

int writeQueue(BIO* bio, const char* from, int count) {
  BIO_clear_retry_flags(bio);
  if (count <= 0) return 0;
  // Never "try again": whoever encrypts has looked for room. A queue that is full all the same ends the
  // connection.
  try {
    return static_cast<Queues*>(BIO_get_data(bio))->out->append({from, static_cast<std::size_t>(count)})
               ? count
               : -1;
  } catch (...) { // no memory; OpenSSL is C
    return -1;
  }
}

long controlQueue(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int destroyQueue(BIO* bio) {
  delete static_cast<Queues*>(BIO_get_data(bio));
  return 1;
}

struct MethodFree {
  void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
};

const BIO_METHOD* queueMethod() {
  static const std::unique_ptr<BIO_METHOD, MethodFree> method = [] {
    std::unique_ptr<BIO_METHOD, MethodFree> made(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "byte queues"));
    if (made) {
      BIO_meth_set_read(made.get(), readQueue);
      BIO_meth_set_write(made.get(), writeQueue);
      BIO_meth_set_ctrl(made.get(), controlQueue);
      BIO_meth_set_destroy(made.get(), destroyQueue);
    }
    return made;
  }();
  return method.get();
}

BIO* makeQueueBio(ByteQueue& in, ByteQueue& out) {
  BIO* bio = queueMethod() != nullptr ? BIO_new(queueMethod()) : nullptr;
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, new Queues{&in, &out});
  BIO_set_init(bio, 1);
  return bio;
}

bool isIpAddress(const std::string& name) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

/// The server's name, for a client: sent, and compared with what the server's certificate says.
bool expectServer(SSL* ssl, const std::string& name) {
  if (name.empty()) return true;
  if (isIpAddress(name))
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1; // no SNI: RFC 6066 §3
  return SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 && SSL_set1_host(ssl, name.c_str()) == 1;
}

} // namespace

TlsEngine::TlsEngine(std::shared_ptr<const TlsContext> context)
    : context_(std::move(context)) {}

TlsEngine::~TlsEngine() { SSL_free(ssl_); }

Result<std::unique_ptr<TlsEngine>> TlsEngine::create(std::shared_ptr<const TlsContext> context, ByteQueue& in,
                                                     ByteQueue& out, pki::RememberedChains* chains) {
  std::unique_ptr<TlsEngine> engine(new TlsEngine(std::move(context)));
  engine->chains_ = chains;
  engine->ssl_ = SSL_new(engine->context_->native());
  BIO* bio = engine->ssl_ != nullptr ? makeQueueBio(in, out) : nullptr;
  if (bio == nullptr) return pki::opensslError(Code::internal_error, "no memory for TLS");
  SSL_set_bio(engine->ssl_, bio, bio);
  SSL_set_app_data(engine->ssl_, engine.get());
  if (engine->context_->isClient()) {
    SSL_set_connect_state(engine->ssl_);
    if (!expectServer(engine->ssl_, engine->context_->serverName()))
      return pki::opensslError(Code::invalid_param, "the server's name cannot be used");
  } else {
    SSL_set_accept_state(engine->ssl_);
  }
  return engine;
}

TlsEngine::Step TlsEngine::handshake() {
  if (failed_) return Step::failed;
  if (established_) return Step::done;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result != 1) return after(result);
  // What follows cannot happen; were it to, nobody may profit.
  if (SSL_session_reused(ssl_) == 1) return fail("a session was resumed, which no context here allows");
  if (!context_->isClient()) {
    const bool verified = verification_ && std::holds_alternative<model::ChainFacts>(*verification_);
    const bool required = context_->policy().clientCertificate == ClientCertificate::require;
    if (hasPeerCertificate() != verified || (required && !verified))
      return fail("the handshake ended without a verification of the client's certificate");
  }
  established_ = true;
  return Step::done;
}

TlsEngine::Step TlsEngine::after(int result) {
  switch (SSL_get_error(ssl_, result)) {
  case SSL_ERROR_WANT_READ: return Step::wants;
  case SSL_ERROR_ZERO_RETURN: pki::drainErrors(); return Step::ended;
  default: break;
  }
  std::string reason = pki::drainErrors();
  if (const auto* refusal = verification_ ? std::get_if<pki::Refusal>(&*verification_) : nullptr;
      refusal != nullptr && !established_)
    return fail(refusal->sentence);
  return fail(reason.empty() ? "the ciphertext queue is full" : "TLS failed: " + reason);
}

TlsEngine::Step TlsEngine::fail(std::string_view sentence) {
  failed_ = true;
  failure_ = printable(sentence, 400);
  pki::drainErrors();
  return Step::failed;
}

TlsEngine::Step TlsEngine::decrypt(ByteQueue& plain, std::size_t most) {
  if (failed_) return Step::failed;
  if (!established_) return fail("bytes were asked for before the handshake had ended");
  std::array<char, 16 * 1024> buffer; // a record; copied, so that a short rest does not keep a long buffer
  while (most > 0 && plain.room() > 0) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result =
        SSL_read_ex(ssl_, buffer.data(), std::min({buffer.size(), most, plain.room()}), &count);
    if (result != 1) return after(result);
    if (!plain.append({buffer.data(), count})) return fail("the plaintext queue is full");
    most -= count;
  }
  return Step::done;
}

TlsEngine::Step TlsEngine::encrypt(std::string_view plain) {
  if (failed_) return Step::failed;
  if (!established_ || closeSaid_)
    return fail("bytes were to be sent before the handshake, or after the end");
  while (!plain.empty()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl_, plain.data(), plain.size(), &count);
    if (result != 1)
      return after(result) == Step::failed ? Step::failed : fail("TLS could not go on writing");
    plain.remove_prefix(count);
  }
  return Step::done;
}

void TlsEngine::closeNotify() noexcept {
  if (failed_ || !established_ || closeSaid_) return;
  closeSaid_ = true;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

std::size_t TlsEngine::pending() const noexcept {
  return static_cast<std::size_t>(std::max(0, SSL_pending(ssl_)));
}

std::uint16_t TlsEngine::version() const noexcept { return static_cast<std::uint16_t>(SSL_version(ssl_)); }

std::string_view TlsEngine::versionName() const noexcept { return SSL_get_version(ssl_); }

std::string_view TlsEngine::cipher() const noexcept { return SSL_get_cipher_name(ssl_); }

std::string TlsEngine::serverName() const {
  const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? printable(name, 255) : std::string();
}

std::string TlsEngine::alpn() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_, &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

const model::ChainFacts* TlsEngine::clientChain() const noexcept {
  return established_ && verification_ ? std::get_if<model::ChainFacts>(&*verification_) : nullptr;
}

bool TlsEngine::hasPeerCertificate() const noexcept { return peerCertificate() != nullptr; }

X509* TlsEngine::peerCertificate() const noexcept { return SSL_get0_peer_certificate(ssl_); }

} // namespace gatehouse::transport
