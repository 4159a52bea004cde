#pragma once
#include "base/ByteQueue.h"
#include "base/UniqueFd.h"
#include "transport/Address.h"
#include "transport/Deadlines.h"
#include "transport/Deferred.h"
#include "transport/EventLoop.h"
#include "transport/Timer.h"
#include "transport/TlsEngine.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::transport {

class Connection;

/// Why a connection is over.
enum class CloseReason : std::uint8_t {
  closed,          // closeAfterFlush, and everything was handed to the kernel
  aborted,         // abort
  handshakeFailed, // TLS; detail says why
  tlsFailed,       // after the handshake: a bad record, an alert
  deadline,        // detail: phase and limit
  tooLarge,        // the handler left more bytes unconsumed than the phase allows
  peerReset,       // the connection broke
  ourFailure,      // no memory, no descriptor
};
[[nodiscard]] std::string_view word(CloseReason) noexcept; // "handshake failed"

/// Told what happens on a Connection. Nothing here may destroy the Connection but onClosed; each may call
/// send, abort and closeAfterFlush.
class ConnectionHandler {
public:
  virtual ~ConnectionHandler() = default;
  /// The handshake is over (a socket without TLS: inside start). The phase is judging: no input is delivered
  /// before the handler enters another.
  virtual void onEstablished(Connection&) = 0;
  /// Bytes wait in input(). What is not consumed stays, and counts as a message that has begun. Called again
  /// when more has come, and, if bytes wait, after resumeInput, after judging and after the output has
  /// drained.
  virtual void onInput(Connection&) = 0;
  /// The peer sends no more (close_notify or FIN); all that it sent has been delivered. It may still read.
  /// Once.
  virtual void onPeerEnd(Connection&) = 0;
  /// Output that had passed the high mark has fallen below the low one.
  virtual void onDrained(Connection&) = 0;
  /// Once, last, never inside another call. May destroy the Connection. `detail` is printable. Of a unix
  /// peer that hung up, what it had sent is in input(), whether it was delivered or not.
  virtual void onClosed(Connection&, CloseReason, std::string_view detail) noexcept = 0;
};

/// One socket with its TLS, queues, deadlines and flow, from accept to close. A silent, slow or deaf peer
/// costs a descriptor and the memory of its SSL, no thread, and no longer than the deadlines say.
///
/// Threads: the loop's. Errors: end it, with a reason. Owns: the socket, the engine, the queues.
class Connection final : private Watcher {
public:
  static constexpr std::size_t perTurn = 64 * 1024;           // bytes read, and bytes written, a turn
  static constexpr std::size_t highMark = 256 * 1024;         // output above it: the socket is not read
  static constexpr std::size_t lowMark = 64 * 1024;           // output below it: it is read again
  static constexpr std::size_t outputLimit = 2 * 1024 * 1024; // send answers full above it

  enum class Sent : std::uint8_t { ok, full, closed };
  enum class Flush : std::uint8_t {
    patient, // what is queued goes out under the limits of Phase::draining, then Phase::closing begins
    brief,   // Phase::closing begins at once, and what it does not suffice for is lost
  };

  /// `tls` null: no TLS. A client's context makes it the client. `loop`, `handler`, `deadlines` and
  /// `chains` (as in TlsEngine::create) outlive the Connection.
  Connection(EventLoop& loop, ConnectionHandler& handler, UniqueFd socket, const Address& peer,
             std::shared_ptr<const TlsContext> tls, const DeadlineTable& deadlines = defaultDeadlines,
             pki::RememberedChains* chains = nullptr);
  ~Connection() override;

  /// Begins. Never calls onClosed itself.
  void start();

  /// Takes all of `bytes` or none; they leave at the end of the turn, so that many small sends are one
  /// record.
  Sent send(std::string_view bytes);
  /// Back-pressure: while paused, nothing is delivered, and the socket not read.
  void pauseInput();
  void resumeInput();
  [[nodiscard]] bool inputPaused() const noexcept { return paused_; }
  /// Enters a phase and starts its clock, also when it is in it already.
  void phase(Phase phase);
  [[nodiscard]] Phase phase() const noexcept { return phase_.phase(); }
  /// Changes the limits from the next phase on (a protocol's own idle time); `deadlines` outlives the
  /// Connection.
  void setDeadlines(const DeadlineTable& deadlines) noexcept { deadlines_ = &deadlines; }

