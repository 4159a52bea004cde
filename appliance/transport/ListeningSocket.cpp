#include "transport/ListeningSocket.h"

#include "base/Text.h"

#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::transport {
namespace {

constexpr int backlog = 4096; // the kernel cuts it to net.core.somaxconn

Error unavailable(const std::string& what, std::string_view why) {
  return Error{Code::unavailable, what + " " + std::string(why)};
}

Error cannotListen(const std::string& what, int error) {
  switch (error) {
  case EADDRINUSE: return unavailable(what, "is in use by another process");
  case EADDRNOTAVAIL: return unavailable(what, "is no address of this machine");
  case EACCES:
  case EPERM:
    return unavailable(what, "may not be bound by this user (ports below 1024 need CAP_NET_BIND_SERVICE)");
  default: return unavailable(what, std::string("cannot be listened on: ") + std::strerror(error));
  }
}

/// Whether a path is free to bind: true after a dead socket was removed from it.
Status clearPath(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return unavailable(path, std::string("cannot be looked at: ") + std::strerror(errno));
  }
  if (!S_ISSOCK(status.st_mode))
    return unavailable(path, "exists and is no socket: it is left alone; move it away");
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return unavailable(path, std::string("cannot be asked: ") + std::strerror(errno));
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN)
    return unavailable(path, "is in use by another process");
  if (errno != ECONNREFUSED)
    return unavailable(path, std::string("exists and cannot be asked: ") + std::strerror(errno));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return unavailable(path, std::string("is a dead socket that cannot be removed: ") + std::strerror(errno));
  return {};
}

} // namespace

ListeningSocket::ListeningSocket(UniqueFd fd, Address local) noexcept
    : fd_(std::move(fd))
    , local_(local) {}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : fd_(std::move(other.fd_))
    , local_(other.local_)
    , path_(std::exchange(other.path_, {}))
    , device_(other.device_)
    , inode_(other.inode_) {}

ListeningSocket::~ListeningSocket() {
  if (path_.empty()) return;
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_)
    ::unlink(path_.c_str());
}

std::string ListeningSocket::text() const { return path_.empty() ? local_.text() : path_; }

Result<ListeningSocket> listenTcp(const Address& address) {
  const std::string text = address.text();
  if (address.family() == AF_UNSPEC) return Error{Code::invalid_param, "an address to listen on is missing"};
  UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return cannotListen(text, errno);
  const int on = 1, off = 0;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return cannotListen(text, errno);
  if (address.family() == AF_INET6) // whatever the machine's default is: [::] serves IPv4 too
    if (::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
      return cannotListen(text, errno);
  if (::bind(fd.get(), address.data(), address.length()) != 0) return cannotListen(text, errno);
  if (::listen(fd.get(), backlog) != 0) return cannotListen(text, errno);
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &length) != 0)
    return cannotListen(text, errno);
  return ListeningSocket(std::move(fd),
                         Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&bound), length));
}

Result<ListeningSocket> listenUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path || path.find('\0') != std::string::npos)
    return Error{Code::invalid_param, "'" + printable(path) +
                                          "' cannot be a socket's path: it must have 1 to " +
                                          std::to_string(sizeof address.sun_path - 1) + " bytes"};
  std::memcpy(address.sun_path, path.data(), path.size());
  GH_TRY(clearPath(path, address));

  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return cannotListen(path, errno);
  // Linux gives a bound socket the mode of its descriptor, so that the path is never wider, not for a moment,
  // and the process's umask, which belongs to all threads, is left alone.
  if (::fchmod(fd.get(), 0600) != 0) return cannotListen(path, errno);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return cannotListen(path, errno);
  ListeningSocket socket(std::move(fd), Address());
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return cannotListen(path, errno);
  socket.path_ = path;
  socket.device_ = status.st_dev;
  socket.inode_ = status.st_ino;
  if ((status.st_mode & 0177) != 0)
    return unavailable(path, "was made wider than 0600 by its file system: choose another");
  if (::listen(socket.fd(), backlog) != 0) return cannotListen(path, errno);
  return socket;
}

Result<PeerCredentials> peerCredentials(int fd) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  // Without a peer the kernel answers pid 0 and uid -1 (a TCP socket, a socketpair's half is fine).
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 || length != sizeof credentials)
    return Error{Code::internal_error,
                 std::string("the peer's credentials cannot be read: ") + std::strerror(errno)};
  if (credentials.pid <= 0 || credentials.uid == static_cast<uid_t>(-1))
    return Error{Code::internal_error,
                 "the peer has no credentials: it is no local process of this namespace"};
  return PeerCredentials{credentials.uid, credentials.gid, credentials.pid};
}

} // namespace gatehouse::transport
