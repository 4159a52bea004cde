// Protects: what counts as a token in an Authorization field. Anything else is nobody (R5).
#include "http_rest/TokenCredentials.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace gatehouse::http_rest;
using namespace std::string_literals;

class TokenCredentialsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TokenCredentialsTest);
  CPPUNIT_TEST(testBothSchemesInAnyCase);
  CPPUNIT_TEST(testAllElseIsNobody);
  CPPUNIT_TEST(testTheLimitIsExact);
  CPPUNIT_TEST_SUITE_END();

public:
  void testBothSchemesInAnyCase() {
    for (const char* field : {"JWT a.b-c_d", "jwt a.b-c_d", "Bearer a.b-c_d", "bEARER    a.b-c_d"})
      CPPUNIT_ASSERT_MESSAGE(field, readToken(field) == "a.b-c_d");
    CPPUNIT_ASSERT(readToken("JWT ~+/==") == "~+/==");
  }
  void testAllElseIsNobody() {
    for (const char* field :
         {"",         "JWT",     "JWT ",   "Bearer",  "Bearer ", "Bearer   ", "JWTa",         "JWT\ta",
          "JWT a b",  "JWT a,",  "JWT ==", "JWT a=b", "JWT a ",  "JWT \"a\"", "Bearer a\xff", "Basic YTpi",
          "Digest a", "Token a", " JWT a", "JWT: a"})
      CPPUNIT_ASSERT_MESSAGE(field, !readToken(field));
  }
  void testTheLimitIsExact() {
    CPPUNIT_ASSERT(readToken("JWT " + std::string(maxToken, 'a')).has_value());
    CPPUNIT_ASSERT(!readToken("JWT " + std::string(maxToken + 1, 'a')));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TokenCredentialsTest);
