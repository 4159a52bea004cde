#include "engine/Link.h"

#include "base/Text.h"
#include "engine/Dial.h"
#include "sdk/Resp.h"

#include <string>

namespace gatehouse::engine {

using transport::Connection;

/// What a link needs until it is open, and not for one moment longer: many are idle.
struct Link::Login {
  Login(transport::EventLoop& loop, std::uint64_t deadline, std::function<void()> onTimer)
      : deadlineMs(deadline)
      , timer(loop, std::move(onTimer)) {}
  const std::uint64_t deadlineMs;
  transport::Timer timer; // the next try to connect, then the ceiling
};

namespace {

constexpr std::uint64_t retryMs = 20; // while the backlog is full

std::string refusal(const resp::Reply& reply) {
  return printable("the engine refuses the login: " + reply.text);
}

constexpr const char* deletedUser = "the engine is being told to delete this user";

bool isDeleted(const Projected& user) { return user.deleted && user.deleted->load(); }

/// The engine's number of a connection, from HELLO's reply: names and values, one after the other.
std::int64_t clientIdOf(const resp::Reply& reply) {
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2)
    if (reply.items[i].text == "id" && reply.items[i + 1].kind == resp::Kind::integer)
      return reply.items[i + 1].integer;
  return 0;
}

} // namespace

Link::Link(transport::EventLoop& loop, LinkHandler& handler, std::shared_ptr<const Projected> user)
    : handler_(handler)
    , user_(std::move(user))
    , loop_(loop)
    , end_(loop, [this] { end(); }) {}

Link::~Link() = default;

void Link::start() {
  login_ = std::make_unique<Login>(loop_, loop_.nowMs() + openCeilingMs, [this] { onTimer(); });
  connect();
}

void Link::connect() {
  if (isDeleted(*user_)) return fail(deletedUser);
  auto socket = dial(user_->socket);
  if (socket) {
    connection_ =
        std::make_unique<Connection>(loop_, static_cast<transport::ConnectionHandler&>(*this),
                                     std::move(socket).value(), transport::Address(), nullptr, patient);
    login_->timer.arm(login_->deadlineMs);
    return connection_->start();
  }
  if (socket.error().code == Code::busy && loop_.nowMs() < login_->deadlineMs)
    return login_->timer.arm(loop_.nowMs() + retryMs);
  fail(socket.error().description);
}

void Link::onTimer() {
  if (ended_) return;
  if (connection_ == nullptr) return connect();
  connection_->abort("the engine has not answered the login in time");
}

void Link::fail(std::string why) {
  if (ended_) return;
  ended_ = true;
  why_ = std::move(why);
  login_.reset();
  end_.ask();
}

// ---- the connection

void Link::onEstablished(Connection& connection) {
  connection.phase(transport::Phase::answering);
  std::string hello;
  resp::appendCommand(hello, {"HELLO", "2", "AUTH", user_->name, user_->secret.reveal()});
  static_cast<void>(connection.send(hello)); // an empty queue takes it
  const Secret wiped(std::move(hello));
}

void Link::onInput(Connection& connection) {
  if (!open_ && !readLogin(connection)) return;
  if (!connection.input().empty()) handler_.onLinkInput(*this);
}

bool Link::readLogin(Connection& connection) {
  const resp::ReadReply read = resp::readReply(connection.input().view());
  if (read.progress == resp::Progress::incomplete) return false;
  const std::int64_t clientId = read.reply.kind == resp::Kind::array ? clientIdOf(read.reply) : 0;
  if (clientId == 0) {
    connection.abort(read.reply.isError() ? refusal(read.reply)
                                          : "the engine answers the login with nonsense");
    return false;
  }
  if (isDeleted(*user_)) {
    connection.abort(deletedUser);
    return false;
  }
  connection.input().consume(read.consumed);
  open_ = true;
  login_.reset();
  handler_.onLinkOpen(*this, clientId);
  return !connection.closing();
}

void Link::onPeerEnd(Connection& connection) { connection.abort("the engine closed the link"); }

void Link::onDrained(Connection&) {
  if (open_) handler_.onLinkDrained(*this);
}

void Link::onClosed(Connection& connection, transport::CloseReason reason, std::string_view detail) noexcept {
  ended_ = true;
  why_ = printable(detail.empty() ? transport::word(reason) : detail);
  login_.reset();
  // A link that broke has its last bytes here: `-ERR max number of clients reached` among them.
  if (!open_) {
    const resp::ReadReply read = resp::readReply(connection.input().view());
    if (read.reply.isError()) why_ = refusal(read.reply);
  }
  if (open_ && !closed_ && !connection.input().empty()) handler_.onLinkInput(*this);
  end();
}

void Link::end() {
  const std::string why = std::move(why_); // the handler may destroy the link
  handler_.onLinkEnded(*this, why);
}

// ---- the session's side

bool Link::isOpen() const noexcept { return open_ && !ended_ && !connection_->closing(); }

bool Link::send(std::string_view bytes) {
  if (!open_) return false;
  if (ended_) return true; // they go nowhere
  return connection_->send(bytes) != Connection::Sent::full;
}

bool Link::outputFull() const noexcept { return connection_ && !ended_ && connection_->outputFull(); }

std::size_t Link::outputSize() const noexcept { return connection_ ? connection_->outputSize() : 0; }

ByteQueue& Link::input() noexcept { return connection_ ? connection_->input() : none_; }

void Link::pauseInput() {
  if (isOpen()) connection_->pauseInput();
}

void Link::resumeInput() {
  if (isOpen()) connection_->resumeInput();
}

void Link::close() {
  closed_ = true;
  if (ended_) return;
  if (connection_)
    connection_->abort("closed by the session");
  else
    fail("closed by the session");
}

std::uint64_t Link::bytesIn() const noexcept { return connection_ ? connection_->bytesIn() : 0; }

std::uint64_t Link::bytesOut() const noexcept { return connection_ ? connection_->bytesOut() : 0; }

} // namespace gatehouse::engine
