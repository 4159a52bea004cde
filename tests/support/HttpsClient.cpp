#include "support/HttpsClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gatehouse::test {
namespace {

int openSocket(const ClientOptions& options) {
  const int family = options.unixSocket.empty() ? AF_INET : AF_UNIX;
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CPPUNIT_ASSERT_MESSAGE("no socket", fd >= 0);
  int result = 0;
  if (family == AF_INET) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(options.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    result = ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, options.unixSocket.c_str(), sizeof to.sun_path - 1);
    result = ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  if (result == 0) return fd;
  const int error = errno;
  ::close(fd);
  CPPUNIT_FAIL("cannot connect: " + std::string(std::strerror(error)));
  return -1;
}

std::string sslError() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string out = text != nullptr ? text : "";
  ERR_clear_error();
  return out;
}

bool sameWord(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// Milliseconds that are left of a deadline, at least 0.
class Left {
public:
  explicit Left(int milliseconds)
      : until_(std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds)) {}
  [[nodiscard]] int ms() const {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until_ - std::chrono::steady_clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
  }

private:
  std::chrono::steady_clock::time_point until_;
};

} // namespace

std::string HttpAnswer::field(std::string_view name) const {
  for (const auto& [key, value] : fields)
    if (sameWord(key, name)) return value;
  return {};
}

/// What OpenSSL's callbacks reach: the newest session that the server gave, and what waits for its
/// certificate.
struct HttpsClient::Callbacks {
  std::shared_ptr<SSL_SESSION> last;
  std::function<void()> inHandshake;

  static void moved(const SSL* ssl, int, int) {
    auto* callbacks = static_cast<Callbacks*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    if (callbacks->inHandshake && SSL_get_state(ssl) == TLS_ST_CR_CERT)
      std::exchange(callbacks->inHandshake, nullptr)();
  }

  static int taken(SSL* ssl, SSL_SESSION* session) {
    auto* callbacks = static_cast<Callbacks*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    callbacks->last.reset(session, SSL_SESSION_free);
    return 1;
  }
};

HttpsClient::HttpsClient(const ClientOptions& options)
    : socket_(openSocket(options))
    , timeoutMs_(options.timeoutMs) {
  if (!options.unixSocket.empty() || options.plain) {
    connected_ = true;
    return;
  }
  context_.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX* context = context_.get();
  callbacks_ = std::make_unique<Callbacks>();
  SSL_CTX_set_app_data(context, callbacks_.get());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &Callbacks::taken);
  SSL_CTX_set_security_level(context, 0); // a client may be as weak as it likes: the server must judge
  SSL_CTX_set_min_proto_version(context, options.minimum);
  SSL_CTX_set_max_proto_version(context, options.maximum);
  if (options.certificate) {
    CPPUNIT_ASSERT(SSL_CTX_use_certificate(context, options.certificate->x509()) == 1);
    CPPUNIT_ASSERT(SSL_CTX_use_PrivateKey(context, options.certificate->key()) == 1);
    for (const Forged& one : options.extra) SSL_CTX_add1_chain_cert(context, one.x509());
    SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  }
  if (options.serverCa) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), options.serverCa->x509());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  ssl_.reset(SSL_new(context), SSL_free);
  SSL_set_fd(ssl_.get(), socket_);
  SSL_set_tlsext_host_name(ssl_.get(), "localhost");
  if (options.resume != nullptr) SSL_set_session(ssl_.get(), options.resume);
  ::fcntl(socket_, F_SETFL, O_NONBLOCK); // each wait has its deadline
  callbacks_->inHandshake = options.inHandshake;
  SSL_set_info_callback(ssl_.get(), &Callbacks::moved);
  const Left left(timeoutMs_);
  for (;;) {
    const int result = SSL_connect(ssl_.get());
    if (result == 1) break;
    if (!step(result, left.ms())) return;
  }
  connected_ = true;
}

HttpsClient::HttpsClient(HttpsClient&& other) noexcept
    : context_(std::move(other.context_))
    , callbacks_(std::move(other.callbacks_))
    , ssl_(std::move(other.ssl_))
    , socket_(std::exchange(other.socket_, -1))
    , timeoutMs_(other.timeoutMs_)
    , connected_(other.connected_)
    , error_(std::move(other.error_))
    , buffer_(std::move(other.buffer_))
    , target_(std::move(other.target_)) {}

HttpsClient& HttpsClient::operator=(HttpsClient&& other) noexcept {
  std::swap(context_, other.context_);
  std::swap(callbacks_, other.callbacks_);
  std::swap(ssl_, other.ssl_);
  std::swap(socket_, other.socket_);
  std::swap(timeoutMs_, other.timeoutMs_);
  std::swap(connected_, other.connected_);
  std::swap(error_, other.error_);
  std::swap(buffer_, other.buffer_);
  std::swap(target_, other.target_);
  return *this;
}

HttpsClient::~HttpsClient() {
  if (socket_ >= 0) ::close(socket_);
}

void HttpsClient::end(std::string why) {
  if (error_.empty()) error_ = std::move(why);
}

bool HttpsClient::waitFor(short events, int milliseconds) {
  pollfd wish{socket_, events, 0};
  const Left left(milliseconds);
  for (;;) {
    const int came = ::poll(&wish, 1, left.ms());
    if (came > 0) return true;
    if (came == 0 || errno != EINTR) return false;
  }
}

bool HttpsClient::step(int result, int milliseconds) {
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
    if (waitFor(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, milliseconds)) return true;
    return false; // time is over; the connection may live on
  }
  const int error = errno;
  std::string text = sslError();
  if (why == SSL_ERROR_ZERO_RETURN)
    text = "end of file";
  else if (text.empty())
    text = error != 0 ? std::strerror(error) : "end of file";
  end(std::move(text));
  return false;
}

