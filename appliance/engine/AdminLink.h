#pragma once
#include "engine/AdminCommands.h"
#include "transport/Connection.h"
#include "transport/Deferred.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::engine {

/// The supervisor's own connection to one engine: commands in a pipeline, each with its callback.
///
/// Threads: the engines'. Not to be destroyed inside a callback of its own. Errors: a reply that is malformed
/// or larger than an administrator's may be ends the link; `onEnded` then, once, after every callback that
/// was owed has had its null. Owns: the socket, what waits to be sent, the callbacks.
class AdminLink final : public AdminCommands, private transport::ConnectionHandler {
public:
  /// `loop` outlives it. `why` is printable.
  AdminLink(transport::EventLoop& loop, std::function<void(std::string_view why)> onEnded);
  ~AdminLink() override;

  /// Errors: as dial's. Does nothing while it is connected.
  [[nodiscard]] Status connect(const std::string& path);
  [[nodiscard]] bool connected() const noexcept;
  void send(std::vector<std::string> words, OnReply done) override;
  /// Closes at once; what is owed gets null, and `onEnded` follows.
  void close(std::string_view why);

private:
  void onEstablished(transport::Connection&) override;
  void onInput(transport::Connection&) override;
  void onPeerEnd(transport::Connection&) override;
  void onDrained(transport::Connection&) override;
  void onClosed(transport::Connection&, transport::CloseReason, std::string_view detail) noexcept override;
  void dropOwed();

  transport::EventLoop& loop_;
  std::function<void(std::string_view)> onEnded_;
  std::unique_ptr<transport::Connection> connection_;
  std::deque<std::string> unsent_; // what the connection would not take yet
  std::deque<OnReply> owed_;       // by commands that were sent, or wait in unsent_
  transport::Deferred drop_;       // the answer to what is sent without a connection
};

} // namespace gatehouse::engine
