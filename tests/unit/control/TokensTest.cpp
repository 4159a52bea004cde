// Protects: a token is one that this cluster signed, in its one spelling, or it is none (RFC 8725: algorithms
// confused, `none`, keys that the token itself names). What a token says is bound to a user's revision and a
// client certificate.
#include "control/change/Tokens.h"

#include "base/Text.h"
#include "pki/Hash.h"

#include <algorithm>
#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::control;

namespace {

const std::string key(32, '\x5a');
const std::string header = R"({"alg":"HS256","typ":"JWT"})";
const std::string payload = R"({"exp":2000,"iat":1700,"rev":12,"uid":"7"})";

std::string url(std::string_view bytes) {
  std::string text = base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  return text;
}

/// A token of any header and payload, signed with that key as HS256 does.
std::string forge(const std::string& head, const std::string& claims, const std::string& with = key) {
  const std::string text = url(head) + '.' + url(claims);
  return text + '.' + url(pki::view(pki::hmacSha256(with, text)));
}

} // namespace

class TokensTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TokensTest);
  CPPUNIT_TEST(testWhatIsIssuedIsReadBack);
  CPPUNIT_TEST(testTheClaimsAreThoseOfTheDocumentedExample);
  CPPUNIT_TEST(testAnotherHeaderIsNoToken);
  CPPUNIT_TEST(testAnotherKeyIsNoToken);
  CPPUNIT_TEST(testEachByteIsSigned);
  CPPUNIT_TEST(testATokenHasOneSpelling);
  CPPUNIT_TEST(testClaimsOfAnotherTypeAreNoToken);
  CPPUNIT_TEST(testFurtherClaimsAreNoMatter);
  CPPUNIT_TEST(testABindingThatIsNotUnderstoodIsNotDropped);
  CPPUNIT_TEST(testAnEndThatHasPassedIsTheJudges);
  CPPUNIT_TEST_SUITE_END();

  const Tokens tokens_{Secret(key)};

  void refused(const std::string& token) {
    const auto read = tokens_.read(token);
    CPPUNIT_ASSERT_MESSAGE(token, !read.ok());
    CPPUNIT_ASSERT(read.error().code == Code::unauthenticated);
  }
  void refusedClaims(const std::string& claims) { refused(forge(header, claims)); }

