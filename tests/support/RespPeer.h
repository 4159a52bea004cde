#pragma once
#include "sdk/Resp.h"
#include "support/HttpsClient.h"

#include "base/UniqueFd.h"

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::test {

/// A client of a database whose two directions are apart: it can write without reading, read without writing,
/// and end one of them. For what RespClient, which asks and waits, cannot do.
///
/// Threads: one. Errors: what the server does is a value, and so is a connection that cannot be had. Owns:
/// the connection.
class RespPeer {
public:
  static constexpr int patience = 60'000; // ms: a sanitizer on a busy machine

  /// `receiveBuffer`: bytes that the kernel keeps for it while it does not read; 0: what is usual.
  explicit RespPeer(const ClientOptions& options, int receiveBuffer = 0);

  [[nodiscard]] bool connected() const noexcept { return connected_; }
  /// The server sends no more: it has closed, or the connection broke.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// It ended in order (FIN, after close_notify where there is TLS), not by a reset.
  [[nodiscard]] bool endedInOrder() const noexcept { return inOrder_; }

  // ---- out
  /// All of it, without reading anything; false where it is not taken within that time.
  bool write(std::string_view bytes, int milliseconds = patience);
  /// As much as is taken without waiting.
  std::size_t push(std::string_view bytes);
  bool send(std::initializer_list<std::string_view> words);
  /// Sends no more, and still reads.
  void endWriting();

  // ---- in
  /// Waits for bytes and keeps them; false where none come in that time or it has ended.
  bool fill(int milliseconds);
  /// What has come and was not taken.
  [[nodiscard]] std::string_view came() const noexcept { return std::string_view(came_).substr(taken_); }
  /// Takes what has come.
  std::string take();
  /// Everything up to the end of the connection; what came so far where it does not end in that time.
  std::string rest(int milliseconds = patience);
  /// The next reply (RESP2); nothing where the connection ends, or time does.
  std::optional<resp::Reply> receive(int milliseconds = patience);

  std::optional<resp::Reply> ask(std::initializer_list<std::string_view> words);
  /// As RespClient::say.
  std::string say(std::initializer_list<std::string_view> words);

private:
  enum class Moved { bytes, wait, over };
  Moved read(char* to, std::size_t size, std::size_t& got, short& wish);
  Moved put(std::string_view bytes, std::size_t& went, short& wish);
  bool waitFor(short events, int milliseconds) const;
  void shake(const ClientOptions& options);

  std::shared_ptr<SSL_CTX> context_;
  UniqueFd socket_; // outlives the TLS over it
  std::shared_ptr<SSL> ssl_;
  bool connected_ = false, ended_ = false, inOrder_ = false;
  std::string came_;
  std::size_t taken_ = 0;
};

} // namespace gatehouse::test
