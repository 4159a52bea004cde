#pragma once
#include "base/ByteQueue.h"
#include "base/Result.h"
#include "base/Secret.h"
#include "base/UniqueFd.h"
#include "transport/TlsEngine.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::transport {

/// Where a command's client goes, and what both sides prove themselves by.
struct TlsClientOptions {
  std::string host; // a name, which is looked up, or an address; the server's certificate must bear it
  std::uint16_t port = 0;
  std::string authorities; // PEM: certificates that may have issued the server's; required
  std::string chain;       // PEM, the client's own leaf first; empty: it shows none
  Secret key;              // PEM, of that leaf
};

/// A TLS connection for the commands of one process: it waits, and serves nobody. The server is always
/// verified, by name and chain; nothing here switches that off.
///
/// Threads: one. Errors: unavailable, with a sentence that names host and port; invalid_certificate and
/// missing_certificate for what was given. Owns: the socket.
class TlsClient {
public:
  /// Called about once a second while it waits.
  using Waiting = std::function<void()>;
  static constexpr int connectMs = 10'000, silenceMs = 600'000;

  /// Looks the name up, connects (each address in turn) and shakes hands.
  static Result<std::unique_ptr<TlsClient>> connect(const TlsClientOptions& options);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient() = default;

  Status send(std::string_view bytes, const Waiting& waiting);
  /// What has come, at least one byte; empty when the server has said that it is done (close_notify: a
  /// connection that merely breaks is an error, so that nothing can be cut short).
  Result<std::string> receive(const Waiting& waiting);

private:
  TlsClient(UniqueFd socket, std::string peer);
  Status flush(int most, const Waiting& waiting);
  Status fill(int most, const Waiting& waiting);
  Status wait(short events, int most, const Waiting& waiting) const;

  UniqueFd socket_;
  std::string peer_; // "gw1.example.com:9443", for sentences
  ByteQueue in_, out_;
  std::unique_ptr<TlsEngine> engine_; // after the queues that it uses
};

} // namespace gatehouse::transport