  /// Reads no more, writes what is queued, says close_notify and FIN, waits for the peer's for a moment.
  /// onClosed follows.
  void closeAfterFlush(Flush flush = Flush::patient);
  /// Closes the socket now, with a reset; what is queued is lost. onClosed follows at the end of the turn.
  void abort(std::string_view detail = {});

  [[nodiscard]] ByteQueue& input() noexcept { return input_; }
  [[nodiscard]] std::size_t outputSize() const noexcept { return output_.size() + sealed_.size(); }
  /// Is output above its high mark, or not yet below the low one since?
  [[nodiscard]] bool outputFull() const noexcept { return outputFull_; }
  [[nodiscard]] bool closing() const noexcept { return state_ != State::open; }
  [[nodiscard]] bool peerEnded() const noexcept { return peerEnded_; }

  [[nodiscard]] const TlsEngine* tls() const noexcept { return engine_.get(); } // null: none
  [[nodiscard]] const Address& peer() const noexcept { return peer_; }
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  [[nodiscard]] std::uint64_t bytesIn() const noexcept { return bytesIn_; } // on the wire
  [[nodiscard]] std::uint64_t bytesOut() const noexcept { return bytesOut_; }
  [[nodiscard]] EventLoop& loop() noexcept { return loop_; }

private:
  enum class State : std::uint8_t { open, flushing, lingering, closed };

  void onReady(std::uint32_t events) override;
  void receive();
  void process();
  void shakeHands();
  void open();
  void deliver();
  void judgeMessage(std::size_t consumed, std::size_t left);
  void flush();
  [[nodiscard]] bool seal();
  void noteOutput();
  void noteSent(std::size_t sent);
  void linger();
  void discard();
  void fail(CloseReason reason, std::string detail);
  /// The socket broke; `afterClose`: what to call it where we had closed it for no other reason.
  void lost(CloseReason afterClose, std::string_view detail);
  void shut(CloseReason reason, std::string_view detail);
  void enter(Phase phase);
  void updateInterest();
  void watchTheClock();
  void checkDeadlines();
  [[nodiscard]] bool delivers() const noexcept;
  [[nodiscard]] bool reads() const noexcept;
  [[nodiscard]] std::size_t inputRoom() const noexcept;
  [[nodiscard]] std::string describe(const PhaseDeadline& deadline, Overdue overdue) const;

  EventLoop& loop_;
  ConnectionHandler& handler_;
  UniqueFd socket_;
  Address peer_;
  const DeadlineTable* deadlines_;
  std::shared_ptr<const TlsContext> context_;
  pki::RememberedChains* chains_;
  ByteQueue input_, output_;    // plaintext
  ByteQueue sealedIn_, sealed_; // ciphertext from and to the peer
  std::unique_ptr<TlsEngine> engine_;
  PhaseDeadline phase_, draining_;
  std::uint64_t debt_ = 0; // output that draining_ waits for
  Timer timer_;
  Deferred more_, flush_, finish_;
  std::uint64_t bytesIn_ = 0, bytesOut_ = 0;
  std::uint32_t interest_ = 0;
  State state_ = State::open;
  bool established_ = false;
  bool paused_ = false;
  bool outputFull_ = false;
  bool blocked_ = false;   // the kernel takes no more output for now
  bool eof_ = false;       // FIN
  bool peerEnded_ = false; // FIN or close_notify, and all before it decrypted
  bool endTold_ = false;
  bool fresh_ = false; // of input_ there is something that the handler has not seen, or is to look at again
  bool sealedMore_ = false;  // libssl had more when input_ was full
  bool autoMessage_ = false; // insideMessage was entered because bytes were left
  CloseReason reason_ = CloseReason::closed;
  std::string detail_;
};

} // namespace gatehouse::transport
