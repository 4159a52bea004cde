// Protects: who guesses passwords is shut out, and whoever is guessed at is not, until the guesses come from
// many places (facts §2.5).
#include "gateway/Lockouts.h"

#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>

using namespace gatehouse;
using gateway::Lockouts;

namespace {

std::string net(int i) { return "192.0.2." + std::to_string(i); }
std::string networkOf(const std::string& address) {
  return gateway::networkOf(transport::Address::parse(address).value());
}

} // namespace

class LockoutsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LockoutsTest);
  CPPUNIT_TEST(testTheThresholdLocksThatUserForThatNetworkAlone);
  CPPUNIT_TEST(testALockEndsByItself);
  CPPUNIT_TEST(testDurationZeroLocksUntilSomebodyUnlocks);
  CPPUNIT_TEST(testAPauseForgetsFailures);
  CPPUNIT_TEST(testASuccessForgetsItsNetworkAlone);
  CPPUNIT_TEST(testFourLockedNetworksLockFromAnywhere);
  CPPUNIT_TEST(testManyNetworksTogetherLockFromAnywhere);
  CPPUNIT_TEST(testThresholdZeroIsNever);
  CPPUNIT_TEST(testUnlockForgetsAll);
  CPPUNIT_TEST(testGuessesThatRanBesideALockDoNotProlongIt);
  CPPUNIT_TEST(testWhatIsNotedIsWhatIsLoaded);
  CPPUNIT_TEST(testADefaultUsersFailuresAreNotNoted);
  CPPUNIT_TEST(testWhereThereIsNoRoomFailuresCountForTheUser);
  CPPUNIT_TEST(testANetworkIsAnAddressOrAPrefix);
  CPPUNIT_TEST_SUITE_END();

  test::ManualClock clock;
  model::ClusterPolicy policy; // 5 in 900 s, for 1800 s
  Lockouts lockouts;
  std::map<std::pair<std::int64_t, std::string>, store::LoginFailures> noted;

