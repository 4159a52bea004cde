// Protects: the codec of sdk/Resp.h: what is written is canonical, what is read is bounded before it is kept.
#include "sdk/Resp.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace gatehouse::resp;
using namespace std::string_literals;

class RespCodecTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RespCodecTest);
  CPPUNIT_TEST(testCommandsAreWrittenInCanonicalForm);
  CPPUNIT_TEST(testRepliesOfEveryKindAreRead);
  CPPUNIT_TEST(testAReplyIsIncompleteUntilItsLastByte);
  CPPUNIT_TEST(testMalformedRepliesAreRefused);
  CPPUNIT_TEST(testLimitsHoldBeforeAnythingIsKept);
  CPPUNIT_TEST(testErrorsAreToldByTheirCode);
  CPPUNIT_TEST_SUITE_END();

  static ReadReply complete(const std::string& bytes, const ReplyLimits& limits = {}) {
    ReadReply read = readReply(bytes + "+NEXT\r\n", limits);
    CPPUNIT_ASSERT_EQUAL(int(Progress::complete), int(read.progress));
    CPPUNIT_ASSERT_EQUAL(bytes.size(), read.consumed);
    return read;
  }
  static void malformed(const std::string& bytes, const ReplyLimits& limits = {}) {
    const ReadReply read = readReply(bytes, limits);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(bytes, int(Progress::malformed), int(read.progress));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, read.consumed);
    CPPUNIT_ASSERT(read.reply.text.empty() && read.reply.items.empty());
  }

public:
  void testCommandsAreWrittenInCanonicalForm() {
    std::string out;
    appendCommand(out, {"SET", "a\r\nb", ""});
    CPPUNIT_ASSERT_EQUAL("*3\r\n$3\r\nSET\r\n$4\r\na\r\nb\r\n$0\r\n\r\n"s, out);
    out.clear();
    appendCommand(out, std::vector<std::string>{"PING"});
    appendNumber(out, 18446744073709551615u);
    CPPUNIT_ASSERT_EQUAL("*1\r\n$4\r\nPING\r\n18446744073709551615"s, out);
  }

  void testRepliesOfEveryKindAreRead() {
    CPPUNIT_ASSERT(complete("+OK\r\n").reply.isStatus("OK"));
    CPPUNIT_ASSERT_EQUAL("ERR no"s, complete("-ERR no\r\n").reply.text);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{-12}, complete(":-12\r\n").reply.integer);
    CPPUNIT_ASSERT_EQUAL("a\r\nb"s, complete("$4\r\na\r\nb\r\n").reply.text);
    CPPUNIT_ASSERT(complete("$0\r\n\r\n").reply.kind == Kind::bulk);
    CPPUNIT_ASSERT(complete("$-1\r\n").reply.kind == Kind::nil);
    CPPUNIT_ASSERT(complete("*-1\r\n").reply.kind == Kind::nil);
    CPPUNIT_ASSERT(complete("*0\r\n").reply.kind == Kind::array);
    const Reply nested = complete("*3\r\n:1\r\n*1\r\n$-1\r\n+x\r\n").reply;
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, nested.items.size());
    CPPUNIT_ASSERT(nested.items[1].items[0].kind == Kind::nil);
    CPPUNIT_ASSERT_EQUAL("x"s, nested.items[2].text);
  }

  void testAReplyIsIncompleteUntilItsLastByte() {
    const std::string whole = "*3\r\n:1\r\n*2\r\n$3\r\na\rb\r\n-E\r\n$-1\r\n";
    for (std::size_t size = 0; size < whole.size(); ++size)
      CPPUNIT_ASSERT_EQUAL(int(Progress::incomplete), int(readReply(whole.substr(0, size)).progress));
    complete(whole);
  }

  void testMalformedRepliesAreRefused() {
    for (const char* bytes :
         {"x", "\r\n", "+a\nb\r\n", "+a\rb\r\n", "+a\n", ":\r\n", ":1x\r\n", ":+1\r\n", "$x\r\n", "$-2\r\n",
          "*-2\r\n", "$1\r\nabc", "$1\r\na\rX", "%1\r\n", "*1\r\nx", ":99999999999999999999\r\n"})
      malformed(bytes);
  }

  void testLimitsHoldBeforeAnythingIsKept() {
    malformed("$65\r\n", {64, 4, 2});
    malformed("+" + std::string(63, 'x'), {64, 4, 2});
    malformed("*5\r\n", {64, 4, 2});
    malformed("*2\r\n*2\r\n:1\r\n:2\r\n*1\r\n", {64, 4, 2}); // five in all
    malformed("*1\r\n*1\r\n*1\r\n", {64, 4, 2});
    complete("*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n", {64, 4, 2});
    malformed("$58\r\n" + std::string(58, 'x') + "\r\n", {64, 4, 2}); // 65 bytes in all
  }

  void testErrorsAreToldByTheirCode() {
    const Reply reply = complete("-NOAUTH Authentication required.\r\n").reply;
    CPPUNIT_ASSERT(reply.isError("NOAUTH") && !reply.isError("NOA") && !reply.isError("NOAUTHX"));
    CPPUNIT_ASSERT(complete("-BUSY\r\n").reply.isError("BUSY"));
    CPPUNIT_ASSERT(!complete("+NOAUTH\r\n").reply.isError("NOAUTH"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RespCodecTest);
