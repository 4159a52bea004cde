#include "transport/Connection.h"

#include "base/Text.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace gatehouse::transport {
namespace {

constexpr std::size_t unlimited = SIZE_MAX / 4; // of queues that phases or marks bound
constexpr std::size_t sealAhead =
    64 * 1024; // ciphertext that waits for the kernel, at most, before more is made
constexpr std::size_t sealedLimit =
    4 * 1024 * 1024; // never reached: sealAhead, one chunk, and answers to a bounded input

std::string reasonOf(int error) { return std::strerror(error); }

} // namespace

std::string_view word(CloseReason reason) noexcept {
  switch (reason) {
  case CloseReason::closed: return "closed";
  case CloseReason::aborted: return "aborted";
  case CloseReason::handshakeFailed: return "handshake failed";
  case CloseReason::tlsFailed: return "TLS failed";
  case CloseReason::deadline: return "deadline";
  case CloseReason::tooLarge: return "message too large";
  case CloseReason::peerReset: return "connection lost";
  case CloseReason::ourFailure: return "internal failure";
  }
  return "?";
}

Connection::Connection(EventLoop& loop, ConnectionHandler& handler, UniqueFd socket, const Address& peer,
                       std::shared_ptr<const TlsContext> tls, const DeadlineTable& deadlines,
                       pki::RememberedChains* chains)
    : loop_(loop)
    , handler_(handler)
    , socket_(std::move(socket))
    , peer_(peer)
    , deadlines_(&deadlines)
    , context_(std::move(tls))
    , chains_(chains)
    , input_(unlimited)
    , output_(outputLimit)
    , sealedIn_(unlimited)
    , sealed_(sealedLimit)
    , timer_(loop, [this] { checkDeadlines(); })
    , more_(loop, [this] { process(); })
    , flush_(loop, [this] { flush(); })
    , finish_(loop, [this] { handler_.onClosed(*this, reason_, detail_); }) {}

Connection::~Connection() {
  if (socket_) loop_.unwatch(socket_.get());
}

void Connection::start() {
  interest_ = EPOLLIN | EPOLLRDHUP;
  if (const Status status = loop_.watch(socket_.get(), interest_, *this); !status)
    return shut(CloseReason::ourFailure, status.error().description);
  if (!context_) return open();
  auto engine = TlsEngine::create(context_, sealedIn_, sealed_, chains_);
  if (!engine) return shut(CloseReason::ourFailure, engine.error().description);
  engine_ = std::move(engine).value();
  enter(Phase::handshaking);
  if (context_->isClient()) shakeHands();
}

void Connection::open() {
  established_ = true;
  enter(Phase::judging);
  handler_.onEstablished(*this);
  updateInterest();
}

// ---- input

std::size_t Connection::inputRoom() const noexcept {
  const std::size_t limit = (*deadlines_)[phase_.phase()].inputLimit;
  if (limit == 0) return perTurn;
  return limit > input_.size() ? limit - input_.size() : 0;
}

bool Connection::delivers() const noexcept {
  return state_ == State::open && established_ && phase_.phase() != Phase::judging && !paused_ &&
         !outputFull_;
}

bool Connection::reads() const noexcept {
  if (eof_ || peerEnded_ || sealedIn_.size() > perTurn) return false;
  if (state_ == State::open && !established_) return !outputFull_;
  return delivers() && inputRoom() > 0;
}

void Connection::onReady(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    return lost(CloseReason::closed, error != 0 ? reasonOf(error) : detail_);
  }
  if ((events & EPOLLOUT) != 0) flush();
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) == 0) return;
  if (state_ == State::lingering) return discard();
  if (reads()) return receive();
  // Both directions are down while nothing is read: nobody is there to answer to, and level-triggered it
  // would spin.
  if ((events & EPOLLHUP) != 0) lost(CloseReason::peerReset, "the peer has hung up");
}

