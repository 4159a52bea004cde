#pragma once
#include "support/CertForge.h"

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::test {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
  int status = 0; // 0: the connection ended without an answer
  HttpFields fields;
  std::string body;

  [[nodiscard]] std::string
  field(std::string_view name) const; // by name in any case; empty if it did not come
};

/// How a client connects.
struct ClientOptions {
  std::uint16_t port = 0;
  std::string unixSocket;            // instead of a port: no TLS
  bool plain = false;                // no TLS at the port
  std::optional<Forged> certificate; // and key
  std::vector<Forged> extra;         // sent behind it, whatever they are
  std::optional<Forged> serverCa;    // anchors the server's certificate; nothing: it is not verified
  int minimum = TLS1_2_VERSION, maximum = TLS1_3_VERSION;
  SSL_SESSION* resume = nullptr; // a session to offer; stays the caller's
  /// Called once in the middle of the handshake: the server's first flight has come, the certificate is not
  /// sent.
  std::function<void()> inHandshake = {};
  int timeoutMs = 20'000; // of connecting and of each answer
};

/// One connection that stays open: HTTP/1.1 over TLS or over a unix socket, and raw bytes. Small enough to do
/// what curl will not.
///
/// Threads: one. Errors: what the peer does (refuses, closes) is a value; only a socket that cannot be had
/// ends the test. Owns: the connection.
class HttpsClient {
public:
  explicit HttpsClient(const ClientOptions& options);
  HttpsClient(HttpsClient&&) noexcept;
  HttpsClient& operator=(HttpsClient&&) noexcept;
  ~HttpsClient();

  /// The handshake went through, as this end sees it: in TLS 1.3 the server may still refuse it afterwards.
  [[nodiscard]] bool connected() const noexcept { return connected_; }
  /// What ended it: OpenSSL's text ("tlsv1 alert unknown ca"), "end of file", a time-out. Empty while it
  /// lives.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

  /// One request and its whole answer. Content-Length is added where there is a body; JSON is its
  /// type unless the fields name one.
  HttpAnswer request(std::string_view method, std::string_view path, std::string_view body = {},
                     const HttpFields& fields = {});
  /// The two halves of it, for what must happen in between.
  bool send(std::string_view method, std::string_view path, std::string_view body = {},
            const HttpFields& fields = {});
  HttpAnswer receive();

  /// Bytes as they are; false if the connection has ended.
  bool write(std::string_view bytes);
  /// Whatever comes next, empty at the end of the connection.
  std::string read();
  /// Waits until the server has closed it. What comes before that is dropped.
  [[nodiscard]] bool closedWithin(int milliseconds);

  [[nodiscard]] int tlsVersion() const; // TLS1_3_VERSION; 0: no TLS
  [[nodiscard]] bool resumed() const;
  /// The session to offer to another connection; null where the server gave none. TLS 1.3 gives it after an
  /// answer was read.
  [[nodiscard]] std::shared_ptr<SSL_SESSION> session() const;
  [[nodiscard]] bool sawTicket() const noexcept;

private:
  struct Callbacks;
  bool waitFor(short events, int milliseconds);
  bool step(int result, int milliseconds); // true: try again
  bool fill(int milliseconds);             // one more read into buffer_
  void end(std::string why);

  std::shared_ptr<SSL_CTX> context_;
  std::unique_ptr<Callbacks> callbacks_;
  std::shared_ptr<SSL> ssl_;
  int socket_ = -1;
  int timeoutMs_ = 0;
  bool connected_ = false;
  std::string error_, buffer_, target_;
};

/// An Authorization field.
[[nodiscard]] std::pair<std::string, std::string> basic(std::string_view login, std::string_view password);

} // namespace gatehouse::test
