// Protects: the time a peer may take. Each limit is met at its millisecond, and no behaviour of a peer moves
// a ceiling.
#include "transport/Deadlines.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <string>
#include <vector>

using namespace gatehouse::transport;

class DeadlinesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DeadlinesTest);
  CPPUNIT_TEST(testEachLimitIsMetAtItsMillisecond);
  CPPUNIT_TEST(testBytesMoveTheIdleLimitAndNeverTheCeiling);
  CPPUNIT_TEST(testATrickleIsTooSlow);
  CPPUNIT_TEST(testAFastBeginningBuysNoSlowRest);
  CPPUNIT_TEST(testAFastEnoughBodyMayBeLong);
  CPPUNIT_TEST(testAnExcuseLeavesTheCeiling);
  CPPUNIT_TEST(testTheNextCheckIsNeverLate);
  CPPUNIT_TEST(testNoLimitsMeanNever);
  CPPUNIT_TEST(testEveryPhaseOfAStrangerHasACeiling);
  CPPUNIT_TEST_SUITE_END();

public:
  void testEachLimitIsMetAtItsMillisecond() {
    struct Row {
      Phase phase;
      std::uint64_t after;
      Overdue overdue;
    };
    // Without a single byte.
    const std::vector<Row> rows = {
        {Phase::handshaking, 10'000, Overdue::ceiling}, {Phase::judging, 3'000, Overdue::ceiling},
        {Phase::greeting, 10'000, Overdue::idle},       {Phase::betweenMessages, 30'000, Overdue::idle},
        {Phase::insideMessage, 10'000, Overdue::idle},  {Phase::streamingBody, 10'000, Overdue::idle},
        {Phase::draining, 20'000, Overdue::idle},       {Phase::closing, 5'000, Overdue::ceiling},
    };
    for (const Row& row : rows) {
      PhaseDeadline deadline;
      deadline.enter(row.phase, defaultDeadlines[row.phase], 1000);
      CPPUNIT_ASSERT_EQUAL(1000 + row.after, deadline.nextCheckMs());
      CPPUNIT_ASSERT_MESSAGE(std::string(word(row.phase)),
                             deadline.expired(1000 + row.after - 1) == Overdue::none);
      CPPUNIT_ASSERT_MESSAGE(std::string(word(row.phase)), deadline.expired(1000 + row.after) == row.overdue);
    }
  }
  void testBytesMoveTheIdleLimitAndNeverTheCeiling() {
    PhaseDeadline deadline;
    deadline.enter(Phase::greeting, defaultDeadlines[Phase::greeting], 0);
    for (std::uint64_t now = 1000; now < 15'000; now += 1000) {
      deadline.progress(1, now);
      CPPUNIT_ASSERT(deadline.expired(now) == Overdue::none);
    }
    CPPUNIT_ASSERT(deadline.expired(14'999) == Overdue::none);
    CPPUNIT_ASSERT(deadline.expired(15'000) == Overdue::ceiling);
  }
  void testATrickleIsTooSlow() {
    PhaseDeadline deadline;
    deadline.enter(Phase::insideMessage, defaultDeadlines[Phase::insideMessage], 0);
    for (std::uint64_t now = 1000; now < 10'000; now += 1000) deadline.progress(1, now);
    CPPUNIT_ASSERT(deadline.expired(9'999) == Overdue::none);
    CPPUNIT_ASSERT(deadline.expired(10'000) == Overdue::rate);
  }
  void testAFastBeginningBuysNoSlowRest() {
    PhaseDeadline deadline;
    deadline.enter(Phase::streamingBody, defaultDeadlines[Phase::streamingBody], 0);
    deadline.progress(10'000'000, 1);
    CPPUNIT_ASSERT(deadline.expired(10'000) == Overdue::none);
    for (std::uint64_t now = 11'000; now < 20'000; now += 1000) deadline.progress(1, now);
    CPPUNIT_ASSERT(deadline.expired(20'000) == Overdue::rate);
  }
  void testAFastEnoughBodyMayBeLong() {
    PhaseDeadline deadline;
    deadline.enter(Phase::streamingBody, defaultDeadlines[Phase::streamingBody], 0);
    for (std::uint64_t now = 1000; now < 3'600'000; now += 1000) {
      deadline.progress(1025, now);
      CPPUNIT_ASSERT(deadline.expired(now) == Overdue::none);
    }
  }
  void testAnExcuseLeavesTheCeiling() {
    PhaseDeadline deadline;
    deadline.enter(Phase::insideMessage, defaultDeadlines[Phase::insideMessage], 0);
    for (std::uint64_t now = 5000; now < 30'000; now += 5000) {
      deadline.excuse(now);
      CPPUNIT_ASSERT(deadline.expired(now) == Overdue::none);
    }
    CPPUNIT_ASSERT(deadline.expired(30'000) == Overdue::ceiling);
  }
  void testTheNextCheckIsNeverLate() {
    // Whatever came in between: asking only when told to finds what asking each millisecond finds.
    for (const Phase phase : {Phase::greeting, Phase::insideMessage, Phase::streamingBody, Phase::draining}) {
      PhaseDeadline eager, lazy;
      eager.enter(phase, defaultDeadlines[phase], 0);
      lazy.enter(phase, defaultDeadlines[phase], 0);
      std::uint64_t next = lazy.nextCheckMs();
      for (std::uint64_t now = 0; now < 200'000; ++now) {
        if (now % 700 == 0 && now < 50'000) {
          eager.progress(800, now);
          lazy.progress(800, now);
        }
        const Overdue each = eager.expired(now);
        if (now >= next) {
          CPPUNIT_ASSERT(lazy.expired(now) == each);
          next = lazy.nextCheckMs();
        } else {
          CPPUNIT_ASSERT(each == Overdue::none);
        }
        if (each != Overdue::none) break;
        CPPUNIT_ASSERT(now < 199'999); // all of them end
      }
    }
  }
  void testNoLimitsMeanNever() {
    PhaseDeadline deadline;
    CPPUNIT_ASSERT_EQUAL(PhaseDeadline::never, deadline.nextCheckMs());
    deadline.enter(Phase::answering, defaultDeadlines[Phase::answering], 5);
    CPPUNIT_ASSERT_EQUAL(PhaseDeadline::never, deadline.nextCheckMs());
    CPPUNIT_ASSERT(deadline.expired(UINT64_MAX - 1) == Overdue::none);
    deadline.enter(Phase::closing, defaultDeadlines[Phase::closing], 5);
    deadline.leave();
    CPPUNIT_ASSERT(deadline.expired(UINT64_MAX - 1) == Overdue::none);
  }
  void testEveryPhaseOfAStrangerHasACeiling() {
    for (const Phase phase : {Phase::handshaking, Phase::judging, Phase::greeting, Phase::closing})
      CPPUNIT_ASSERT(defaultDeadlines[phase].ceilingMs > 0);
    std::set<std::string_view> words;
    for (std::size_t i = 0; i < phaseCount; ++i)
      CPPUNIT_ASSERT(words.insert(word(static_cast<Phase>(i))).second);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DeadlinesTest);
