// Protects: a remembered password stands for scrypt alone, for one user at one revision of its row, for 60 s,
// and nothing wrong is remembered.
#include "gateway/VerifiedPasswords.h"

#include <cppunit/extensions/HelperMacros.h>

using gatehouse::gateway::VerifiedPasswords;

class VerifiedPasswordsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(VerifiedPasswordsTest);
  CPPUNIT_TEST(testKnowsJustWhatItWasTold);
  CPPUNIT_TEST(testForgetsAfterSixtySeconds);
  CPPUNIT_TEST(testAnotherRevisionOfTheRowIsUnknown);
  CPPUNIT_TEST(testRenewingKeepsItLonger);
  CPPUNIT_TEST(testIsBounded);
  CPPUNIT_TEST_SUITE_END();

  VerifiedPasswords memory{std::string(32, 'k')};

public:
  void testKnowsJustWhatItWasTold() {
    memory.remember("password", 7, 3, "secret", 1000);
    CPPUNIT_ASSERT(memory.knows("password", 7, 3, "secret", 1001));
    CPPUNIT_ASSERT(!memory.knows("password", 7, 3, "secrets", 1001));
    CPPUNIT_ASSERT(!memory.knows("password", 7, 3, "", 1001));
    CPPUNIT_ASSERT(!memory.knows("password", 8, 3, "secret", 1001));
    CPPUNIT_ASSERT(
        !memory.knows("other", 7, 3, "secret", 1001)); // R1: another authenticator's proof is not this one's
    CPPUNIT_ASSERT(!memory.knows("password", 73, 0, "secret", 1001)); // the parts do not run into each other
  }
  void testForgetsAfterSixtySeconds() {
    memory.remember("password", 7, 3, "secret", 1000);
    CPPUNIT_ASSERT(memory.knows("password", 7, 3, "secret", 1000 + VerifiedPasswords::keptMs - 1));
    CPPUNIT_ASSERT(!memory.knows("password", 7, 3, "secret", 1000 + VerifiedPasswords::keptMs));
  }
  void testAnotherRevisionOfTheRowIsUnknown() {
    memory.remember("password", 7, 3, "secret", 1000);
    CPPUNIT_ASSERT(!memory.knows("password", 7, 4, "secret", 1001));
  }
  void testRenewingKeepsItLonger() {
    memory.remember("password", 7, 3, "secret", 1000);
    memory.remember("password", 7, 3, "secret", 50'000);
    memory.remember("password", 8, 3, "other", 70'000); // sweeps what is old
    CPPUNIT_ASSERT(memory.knows("password", 7, 3, "secret", 70'000));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, memory.size());
  }
  void testIsBounded() {
    for (std::size_t i = 0; i < VerifiedPasswords::most + 100; ++i)
      memory.remember("password", static_cast<std::int64_t>(i), 1, "p", 1000);
    CPPUNIT_ASSERT_EQUAL(VerifiedPasswords::most, memory.size());
    CPPUNIT_ASSERT(!memory.knows("password", 0, 1, "p", 1001)); // the oldest went
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(VerifiedPasswordsTest);
