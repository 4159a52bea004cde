#include "transport/Acceptor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace gatehouse::transport {
namespace {

UniqueFd openReserve() noexcept { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

void set(int fd, int level, int name, int value) noexcept {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

} // namespace

void prepareTcp(int fd) noexcept {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 300);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 100);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

Acceptor::Acceptor(EventLoop& loop, std::shared_ptr<const ListeningSocket> socket, AcceptHandler& handler)
    : loop_(loop)
    , socket_(std::move(socket))
    , handler_(handler)
    , reserve_(openReserve())
    , rest_(loop, [this] {
      if (watch().ok()) return;
      rest_.arm(loop_.nowMs() + restMs);
    }) {}

Acceptor::~Acceptor() { close(); }

Status Acceptor::start() { return watch(); }

Status Acceptor::watch() {
  if (watching_ || paused_ || !socket_) return {};
  // Exclusive: a connection wakes one worker, not all. Such a watch cannot be changed, hence unwatch and
  // watch.
  GH_TRY(loop_.watch(socket_->fd(), EPOLLIN | EPOLLEXCLUSIVE, *this));
  watching_ = true;
  return {};
}

void Acceptor::unwatch() noexcept {
  if (watching_) loop_.unwatch(socket_->fd());
  watching_ = false;
}

void Acceptor::pause() noexcept {
  paused_ = true;
  rest_.cancel();
  unwatch();
}

void Acceptor::resume() {
  paused_ = false;
  if (!watch().ok()) rest_.arm(loop_.nowMs() + restMs);
}

void Acceptor::close() noexcept {
  rest_.cancel();
  unwatch();
  socket_.reset();
}

void Acceptor::onReady(std::uint32_t) {
  for (int i = 0; i < perTurn && watching_; ++i) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    UniqueFd accepted(::accept4(socket_->fd(), reinterpret_cast<sockaddr*>(&address), &length,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!accepted) {
      switch (errno) {
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM: return shed(errno);
      case EAGAIN: return;
      default:
        continue; // that connection broke while it waited (accept(2): errors of the network); the next may be
                  // fine
      }
    }
    const Address peer = Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&address), length);
    if (peer.family() != AF_UNSPEC) prepareTcp(accepted.get());
    handler_.onAccepted(std::move(accepted), peer);
  }
}

void Acceptor::shed(int error) {
  for (int i = 0; i < perTurn && reserve_; ++i) {
    reserve_.reset();
    UniqueFd refused(::accept4(socket_->fd(), nullptr, nullptr, SOCK_CLOEXEC));
    const bool more = static_cast<bool>(refused);
    refused.reset();
    reserve_ = openReserve();
    if (!more) break;
  }
  unwatch();
  rest_.arm(loop_.nowMs() + restMs);
  handler_.onAcceptFailed(error);
}

} // namespace gatehouse::transport
