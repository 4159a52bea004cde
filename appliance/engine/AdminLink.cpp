#include "engine/AdminLink.h"

#include "engine/Dial.h"

#include <utility>

namespace gatehouse::engine {

using transport::Connection;

AdminLink::AdminLink(transport::EventLoop& loop, std::function<void(std::string_view)> onEnded)
    : loop_(loop)
    , onEnded_(std::move(onEnded))
    , drop_(loop, [this] {
      if (!connection_) dropOwed();
    }) {}

AdminLink::~AdminLink() = default;

Status AdminLink::connect(const std::string& path) {
  if (connection_) return {};
  auto socket = dial(path);
  if (!socket) return std::move(socket).error();
  connection_ =
      std::make_unique<Connection>(loop_, static_cast<transport::ConnectionHandler&>(*this),
                                   std::move(socket).value(), transport::Address(), nullptr, patient);
  connection_->start();
  return {};
}

bool AdminLink::connected() const noexcept { return connection_ != nullptr && !connection_->closing(); }

void AdminLink::send(std::vector<std::string> words, OnReply done) {
  owed_.push_back(std::move(done));
  if (!connected()) return drop_.ask(); // behind what the end of the connection still owes, if it has one
  std::string command;
  resp::appendCommand(command, std::span<const std::string>(words));
  if (!unsent_.empty() || connection_->send(command) == Connection::Sent::full)
    unsent_.push_back(std::move(command));
}

void AdminLink::close(std::string_view why) {
  if (connection_) connection_->abort(why);
}

void AdminLink::onEstablished(Connection& connection) { connection.phase(transport::Phase::answering); }

void AdminLink::onInput(Connection& connection) {
  while (!connection.closing() && !connection.input().empty()) {
    const resp::ReadReply read = resp::readReply(connection.input().view());
    if (read.progress == resp::Progress::incomplete) return;
    if (read.progress == resp::Progress::malformed || owed_.empty())
      return connection.abort("the engine answers what no redis-server would");
    connection.input().consume(read.consumed);
    const OnReply done = std::move(owed_.front());
    owed_.pop_front();
    done(&read.reply);
  }
}

void AdminLink::onPeerEnd(Connection& connection) { connection.abort("the engine closed the connection"); }

void AdminLink::onDrained(Connection& connection) {
  while (!unsent_.empty()) {
    if (connection.send(unsent_.front()) == Connection::Sent::full) return;
    unsent_.pop_front();
  }
}

void AdminLink::onClosed(Connection&, transport::CloseReason reason, std::string_view detail) noexcept {
  const std::string why(detail.empty() ? transport::word(reason) : detail);
  connection_.reset();
  unsent_.clear();
  dropOwed();
  onEnded_(why);
}

void AdminLink::dropOwed() {
  // Those only that are owed now: a callback may send anew, and that is answered in a later turn.
  std::deque<OnReply> owed;
  owed.swap(owed_);
  for (const OnReply& done : owed) done(nullptr);
}

} // namespace gatehouse::engine