void Connection::receive() {
  std::array<char, perTurn> buffer;
  std::size_t share = perTurn;
  if (!engine_) share = std::min(share, inputRoom());
  while (share > 0) {
    const ssize_t got = ::recv(socket_.get(), buffer.data(), share, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) break;
      return lost(CloseReason::peerReset, reasonOf(errno));
    }
    if (got == 0) {
      eof_ = true;
      break;
    }
    const auto count = static_cast<std::size_t>(got);
    bytesIn_ += count;
    if (!(engine_ ? sealedIn_ : input_).append({buffer.data(), count}))
      return shut(CloseReason::ourFailure, "a queue is full");
    fresh_ = fresh_ || !engine_;
    phase_.progress(count, loop_.nowMs());
    if (count < share) break; // the kernel has no more; it will say so when it has
    share -= count;
  }
  process();
}

void Connection::process() {
  if (state_ != State::open) return;
  if (!established_) shakeHands();
  if (delivers()) {
    if (engine_ && !peerEnded_) {
      const std::size_t before = input_.size();
      const auto step = engine_->decrypt(input_, std::min(perTurn, inputRoom()));
      if (step == TlsEngine::Step::failed) return fail(CloseReason::tlsFailed, engine_->failure());
      fresh_ = fresh_ || input_.size() != before;
      sealedMore_ = step == TlsEngine::Step::done;
      peerEnded_ = step == TlsEngine::Step::ended || (step == TlsEngine::Step::wants && eof_);
      if (sealedMore_ && inputRoom() > 0) more_.ask();
      noteOutput(); // answers to key updates
    } else {
      peerEnded_ = peerEnded_ || eof_;
    }
    deliver();
  }
  updateInterest();
}

void Connection::shakeHands() {
  const auto step = engine_->handshake();
  if (!sealed_.empty()) flush_.ask();
  switch (step) {
  case TlsEngine::Step::done: return open();
  case TlsEngine::Step::failed: return fail(CloseReason::handshakeFailed, engine_->failure());
  case TlsEngine::Step::ended: return fail(CloseReason::handshakeFailed, "the peer closed the handshake");
  case TlsEngine::Step::wants: break;
  }
  if (eof_) return shut(CloseReason::handshakeFailed, "the peer closed the connection during the handshake");
  const std::size_t limit = (*deadlines_)[Phase::handshaking].inputLimit;
  if (limit != 0 && bytesIn_ >= limit)
    fail(CloseReason::handshakeFailed, "no end of the handshake within " + std::to_string(limit) + " bytes");
}

void Connection::deliver() {
  if (!input_.empty() && fresh_) {
    const std::size_t before = input_.size();
    fresh_ = false;
    handler_.onInput(*this);
    const std::size_t left = input_.size();
    if (state_ != State::open) return;
    const std::size_t consumed = before - std::min(before, left);
    if (consumed > 0 && engine_)
      more_.ask(); // room was made: what libssl holds is looked at in the next turn
    judgeMessage(consumed, left);
    if (consumed == 0 && left > 0 && delivers() && inputRoom() == 0)
      return fail(CloseReason::tooLarge,
                  "more than " + std::to_string(left) + " bytes, " + std::string(word(phase_.phase())));
  }
  // Not before everything that the peer sent was looked at: a handler that has paused is told later.
  if (peerEnded_ && !endTold_ && delivers()) {
    endTold_ = true;
    handler_.onPeerEnd(*this);
  }
}

void Connection::judgeMessage(std::size_t consumed, std::size_t left) {
  const bool begins = phase_.phase() == Phase::betweenMessages && left > 0 && !paused_;
  const bool another =
      autoMessage_ && left > 0 && consumed > 0; // what is left is another message's beginning
  if (begins || another) {
    enter(Phase::insideMessage);
    autoMessage_ = true;
  } else if (autoMessage_ && left == 0) {
    enter(Phase::betweenMessages);
  }
}

// ---- output

Connection::Sent Connection::send(std::string_view bytes) {
  if (state_ != State::open) return Sent::closed;
  if (!output_.append(bytes)) return Sent::full;
  flush_.ask();
  noteOutput();
  return Sent::ok;
}

void Connection::noteOutput() {
  if (!sealed_.empty()) flush_.ask();
  if (outputFull_ || outputSize() <= highMark) return;
  outputFull_ = true;
  updateInterest();
}

