#pragma once
#include "base/Result.h"
#include "transport/EventLoop.h"
#include "transport/ListeningSocket.h"
#include "transport/Timer.h"

#include <memory>

namespace gatehouse::transport {

/// Takes what an Acceptor accepted. May close or pause the acceptor inside a call, not destroy it.
class AcceptHandler {
public:
  virtual ~AcceptHandler() = default;
  /// A connected socket, non-blocking and close-on-exec; TCP has TCP_NODELAY and keepalive on. Budgets come
  /// next.
  virtual void onAccepted(UniqueFd socket, const Address& peer) = 0;
  /// accept(2) failed for want of something (`error` is errno: EMFILE, ENFILE, ENOBUFS, ENOMEM); the acceptor
  /// rests. Called once a rest, so that a log line a second is the most it makes.
  virtual void onAcceptFailed(int error) = 0;
};

/// One worker's share of a listening socket: EPOLLEXCLUSIVE wakes one worker, which takes up to 16
/// connections a turn.
///
/// Threads: the loop's. Errors: start says why the kernel would not watch.
/// Owns: a share of the socket, a reserve descriptor. When descriptors run out the reserve accepts and closes
/// what waits (a peer that is refused learns so; one in the backlog waits for nothing), then the acceptor
/// rests for restMs.
class Acceptor final : private Watcher {
public:
  static constexpr int perTurn = 16;
  static constexpr std::uint64_t restMs = 1000;

  Acceptor(EventLoop& loop, std::shared_ptr<const ListeningSocket> socket, AcceptHandler& handler);
  ~Acceptor() override;

  [[nodiscard]] Status start();
  /// Leaves connections in the backlog until resume. Both may be called twice.
  void pause() noexcept;
  void resume();
  /// For good; gives the share of the socket back. The last worker's close ends the listening.
  void close() noexcept;
  [[nodiscard]] bool watching() const noexcept { return watching_; }

private:
  void onReady(std::uint32_t events) override;
  [[nodiscard]] Status watch();
  void unwatch() noexcept;
  void shed(int error);

  EventLoop& loop_;
  std::shared_ptr<const ListeningSocket> socket_;
  AcceptHandler& handler_;
  UniqueFd reserve_;
  Timer rest_;
  bool watching_ = false, paused_ = false;
};

/// TCP_NODELAY, and keepalive after 300 s idle, every 100 s, three times, as Redis. Failures do no harm and
/// are ignored.
void prepareTcp(int fd) noexcept;

} // namespace gatehouse::transport
