// Protects: the life of a connection. One end, told once and last; memory, time and turns are bounded
// whatever the peer does.
#include "transport/Connection.h"
#include "TlsPair.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::transport;
using namespace gatehouse::test;
using namespace std::string_literals;

namespace {

/// Writes down what it is told, and does what a test says.
struct Diary final : ConnectionHandler {
  std::string events; // a letter each: e established, i input, p peer's end, d drained, c closed
  std::string received;
  std::optional<CloseReason> reason;
  std::string detail;
  Phase first = Phase::betweenMessages; // what follows judging; judging: stay there
  std::function<void(Connection&)> onBytes = [this](Connection& connection) { takeAll(connection); };
  std::function<void(Connection&)> onEnd = [](Connection& connection) { connection.closeAfterFlush(); };
  std::function<void()> atClose = [] {};

  void takeAll(Connection& connection) {
    received += connection.input().view();
    connection.input().clear();
  }
  void onEstablished(Connection& connection) override {
    events += 'e';
    if (first != Phase::judging) connection.phase(first);
  }
  void onInput(Connection& connection) override {
    events += 'i';
    onBytes(connection);
  }
  void onPeerEnd(Connection& connection) override {
    events += 'p';
    onEnd(connection);
  }
  void onDrained(Connection&) override { events += 'd'; }
  void onClosed(Connection&, CloseReason why, std::string_view text) noexcept override {
    events += 'c';
    reason = why;
    detail = text;
    atClose();
  }
  [[nodiscard]] bool saw(char event) const { return events.find(event) != std::string::npos; }
};

/// The other end of the socket pair: plain bytes, read and written by the test.
struct Peer {
  UniqueFd fd;
  [[nodiscard]] bool write(std::string_view bytes) const {
    return ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  /// What has come; "EOF" stands at its end when the other side has ended.
  [[nodiscard]] std::string read(std::size_t most = SIZE_MAX) const {
    std::string all;
    char buffer[8192];
    while (all.size() < most) {
      const ssize_t got = ::recv(fd.get(), buffer, std::min(sizeof buffer, most - all.size()), 0);
      if (got == 0) return all + "EOF";
      if (got < 0) return all;
      all.append(buffer, static_cast<std::size_t>(got));
    }
    return all;
  }
};

} // namespace

class ConnectionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ConnectionTest);
  CPPUNIT_TEST(testAPlainConversationFromHelloToEnd);
  CPPUNIT_TEST(testATlsConversationAtManyPieceSizes);
  CPPUNIT_TEST(testNoByteIsDeliveredWhileJudging);
  CPPUNIT_TEST(testTwoConnectionsTalkTls);
  CPPUNIT_TEST(testManySmallSendsAreOneRecord);
  CPPUNIT_TEST(testAReaderWhoNeverReadsGrowsNoMemory);
  CPPUNIT_TEST(testAPausedConnectionReadsNothing);
  CPPUNIT_TEST(testOutputAboveTheMarkStopsReadingUntilItDrains);
  CPPUNIT_TEST(testHalfClosedPeersGetTheirAnswer);
  CPPUNIT_TEST(testATrickleMeetsTheCeiling);
  CPPUNIT_TEST(testASilentPeerIsClosedByPhase);
  CPPUNIT_TEST(testASlowHandshakeMeetsTheCeiling);
  CPPUNIT_TEST(testAnEndlessHandshakeMeetsItsByteLimit);
  CPPUNIT_TEST(testABadCertificateIsToldAndNamed);
  CPPUNIT_TEST(testAMessageThatIsTooLargeEnds);
  CPPUNIT_TEST(testATurnIsShared);
  CPPUNIT_TEST(testAbortEndsOnceAndLast);
  CPPUNIT_TEST(testTheHandlerMayDestroyItInOnClosed);
  CPPUNIT_TEST(testAPeerThatNeverEndsIsLeftAfterAMoment);
  CPPUNIT_TEST(testADeafPeerIsClosedAndABusyOneIsNot);
  CPPUNIT_TEST(testAnIdleConnectionHoldsNoQueueMemory);
  CPPUNIT_TEST_SUITE_END();

  TlsCast cast_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::create(cast_.clock).value();
  Diary diary_;
  Peer peer_;
  std::unique_ptr<Connection> connection_;

  std::pair<UniqueFd, UniqueFd> sockets() {
    int fds[2];
    CPPUNIT_ASSERT_EQUAL(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
  }
  void open(std::shared_ptr<const TlsContext> tls = nullptr,
            const DeadlineTable& deadlines = defaultDeadlines) {
    auto [ours, theirs] = sockets();
    peer_.fd = std::move(theirs);
    connection_ =
        std::make_unique<Connection>(*loop_, diary_, std::move(ours), Address(), std::move(tls), deadlines);
    connection_->start();
    turns(2);
  }
  void turns(int count = 3) {
    while (count-- > 0) loop_->turn(0);
  }
  void pass(std::uint64_t ms) {
    for (; ms > 0; ms -= std::min<std::uint64_t>(ms, 500)) {
      cast_.clock.advance(std::min<std::uint64_t>(ms, 500));
      loop_->turn(0);
    }
  }
  std::shared_ptr<const TlsContext> clientContext(std::optional<Forged> who) {
    TlsClientPolicy policy;
    if (who) TlsCast::present(policy, *who);
    return TlsContext::buildClient(std::move(policy)).value();
  }

  /// A TLS client that lives in the test.
  struct TlsPeer {
    ByteQueue in{1 << 22}, out{1 << 22}, plain{1 << 22};
    std::unique_ptr<TlsEngine> engine;
    explicit TlsPeer(std::shared_ptr<const TlsContext> context)
        : engine(TlsEngine::create(std::move(context), in, out).value()) {}
    TlsEngine::Step step(const Peer& peer) {
      const std::string got = peer.read();
      CPPUNIT_ASSERT(in.append(got));
      auto step = engine->handshake();
      if (step == TlsEngine::Step::done) step = engine->decrypt(plain, 1 << 22);
      return step;
    }
  };

public:
  void testAPlainConversationFromHelloToEnd() {
    open();
    CPPUNIT_ASSERT_EQUAL("e"s, diary_.events);
    CPPUNIT_ASSERT(peer_.write("hello"));
    turns();
    CPPUNIT_ASSERT_EQUAL("hello"s, diary_.received);
    CPPUNIT_ASSERT(connection_->send("wor") == Connection::Sent::ok &&
                   connection_->send("ld") == Connection::Sent::ok);
    turns();
    CPPUNIT_ASSERT_EQUAL("world"s, peer_.read());
    CPPUNIT_ASSERT(connection_->send("bye") == Connection::Sent::ok);
    connection_->closeAfterFlush();
    CPPUNIT_ASSERT(connection_->send("late") == Connection::Sent::closed);
    turns();
    CPPUNIT_ASSERT_EQUAL("byeEOF"s, peer_.read());
    CPPUNIT_ASSERT(!diary_.saw('c')); // the peer has not ended yet
    peer_.fd.reset();
    turns();
    CPPUNIT_ASSERT_EQUAL("eic"s, diary_.events);
    CPPUNIT_ASSERT(diary_.reason == CloseReason::closed);
    CPPUNIT_ASSERT(connection_->bytesIn() == 5 && connection_->bytesOut() == 8);
  }
  void testATlsConversationAtManyPieceSizes() {
    const auto server = cast_.serverContext(cast_.policy());
    const auto client = clientContext(cast_.ada);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{300}, std::size_t{100'000}}) {
      diary_ = Diary();
      diary_.onBytes = [this](Connection& connection) { diary_.takeAll(connection); };
      open(server);
      TlsPeer tls(client);
      const auto exchange = [&] {
        for (bool moved = true; moved;) {
          moved = tls.step(peer_) == TlsEngine::Step::failed;
          CPPUNIT_ASSERT(!moved);
          while (!tls.out.empty()) {
            const std::string part(tls.out.view().substr(0, piece));
            tls.out.consume(part.size());
            CPPUNIT_ASSERT(peer_.write(part));
            loop_->turn(0);
            moved = true;
          }
          turns(2);
        }
      };
      exchange();
      CPPUNIT_ASSERT_EQUAL("e"s, diary_.events);
      CPPUNIT_ASSERT(connection_->tls()->clientChain() != nullptr);
      CPPUNIT_ASSERT(tls.engine->encrypt(std::string(2000, 'q')) == TlsEngine::Step::done);
      exchange();
      CPPUNIT_ASSERT_EQUAL(std::string(2000, 'q'), diary_.received);
      CPPUNIT_ASSERT(connection_->send(std::string(50'000, 'a')) == Connection::Sent::ok);
      turns();
      exchange();
      CPPUNIT_ASSERT_EQUAL(std::string(50'000, 'a'), std::string(tls.plain.view()));
      tls.engine->closeNotify();
      exchange();
      CPPUNIT_ASSERT(diary_.saw('p'));
      CPPUNIT_ASSERT(tls.step(peer_) != TlsEngine::Step::failed);
      peer_.fd.reset();
      turns();
      CPPUNIT_ASSERT(diary_.reason == CloseReason::closed);
      connection_.reset();
    }
  }
  void testNoByteIsDeliveredWhileJudging() {
    diary_.first = Phase::judging;
    open();
    CPPUNIT_ASSERT(peer_.write("early"));
    turns();
    CPPUNIT_ASSERT_EQUAL("e"s, diary_.events);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, connection_->bytesIn());
    connection_->phase(Phase::greeting);
    turns();
    CPPUNIT_ASSERT_EQUAL("early"s, diary_.received);
  }
  void testTwoConnectionsTalkTls() {
    auto [a, b] = sockets();
    Diary theirs;
    Connection server(*loop_, diary_, std::move(a), Address(), cast_.serverContext(cast_.policy()));
    Connection client(*loop_, theirs, std::move(b), Address(), clientContext(cast_.ada));
    server.start();
    client.start();
    turns(10);
    CPPUNIT_ASSERT(diary_.saw('e') && theirs.saw('e'));
    CPPUNIT_ASSERT(client.send(std::string(300'000, 'x')) == Connection::Sent::ok);
    turns(40);
    CPPUNIT_ASSERT_EQUAL(std::size_t{300'000}, diary_.received.size());
    client.closeAfterFlush();
    turns(10);
    CPPUNIT_ASSERT(diary_.reason == CloseReason::closed && theirs.reason == CloseReason::closed);
  }
  void testManySmallSendsAreOneRecord() {
    const auto tlsContext = cast_.serverContext(cast_.policy(ClientCertificate::none));
    open(tlsContext);
    TlsPeer tls(clientContext({}));
    for (int i = 0; i < 6; ++i) {
      CPPUNIT_ASSERT(tls.step(peer_) != TlsEngine::Step::failed);
      CPPUNIT_ASSERT(peer_.write(tls.out.view()));
      tls.out.clear();
      turns();
    }
    CPPUNIT_ASSERT(diary_.saw('e'));
    const auto before = connection_->bytesOut();
    for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT(connection_->send("+OK\r\n") == Connection::Sent::ok);
    turns();
    CPPUNIT_ASSERT(connection_->bytesOut() - before < 500 + 40); // one header, one tag
  }
  void testAReaderWhoNeverReadsGrowsNoMemory() {
    open();
    // Each request is answered with 1,000 times its size; the peer asks on and never reads.
    diary_.onBytes = [](Connection& connection) {
      while (!connection.input().empty() && !connection.outputFull()) {
        CPPUNIT_ASSERT(connection.send(std::string(1000, 'a')) == Connection::Sent::ok);
        connection.input().consume(1);
      }
    };
    std::size_t asked = 0, most = 0;
    for (int i = 0; i < 2000; ++i) {
      if (peer_.write(std::string(100, 'q'))) asked += 100;
      loop_->turn(0);
      most = std::max(most, connection_->outputSize());
    }
    CPPUNIT_ASSERT(most <= Connection::highMark + 1000);
    CPPUNIT_ASSERT(connection_->outputFull());
    CPPUNIT_ASSERT(connection_->input().capacity() <= 2 * Connection::perTurn);
    CPPUNIT_ASSERT(connection_->bytesIn() <= asked);
    // And when it reads at last, it gets every answer.
    std::size_t answers = 0;
    for (int i = 0; i < 20'000 && answers < asked * 1000; ++i) {
      answers += peer_.read().size();
      loop_->turn(0);
    }
    CPPUNIT_ASSERT_EQUAL(asked * 1000, answers);
    CPPUNIT_ASSERT(diary_.saw('d') && !diary_.saw('c'));
  }
  void testAPausedConnectionReadsNothing() {
    open();
    connection_->pauseInput();
    CPPUNIT_ASSERT(peer_.write("wait"));
    turns();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, connection_->bytesIn());
    pass(5000);
    connection_->resumeInput();
    turns();
    CPPUNIT_ASSERT_EQUAL("wait"s, diary_.received);
    // Left bytes are looked at again after a pause; without one they are not.
    int looked = 0;
    diary_.onBytes = [&](Connection& connection) {
      if (++looked == 1) return connection.pauseInput();
      diary_.takeAll(connection);
    };
    CPPUNIT_ASSERT(peer_.write("again"));
    turns(5);
    CPPUNIT_ASSERT_EQUAL(1, looked);
    connection_->resumeInput();
    turns();
    CPPUNIT_ASSERT_EQUAL("waitagain"s, diary_.received);
    // The peer's end comes after what it sent, also across a pause.
    connection_->pauseInput();
    CPPUNIT_ASSERT(peer_.write("last"));
    ::shutdown(peer_.fd.get(), SHUT_WR);
    turns(5);
    CPPUNIT_ASSERT(!diary_.saw('p'));
    connection_->resumeInput();
    turns(5);
    CPPUNIT_ASSERT_EQUAL("waitagainlast"s, diary_.received);
    CPPUNIT_ASSERT(diary_.saw('p'));
  }
  void testOutputAboveTheMarkStopsReadingUntilItDrains() {
    open();
    CPPUNIT_ASSERT(connection_->send(std::string(Connection::outputLimit + 1, 'x')) ==
                   Connection::Sent::full);
    CPPUNIT_ASSERT(connection_->send(std::string(1'000'000, 'x')) == Connection::Sent::ok);
    turns();
    CPPUNIT_ASSERT(peer_.write("unread"));
    turns();
    CPPUNIT_ASSERT(diary_.received.empty());
    std::size_t got = 0;
    for (int i = 0; i < 200; ++i) {
      got += peer_.read().size();
      loop_->turn(0);
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{1'000'000}, got);
    CPPUNIT_ASSERT_EQUAL("edi"s, diary_.events);
  }
  void testHalfClosedPeersGetTheirAnswer() {
    diary_.onEnd = [](Connection& connection) {
      CPPUNIT_ASSERT(connection.send("answer") == Connection::Sent::ok);
      connection.closeAfterFlush();
    };
    open();
    CPPUNIT_ASSERT(peer_.write("question"));
    ::shutdown(peer_.fd.get(), SHUT_WR);
    turns(5);
    CPPUNIT_ASSERT_EQUAL("question"s, diary_.received);
    CPPUNIT_ASSERT_EQUAL("answerEOF"s, peer_.read());
    CPPUNIT_ASSERT_EQUAL("eipc"s, diary_.events);
  }
  void testATrickleMeetsTheCeiling() {
    diary_.first = Phase::greeting;
    diary_.onBytes = [](Connection&) {}; // the message never ends
    open();
    int seconds = 0;
    for (; !diary_.saw('c') && seconds < 60; ++seconds) {
      if (!peer_.write("x")) break;
      pass(1000);
    }
    CPPUNIT_ASSERT(diary_.reason == CloseReason::deadline);
    CPPUNIT_ASSERT_EQUAL("greeting: took too long (15000 ms)"s, diary_.detail);
    CPPUNIT_ASSERT(seconds >= 14 && seconds <= 16);
    // The same when the message begins after an identity is known: too slow.
    diary_ = Diary();
    diary_.onBytes = [](Connection&) {};
    open();
    for (seconds = 0; !diary_.saw('c') && seconds < 60; ++seconds) {
      if (!peer_.write("x")) break;
      pass(1000);
    }
    CPPUNIT_ASSERT_EQUAL("inside a message: too slow (below 1024 bytes a second)"s, diary_.detail);
    CPPUNIT_ASSERT(seconds <= 12);
  }
  void testASilentPeerIsClosedByPhase() {
    DeadlineTable table = defaultDeadlines;
    table[Phase::betweenMessages].idleMs = 7000;
    open(nullptr, table);
    pass(6500);
    CPPUNIT_ASSERT(!diary_.saw('c'));
    CPPUNIT_ASSERT(peer_.write("x"));
    pass(6500);
    CPPUNIT_ASSERT(!diary_.saw('c'));
    pass(1500);
    CPPUNIT_ASSERT_EQUAL("between messages: idle for too long (7000 ms)"s, diary_.detail);
    // While we owe the answer the peer may be silent.
    diary_ = Diary();
    diary_.first = Phase::answering;
    open(nullptr, table);
    pass(300'000);
    CPPUNIT_ASSERT(!diary_.saw('c'));
  }
  void testASlowHandshakeMeetsTheCeiling() {
    open(cast_.serverContext(cast_.policy()));
    CPPUNIT_ASSERT(peer_.write("\x16\x03\x01\x02\x00\x01"));
    for (int i = 0; i < 30 && !diary_.saw('c'); ++i) {
      CPPUNIT_ASSERT(peer_.write("\x01"));
      pass(500);
    }
    CPPUNIT_ASSERT(diary_.reason == CloseReason::deadline);
    CPPUNIT_ASSERT_EQUAL("handshaking: took too long (10000 ms)"s, diary_.detail);
    CPPUNIT_ASSERT_EQUAL("c"s, diary_.events);
  }
  void testAnEndlessHandshakeMeetsItsByteLimit() {
    DeadlineTable table = defaultDeadlines;
    table[Phase::handshaking].inputLimit = 100;
    open(cast_.serverContext(cast_.policy()), table);
    CPPUNIT_ASSERT(peer_.write("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc"s + std::string(100, 'x')));
    turns(5);
    peer_.fd.reset();
    turns(5);
    CPPUNIT_ASSERT(diary_.reason == CloseReason::handshakeFailed);
  }
  void testABadCertificateIsToldAndNamed() {
    open(cast_.serverContext(cast_.policy(ClientCertificate::request)));
    TlsPeer tls(clientContext(Forge().client("mallory").make()));
    auto step = TlsEngine::Step::wants;
    for (int i = 0; i < 8 && step != TlsEngine::Step::failed; ++i) {
      step = tls.step(peer_);
      CPPUNIT_ASSERT(peer_.write(tls.out.view()));
      tls.out.clear();
      turns();
    }
    CPPUNIT_ASSERT(step == TlsEngine::Step::failed);
    CPPUNIT_ASSERT(tls.engine->failure().find("unknown ca") != std::string::npos); // the alert was not lost
    peer_.fd.reset();
    turns();
    CPPUNIT_ASSERT_EQUAL("c"s, diary_.events);
    CPPUNIT_ASSERT(diary_.reason == CloseReason::handshakeFailed);
    CPPUNIT_ASSERT(!diary_.detail.empty());
  }
  void testAMessageThatIsTooLargeEnds() {
    DeadlineTable table = defaultDeadlines;
    table[Phase::greeting].inputLimit = 1000;
    diary_.first = Phase::greeting;
    diary_.onBytes = [](Connection&) {};
    open(nullptr, table);
    CPPUNIT_ASSERT(peer_.write(std::string(999, 'x')));
    turns();
    CPPUNIT_ASSERT(!diary_.saw('c'));
    CPPUNIT_ASSERT(peer_.write(std::string(5000, 'x')));
    turns(5);
    CPPUNIT_ASSERT(diary_.reason == CloseReason::tooLarge);
    CPPUNIT_ASSERT(connection_->input().size() <= 1000);
  }
  void testATurnIsShared() {
    open();
    while (peer_.write(std::string(4096, 'x'))) {
    }
    const auto before = connection_->bytesIn();
    loop_->turn(0);
    CPPUNIT_ASSERT(connection_->bytesIn() - before <= Connection::perTurn);
    CPPUNIT_ASSERT(connection_->bytesIn() > before);
  }
  void testAbortEndsOnceAndLast() {
    diary_.onBytes = [](Connection& connection) {
      connection.abort("enough");
      CPPUNIT_ASSERT(connection.send("x") == Connection::Sent::closed);
      CPPUNIT_ASSERT(connection.input().view() == "x"); // still there to look at
      connection.abort("twice");
      connection.closeAfterFlush();
    };
    open();
    CPPUNIT_ASSERT(peer_.write("x"));
    turns(5);
    CPPUNIT_ASSERT_EQUAL("eic"s, diary_.events);
    CPPUNIT_ASSERT(diary_.reason == CloseReason::aborted);
    CPPUNIT_ASSERT_EQUAL("enough"s, diary_.detail);
    CPPUNIT_ASSERT_EQUAL(-1, connection_->fd());
  }
  void testTheHandlerMayDestroyItInOnClosed() {
    diary_.atClose = [this] { connection_.reset(); };
    open();
    connection_->abort();
    turns();
    CPPUNIT_ASSERT(!connection_);
    open();
    peer_.fd.reset();
    turns(5);
    CPPUNIT_ASSERT(!connection_);
    open(); // and it may go at any other time outside of its own calls, in silence
    diary_.events.clear();
    CPPUNIT_ASSERT(peer_.write("x"));
    connection_.reset();
    turns();
    CPPUNIT_ASSERT(diary_.events.empty());
  }
  void testAPeerThatNeverEndsIsLeftAfterAMoment() {
    open();
    CPPUNIT_ASSERT(connection_->send("bye") == Connection::Sent::ok);
    connection_->closeAfterFlush();
    for (int i = 0; i < 9; ++i) {
      CPPUNIT_ASSERT(peer_.write("and another thing"));
      pass(500);
    }
    CPPUNIT_ASSERT(!diary_.saw('c') && diary_.received.empty());
    pass(1000);
    CPPUNIT_ASSERT_EQUAL("ec"s, diary_.events);
    CPPUNIT_ASSERT(diary_.reason == CloseReason::closed);
  }
  void testADeafPeerIsClosedAndABusyOneIsNot() {
    DeadlineTable table = defaultDeadlines;
    table[Phase::betweenMessages].idleMs = 0;
    open(nullptr, table);
    CPPUNIT_ASSERT(connection_->send(std::string(1'000'000, 'x')) == Connection::Sent::ok);
    pass(19'500);
    CPPUNIT_ASSERT(!diary_.saw('c'));
    pass(1500);
    CPPUNIT_ASSERT_EQUAL("output not taken: idle for too long (20000 ms)"s, diary_.detail);
    // One that takes what comes, for longer than any ceiling, while more keeps coming and the queue is never
    // empty.
    diary_ = Diary();
    open(nullptr, table);
    for (int i = 0; i < 300; ++i) {
      while (connection_->outputSize() < 300'000)
        CPPUNIT_ASSERT(connection_->send(std::string(50'000, 'x')) == Connection::Sent::ok);
      loop_->turn(0);
      (void)peer_.read(20'000);
      pass(1000);
      CPPUNIT_ASSERT_MESSAGE(diary_.detail, !diary_.saw('c'));
    }
  }
  void testAnIdleConnectionHoldsNoQueueMemory() {
    open();
    CPPUNIT_ASSERT(peer_.write(std::string(10'000, 'x')));
    turns();
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, connection_->input().capacity());
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, connection_->outputSize());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConnectionTest);
