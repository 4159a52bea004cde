// Protects: that a client's framing never reaches an engine (R13), over real sockets. Each input that Redis
// and a scanner could read differently ends its session; nothing of it, nor what follows it, is executed; no
// other session notices; a stranger's input opens nothing.
#include "DatabaseFaultHouse.h"

#include <utility>

using namespace gatehouse::test;
using namespace std::chrono;

namespace {

std::string bulk(std::string_view word) {
  std::string out;
  gatehouse::resp::appendBulk(out, word);
  return out;
}

/// Inputs that would be `SET key 1` to a reader that is less strict, and some that are nothing at all.
std::vector<std::string> malformedSets(const std::string& key) {
  using namespace std::string_literals;
  const std::string set = "$3\r\nSET\r\n", one = "$1\r\n1\r\n", rest = set + bulk(key) + one;
  const std::string body = bulk(key) + one;
  std::vector<std::string> out;
  for (const std::string& count : {"-0"s, "00"s, "03"s, "+3"s, " 3"s, ""s, "3 "s, "3x"s, "2147483648"s,
                                   "99999999999999999999"s, "3\0"s, "- 3"s, "--3"s, "0x3"s})
    out.push_back('*' + count + "\r\n" + rest);
  for (const std::string& end : {"\n"s, "\rX"s, "\r\r"s, "\r"s, "\n\r"s}) {
    out.push_back("*3" + end + rest);
    out.push_back("*3\r\n$3" + end + "SET\r\n" + body);
    out.push_back("*3\r\n$3\r\nSET\r\n$" + std::to_string(key.size()) + end + key + "\r\n" + one);
  }
  for (const std::string& size : {"03"s, "-1"s, "-0"s, "+3"s, ""s, "536870913"s, "1e20"s, "3 "s, " 3"s,
                                  "3\0"s, "18446744073709551619"s})
    out.push_back("*3\r\n$" + size + "\r\nSET\r\n" + body);
  out.push_back("*3\r\n:3\r\nSET\r\n" + body);
  out.push_back("*3\r\n\r\n" + rest);
  out.push_back("*3\r\n3\r\nSET\r\n" + body);
  for (const std::string& tail : {"XY"s, "\n\n"s, "\r\r"s, "\n\r"s, "\rX"s, "X\n"s}) {
    out.push_back("*3\r\n$3\r\nSET" + tail + body);
    out.push_back("*3\r\n" + set + "$" + std::to_string(key.size()) + "\r\n" + key + tail + one);
    out.push_back("*3\r\n" + set + bulk(key) + "$1\r\n1" + tail);
  }
  // The way in which a lenient scanner gave away a secret: what it takes for an AUTH is data to Redis.
  out.push_back("*1\r\n$4\r\nPINGXY*3\r\n" + rest);
  out.push_back("*1\r\n$4\rXPING\r\n*3\r\n" + rest);
  for (const std::string& line :
       {"SET " + key + " \"1\"x\r\n", "SET " + key + " \"1\r\n", "SET " + key + " '1\r\n",
        "SET " + key + " '1'x\r\n", "SET " + key + " 1\0\r\n"s + std::string(1, '\0') + "\r\n",
        "SET " + key + std::string(1, '\0') + " 1\r\n",
        "SET " + key + ' ' + std::string(70'000, 'x') + "\r\n", "SET " + key + ' ' + std::string(70'000, 'x'),
        "POST /" + key + " HTTP/1.1\r\n", "Host: x\r\n"s, "host: x\r\n"s})
    out.push_back(line);
  return out;
}

std::string shown(std::string_view bytes) {
  std::string out;
  for (const char c : bytes.substr(0, 160)) {
    if (c == '\r')
      out += "\\r";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\0')
      out += "\\0";
    else
      out += c;
  }
  return out;
}

bool writeInBytes(RespPeer& peer, std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(1))
    if (!peer.write(bytes.substr(0, 1))) return false; // it has been closed in the middle
  return true;
}

} // namespace

class DatabaseFaultFrameTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseFaultFrameTest);
  CPPUNIT_TEST(testAMalformedFrameEndsItsSessionAndIsNeverExecuted);
  CPPUNIT_TEST(testAMalformedFrameOfAStrangerEndsItsSession);
  CPPUNIT_TEST(testAStrangerIsHeldToRedissLimitsAndHasNoLink);
  CPPUNIT_TEST_SUITE_END();

