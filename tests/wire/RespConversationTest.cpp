// Protects: what a transcript can't show of a RESP conversation: how it is paced, what it keeps, and what it
// does when a link or an answer fails it.
#include "resp/RespConversation.h"
#include "support/FakeHost.h"
#include "support/MiniRedis.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>

using namespace gatehouse;
using namespace std::string_literals;

namespace {

const std::string ping = "*1\r\n$4\r\nPING\r\n";

struct House {
  test::FakeHost host;
  test::FakePlugin plugin{host, Barrier::protocol<resp::RespConversation>("resp", "0", "")};
  House() {
    CPPUNIT_ASSERT(plugin.configure() && plugin.start());
    host.connectionUser = "ada";
    host.authenticate = [](const test::FakeAsked& asked) -> std::uint32_t {
      return asked.secret == "pw" ? GH_OK : GH_DENIED;
    };
  }
  [[nodiscard]] static test::FakeSession::Peer proven(std::uint32_t proof = GH_PROOF_CERTIFICATE) {
    test::FakeSession::Peer peer;
    peer.proof = proof;
    return peer;
  }
  gh_link link() const { return host.links.rbegin()->first; }
  void noFault() const { CPPUNIT_ASSERT_EQUAL(""s, host.faults.empty() ? ""s : host.faults.front()); }
};

} // namespace

class RespConversationTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RespConversationTest);
  CPPUNIT_TEST(testNothingIsOpenedBeforeThereIsAnIdentityR13);
  CPPUNIT_TEST(testALinkIsOpenedByTheFirstCommandAlone);
  CPPUNIT_TEST(testFlowsTellWhereTheConversationStands);
  CPPUNIT_TEST(testAFullLinkStopsTheReading);
  CPPUNIT_TEST(testALinkThatEndsBehindHalfACommandEndsTheSession);
  CPPUNIT_TEST(testADrainedLinkThatDoesNotEndAsItMustAborts);
  CPPUNIT_TEST(testADrainedLinkIsPassedOnWhileItComes);
  CPPUNIT_TEST(testAHalfCloseSendsResetOnlyWhereRepliesMayBeOff);
  CPPUNIT_TEST(testMalformedOnALinkSaysNothingAndIsCounted);
  CPPUNIT_TEST(testMalformedBeforeALinkIsSaid);
  CPPUNIT_TEST(testALoginTooLongToHoldEndsAStranger);
  CPPUNIT_TEST(testACertificatesUserHasNoPasswordLesson42);
  CPPUNIT_TEST(testIdentitiesAreForgotten);
  CPPUNIT_TEST(testNoSecretIsSentButByLogin);
  CPPUNIT_TEST_SUITE_END();

