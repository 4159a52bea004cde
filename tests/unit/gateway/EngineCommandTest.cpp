// Protects: a reply of an engine is always JSON in the answer of /v1/bdbs/{uid}/command, whatever bytes it
// holds.
#include "gateway/EngineCommand.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace std::string_literals;

class EngineCommandTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineCommandTest);
  CPPUNIT_TEST(testEachKindOfReply);
  CPPUNIT_TEST(testBytesThatAreNoTextAreReplaced);
  CPPUNIT_TEST_SUITE_END();

public:
  static std::string json(std::string_view bytes) {
    const resp::ReadReply read = resp::readReply(bytes);
    CPPUNIT_ASSERT(read.progress == resp::Progress::complete);
    std::string out;
    gateway::appendReply(out, read.reply);
    return out;
  }
  void testEachKindOfReply() {
    CPPUNIT_ASSERT_EQUAL("\"OK\""s, json("+OK\r\n"));
    CPPUNIT_ASSERT_EQUAL("-42"s, json(":-42\r\n"));
    CPPUNIT_ASSERT_EQUAL("\"two\\r\\nlines\""s, json("$10\r\ntwo\r\nlines\r\n"));
    CPPUNIT_ASSERT_EQUAL("null"s, json("$-1\r\n"));
    CPPUNIT_ASSERT_EQUAL("null"s, json("*-1\r\n"));
    CPPUNIT_ASSERT_EQUAL("[]"s, json("*0\r\n"));
    CPPUNIT_ASSERT_EQUAL("[\"a\",[1,null],\"ERR no\"]"s,
                         json("*3\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n-ERR no\r\n"));
  }
  void testBytesThatAreNoTextAreReplaced() {
    CPPUNIT_ASSERT_EQUAL("\"a\xef\xbf\xbd"
                         "b\""s,
                         json("$3\r\na\xff"
                              "b\r\n"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineCommandTest);