bool HttpsClient::fill(int milliseconds) {
  char piece[16 * 1024];
  const Left left(milliseconds);
  for (;;) {
    if (!error_.empty()) return false;
    if (ssl_) {
      ERR_clear_error();
      errno = 0;
      const int got = SSL_read(ssl_.get(), piece, sizeof piece);
      if (got > 0) {
        buffer_.append(piece, static_cast<std::size_t>(got));
        return true;
      }
      if (!step(got, left.ms())) return false;
      continue;
    }
    if (!waitFor(POLLIN, left.ms())) return false;
    const ssize_t got = ::recv(socket_, piece, sizeof piece, MSG_DONTWAIT);
    if (got > 0) {
      buffer_.append(piece, static_cast<std::size_t>(got));
      return true;
    }
    if (got == 0)
      end("end of file");
    else if (errno != EAGAIN && errno != EINTR)
      end(std::strerror(errno));
  }
}

bool HttpsClient::write(std::string_view bytes) {
  const Left left(timeoutMs_);
  while (!bytes.empty()) {
    if (!error_.empty()) return false;
    if (ssl_) {
      ERR_clear_error();
      errno = 0;
      const int put = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (put > 0)
        bytes.remove_prefix(static_cast<std::size_t>(put));
      else if (!step(put, left.ms()))
        return false;
      continue;
    }
    const ssize_t put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && errno != EINTR) {
      end(std::strerror(errno));
      return false;
    }
    if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::string HttpsClient::read() {
  if (buffer_.empty()) fill(timeoutMs_);
  return std::exchange(buffer_, {});
}

bool HttpsClient::closedWithin(int milliseconds) {
  const Left left(milliseconds);
  while (error_.empty()) {
    if (!fill(left.ms()) && error_.empty()) return false;
    buffer_.clear();
  }
  return true;
}

bool HttpsClient::send(std::string_view method, std::string_view path, std::string_view body,
                       const HttpFields& fields) {
  std::string out = std::string(method) + ' ' + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  bool typed = false;
  for (const auto& [name, value] : fields) {
    out += name + ": " + value + "\r\n";
    typed = typed || sameWord(name, "Content-Type");
  }
  if (!body.empty() || method == "POST" || method == "PUT") {
    if (!body.empty() && !typed) out += "Content-Type: application/json\r\n";
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  out += "\r\n";
  target_ = method;
  return write(out.append(body));
}

HttpAnswer HttpsClient::receive() {
  HttpAnswer answer;
  const Left left(timeoutMs_);
  std::size_t head = 0;
  while ((head = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!fill(left.ms())) return {};
  const std::string text = buffer_.substr(0, head + 2);
  buffer_.erase(0, head + 4);
  const int status = std::atoi(text.c_str() + 9);
  for (std::size_t at = text.find("\r\n") + 2; at < text.size();) {
    const std::size_t end = text.find("\r\n", at), colon = text.find(':', at);
    std::size_t value = colon + 1;
    while (text[value] == ' ') ++value;
    answer.fields.emplace_back(text.substr(at, colon - at), text.substr(value, end - value));
    at = end + 2;
  }
  const auto take = [&](std::size_t size) { // false: the connection ended in the middle
    while (buffer_.size() < size)
      if (!fill(left.ms())) return false;
    answer.body += buffer_.substr(0, size);
    buffer_.erase(0, size);
    return true;
  };
  if (target_ == "HEAD") {
    // The head alone, whatever it says of a body.
  } else if (sameWord(answer.field("Transfer-Encoding"), "chunked")) {
    for (;;) {
      std::size_t line = 0;
      while ((line = buffer_.find("\r\n")) == std::string::npos)
        if (!fill(left.ms())) return {};
      const std::size_t size = std::stoul(buffer_.substr(0, line), nullptr, 16);
      buffer_.erase(0, line + 2);
      if (!take(size)) return {};
      while (buffer_.size() < 2)
        if (!fill(left.ms())) return {};
      buffer_.erase(0, 2);
      if (size == 0) break;
    }
  } else if (const std::string length = answer.field("Content-Length"); !length.empty()) {
    if (!take(std::stoul(length))) return {};
  }
  answer.status = status;
  return answer;
}

HttpAnswer HttpsClient::request(std::string_view method, std::string_view path, std::string_view body,
                                const HttpFields& fields) {
  static_cast<void>(send(method, path, body, fields)); // refused in the middle: there may be an answer still
  if (!error_.empty() && buffer_.empty()) return {};
  return receive();
}

int HttpsClient::tlsVersion() const { return ssl_ ? SSL_version(ssl_.get()) : 0; }
bool HttpsClient::resumed() const { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }
std::shared_ptr<SSL_SESSION> HttpsClient::session() const {
  if (!ssl_) return nullptr;
  if (callbacks_->last) return callbacks_->last;
  return {SSL_get1_session(ssl_.get()), SSL_SESSION_free};
}
bool HttpsClient::sawTicket() const noexcept { return callbacks_ && callbacks_->last != nullptr; }

std::pair<std::string, std::string> basic(std::string_view login, std::string_view password) {
  const std::string plain = std::string(login) + ':' + std::string(password);
  const std::size_t size = 4 * ((plain.size() + 2) / 3);
  std::string sized(size + 1, '\0'); // EncodeBlock ends it with a NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(sized.data()),
                  reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  sized.resize(size);
  return {"Authorization", "Basic " + sized};
}

} // namespace gatehouse::test