public:
  void testAMalformedFrameEndsItsSessionAndIsNeverExecuted() {
    FaultHouse house;
    TaggedLoad bystanders(house.ways(2));
    RespPeer witness(house.at(house.cache, house.adasCertificate));
    CPPUNIT_ASSERT_EQUAL(std::string("PONG"), witness.say({"PING"}));
    const std::size_t count = malformedSets("k").size();
    for (std::size_t i = 0; i < count; ++i) {
      for (const std::string kind : {"certificate", "password", "bytes", "first"}) {
        const std::string key = "frame:" + std::to_string(i) + ':' + kind;
        const std::string frame = malformedSets(key)[i], what = kind + ": " + shown(frame);
        if (kind == "bytes" && frame.size() > 1000) continue; // what is long is long in any pieces
        const auto peer = kind == "password" ? house.byPassword() : house.byCertificate();
        CPPUNIT_ASSERT_MESSAGE(what, peer && peer->connected());
        std::string bytes;
        if (kind != "first") gatehouse::resp::appendCommand(bytes, {"SET", key + ":before", "1"});
        bytes += frame;
        gatehouse::resp::appendCommand(bytes, {"SET", key + ":after", "1"});
        static_cast<void>(kind == "bytes" ? writeInBytes(*peer, bytes) : peer->write(bytes));
        const std::string said = peer->rest(10'000);
        CPPUNIT_ASSERT_MESSAGE(what + " is not closed: " + said, peer->ended());
        // What was right before it may have been answered; a text where a reply is expected must not be.
        const bool silent = said.empty() ||
                            (kind != "first" && (said == "+OK\r\n" || said == "+OK\r\n+PONG\r\n")) ||
                            (kind == "first" && said.starts_with("-ERR Protocol error: ") &&
                             said.find("\r\n") + 2 == said.size());
        CPPUNIT_ASSERT_MESSAGE(what + " is answered: " + said, silent);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::string("0"), witness.say({"EXISTS", key, key + ":after"}));
      }
    }
    CPPUNIT_ASSERT_EQUAL(std::string("PONG"), witness.say({"PING"}));
    bystanders.stop();
    house.assertClean(bystanders);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, bystanders.report().ended);
  }

  void testAMalformedFrameOfAStrangerEndsItsSession() {
    FaultHouse house;
    RespPeer witness(house.at(house.cache, house.adasCertificate));
    const std::uint64_t links = FaultHouse::clientsOf(witness);
    std::vector<std::string> frames = malformedSets("frame");
    // Tighter than for who is known, as in Redis.
    frames.push_back("*11\r\n$4\r\nPING\r\n");
    frames.push_back("*2\r\n$4\r\nECHO\r\n$16385\r\n");
    frames.push_back("*3\r\n$4\r\nAUTH\r\n$16385\r\n");
    for (const std::string& frame : frames) {
      const auto peer = house.stranger();
      CPPUNIT_ASSERT(peer->connected());
      std::string bytes;
      gatehouse::resp::appendCommand(bytes, {"SET", "frame:before", "1"});
      bytes += frame;
      gatehouse::resp::appendCommand(bytes, {"SET", "frame:after", "1"});
      static_cast<void>(peer->write(bytes));
      std::string said = peer->rest(10'000);
      CPPUNIT_ASSERT_MESSAGE(shown(frame) + " is not closed: " + said, peer->ended());
      const std::string refused = "-NOAUTH Authentication required.\r\n", wrong = "-ERR Protocol error: ";
      std::size_t replies = 0;
      for (; said.starts_with(refused); ++replies) said.erase(0, refused.size());
      CPPUNIT_ASSERT_MESSAGE(shown(frame), replies <= 2); // PING, in two of the frames
      CPPUNIT_ASSERT_MESSAGE(shown(frame) + ": " + said,
                             said.empty() ||
                                 (said.starts_with(wrong) && said.find("\r\n") + 2 == said.size()));
    }
    CPPUNIT_ASSERT_EQUAL(std::string("0"), witness.say({"EXISTS", "frame", "frame:before", "frame:after"}));
    CPPUNIT_ASSERT_EQUAL(links, FaultHouse::clientsOf(witness));
  }

  /// R13: before an identity nothing that a peer sends reaches an engine, nor costs it a connection.
  void testAStrangerIsHeldToRedissLimitsAndHasNoLink() {
    FaultHouse house;
    RespPeer witness(house.at(house.cache, house.adasCertificate));
    const std::uint64_t links = FaultHouse::clientsOf(witness);
    std::vector<std::unique_ptr<RespPeer>> strangers;
    for (int i = 0; i < 50; ++i) {
      strangers.push_back(house.stranger());
      RespPeer& peer = *strangers.back();
      CPPUNIT_ASSERT_EQUAL(std::string("-NOAUTH Authentication required."), peer.say({"PING"}));
      CPPUNIT_ASSERT_EQUAL(std::string("-NOAUTH Authentication required."), peer.say({"SET", "k", "v"}));
      CPPUNIT_ASSERT_EQUAL(std::string("-WRONGPASS invalid username-password pair or user is disabled."),
                           peer.say({"AUTH", house.ada, "guess"}));
      CPPUNIT_ASSERT_EQUAL(std::string("RESET"), peer.say({"RESET"}));
      CPPUNIT_ASSERT_EQUAL(links, FaultHouse::clientsOf(witness));
    }
    CPPUNIT_ASSERT_EQUAL(std::string("(nil)"), witness.say({"GET", "k"}));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseFaultFrameTest);
