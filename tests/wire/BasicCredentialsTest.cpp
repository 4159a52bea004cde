// Protects: what counts as a login and a password in an Authorization field. Anything else is nobody (R5).
#include "http_rest/BasicCredentials.h"

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Base64Encoder.h>

#include <sstream>
#include <string>

using namespace gatehouse::http_rest;
using namespace std::string_literals;

namespace {

std::string encoded(const std::string& bytes) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);
  encoder << bytes;
  encoder.close();
  return out.str();
}

} // namespace

class BasicCredentialsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BasicCredentialsTest);
  CPPUNIT_TEST(testBase64IsCanonical);
  CPPUNIT_TEST(testALoginAndAPassword);
  CPPUNIT_TEST(testAllElseIsNobody);
  CPPUNIT_TEST(testLimitsAreExact);
  CPPUNIT_TEST_SUITE_END();

public:
  void testBase64IsCanonical() {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    for (std::size_t size = 0; size <= all.size(); ++size)
      CPPUNIT_ASSERT(decodeBase64(encoded(all.substr(0, size))) == all.substr(0, size));
    for (const char* bad : {"YWRhOg", "YWRhOg=", "YWRh Og=", "=AAA", "YWRhOh==", "YWRhOmB=", "Y===", "YW=h",
                            "****", "====", "==", "YQ==YQ==", "YW\n=", "YWRhOg==\n", "-_-_"})
      CPPUNIT_ASSERT_MESSAGE(bad, !decodeBase64(bad));
  }
  void testALoginAndAPassword() {
    const auto plain = readBasic("Basic " + encoded("ada:se:cret"));
    CPPUNIT_ASSERT(plain);
    CPPUNIT_ASSERT_EQUAL("ada"s, plain->login);
    CPPUNIT_ASSERT_EQUAL("se:cret"s, plain->password); // only the first colon separates (RFC 7617 §2)
    CPPUNIT_ASSERT(readBasic("bAsIc " + encoded("ada:")));
    CPPUNIT_ASSERT(readBasic("Basic   " + encoded("ada:x")));
    CPPUNIT_ASSERT(readBasic("Basic " + encoded("\xC3\xA9:\x01\n"))); // a password may hold anything
  }
  void testAllElseIsNobody() {
    for (const std::string& bad : {""s,
                                   "Basic"s,
                                   "Basic "s,
                                   "Basic  "s,
                                   "Basic"s + encoded("a:b"),
                                   "Basic\t"s + encoded("a:b"),
                                   "Basic "s + encoded("nocolon"),
                                   "Basic "s + encoded(":b"),
                                   "Basic "s + encoded("a\nb:c"),
                                   "Basic "s + encoded("a\0b:c"s),
                                   "Basic "s + encoded("a\x7f:c"),
                                   "Basic YTpi, Basic YTpi"s,
                                   "Basic YTpi "s,
                                   "Basic YTpi x"s,
                                   "Basic YTpi=="s,
                                   "Bearer YTpi"s,
                                   "Digest username=\"a\""s,
                                   "JWT a.b.c"s,
                                   "YTpi"s,
                                   " Basic YTpi"s})
      CPPUNIT_ASSERT_MESSAGE(bad, !readBasic(bad));
  }
  void testLimitsAreExact() {
    const auto of = [](std::size_t login, std::size_t password) {
      return readBasic("Basic " + encoded(std::string(login, 'l') + ':' + std::string(password, 'p')))
          .has_value();
    };
    CPPUNIT_ASSERT(of(1, 0));
    CPPUNIT_ASSERT(of(1024, 1024));
    CPPUNIT_ASSERT(!of(1025, 0));
    CPPUNIT_ASSERT(!of(1025, 1024));
    CPPUNIT_ASSERT(!of(1, 1025));
    CPPUNIT_ASSERT(!of(1024, 1025));
    CPPUNIT_ASSERT(!of(9000, 0));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(BasicCredentialsTest);
