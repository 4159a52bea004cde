#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::host {

/// Tells the service manager how the server fares: the datagram protocol of sd_notify(3), spoken directly.
///
/// Without a socket every call does nothing and answers false. Threads: any. Errors: false when the datagram
/// was not taken; nobody need act on that. Owns: the path.
class ServiceNotify {
public:
  /// `socket`: a path, or "@name" for an abstract one; empty: nobody listens.
  explicit ServiceNotify(std::string socket)
      : socket_(std::move(socket)) {}
  /// From NOTIFY_SOCKET, which is taken out of the environment so that no child speaks in our name. Before
  /// the first thread.
  [[nodiscard]] static ServiceNotify fromEnvironment();

  bool ready(std::string_view status) const { return send("READY=1\nSTATUS=", status); }
  /// Followed by ready() when the reload has ended, well or not.
  bool reloading() const { return send("RELOADING=1", {}); }
  bool stopping(std::string_view status) const { return send("STOPPING=1\nSTATUS=", status); }
  /// The stop takes so much longer from now: what it waits for goes on.
  bool extend(std::uint64_t ms) const { return send("EXTEND_TIMEOUT_USEC=" + std::to_string(ms * 1000), {}); }
  bool status(std::string_view text) const { return send("STATUS=", text); }

private:
  bool send(std::string_view words, std::string_view status) const;

  std::string socket_;
};

} // namespace gatehouse::host
