#include "transport/TlsClient.h"

#include "base/Text.h"
#include "pki/Certificate.h"
#include "pki/OpenSsl.h"

#include <openssl/pem.h>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace gatehouse::transport {
namespace {

constexpr std::size_t piece = 64 * 1024;  // bytes that are encrypted, or read, at once
constexpr std::size_t queue = 256 * 1024; // bytes on their way

Error unavailable(const std::string& peer, const std::string& why) {
  return {Code::unavailable, peer + ' ' + why};
}

std::string text(int number) { return std::generic_category().message(number); }

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

/// A key without a pass phrase: a command has nobody to ask for one in the middle of a handshake.
Result<std::shared_ptr<EVP_PKEY>> readKey(const Secret& pem) {
  const std::string_view bytes = pem.reveal();
  BIO* bio = BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()));
  if (bio == nullptr) return Error{Code::internal_error, "no memory for a private key"};
  const auto refuse = [](char*, int, int, void*) -> int { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, refuse, nullptr);
  BIO_free(bio);
  pki::drainErrors();
  if (key == nullptr)
    return Error{Code::invalid_certificate,
                 "the client's key is no private key in PEM, or has a pass phrase; remove that with: openssl "
                 "pkey"};
  return std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free);
}

Result<std::shared_ptr<const TlsContext>> contextOf(const TlsClientOptions& options) {
  TlsClientPolicy policy;
  policy.serverName = options.host;
  policy.alpn = {"http/1.1"};
  if (options.authorities.empty() || options.host.empty()) // an empty list would verify nothing
    return Error{Code::missing_certificate, "a server is verified by its name and a certificate to trust"};
  auto authorities = pki::Certificate::fromPem(options.authorities);
  if (!authorities) return std::move(authorities).error();
  policy.authorities = std::move(*authorities);
  if (!options.chain.empty()) {
    auto chain = pki::Certificate::fromPem(options.chain);
    if (!chain) return std::move(chain).error();
    policy.chain = std::move(*chain);
    auto key = readKey(options.key);
    if (!key) return std::move(key).error();
    policy.key = std::move(*key);
  }
  return TlsContext::buildClient(policy);
}

/// One of the addresses, connected; the socket blocks nobody but poll.
Result<UniqueFd> dial(const TlsClientOptions& options, const std::string& peer) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int lookup =
      ::getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found);
  if (lookup != 0) return unavailable(peer, std::string("is not found: ") + ::gai_strerror(lookup));
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
  int last = ETIMEDOUT;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    UniqueFd socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) {
      last = errno;
      continue;
    }
    if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return socket;
    last = errno;
    if (last != EINPROGRESS) continue;
    pollfd ready{socket.get(), POLLOUT, 0};
    if (::poll(&ready, 1, TlsClient::connectMs) != 1) {
      last = ETIMEDOUT;
      continue;
    }
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return socket;
    last = error;
  }
  return unavailable(peer, "cannot be reached: " + text(last));
}

} // namespace

TlsClient::TlsClient(UniqueFd socket, std::string peer)
    : socket_(std::move(socket))
    , peer_(std::move(peer))
    , in_(queue)
    , out_(queue) {}

Result<std::unique_ptr<TlsClient>> TlsClient::connect(const TlsClientOptions& options) {
  auto context = contextOf(options);
  if (!context) return std::move(context).error();
  const std::string peer = printable(options.host, 253) + ':' + std::to_string(options.port);
  auto socket = dial(options, peer);
  if (!socket) return std::move(socket).error();
  std::unique_ptr<TlsClient> client(new TlsClient(std::move(*socket), peer));
  auto engine = TlsEngine::create(*context, client->in_, client->out_);
  if (!engine) return std::move(engine).error();
  client->engine_ = std::move(*engine);
  for (;;) {
    const TlsEngine::Step step = client->engine_->handshake();
    const Status sent = client->flush(connectMs, {});
    if (step == TlsEngine::Step::done && sent) return client;
    if (step == TlsEngine::Step::failed || step == TlsEngine::Step::ended)
      return unavailable(peer, "is not who it should be, or refuses us: " + client->engine_->failure());
    if (!sent) return sent.error();
    GH_TRY(client->fill(connectMs, {}));
  }
}

Status TlsClient::wait(short events, int most, const Waiting& waiting) const {
  for (int left = most; left > 0;) {
    pollfd ready{socket_.get(), events, 0};
    const int slice = waiting ? std::min(left, 1000) : left;
    const int answer = ::poll(&ready, 1, slice);
    if (answer > 0) return {};
    if (answer < 0 && errno != EINTR) return unavailable(peer_, "cannot be waited for: " + text(errno));
    left -= slice;
    if (waiting) waiting();
  }
  return unavailable(peer_, "has been silent for " + std::to_string(most / 1000) + " s");
}

Status TlsClient::flush(int most, const Waiting& waiting) {
  while (!out_.empty()) {
    const std::string_view bytes = out_.view();
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      out_.consume(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      GH_TRY(wait(POLLOUT, most, waiting));
    } else if (errno != EINTR) {
      return unavailable(peer_, "has broken the connection: " + text(errno));
    }
  }
  return {};
}

Status TlsClient::fill(int most, const Waiting& waiting) {
  for (;;) {
    const std::span<char> room = in_.reserve(piece);
    const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), 0);
    if (got > 0) {
      in_.commit(static_cast<std::size_t>(got));
      return {};
    }
    if (got == 0) return unavailable(peer_, "has broken the connection");
    if (errno == EAGAIN) {
      GH_TRY(wait(POLLIN, most, waiting));
    } else if (errno != EINTR) {
      return unavailable(peer_, "has broken the connection: " + text(errno));
    }
  }
}

Status TlsClient::send(std::string_view bytes, const Waiting& waiting) {
  while (!bytes.empty()) {
    const std::string_view next = bytes.substr(0, piece);
    if (engine_->encrypt(next) != TlsEngine::Step::done)
      return unavailable(peer_, "cannot be written to: " + engine_->failure());
    bytes.remove_prefix(next.size());
    GH_TRY(flush(silenceMs, waiting));
  }
  return {};
}

Result<std::string> TlsClient::receive(const Waiting& waiting) {
  for (;;) {
    ByteQueue plain(piece);
    const TlsEngine::Step step = engine_->decrypt(plain, piece);
    GH_TRY(flush(silenceMs, waiting)); // a key update's answer
    if (!plain.empty()) return std::string(plain.view());
    if (step == TlsEngine::Step::ended) return std::string();
    if (step == TlsEngine::Step::failed) return unavailable(peer_, "refuses us: " + engine_->failure());
    GH_TRY(fill(silenceMs, waiting));
  }
}

} // namespace gatehouse::transport