public:
  void testWhatIsIssuedIsReadBack() {
    TokenClaims claims{7, 12, 1700, 2000, {}};
    for (const bool bound : {false, true}) {
      if (bound) claims.leaf = pki::sha256("a certificate");
      const auto issued = tokens_.issue(claims);
      CPPUNIT_ASSERT(issued.ok());
      const auto read = tokens_.read(issued.value());
      CPPUNIT_ASSERT_MESSAGE(issued.value(), read.ok());
      CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, read.value().userUid);
      CPPUNIT_ASSERT_EQUAL(model::Revision{12}, read.value().userRevision);
      CPPUNIT_ASSERT_EQUAL(std::int64_t{1700}, read.value().issuedAt);
      CPPUNIT_ASSERT_EQUAL(std::int64_t{2000}, read.value().expires);
      CPPUNIT_ASSERT(read.value().leaf == claims.leaf);
    }
  }
  void testTheClaimsAreThoseOfTheDocumentedExample() {
    const auto issued = tokens_.issue({7, 12, 1700, 2000, {}});
    CPPUNIT_ASSERT_EQUAL(forge(header, payload), issued.value()); // the forger of these tests is a good one
  }
  void testAnotherHeaderIsNoToken() {
    CPPUNIT_ASSERT(tokens_.read(forge(header, payload)).ok());
    refused(url(R"({"alg":"none","typ":"JWT"})") + '.' + url(payload) + '.');
    for (const char* head :
         {R"({"alg":"none","typ":"JWT"})", R"({"alg":"None","typ":"JWT"})", R"({"alg":"RS256","typ":"JWT"})",
          R"({"alg":"HS512","typ":"JWT"})", R"({"alg":"hs256","typ":"JWT"})", R"({"typ":"JWT"})", "{}", "",
          R"({"alg":"HS256","kid":"../../dev/null","typ":"JWT"})", R"({"typ":"JWT","alg":"HS256"})",
          R"({"alg":"HS256","jwk":{"k":"x","kty":"oct"},"typ":"JWT"})", R"({"alg":"HS256"})"})
      refused(forge(head, payload));
  }
  void testAnotherKeyIsNoToken() {
    refused(forge(header, payload, std::string(32, '\x5b')));
    refused(forge(header, payload, ""));
    refused(forge(header, payload, key + 'x'));
  }
  void testEachByteIsSigned() {
    const std::string token = forge(header, payload);
    for (std::size_t i = 0; i < token.size(); ++i) {
      std::string changed = token;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      refused(changed);
      refused(token.substr(0, i));
    }
    refused(token + 'A');
  }
  void testATokenHasOneSpelling() {
    const std::string token = forge(header, payload);
    for (const std::string& other :
         {token + '=', token + '\n', ' ' + token, token + '.', "." + token, token + ".x",
          std::string(5000, 'a'), std::string(), std::string("."), std::string("..")})
      refused(other);
    // The last character of 32 bytes in base64url has two bits that say nothing.
    std::string stray = token;
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    stray.back() = alphabet[alphabet.find(stray.back()) + 1];
    refused(stray);
  }
  void testClaimsOfAnotherTypeAreNoToken() {
    for (const char* claims :
         {R"({"exp":"2000","iat":1700,"rev":12,"uid":"7"})",
          R"({"exp":2000.5,"iat":1700,"rev":12,"uid":"7"})", R"({"exp":2000,"iat":null,"rev":12,"uid":"7"})",
          R"({"exp":2000,"iat":1700,"rev":12,"uid":7})", R"({"exp":2000,"iat":1700,"rev":0,"uid":"7"})",
          R"({"exp":2000,"iat":1700,"rev":12,"uid":"0"})", R"({"exp":2000,"iat":1700,"rev":12,"uid":"-7"})",
          R"({"exp":2000,"iat":1700,"rev":12,"uid":"7x"})", R"({"exp":2000,"iat":1700,"rev":12})",
          R"({"exp":2000,"iat":1700,"uid":"7"})", R"({"iat":1700,"rev":12,"uid":"7"})",
          R"({"exp":2000,"rev":12,"uid":"7"})", R"({"exp":2000,"exp":9000,"iat":1700,"rev":12,"uid":"7"})",
          R"(["exp"])", "7", "", "{"})
      refusedClaims(claims);
  }
  void testFurtherClaimsAreNoMatter() {
    const auto read = tokens_.read(
        forge(header, R"({"exp":2000,"iat":1700,"rev":12,"uid":"7","role":"admin","x":{"y":[1]}})"));
    CPPUNIT_ASSERT(read.ok());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, read.value().userUid);
  }
  // RFC 8705: a token that belongs to a certificate must not become anybody's.
  void testABindingThatIsNotUnderstoodIsNotDropped() {
    const std::string zero = url(std::string(32, '\0'));
    for (const std::string& cnf : {std::string("null"), std::string("{}"), std::string(R"({"jkt":"x"})"),
                                   std::string(R"({"x5t#S256":"AAAA"})"), std::string(R"({"x5t#S256":7})"),
                                   std::string(R"("x")"), R"({"x5t#S256":")" + zero + "\"}"})
      refusedClaims(R"({"cnf":)" + cnf + R"(,"exp":2000,"iat":1700,"rev":12,"uid":"7"})");
  }
  void testAnEndThatHasPassedIsTheJudges() {
    CPPUNIT_ASSERT(tokens_.read(forge(header, R"({"exp":1,"iat":0,"rev":12,"uid":"7"})")).ok());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TokensTest);
