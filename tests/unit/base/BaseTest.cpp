// Protects: the small pieces that every parser and every log line stands on.
#include "base/ByteQueue.h"
#include "base/Event.h"
#include "base/Json.h"
#include "base/Result.h"
#include "base/Secret.h"
#include "base/Text.h"
#include "base/WorkPool.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <atomic>
#include <future>
#include <set>

using namespace gatehouse;
using namespace std::string_literals;

class BaseTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BaseTest);
  CPPUNIT_TEST(testBase64IsStrict);
  CPPUNIT_TEST(testUtf8RefusesOverlongAndSurrogates);
  CPPUNIT_TEST(testPrintableNeverLetsControlCharactersThrough);
  CPPUNIT_TEST(testNearestFindsAMisspelling);
  CPPUNIT_TEST(testIntegersAreDecimalOnly);
  CPPUNIT_TEST(testTimesAreReadInOneFormAlone);
  CPPUNIT_TEST(testQueueKeepsItsLimitAndGivesMemoryBack);
  CPPUNIT_TEST(testJsonTextIsAlwaysUtf8);
  CPPUNIT_TEST(testEventValuesCannotForgeFields);
  CPPUNIT_TEST(testErrorWordsAreUnique);
  CPPUNIT_TEST(testPoolRefusesWhenFull);
  CPPUNIT_TEST(testSecretsCompareAndMove);
  CPPUNIT_TEST_SUITE_END();

public:
  void testBase64IsStrict() {
    CPPUNIT_ASSERT_EQUAL("YWRhOg=="s, base64("ada:"));
    CPPUNIT_ASSERT_EQUAL("ada:"s, fromBase64("YWRhOg==").value());
    CPPUNIT_ASSERT_EQUAL(""s, fromBase64("").value());
    for (const char* bad : {"YWRhOg", "YWRhOg=", "YWRh Og=", "=AAA", "YWRhOh==", "Y===", "YW=h", "****"})
      CPPUNIT_ASSERT_MESSAGE(bad, !fromBase64(bad));
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    CPPUNIT_ASSERT(fromBase64(base64(all)) == all);
  }
  void testUtf8RefusesOverlongAndSurrogates() {
    for (const char* good : {"", "a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF"})
      CPPUNIT_ASSERT(isUtf8(good));
    for (const char* bad :
         {"\x80", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80", "\xC3"})
      CPPUNIT_ASSERT(!isUtf8(bad));
  }
  void testPrintableNeverLetsControlCharactersThrough() {
    CPPUNIT_ASSERT_EQUAL("a\\x00b\\x0a\\x1b\\xff\\xc2\\x85\xC3\xA9"s,
                         printable("a\0b\n\x1b\xff\xC2\x85\xC3\xA9"s));
    CPPUNIT_ASSERT_EQUAL("abc..."s, printable("abcdef", 3));
  }
  void testNearestFindsAMisspelling() {
    constexpr std::array<std::string_view, 3> words = {"certificates", "roles", "users"};
    CPPUNIT_ASSERT(nearest("certificate", words) == "certificates");
    CPPUNIT_ASSERT(nearest("user", words) == "users");
    CPPUNIT_ASSERT(nearest("bananas", words).empty());
  }
  void testIntegersAreDecimalOnly() {
    CPPUNIT_ASSERT(toInteger("-12") == -12);
    CPPUNIT_ASSERT(toInteger("9223372036854775807") == INT64_MAX);
    for (const char* bad : {"", "-", "--1", "+1", "010", "1.0", "1e3", " 1", "0x10", "9223372036854775808"})
      CPPUNIT_ASSERT(!toInteger(bad));
  }
  void testTimesAreReadInOneFormAlone() {
    for (const std::int64_t time : {std::int64_t{0}, std::int64_t{951'782'400}, std::int64_t{1'795'514'400},
                                    std::int64_t{4'102'444'799}, std::int64_t{-1}})
      CPPUNIT_ASSERT_EQUAL(time, fromIsoTime(isoTime(time)).value());
    CPPUNIT_ASSERT_EQUAL("2000-02-29T00:00:00Z"s, isoTime(951'782'400));
    for (const char* bad :
         {"", "2026", "2026-11-24", "2026-11-24T10:00:00", "2026-11-24 10:00:00Z", "2026-11-24T10:00:00z",
          "2026-11-24T10:00:00+1", "2026-02-29T10:00:00Z", "2026-13-01T10:00:00Z", "2026-00-01T10:00:00Z",
          "2026-11-00T10:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T10:60:00Z", "2026-11-24T10:00:60Z",
          "2026-11-24T10:00:0 Z", " 026-11-24T10:00:00Z", "2026-11-24T10:00:00Z "})
      CPPUNIT_ASSERT_MESSAGE(bad, !fromIsoTime(bad));
  }
  void testQueueKeepsItsLimitAndGivesMemoryBack() {
    ByteQueue queue(10);
    CPPUNIT_ASSERT(queue.append("0123456789"));
    CPPUNIT_ASSERT(!queue.append("x"));
    queue.consume(4);
    CPPUNIT_ASSERT(queue.append("abcd"));
    CPPUNIT_ASSERT(queue.view() == "456789abcd");
    queue.consume(10);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, queue.capacity());
  }
  void testJsonTextIsAlwaysUtf8() {
    std::string out;
    json::text(out, "q\"\\\n\x01\xff\xC3\xA9");
    CPPUNIT_ASSERT_EQUAL("\"q\\\"\\\\\\n\\u0001\xEF\xBF\xBD\xC3\xA9\""s, out);
  }
  void testEventValuesCannotForgeFields() {
    const Event event{Level::warning, "access.refused", "refused", {{"user", "x\" uid=1\n"}, {"session", 7}}};
    CPPUNIT_ASSERT_EQUAL("refused user=\"x\\\" uid=1\\\\x0a\" session=7"s, event.line());
    CPPUNIT_ASSERT_EQUAL(
        R"({"event":"access.refused","text":"refused","user":"x\" uid=1\\x0a","session":7})"s, event.json());
  }
  void testErrorWordsAreUnique() {
    std::set<std::pair<std::string_view, int>> seen;
    for (int i = 0; i <= static_cast<int>(Code::internal_error); ++i) {
      // One word may stand for two codes where the documented status differs: invalid_certificate.
      const CodeRow& one = row(static_cast<Code>(i));
      CPPUNIT_ASSERT(seen.emplace(one.word, one.httpStatus).second);
    }
  }
  void testPoolRefusesWhenFull() {
    std::promise<void> begun, go; // outlive the pool, whose thread waits for one of them
    WorkPool pool(1, 1);
    CPPUNIT_ASSERT(pool.submit([&] {
      begun.set_value();
      go.get_future().wait();
    }));
    begun.get_future().wait();
    CPPUNIT_ASSERT(pool.submit([] {}));
    CPPUNIT_ASSERT(!pool.submit([] {}));
    go.set_value();
  }
  void testSecretsCompareAndMove() {
    Secret one("hunter2");
    Secret two = std::move(one);
    CPPUNIT_ASSERT(one.empty()); // NOLINT(bugprone-use-after-move): that it is empty is the point
    CPPUNIT_ASSERT(equal(two.reveal(), "hunter2") && !equal(two.reveal(), "hunter3") &&
                   !equal(two.reveal(), "hunter"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(BaseTest);
