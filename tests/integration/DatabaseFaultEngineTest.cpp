// Protects: that an engine which dies or stops under load costs sessions and time, and never a wrong reply, a
// reply to the wrong session, or a write that was acknowledged; that all comes back by itself; and that other
// databases do not notice (design §7).
#include "DatabaseFaultHouse.h"

#include <csignal>
#include <iostream>
#include <poll.h>

using namespace gatehouse::test;
using namespace std::chrono;

namespace {

constexpr std::string_view durable = "\"aof_policy\":\"appendfsync-always\"";
constexpr auto soon = seconds(90); // a sanitizer on a busy machine

} // namespace

class DatabaseFaultEngineTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseFaultEngineTest);
  CPPUNIT_TEST(testAnEngineKilledUnderLoadComesBackByItself);
  CPPUNIT_TEST(testWithoutAnEngineEachCommandIsAnswered);
  CPPUNIT_TEST(testAFrozenEngineHoldsItsSessionsAndNoOthers);
  CPPUNIT_TEST(testAGatewayKilledUnderLoadLosesNothing);
  CPPUNIT_TEST_SUITE_END();

public:
  void testAnEngineKilledUnderLoadComesBackByItself() {
    FaultHouse house(durable);
    house.resize(std::int64_t{1} << 30);
    const auto other = house.addDatabase("other", {{house.everything, house.everythingAcl}});
    TaggedLoad load(house.ways(20), {.valueBytes = 200, .keeps = true}), elsewhere(house.ways(2, other));
    for (int turn = 0; turn < 2; ++turn) {
      CPPUNIT_ASSERT(load.allGoOn(30, soon));
      const pid_t engine = house.engineOf(house.cache.uid);
      CPPUNIT_ASSERT(engine > 0);
      const std::uint64_t ended = load.report().ended;
      ::kill(engine, SIGKILL);
      bool recovered = false;
      CPPUNIT_ASSERT(eventually(
          [&] {
            recovered = recovered || house.status(house.cache.uid) == "recovery";
            const pid_t now = house.engineOf(house.cache.uid);
            return recovered && now > 0 && now != engine && house.status(house.cache.uid) == "active";
          },
          soon));
      CPPUNIT_ASSERT_MESSAGE("wrong: " + load.report().firstWrong, load.allGoOn(30, soon));
      CPPUNIT_ASSERT(load.report().ended >= ended + 20); // nobody knows what these were owed
    }
    load.stop();
    elsewhere.stop();
    house.assertClean(load);
    house.assertClean(elsewhere);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, elsewhere.report().ended);
    assertKept(house, load);
  }

  /// Design §7: an error, never silence.
  void testWithoutAnEngineEachCommandIsAnswered() {
    FaultHouse house;
    const auto idle = house.byCertificate(), known = house.byPassword();
    CPPUNIT_ASSERT(known);
    // Ended as often as it comes back, until somebody asks while there is none.
    CPPUNIT_ASSERT(eventually(
        [&] {
          if (const pid_t engine = house.engineOf(house.cache.uid); engine > 0) ::kill(engine, SIGKILL);
          const std::string said = house.byCertificate()->say({"GET", "k"});
          CPPUNIT_ASSERT_MESSAGE(said, said.starts_with("-LOADING") || said == "(nil)" || said == "(closed)");
          return said.starts_with("-LOADING");
        },
        soon));
    CPPUNIT_ASSERT_EQUAL(std::string("(closed)"), textOf(known->receive())); // nobody knows what it was owed
    house.waitActive(house.cache.uid);
    CPPUNIT_ASSERT_EQUAL(std::string("PONG"), idle->say({"PING"})); // had no link, and has one now
  }

  void testAFrozenEngineHoldsItsSessionsAndNoOthers() {
    FaultHouse house;
    const auto other = house.addDatabase("other", {{house.everything, house.everythingAcl}});
    TaggedLoad load(house.ways(20)), elsewhere(house.ways(4, other));
    CPPUNIT_ASSERT(load.allGoOn(30, soon));
    CPPUNIT_ASSERT(elsewhere.allGoOn(30, soon));
    const pid_t engine = house.engineOf(house.cache.uid);
    CPPUNIT_ASSERT(engine > 0);
    const auto begin = steady_clock::now(), end = begin + (longRun() ? seconds(30) : seconds(3));
    ::kill(engine, SIGSTOP);
    // Sessions there wait; the other database's go on, new ones of it too, and so does the administrator.
    while (steady_clock::now() < end) {
      CPPUNIT_ASSERT_MESSAGE(elsewhere.report().firstWrong, elsewhere.allGoOn(20, seconds(20)));
      const auto fresh = house.byPassword(other);
      CPPUNIT_ASSERT(fresh);
      CPPUNIT_ASSERT_EQUAL(std::string("PONG"), fresh->say({"PING"}));
      house.must("GET", "/v1/users");
    }
    ::kill(engine, SIGCONT);
    CPPUNIT_ASSERT_MESSAGE(load.report().firstWrong, load.allGoOn(30, soon));
    load.stop();
    elsewhere.stop();
    house.assertClean(load);
    house.assertClean(elsewhere);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, elsewhere.report().ended);
    CPPUNIT_ASSERT(load.report().slowestMs >= 2'000); // it was frozen
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, load.report().ended);
    CPPUNIT_ASSERT_EQUAL(engine, house.engineOf(house.cache.uid));
    house.waitActive(house.cache.uid);
  }

  /// R19, R20: never two engines on one directory, and every acknowledged write is there.
  void testAGatewayKilledUnderLoadLosesNothing() {
    ServerOptions options = FaultHouse::options();
    FaultHouse house(options, std::string(durable) + ",\"port\":" + std::to_string(freePort()));
    TaggedLoad load(house.ways(10), {.valueBytes = 200, .keeps = true});
    CPPUNIT_ASSERT(load.allGoOn(50, soon));
    house.server.kill9();
    house.server.start();
    house.waitActive(house.cache.uid);
    CPPUNIT_ASSERT_MESSAGE(load.report().firstWrong, load.allGoOn(50, soon));
    load.stop();
    house.assertClean(load);
    assertKept(house, load);
  }

private:
  static void assertKept(const FaultHouse& house, const TaggedLoad& load) {
    const auto peer = house.byCertificate();
    CPPUNIT_ASSERT(!load.acknowledged().empty());
    for (const auto& [key, value] : load.acknowledged())
      CPPUNIT_ASSERT_EQUAL_MESSAGE("an acknowledged write is lost: " + key, value, peer->say({"GET", key}));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseFaultEngineTest);
