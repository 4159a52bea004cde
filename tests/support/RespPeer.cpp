#include "support/RespPeer.h"

#include "support/RespClient.h"

#include <openssl/err.h>

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace gatehouse::test {
namespace {

using Clock = std::chrono::steady_clock;

int msUntil(Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

UniqueFd dial(const ClientOptions& options, int receiveBuffer) {
  const bool unixSocket = !options.unixSocket.empty();
  UniqueFd fd(::socket(unixSocket ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fd;
  if (receiveBuffer > 0 &&
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &receiveBuffer, sizeof receiveBuffer) != 0)
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer); // capped
  int result = 0;
  if (unixSocket) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, options.unixSocket.c_str(), sizeof to.sun_path - 1);
    result = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(options.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    result = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  if (result != 0) fd.reset();
  if (fd) ::fcntl(fd.get(), F_SETFL, O_NONBLOCK); // each wait has its deadline
  return fd;
}

} // namespace

RespPeer::RespPeer(const ClientOptions& options, int receiveBuffer)
    : socket_(dial(options, receiveBuffer)) {
  ended_ = !socket_;
  connected_ = !ended_;
  if (connected_ && options.unixSocket.empty() && !options.plain) shake(options);
}

void RespPeer::shake(const ClientOptions& options) {
  context_.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context_.get(), options.minimum);
  SSL_CTX_set_max_proto_version(context_.get(), options.maximum);
  SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (options.certificate) {
    SSL_CTX_use_certificate(context_.get(), options.certificate->x509());
    SSL_CTX_use_PrivateKey(context_.get(), options.certificate->key());
  }
  if (options.serverCa) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), options.serverCa->x509());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  ssl_.reset(SSL_new(context_.get()), SSL_free);
  SSL_set_fd(ssl_.get(), socket_.get());
  SSL_set_tlsext_host_name(ssl_.get(), "localhost");
  const auto until = Clock::now() + std::chrono::milliseconds(patience);
  for (;;) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result == 1) return;
    const int why = SSL_get_error(ssl_.get(), result);
    if ((why == SSL_ERROR_WANT_READ && waitFor(POLLIN, msUntil(until))) ||
        (why == SSL_ERROR_WANT_WRITE && waitFor(POLLOUT, msUntil(until))))
      continue;
    connected_ = false;
    ended_ = true;
    return;
  }
}

bool RespPeer::waitFor(short events, int milliseconds) const {
  pollfd wish{socket_.get(), events, 0};
  const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
  for (;;) {
    const int came = ::poll(&wish, 1, msUntil(until));
    if (came > 0) return true;
    if (came == 0 || errno != EINTR) return false;
  }
}

RespPeer::Moved RespPeer::read(char* to, std::size_t size, std::size_t& got, short& wish) {
  wish = POLLIN;
  if (ssl_) {
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), to, size, &got);
    if (result == 1) return Moved::bytes;
    const int why = SSL_get_error(ssl_.get(), result);
    if (why == SSL_ERROR_WANT_WRITE) wish = POLLOUT;
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return Moved::wait;
    inOrder_ = why == SSL_ERROR_ZERO_RETURN;
    return Moved::over;
  }
  const ssize_t result = ::recv(socket_.get(), to, size, 0);
  if (result > 0) {
    got = static_cast<std::size_t>(result);
    return Moved::bytes;
  }
  if (result < 0 && (errno == EAGAIN || errno == EINTR)) return Moved::wait;
  inOrder_ = result == 0;
  return Moved::over;
}

RespPeer::Moved RespPeer::put(std::string_view bytes, std::size_t& went, short& wish) {
  wish = POLLOUT;
  if (ssl_) {
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &went);
    if (result == 1) return Moved::bytes;
    const int why = SSL_get_error(ssl_.get(), result);
    if (why == SSL_ERROR_WANT_READ) wish = POLLIN;
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? Moved::wait : Moved::over;
  }
  const ssize_t result = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (result >= 0) {
    went = static_cast<std::size_t>(result);
    return Moved::bytes;
  }
  return errno == EAGAIN || errno == EINTR ? Moved::wait : Moved::over;
}

bool RespPeer::write(std::string_view bytes, int milliseconds) {
  const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (!bytes.empty()) {
    if (!socket_ || !connected_) return false;
    std::size_t went = 0;
    short wish = 0;
    const Moved moved = put(bytes, went, wish);
    if (moved == Moved::over || (moved == Moved::wait && !waitFor(wish, msUntil(until)))) return false;
    bytes.remove_prefix(went);
  }
  return true;
}

std::size_t RespPeer::push(std::string_view bytes) {
  std::size_t all = 0;
  while (all < bytes.size() && connected_) {
    std::size_t went = 0;
    short wish = 0;
    if (put(bytes.substr(all), went, wish) != Moved::bytes) break;
    all += went;
  }
  return all;
}

bool RespPeer::send(std::initializer_list<std::string_view> words) {
  std::string out;
  resp::appendCommand(out, words);
  return write(out);
}

void RespPeer::endWriting() {
  if (ssl_) SSL_shutdown(ssl_.get()); // close_notify
  if (socket_) ::shutdown(socket_.get(), SHUT_WR);
}

bool RespPeer::fill(int milliseconds) {
  if (taken_ > 65'536 && taken_ * 2 > came_.size()) { // seldom, so that many small replies cost nothing
    came_.erase(0, taken_);
    taken_ = 0;
  }
  char piece[64 * 1024];
  const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (!ended_) {
    std::size_t got = 0;
    short wish = 0;
    switch (read(piece, sizeof piece, got, wish)) {
    case Moved::bytes: came_.append(piece, got); return true;
    case Moved::over: ended_ = true; return false;
    case Moved::wait:
      if (!waitFor(wish, msUntil(until))) return false;
    }
  }
  return false;
}

std::string RespPeer::take() {
  std::string out(came());
  came_.clear();
  taken_ = 0;
  return out;
}

std::string RespPeer::rest(int milliseconds) {
  const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (fill(msUntil(until))) {
  }
  return take();
}

std::optional<resp::Reply> RespPeer::receive(int milliseconds) {
  const resp::ReplyLimits limits{.bytes = std::size_t{1} << 30, .items = 1'000'000, .depth = 16};
  const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
  for (;;) {
    if (!came().empty()) {
      resp::ReadReply read = resp::readReply(came(), limits);
      if (read.progress == resp::Progress::complete) {
        taken_ += read.consumed;
        return std::move(read.reply);
      }
      if (read.progress == resp::Progress::malformed) {
        resp::Reply wrong;
        wrong.kind = resp::Kind::error;
        wrong.text = "(malformed) " + std::string(came().substr(0, 200));
        return wrong;
      }
    }
    if (!fill(msUntil(until))) return std::nullopt;
  }
}

std::optional<resp::Reply> RespPeer::ask(std::initializer_list<std::string_view> words) {
  static_cast<void>(send(words)); // refused in the middle: there may be a reply still
  return receive();
}

std::string RespPeer::say(std::initializer_list<std::string_view> words) { return textOf(ask(words)); }

} // namespace gatehouse::test
