#pragma once
#include "base/Result.h"
#include "base/UniqueFd.h"
#include "transport/Address.h"

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace gatehouse::transport {

/// A socket that listens: non-blocking, close-on-exec. Shared by all workers, each with an Acceptor on it.
///
/// Threads: immutable after it was made. Owns: the descriptor, and for a unix socket its path: removed at the
/// end if it still is ours.
class ListeningSocket {
public:
  ListeningSocket(UniqueFd fd, Address local) noexcept;
  ListeningSocket(ListeningSocket&&) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// As bound: the port is the real one where 0 was asked for. No address for a unix socket.
  [[nodiscard]] const Address& localAddress() const noexcept { return local_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; } // empty for TCP
  /// `0.0.0.0:9443` or the path.
  [[nodiscard]] std::string text() const;

private:
  friend Result<ListeningSocket> listenUnix(const std::string& path);

  UniqueFd fd_;
  Address local_;
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// Errors: unavailable, in a sentence: "0.0.0.0:9443 is in use by another process", "... needs the right to
/// bind ports below 1024". `[::]` serves IPv4 too.
[[nodiscard]] Result<ListeningSocket> listenTcp(const Address& address);

/// Mode 0600 from the first moment it exists. A socket that nobody listens on any more is replaced; one that
/// answers, one that cannot be asked, and anything that is no socket stay, and are an error.
[[nodiscard]] Result<ListeningSocket> listenUnix(const std::string& path);

/// Who is at the other end of a unix socket, as the kernel knew when it connected (SO_PEERCRED).
struct PeerCredentials {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  pid_t pid = 0;
};

/// Errors: internal_error for anything but a connected unix socket: the caller refuses.
[[nodiscard]] Result<PeerCredentials> peerCredentials(int fd);

} // namespace gatehouse::transport
