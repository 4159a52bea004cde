// What may be cut off an append-only file where redis may not do it itself: an unfinished command or
// transaction at its end, whatever byte it was torn at, and never anything that a whole command could stand
// in or behind.
#include "engine/AofTail.h"
#include "engine/AofRepair.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse::engine;

class AofTailTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AofTailTest);
  CPPUNIT_TEST(aCommandTornAnywhereIsTorn);
  CPPUNIT_TEST(aTransactionTornAnywhereIsTorn);
  CPPUNIT_TEST(aWholeCommandIsNeverCutOff);
  CPPUNIT_TEST(whatIsNoRespIsDamage);
  CPPUNIT_TEST(aLengthThatReachesOverCommandsIsDamage);
  CPPUNIT_TEST(theLastIncrementIsTheManifests);
  CPPUNIT_TEST(aStrangeManifestNamesNothing);
  CPPUNIT_TEST_SUITE_END();

  /// The same in whatever pieces the bytes come.
  static bool torn(const std::string& bytes) {
    AofTail whole;
    whole.take(bytes);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{7}}) {
      AofTail tail;
      for (std::size_t at = 0; at < bytes.size(); at += piece)
        tail.take(std::string_view(bytes).substr(at, piece));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(bytes, whole.torn(), tail.torn());
    }
    return whole.torn();
  }

  void aCommandTornAnywhereIsTorn() {
    const std::string command = "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$10\r\n*1\r\n$4\r\nPI\r\n";
    for (std::size_t size = 1; size < command.size(); ++size) {
      const std::string part = command.substr(0, size);
      const bool swallows = size >= 33; // its value looks like a command: a person looks
      if (!swallows) CPPUNIT_ASSERT_MESSAGE(part, torn(part));
    }
    CPPUNIT_ASSERT(!torn(""));
    CPPUNIT_ASSERT(!torn(command));
  }

  void aTransactionTornAnywhereIsTorn() {
    const std::string multi = "*1\r\n$5\r\nmulti\r\n", exec = "*1\r\n$4\r\nEXEC\r\n",
                      all = multi + "*2\r\n$4\r\nINCR\r\n$1\r\na\r\n*2\r\n$4\r\nINCR\r\n$1\r\nb\r\n" + exec;
    for (std::size_t size = 1; size < all.size(); ++size)
      CPPUNIT_ASSERT_MESSAGE(all.substr(0, size), torn(all.substr(0, size)));
    CPPUNIT_ASSERT(!torn(all));
    CPPUNIT_ASSERT(!torn(all + "*2"));
    CPPUNIT_ASSERT(!torn(multi + multi)); // the first one's end is missing in the middle
    CPPUNIT_ASSERT(!torn("*2\r\n$5\r\nMULTI\r\n$1\r\nx\r\n*1"));
  }

  void aWholeCommandIsNeverCutOff() {
    CPPUNIT_ASSERT(!torn("*1\r\n$4\r\nPING\r\n*3"));
    CPPUNIT_ASSERT(!torn("*1\r\n$4\r\nEXEC\r\n*3"));
  }

  void whatIsNoRespIsDamage() {
    for (const char* text : {"x", "#TS:1", "*", "**", "*x", "*1\n", "*0\r\n", "*-1\r\n", "*1\r\n*",
                             "*1\r\n$-1", "*1\r\n$1\r\nab", "*1\r\n$1\r\na\rx", "*9999999999999",
                             "*4294967296\r\n", "*1\r\n$536870913\r\n", "*\r"}) {
      const bool expected = std::string(text) == "*"; // a beginning all the same
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, expected, torn(text));
    }
    CPPUNIT_ASSERT(!torn(std::string(64, '\0'))); // what some file systems leave
  }

  void aLengthThatReachesOverCommandsIsDamage() {
    const std::string head = "*2\r\n$3\r\nGET\r\n$500\r\n", command = "*2\r\n$4\r\nINCR\r\n$1\r\na\r\n";
    CPPUNIT_ASSERT(torn(head + "value\r\n"));
    CPPUNIT_ASSERT(torn(head + "value\r\n*2\r\n"));
    CPPUNIT_ASSERT(!torn(head + "value\r\n*2\r\n$"));
    CPPUNIT_ASSERT(!torn(head + "value\r\r\n" + command));
    CPPUNIT_ASSERT(!torn(head + "\r\n*\r\n" + "\r\n" + command));
    const std::string value = "a\r\n" + command;
    CPPUNIT_ASSERT(
        torn("*3\r\n$1\r\nX\r\n$" + std::to_string(value.size()) + "\r\n" + value + "\r\n$3")); // is whole
  }

  void theLastIncrementIsTheManifests() {
    CPPUNIT_ASSERT_EQUAL(std::string("appendonly.aof.3.incr.aof"),
                         lastIncrement("file appendonly.aof.2.base.rdb seq 2 type b\n"
                                       "file appendonly.aof.1.incr.aof seq 1 type h\n"
                                       "file appendonly.aof.2.incr.aof seq 2 type i\n"
                                       "file appendonly.aof.3.incr.aof seq 3 type i\n"));
  }

  void aStrangeManifestNamesNothing() {
    for (const char* text :
         {"", "\n", "file a seq 1 type b\n", "file a seq 1 type i", "file ../a seq 1 type i\n",
          "file .. seq 1 type i\n", "file \"a b\" seq 1 type i\n", "file a seq x type i\n",
          "file a seq 2 type i\nfile b seq 1 type i\n", "file a type i\n", "nonsense\nfile a seq 1 type i\n",
          "file  seq 1 type i\n"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, std::string(), lastIncrement(text));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AofTailTest);