bool Connection::seal() {
  while (established_ && sealed_.size() < sealAhead && !output_.empty()) {
    const std::string_view chunk = output_.view().substr(0, sealAhead);
    if (engine_->encrypt(chunk) != TlsEngine::Step::done) {
      output_.clear();
      shut(CloseReason::tlsFailed, engine_->failure());
      return false;
    }
    output_.consume(chunk.size());
  }
  if (state_ == State::flushing && output_.empty()) engine_->closeNotify();
  return true;
}

void Connection::flush() {
  if (state_ == State::closed || state_ == State::lingering) return;
  blocked_ = false;
  std::size_t sent = 0;
  for (;;) {
    if (engine_ && !seal()) return;
    ByteQueue& queue = engine_ ? sealed_ : output_;
    if (queue.empty()) break;
    if (sent >= perTurn) {
      blocked_ = true; // the kernel would take more, and says so in the next turn: others come first
      break;
    }
    const std::size_t share = std::min(queue.size(), perTurn);
    const ssize_t count = ::send(socket_.get(), queue.view().data(), share, MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return lost(CloseReason::closed, reasonOf(errno));
      blocked_ = true;
      break;
    }
    queue.consume(static_cast<std::size_t>(count));
    sent += static_cast<std::size_t>(count);
    if (static_cast<std::size_t>(count) < share) {
      blocked_ = true;
      break;
    }
  }
  noteSent(sent);
  if (state_ == State::flushing && outputSize() == 0) linger();
  updateInterest();
}

void Connection::noteSent(std::size_t sent) {
  const std::uint64_t now = loop_.nowMs();
  bytesOut_ += sent;
  if (sent > 0 && phase_.phase() == Phase::betweenMessages)
    phase_.progress(0, now); // an answer under way is no idleness
  if (sent > 0) draining_.progress(sent, now);
  debt_ -= std::min<std::uint64_t>(debt_, sent);
  if (outputSize() == 0 || (state_ != State::open && state_ != State::flushing)) {
    draining_.leave();
  } else if (!draining_.active() || debt_ == 0) {
    // The ceiling is for what waits now; a peer that keeps taking what keeps coming is never late.
    debt_ = outputSize();
    draining_.enter(Phase::draining, (*deadlines_)[Phase::draining], now);
    watchTheClock();
  }
  if (!outputFull_ || outputSize() >= lowMark) return;
  outputFull_ = false;
  if (state_ != State::open) return;
  phase_.excuse(now);
  fresh_ = true;
  more_.ask();
  handler_.onDrained(*this);
}

// ---- flow

void Connection::pauseInput() {
  paused_ = true;
  if (autoMessage_) enter(Phase::betweenMessages); // what waits now waits for us
  updateInterest();
}

void Connection::resumeInput() {
  if (!paused_) return;
  paused_ = false;
  phase_.excuse(loop_.nowMs());
  fresh_ = true;
  more_.ask();
  updateInterest();
}

void Connection::phase(Phase phase) {
  if (state_ != State::open || !established_) return;
  if (phase_.phase() == Phase::judging && phase != Phase::judging) {
    fresh_ = true;
    more_.ask();
  }
  enter(phase);
  updateInterest();
}

void Connection::enter(Phase phase) {
  autoMessage_ = false;
  phase_.enter(phase, (*deadlines_)[phase], loop_.nowMs());
  watchTheClock();
}

void Connection::updateInterest() {
  if (state_ == State::closed) return;
  std::uint32_t wanted = 0;
  if (state_ == State::lingering || reads()) wanted |= EPOLLIN | EPOLLRDHUP;
  if (blocked_) wanted |= EPOLLOUT;
  if (wanted == interest_) return;
  interest_ = wanted;
  loop_.rewatch(socket_.get(), wanted);
}

void Connection::watchTheClock() {
  const std::uint64_t next = std::min(phase_.nextCheckMs(), draining_.nextCheckMs());
  if (next == PhaseDeadline::never || state_ == State::closed) return timer_.cancel();
  // Progress moves deadlines away all the time: the timer is left where it is, and looks again when it fires.
  if (!timer_.armed() || next < timer_.deadlineMs()) timer_.arm(next);
}