public:
  void setUp() override { lockouts.load({}, now(), notes()); }
  std::int64_t now() const { return clock.wallSeconds(); }
  void wait(std::int64_t seconds) { clock.advance(static_cast<std::uint64_t>(seconds) * 1000); }
  Lockouts::Noted notes() {
    return [this](store::LoginFailures row) {
      const std::pair key(row.userUid, row.network);
      if (row.failures == 0 && row.lockedUntil == 0)
        noted.erase(key);
      else
        noted[key] = std::move(row);
    };
  }
  void fail(int times, std::int64_t user, const std::string& network) {
    for (int i = 0; i < times; ++i) lockouts.failed(user, network, now());
  }
  bool locked(std::int64_t user, const std::string& network) { return lockouts.locked(user, network, now()); }

  void testTheThresholdLocksThatUserForThatNetworkAlone() {
    for (int i = 0; i < 4; ++i)
      CPPUNIT_ASSERT(lockouts.failed(7, net(1), now()) == Lockouts::Effect::counted);
    CPPUNIT_ASSERT(!locked(7, net(1)) && !lockouts.lockedSomewhere(7, now()));
    CPPUNIT_ASSERT(lockouts.failed(7, net(1), now()) == Lockouts::Effect::network);
    CPPUNIT_ASSERT(locked(7, net(1)) && lockouts.lockedSomewhere(7, now()));
    CPPUNIT_ASSERT(!locked(7, net(2)) && !locked(8, net(1)) && !lockouts.lockedSomewhere(8, now()));
  }
  void testALockEndsByItself() {
    fail(5, 7, net(1));
    wait(1799);
    CPPUNIT_ASSERT(locked(7, net(1)));
    wait(1);
    CPPUNIT_ASSERT(!locked(7, net(1)));
    fail(4, 7, net(1)); // and begins anew
    CPPUNIT_ASSERT(!locked(7, net(1)));
    fail(1, 7, net(1));
    CPPUNIT_ASSERT(locked(7, net(1)));
  }
  void testDurationZeroLocksUntilSomebodyUnlocks() {
    policy.login_lockout_duration = 0;
    lockouts.setPolicy(policy);
    fail(5, 7, net(1));
    wait(1'000'000'000);
    CPPUNIT_ASSERT(locked(7, net(1)));
    lockouts.unlock(7);
    CPPUNIT_ASSERT(!locked(7, net(1)));
  }
  void testAPauseForgetsFailures() {
    fail(4, 7, net(1));
    wait(900);
    fail(1, 7, net(1)); // within it still
    CPPUNIT_ASSERT(locked(7, net(1)));
    fail(4, 8, net(1));
    wait(901);
    fail(4, 8, net(1));
    CPPUNIT_ASSERT(!locked(8, net(1)));
  }
  void testASuccessForgetsItsNetworkAlone() {
    fail(4, 7, net(1));
    fail(4, 7, net(2));
    lockouts.succeeded(7, net(1));
    fail(1, 7, net(1));
    fail(1, 7, net(2));
    CPPUNIT_ASSERT(!locked(7, net(1)) && locked(7, net(2)));
  }
  void testFourLockedNetworksLockFromAnywhere() {
    for (int i = 1; i <= 3; ++i) fail(5, 7, net(i));
    CPPUNIT_ASSERT(!locked(7, net(9)));
    fail(4, 7, net(4));
    CPPUNIT_ASSERT(lockouts.failed(7, net(4), now()) == Lockouts::Effect::anywhere);
    CPPUNIT_ASSERT(locked(7, net(9)) && locked(7, net(1)) && !locked(8, net(9)));
    wait(1800);
    CPPUNIT_ASSERT(!locked(7, net(9)) && !locked(7, net(1)));
    fail(1, 7, net(1));
    CPPUNIT_ASSERT(!locked(7, net(9)));
  }
  void testManyNetworksTogetherLockFromAnywhere() { // each stays below the threshold
    for (int i = 1; i <= 12; ++i) fail(4, 7, net(i));
    CPPUNIT_ASSERT(!locked(7, net(99)));
    fail(1, 7, net(13));
    CPPUNIT_ASSERT(!locked(7, net(99)));
    CPPUNIT_ASSERT(lockouts.failed(7, net(14), now()) == Lockouts::Effect::anywhere); // the fiftieth
    CPPUNIT_ASSERT(locked(7, net(99)));
  }
  void testThresholdZeroIsNever() {
    fail(5, 7, net(1));
    policy.login_lockout_threshold = 0;
    lockouts.setPolicy(policy);
    CPPUNIT_ASSERT(!locked(7, net(1)) && !lockouts.lockedSomewhere(7, now()));
    fail(1000, 8, net(1));
    CPPUNIT_ASSERT(!locked(8, net(1)));
    policy.login_lockout_threshold = 5; // what was not counted does not lock later
    lockouts.setPolicy(policy);
    CPPUNIT_ASSERT(!locked(8, net(1)));
  }
  void testUnlockForgetsAll() {
    for (int i = 1; i <= 4; ++i) fail(5, 7, net(i));
    fail(5, 8, net(1));
    lockouts.unlock(7);
    CPPUNIT_ASSERT(!lockouts.lockedSomewhere(7, now()) && locked(8, net(1)));
    fail(4, 7, net(1));
    CPPUNIT_ASSERT(!locked(7, net(1)));
    lockouts.unlock(7);
    lockouts.unlock(8);
    CPPUNIT_ASSERT(noted.empty());
  }
  void testGuessesThatRanBesideALockDoNotProlongIt() {
    fail(5, 7, net(1));
    wait(1000);
    fail(20, 7, net(1));
    wait(800);
    CPPUNIT_ASSERT(!locked(7, net(1)));
    for (int i = 1; i <= 4; ++i) fail(5, 8, net(i));
    wait(1000);
    fail(20, 8, net(9));
    wait(800);
    CPPUNIT_ASSERT(!lockouts.lockedSomewhere(8, now()));
  }
  void testWhatIsNotedIsWhatIsLoaded() { // a restart opens nothing
    fail(5, 7, net(1));
    fail(4, 7, net(2));
    for (int i = 1; i <= 4; ++i) fail(5, 8, net(i));
    fail(2, 9, net(1));
    wait(901); // the failures of 9, and of 7 from the second network, are forgotten
    std::vector<store::LoginFailures> rows;
    for (const auto& [key, row] : noted) rows.push_back(row);
    Lockouts again;
    again.load(rows, now(), notes());
    CPPUNIT_ASSERT(again.locked(7, net(1), now()) && !again.locked(7, net(2), now()));
    CPPUNIT_ASSERT(again.locked(8, net(77), now()));
    CPPUNIT_ASSERT(!noted.contains({9, net(1)}) && !noted.contains({7, net(2)}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, noted.size());
    wait(899);
    CPPUNIT_ASSERT(!again.locked(7, net(1), now()) && !again.locked(8, net(77), now()));
  }
  void testADefaultUsersFailuresAreNotNoted() { // it has no row that they could stand beside
    fail(5, -3, net(1));
    CPPUNIT_ASSERT(locked(-3, net(1)) && !locked(3, net(1)));
    CPPUNIT_ASSERT(noted.empty());
  }
  void testWhereThereIsNoRoomFailuresCountForTheUser() { // never: not at all
    for (std::size_t i = 0; i < Lockouts::mostEntries; ++i)
      lockouts.failed(static_cast<std::int64_t>(i) + 100, net(1), now());
    for (int i = 0; i < 49; ++i) lockouts.failed(7, net(i), now());
    CPPUNIT_ASSERT(!locked(7, net(200)));
    lockouts.failed(7, net(1), now());
    CPPUNIT_ASSERT(locked(7, net(200)));
    wait(901); // the others' are forgotten: there is room again
    fail(5, 8, net(1));
    CPPUNIT_ASSERT(locked(8, net(1)) && !locked(8, net(2)));
  }
  void testANetworkIsAnAddressOrAPrefix() {
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1"), networkOf("192.0.2.1:5000"));
    CPPUNIT_ASSERT_EQUAL(networkOf("192.0.2.1:5000"), networkOf("192.0.2.1:6000"));
    CPPUNIT_ASSERT_EQUAL(std::string("2001:db8:0:1::/64"), networkOf("[2001:db8:0:1:2:3:4:5]:5000"));
    CPPUNIT_ASSERT_EQUAL(networkOf("[2001:db8:0:1::1]:1"), networkOf("[2001:db8:0:1:ffff::2]:2"));
    CPPUNIT_ASSERT(networkOf("[2001:db8:0:1::1]:1") != networkOf("[2001:db8:0:2::1]:1"));
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1"), networkOf("[::ffff:192.0.2.1]:5000"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LockoutsTest);
