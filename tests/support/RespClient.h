#pragma once
#include "sdk/Resp.h"
#include "support/HttpsClient.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::test {

/// A client of a database: commands as words, replies as values (RESP2). One connection that stays open.
///
/// Threads: one. Errors: what the peer does is a value. Owns: the connection.
class RespClient {
public:
  explicit RespClient(const ClientOptions& options)
      : client_(options) {}

  /// One command and its reply; nothing where the connection ended instead.
  std::optional<resp::Reply> ask(std::initializer_list<std::string_view> words);
  /// The same as text: "PONG", "-NOPERM ...", "12", "(nil)", "[a, b]", "(closed)".
  std::string say(std::initializer_list<std::string_view> words);
  /// The two halves of it.
  bool send(std::initializer_list<std::string_view> words);
  std::optional<resp::Reply> receive();
  bool write(std::string_view bytes) { return client_.write(bytes); }

  [[nodiscard]] bool connected() const noexcept { return client_.connected(); }
  [[nodiscard]] const std::string& error() const noexcept { return client_.error(); }
  /// Waits until the server has closed it; what comes before that is dropped.
  [[nodiscard]] bool closedWithin(int milliseconds) { return client_.closedWithin(milliseconds); }
  [[nodiscard]] HttpsClient& connection() noexcept { return client_; }

private:
  HttpsClient client_;
  std::string came_;
};

/// A reply as text, as RespClient::say gives it.
[[nodiscard]] std::string textOf(const std::optional<resp::Reply>& reply);

} // namespace gatehouse::test
