#pragma once
#include "base/ByteQueue.h"
#include "engine/Engines.h"
#include "transport/Connection.h"
#include "transport/Deferred.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::engine {

class Link;

/// Told what happens on a Link. Only onLinkEnded may destroy it.
class LinkHandler {
public:
  virtual ~LinkHandler() = default;
  /// Logged in. `clientId` is the engine's number of this connection: it leads from CLIENT LIST to the
  /// session.
  virtual void onLinkOpen(Link&, std::int64_t clientId) = 0;
  /// Bytes wait in input(). As ConnectionHandler::onInput.
  virtual void onLinkInput(Link&) = 0;
  /// What is to be sent has fallen below its low mark.
  virtual void onLinkDrained(Link&) = 0;
  /// Once, last, never inside another call: closed by us, by the engine, or never opened. What the engine
  /// sent before its end has been delivered. `why` is printable.
  virtual void onLinkEnded(Link&, std::string_view why) noexcept = 0;
};

/// A connection to an engine, logged in there as one projected user. Dedicated to one session.
///
/// Threads: the loop's. Errors: end it. Owns: the socket and its queues; a share of the projection, so that
/// the user stays known while the link is open.
class Link final : private transport::ConnectionHandler {
public:
  static constexpr std::uint64_t openCeilingMs = 3'000; // from start to onLinkOpen

  /// `loop` and `handler` outlive it.
  Link(transport::EventLoop& loop, LinkHandler& handler, std::shared_ptr<const Projected> user);
  ~Link() override;

  /// Connects and logs in. Never calls onLinkEnded itself.
  void start();
  [[nodiscard]] bool isOpen() const noexcept; // logged in, and not ended
  /// Takes all of `bytes` or none (false: the limit of what may wait is passed, a fault of the caller: it
  /// goes on while outputFull).
  [[nodiscard]] bool send(std::string_view bytes);
  /// What waits to be sent is above its high mark, or not yet below the low one since.
  [[nodiscard]] bool outputFull() const noexcept;
  [[nodiscard]] std::size_t outputSize() const noexcept;
  [[nodiscard]] ByteQueue& input() noexcept;
  void pauseInput();
  void resumeInput();
  /// Closes at once; onLinkEnded follows.
  void close();

  [[nodiscard]] const Projected& user() const noexcept { return *user_; }
  [[nodiscard]] std::uint64_t bytesIn() const noexcept;
  [[nodiscard]] std::uint64_t bytesOut() const noexcept;

private:
  void onEstablished(transport::Connection&) override;
  void onInput(transport::Connection&) override;
  void onPeerEnd(transport::Connection&) override;
  void onDrained(transport::Connection&) override;
  void onClosed(transport::Connection&, transport::CloseReason, std::string_view detail) noexcept override;
  struct Login;
  void connect();
  void onTimer();
  [[nodiscard]] bool readLogin(transport::Connection&);
  void fail(std::string why);
  void end();

  LinkHandler& handler_;
  std::shared_ptr<const Projected> user_;
  transport::EventLoop& loop_;
  std::unique_ptr<Login> login_; // until it is open
  std::unique_ptr<transport::Connection> connection_;
  ByteQueue none_{0}; // input() of a link that has never connected
  std::string why_;
  transport::Deferred end_; // of a link that has never connected
  bool open_ = false, closed_ = false, ended_ = false;
};

} // namespace gatehouse::engine
