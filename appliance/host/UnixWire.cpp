#include "host/UnixWire.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace gatehouse::host {
namespace {

constexpr std::size_t piece = 256 * 1024; // bytes that are read at once

Error broken(const std::string& why) {
  return {Code::unavailable, "the connection to the server broke: " + why};
}
std::string text(int number) { return std::generic_category().message(number); }

} // namespace

Result<UnixWire> UnixWire::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error{Code::unavailable, "control.socket: the path has no or too many bytes"};
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return broken(text(errno));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    const std::string advice =
        error == EACCES ? "; run as root or as the user that the server runs as"
                        : "; the store is in use, so a server starts or ends just now, or has another "
                          "control.socket than this configuration says";
    return Error{Code::unavailable,
                 "the control socket " + path + " cannot be reached: " + text(error) + advice};
  }
  return UnixWire(std::move(fd));
}

Status UnixWire::wait(short events, const Waiting& waiting) const {
  for (int left = silenceMs; left > 0; left -= 1000) {
    pollfd ready{fd_.get(), events, 0};
    const int answer = ::poll(&ready, 1, 1000);
    if (answer > 0) return {};
    if (answer < 0 && errno != EINTR) return broken(text(errno));
    if (waiting) waiting();
  }
  return broken("it has been silent for ten minutes");
}

Status UnixWire::send(std::string_view bytes, const Waiting& waiting) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      GH_TRY(wait(POLLOUT, waiting));
    } else if (errno != EINTR) {
      return broken(text(errno));
    }
  }
  return {};
}

Result<std::string> UnixWire::receive(const Waiting& waiting) {
  std::string out(piece, '\0');
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), out.data(), out.size(), MSG_DONTWAIT);
    if (got >= 0) {
      out.resize(static_cast<std::size_t>(got));
      return out;
    }
    if (errno == EAGAIN) {
      GH_TRY(wait(POLLIN, waiting));
    } else if (errno != EINTR) {
      return broken(text(errno));
    }
  }
}

} // namespace gatehouse::host
