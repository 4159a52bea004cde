// R19: which process an engine was is told by number, start and boot together, never by the number alone.
#include "engine/ProcessRecord.h"

#include <cppunit/extensions/HelperMacros.h>

#include <unistd.h>

using namespace gatehouse::engine;

class ProcessRecordTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProcessRecordTest);
  CPPUNIT_TEST(readsAStatFileWhateverTheNameIs);
  CPPUNIT_TEST(refusesWhatIsNoStatFile);
  CPPUNIT_TEST(isReadBackAsItWasWritten);
  CPPUNIT_TEST(refusesTornRecords);
  CPPUNIT_TEST(isAliveOnlyWhereAllThreeFit);
  CPPUNIT_TEST_SUITE_END();

  static std::string stat(const std::string& name, char state) {
    return "812 (" + name + ") " + state +
           " 1 812 811 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 4 0 123456 789 10 18446744073709551615 1 1\n";
  }

  void readsAStatFileWhateverTheNameIs() {
    for (const char* name : {"redis-server", "a) S 1 1 1 (", "", ")))", "a\nb c"}) {
      const auto state = ProcessState::parse(stat(name, 'T'));
      CPPUNIT_ASSERT(state.has_value());
      CPPUNIT_ASSERT_EQUAL('T', state->state);
      CPPUNIT_ASSERT_EQUAL(pid_t{812}, state->group);
      CPPUNIT_ASSERT_EQUAL(pid_t{811}, state->session);
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{123456}, state->startTicks);
    }
  }

  void refusesWhatIsNoStatFile() {
    for (const char* text : {"", ")", "812 (x)", "812 (x) ", "812 (x) R 1 2", "812 (x) R a b c d e"})
      CPPUNIT_ASSERT_MESSAGE(text, !ProcessState::parse(text));
  }

  void isReadBackAsItWasWritten() {
    const ProcessRecord record{812, 123456, "0b1c-22"};
    CPPUNIT_ASSERT_EQUAL(std::string("812 123456 0b1c-22\n"), record.text());
    CPPUNIT_ASSERT(ProcessRecord::parse(record.text()) == record);
  }

  void refusesTornRecords() {
    for (const char* text : {"", "\n", "812 123456 0b1c-22", "812 123456\n", "812 \n", "1 123456 0b\n",
                             "-5 1 0b\n", "0 1 0b\n", "812 -1 0b\n", "812 1 0b x\n", "99999999999 1 0b\n"})
      CPPUNIT_ASSERT_MESSAGE(text, !ProcessRecord::parse(text));
  }

  void isAliveOnlyWhereAllThreeFit() {
    auto record = ProcessRecord::of(::getpid());
    CPPUNIT_ASSERT(record.has_value());
    CPPUNIT_ASSERT(record->alive().has_value());
    CPPUNIT_ASSERT(record->signal(0));
    ProcessRecord other = *record;
    other.startTicks += 1;
    CPPUNIT_ASSERT(!other.alive());
    CPPUNIT_ASSERT(!other.signal(0));
    other = *record;
    other.bootId = "0";
    CPPUNIT_ASSERT(!other.alive());
    CPPUNIT_ASSERT(other.family("/").empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ProcessRecordTest);
