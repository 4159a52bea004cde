#include "engine/Dial.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::engine {

Result<UniqueFd> dial(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error{Code::unavailable, "the path of an engine's socket is too long: " + path};
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return Error{Code::busy, std::string("no socket: ") + std::strerror(errno)};
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return socket;
  if (errno == EAGAIN) return Error{Code::busy, "the engine takes no more connections for now"};
  return Error{Code::unavailable, std::string("the engine does not listen: ") + std::strerror(errno)};
}

} // namespace gatehouse::engine
