#include "host/ServiceNotify.h"

#include "base/Text.h"
#include "base/UniqueFd.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>

namespace gatehouse::host {

ServiceNotify ServiceNotify::fromEnvironment() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  ServiceNotify notify(socket ? socket : "");
  ::unsetenv("NOTIFY_SOCKET");
  return notify;
}

bool ServiceNotify::send(std::string_view words, std::string_view status) const {
  sockaddr_un address{};
  const bool known = socket_.size() > 1 && (socket_[0] == '/' || socket_[0] == '@');
  if (!known || socket_.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());

  const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return false;
  const std::string message =
      std::string(words) + printable(status, 200); // one line: a newline would be another word
  return ::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                  reinterpret_cast<const sockaddr*>(&address),
                  length) == static_cast<ssize_t>(message.size());
}

} // namespace gatehouse::host