public:
  void testNothingIsOpenedBeforeThereIsAnIdentityR13() {
    House house;
    for (const int proof : {int{GH_PROOF_NONE}, int{GH_PROOF_LOCAL}, int{GH_PROOF_REFUSED}, 77}) {
      test::FakeSession session(house.plugin, House::proven(static_cast<std::uint32_t>(proof)));
      session.client(ping + "*2\r\n$4\r\nAUTH\r\n$2\r\nno\r\nHELLO 3\r\nAUTH ada no\r\nRESET\r\n" + ping);
    }
    CPPUNIT_ASSERT(house.host.links.empty());
    house.noFault();
  }

  void testALinkIsOpenedByTheFirstCommandAlone() {
    House house;
    test::FakeSession session(house.plugin, House::proven());
    session.holdCompletions = true;
    session.client("\r\n*0\r\n*1\r\n$4\r\nPIN");
    CPPUNIT_ASSERT(house.host.links.empty());
    session.client("G");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.host.links.size());
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_FLOW_HOLD}, session.flow());
    session.client("\r\n");
    session.deliver();
    CPPUNIT_ASSERT_EQUAL(ping, house.host.links[house.link()].sent);
    house.noFault();
  }

  void testFlowsTellWhereTheConversationStands() {
    House house;
    test::FakeSession session(house.plugin, House::proven());
    session.client(ping);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_FLOW_NEXT}, session.flow());
    session.client("*2\r\n$3\r\nGET\r\n$1");
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_FLOW_MORE}, session.flow());
    session.client("\r\nk\r\n");
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_FLOW_NEXT}, session.flow());
    session.client("*1\r");
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_FLOW_MORE}, session.flow());
    house.noFault();
  }

  void testAFullLinkStopsTheReading() {
    House house;
    house.host.linkFullAt = 10;
    house.host.engine = [](const std::string& user) {
      return std::make_shared<test::MiniRedis>(std::make_shared<test::MiniStore>(), user);
    };
    test::FakeSession session(house.plugin, House::proven());
    session.client("PING\r\nPING\r\nPING\r\n"); // each is a send of its own; the host gives the rest again
    CPPUNIT_ASSERT_EQUAL("+PONG\r\n+PONG\r\n+PONG\r\n"s, session.sent());
    CPPUNIT_ASSERT_EQUAL(ping + ping + ping, house.host.links[house.link()].sent);
    house.noFault();
  }

  void testALinkThatEndsBehindHalfACommandEndsTheSession() {
    House house;
    test::FakeSession session(house.plugin, House::proven());
    session.client("*1\r\n$4\r\nQ"); // not known yet: it may be QUIT
    CPPUNIT_ASSERT(house.host.links.empty());
    session.client("UAD");
    const gh_link first = house.link();
    session.engineEnds(first); // part of a command had gone there
    CPPUNIT_ASSERT(!session.open() && !session.aborted());
    house.noFault();
  }

  void testADrainedLinkThatDoesNotEndAsItMustAborts() {
    for (const std::string last : {"", "+OK", "+RESET\r\n", "+RESET\r\n-ERR x\r\n", "+OK\r\n "}) {
      House house;
      test::FakeSession session(house.plugin, House::proven());
      session.client("PING\r\nRESET\r\n");
      session.engineSays(house.link(), last);
      CPPUNIT_ASSERT(session.open());
      session.engineEnds(house.link());
      CPPUNIT_ASSERT_MESSAGE(last, session.aborted());
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, house.host.counts["broken_ends"]);
      house.noFault();
    }
  }

  void testADrainedLinkIsPassedOnWhileItComes() {
    House house;
    test::FakeSession session(house.plugin, House::proven());
    session.client("PING\r\nRESET\r\nPING\r\n");
    session.engineSays(house.link(), "+PONG\r\n+OK\r\n");
    CPPUNIT_ASSERT_EQUAL("+PONG\r\n"s, session.sent()); // what comes behind it may be the end's
    session.engineSays(house.link(), "+O");
    CPPUNIT_ASSERT_EQUAL("+PONG\r\n+OK\r\n"s, session.sent());
    session.engineSays(house.link(), "N\r\n+RESET\r\n+OK\r\n");
    CPPUNIT_ASSERT_EQUAL("+PONG\r\n+OK\r\n+ON\r\n+RESET\r\n"s, session.sent());
    const gh_link first = house.link();
    session.engineEnds(first);
    CPPUNIT_ASSERT(house.link() != first);
    CPPUNIT_ASSERT_EQUAL(ping, house.host.links[house.link()].sent);
    house.noFault();
  }

  /// Behind RESET, Redis closes a connection that has more than 1 KiB of replies to take: they would be lost.
  void testAHalfCloseSendsResetOnlyWhereRepliesMayBeOff() {
    const auto ends = [](const std::string& bytes, std::size_t chunk) {
      House house;
      test::FakeSession session(house.plugin, House::proven());
      for (std::size_t at = 0; at < bytes.size(); at += chunk) session.client(bytes.substr(at, chunk));
      session.clientEnds();
      const std::string sent = house.host.links[house.link()].sent;
      house.noFault();
      return sent.find("RESET") == std::string::npos ? sent.ends_with("*1\r\n$4\r\nQUIT\r\n") ? "quit" : "?"
                                                     : "reset";
    };
    const std::string name = "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$5\r\nREPLY\r\n",
                      off = "*3\r\n$6\r\nclient\r\n$5\r\nReply\r\n$3\r\nOFF\r\n";
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
      CPPUNIT_ASSERT_EQUAL("quit"s, std::string(ends(ping + "CLIENT SETNAME REPLY\r\n", chunk)));
      CPPUNIT_ASSERT_EQUAL("reset"s, std::string(ends(off + ping, chunk)));
      CPPUNIT_ASSERT_EQUAL("reset"s, std::string(ends(ping + "client reply skip\r\n", chunk)));
    }
    CPPUNIT_ASSERT_EQUAL("quit"s, std::string(ends(ping + name + ping, 1000)));
  }

  void testMalformedOnALinkSaysNothingAndIsCounted() {
    House house;
    test::FakeSession session(house.plugin, House::proven());
    session.client(ping + "*1\r\n$04\r\nPING\r\n");
    CPPUNIT_ASSERT_EQUAL(""s, session.sent());
    CPPUNIT_ASSERT_EQUAL(ping, house.host.links[house.link()].sent);
    CPPUNIT_ASSERT(!session.open() && !session.aborted());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, house.host.counts["malformed"]);
    house.noFault();
  }

  void testMalformedBeforeALinkIsSaid() {
    House house;
    test::FakeSession session(house.plugin);
    session.client("PING\r\n*1\rX");
    CPPUNIT_ASSERT_EQUAL(
        "-NOAUTH Authentication required.\r\n-ERR Protocol error: invalid multibulk length\r\n"s,
        session.sent());
    CPPUNIT_ASSERT(!session.open());
    house.noFault();
  }

  void testALoginTooLongToHoldEndsAStranger() {
    House house;
    test::FakeSession session(house.plugin);
    std::string hello = "*10\r\n$5\r\nHELLO\r\n";
    for (int i = 0; i < 9; ++i) hello += "$16000\r\n" + std::string(16'000, 'x') + "\r\n";
    session.client(hello, 4000);
    CPPUNIT_ASSERT_EQUAL("-ERR Protocol error: too big a login\r\n"s, session.sent());
    CPPUNIT_ASSERT(!session.open() && house.host.asked.empty());
    house.noFault();
  }

  void testACertificatesUserHasNoPasswordLesson42() {
    House house;
    test::FakeSession session(house.plugin, House::proven());
    for (const std::string login : {"AUTH ada pw", "AUTH ada \"\"", "AUTH pw", "AUTH \"\"",
                                    "HELLO 3 AUTH ada pw", "HELLO 3 AUTH ada \"\"", "AUTH bob pw"})
      session.client(login + "\r\n");
    CPPUNIT_ASSERT(house.host.asked.empty());
    const auto& link = house.host.links[house.link()];
    CPPUNIT_ASSERT_EQUAL(std::size_t{7}, link.logins.size());
    for (const std::string& login : link.logins) CPPUNIT_ASSERT_EQUAL(""s, login);
    CPPUNIT_ASSERT(link.sent.find("pw") == std::string::npos && link.sent.find("ada") == std::string::npos);
    house.noFault();
  }

  void testIdentitiesAreForgotten() {
    House house;
    test::FakeSession session(house.plugin);
    for (int i = 0; i < 1000; ++i) session.client("AUTH ada pw\r\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.host.links.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, house.host.links[house.link()].logins.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, session.identities());
    house.noFault();
  }

  void testNoSecretIsSentButByLogin() {
    House house;
    test::FakeSession session(house.plugin);
    session.client("AUTH ada pw\r\n");
    session.client("AUTH ada pw x\r\nHELLO 9 AUTH ada pw\r\nHELLO 3 AUTH ada pw AUTH ada pw\r\n"
                   "HELLO 3 SETNAME \"a b\" AUTH ada pw\r\nAUTH pw\r\nAUTH eve pw2\r\n");
    const std::string& sent = house.host.links[house.link()].sent;
    CPPUNIT_ASSERT(sent.find("pw") == std::string::npos && sent.find("eve") == std::string::npos);
    CPPUNIT_ASSERT_EQUAL(sent.find("secret-of-ada"), sent.rfind("secret-of-ada"));
    CPPUNIT_ASSERT(sent.find("secret-of-ada") != std::string::npos);
    CPPUNIT_ASSERT(house.host.log.empty());
    house.noFault();
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RespConversationTest);
