#pragma once
#include "support/HttpsClient.h"

#include "base/UniqueFd.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// Many connections at once that do as little as an attacker would: TCP alone, no TLS.
///
/// Threads: one. Errors: what the server does is counted, not thrown; only a socket that cannot be had ends
/// the test. Owns: its sockets.
class FloodClient {
public:
  /// To 127.0.0.1; `from` another loopback address, to be counted apart.
  explicit FloodClient(std::uint16_t port, std::string from = {})
      : port_(port)
      , from_(std::move(from)) {}

  /// Opens that many more and leaves them alone. Gives the first one's index.
  std::size_t open(std::size_t count);
  /// Sends the same bytes on each; those that are closed are passed over.
  void sendOnAll(std::string_view bytes);
  /// How many the server has closed by now.
  [[nodiscard]] std::size_t closed() const;
  [[nodiscard]] bool isClosed(std::size_t index) const;
  [[nodiscard]] std::size_t size() const noexcept { return sockets_.size(); }

private:
  std::uint16_t port_;
  std::string from_;
  std::vector<UniqueFd> sockets_;
};

/// Full handshakes with this certificate, each on a connection of its own, from two threads; gives how many
/// the server refused or cut. Cheaper than as many HttpsClients: one context for all.
[[nodiscard]] std::size_t refusedHandshakes(std::uint16_t port, const Forged& certificate, std::size_t count);

/// Connections that one process may open while the server, another process, may accept as many.
[[nodiscard]] std::size_t connectionsThatFit();

} // namespace gatehouse::test
