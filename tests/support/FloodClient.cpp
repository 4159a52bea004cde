#include "support/FloodClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <openssl/err.h>

#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>

namespace gatehouse::test {
namespace {

sockaddr_in loopback(std::uint16_t port, const std::string& address) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  ::inet_pton(AF_INET, address.empty() ? "127.0.0.1" : address.c_str(), &out.sin_addr);
  return out;
}

/// Waits for the accept queue too: a SYN that is dropped comes again by itself.
UniqueFd connected(std::uint16_t port, const std::string& from) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) CPPUNIT_FAIL("no socket: " + std::string(std::strerror(errno)));
  const sockaddr_in source = loopback(0, from), target = loopback(port, {});
  if (!from.empty() && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0)
    CPPUNIT_FAIL("no address " + from);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0)
    CPPUNIT_FAIL("no connection: " + std::string(std::strerror(errno)));
  return fd;
}

/// The server has said no once a read ends: TLS 1.3 refuses after the client's own handshake is done.
bool isRefused(SSL_CTX* context, std::uint16_t port) {
  const UniqueFd fd = connected(port, {});
  const timeval most{20, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context), SSL_free);
  SSL_set_fd(ssl.get(), fd.get());
  ERR_clear_error();
  char byte;
  if (SSL_connect(ssl.get()) != 1) return true;
  const int got = SSL_read(ssl.get(), &byte, 1);
  const int why = SSL_get_error(ssl.get(), got);
  return got <= 0 && why != SSL_ERROR_WANT_READ; // a time-out is no refusal
}

} // namespace

std::size_t FloodClient::open(std::size_t count) {
  const std::size_t first = sockets_.size();
  for (std::size_t i = 0; i < count; ++i) sockets_.push_back(connected(port_, from_));
  return first;
}

void FloodClient::sendOnAll(std::string_view bytes) {
  for (const UniqueFd& fd : sockets_)
    if (::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) continue;
}

bool FloodClient::isClosed(std::size_t index) const {
  char bytes[4096];
  for (;;) {
    const ssize_t got = ::recv(sockets_[index].get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0) continue; // an alert before the end
    return got == 0 || (errno != EAGAIN && errno != EINTR);
  }
}

std::size_t FloodClient::closed() const {
  std::size_t out = 0;
  for (std::size_t i = 0; i < sockets_.size(); ++i) out += isClosed(i) ? 1 : 0;
  return out;
}

std::size_t refusedHandshakes(std::uint16_t port, const Forged& certificate, std::size_t count) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), certificate.x509());
  SSL_CTX_use_PrivateKey(context.get(), certificate.key());
  std::atomic<std::size_t> left{count}, refused{0};
  const auto work = [&] {
    for (std::size_t now = left.load(); now > 0;)
      if (left.compare_exchange_weak(now, now - 1)) refused += isRefused(context.get(), port) ? 1 : 0;
  };
  std::exception_ptr wrong;
  std::thread other([&] {
    try {
      work();
    } catch (...) {
      wrong = std::current_exception();
    }
  });
  work();
  other.join();
  if (wrong) std::rethrow_exception(wrong);
  return refused;
}

std::size_t connectionsThatFit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t beside = 1000;
  return limit.rlim_cur > beside ? limit.rlim_cur - beside : 0;
}

} // namespace gatehouse::test