void Connection::checkDeadlines() {
  const std::uint64_t now = loop_.nowMs();
  if (state_ == State::open && (paused_ || outputFull_))
    phase_.excuse(now); // the peer could not send if it would
  Overdue overdue = phase_.expired(now);
  const PhaseDeadline* late = &phase_;
  if (overdue == Overdue::none) {
    overdue = draining_.expired(now);
    late = &draining_;
  }
  if (overdue == Overdue::none) return watchTheClock();
  const bool ours = reason_ == CloseReason::closed && state_ != State::lingering;
  if (ours) return shut(CloseReason::deadline, describe(*late, overdue));
  shut(reason_, detail_); // everything was handed over, or there is a better reason already
}

std::string Connection::describe(const PhaseDeadline& deadline, Overdue overdue) const {
  const PhaseLimits& limits = (*deadlines_)[deadline.phase()];
  std::string text = std::string(word(deadline.phase())) + ": " + std::string(word(overdue));
  if (overdue == Overdue::ceiling) return text + " (" + std::to_string(limits.ceilingMs) + " ms)";
  if (overdue == Overdue::idle) return text + " (" + std::to_string(limits.idleMs) + " ms)";
  return text + " (below " + std::to_string(limits.minBytesPerSecond) + " bytes a second)";
}

// ---- the end

void Connection::closeAfterFlush(Flush flush) {
  if (state_ == State::flushing && flush == Flush::brief && phase_.phase() != Phase::closing)
    enter(Phase::closing);
  if (state_ != State::open) return;
  state_ = State::flushing;
  more_.cancel();
  if (flush == Flush::brief) {
    enter(Phase::closing);
  } else {
    phase_.leave();
  }
  flush_.ask();
  updateInterest();
}

void Connection::fail(CloseReason reason, std::string detail) {
  if (state_ != State::open) return;
  if (sealed_.empty()) return shut(reason, std::move(detail));
  // An alert waits: the peer may have it, in the time that closing takes at most.
  output_.clear();
  reason_ = reason;
  detail_ = std::move(detail);
  closeAfterFlush(Flush::brief);
}

void Connection::linger() {
  state_ = State::lingering;
  draining_.leave();
  ::shutdown(socket_.get(), SHUT_WR);
  if (eof_) return shut(reason_, std::move(detail_));
  // Closing now, with input unread, would reset the connection and might take our last bytes with it.
  if (phase_.phase() != Phase::closing || !phase_.active()) enter(Phase::closing);
}

void Connection::discard() {
  std::array<char, 16 * 1024> buffer;
  const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got > 0) bytesIn_ += static_cast<std::size_t>(got);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) shut(reason_, std::move(detail_));
}

void Connection::abort(std::string_view detail) {
  if (state_ == State::closed) return;
  const struct ::linger reset { 1, 0 };
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  shut(CloseReason::aborted, detail);
}

void Connection::lost(CloseReason afterClose, std::string_view detail) {
  if (state_ == State::closed) return;
  // A unix peer's last words are still in the kernel, no more than its send buffer: an engine that answers
  // QUIT and closes, with the next command unread, breaks the connection after its answer.
  if (state_ == State::open && established_ && !engine_ && peer_.family() == AF_UNSPEC) {
    std::array<char, 16 * 1024> buffer;
    for (ssize_t got = 1; got > 0;) {
      got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (got < 0 && errno == EINTR)
        got = 1; // again
      else if (got > 0 && !input_.append({buffer.data(), static_cast<std::size_t>(got)}))
        break;
    }
  }
  if (state_ == State::open) return shut(CloseReason::peerReset, detail);
  shut(reason_ == CloseReason::closed ? afterClose : reason_, detail);
}

void Connection::shut(CloseReason reason, std::string_view detail) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  reason_ = reason;
  detail_ = printable(detail, 400);
  loop_.unwatch(socket_.get());
  socket_.reset();
  timer_.cancel();
  more_.cancel();
  flush_.cancel();
  output_.clear();
  sealed_.clear();
  sealedIn_.clear(); // input_ stays: the handler may be looking at it
  finish_.ask();
}

} // namespace gatehouse::transport
