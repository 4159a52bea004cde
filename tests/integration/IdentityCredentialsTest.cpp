// Protects tokens and lock-outs as a client meets them: a token is judged like any other proof and names one
// user (R1, R5, R6); wrong passwords shut out passwords, and nothing else (facts §2.5).
#include "HouseFixture.h"

namespace gatehouse::test {
namespace {

std::string tokenOf(const HttpAnswer& answer) {
  CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, 200, answer.status);
  const std::string begin = "\"access_token\":\"";
  const std::size_t at = answer.body.find(begin);
  CPPUNIT_ASSERT(at != std::string::npos);
  return answer.body.substr(at + begin.size(), answer.body.find('"', at + begin.size()) - at - begin.size());
}

std::pair<std::string, std::string> bearer(const std::string& token, const std::string& scheme = "Bearer") {
  return {"Authorization", scheme + ' ' + token};
}

class IdentityCredentialsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IdentityCredentialsTest);
  CPPUNIT_TEST(aTokenProvesItsUserUntilThatUserChanges);
  CPPUNIT_TEST(aTokenOfACertificateStandsOnItsConnectionsAlone);
  CPPUNIT_TEST(aRefusedTokenHasOneRecord);
  CPPUNIT_TEST(wrongPasswordsShutOutPasswordsAndNothingElse);
  CPPUNIT_TEST_SUITE_END();

public:
  void aTokenProvesItsUserUntilThatUserChanges() { // R5, R6
    House house;
    const std::string ada = randomName("ada-"), job = randomName("job-");
    house.addByCertificate(ada);
    const std::int64_t uid = house.addByPassword(job, "Correct-horse-1");
    const std::string token = tokenOf(
        house.connect().request("POST", "/v1/users/authorize", "{}", {basic(job, "Correct-horse-1")}));
    for (const char* scheme : {"Bearer", "JWT", "jwt"})
      CPPUNIT_ASSERT_EQUAL(200, house.status({bearer(token, scheme)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({bearer(token + "x")}));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.pki.client(ada), {bearer(token)}));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {"names_another_user", ada, job}));
    HttpsClient kept = house.connect(); // one connection: each request is judged alone
    CPPUNIT_ASSERT_EQUAL(200, kept.request("GET", whoAmI, {}, {bearer(token)}).status);
    CPPUNIT_ASSERT_EQUAL(401, kept.request("GET", whoAmI).status);
    house.must("PUT", "/v1/users/" + std::to_string(uid), "{\"email\":\"" + job + "@example.com\"}");
    CPPUNIT_ASSERT_EQUAL(401, kept.request("GET", whoAmI, {}, {bearer(token)}).status);
  }

  void aTokenOfACertificateStandsOnItsConnectionsAlone() {
    House house;
    const std::string ada = randomName("ada-");
    house.addByCertificate(ada);
    const Forged certificate = house.pki.client(ada);
    const std::string token =
        tokenOf(house.connect(certificate).request("POST", "/v1/users/authorize", "{}"));
    CPPUNIT_ASSERT_EQUAL(200, house.status(certificate, {bearer(token)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({bearer(token)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.pki.client(ada), {bearer(token)})); // another one of hers
    CPPUNIT_ASSERT(house.server.logs("access.refused", {"token_not_bound", ada}));
  }

  void aRefusedTokenHasOneRecord() {
    House house;
    CPPUNIT_ASSERT_EQUAL(401, house.status({bearer("abc")}));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {"bad_token"}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({bearer("a.b.c")}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({{"Authorization", "Digest username=\"keeper\""}}));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {"login_refused"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, house.server.lines("access.refused").size());
  }

  void wrongPasswordsShutOutPasswordsAndNothingElse() {
    House house;
    const std::string job = randomName("job-"), eve = randomName("eve-");
    const std::int64_t uid = house.addByPassword(job, "Correct-horse-1");
    house.addByPassword(eve, "Correct-horse-2");
    const std::string token = tokenOf(
        house.connect().request("POST", "/v1/users/authorize", "{}", {basic(job, "Correct-horse-1")}));
    for (int i = 0; i < 5; ++i) CPPUNIT_ASSERT_EQUAL(401, house.status({basic(job, "wrong")}));
    CPPUNIT_ASSERT(house.server.logs("login.locked"));
    // Right now, and remembered from a moment ago: it makes no difference.
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic(job, "Correct-horse-1")}));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {job, "locked"}));
    CPPUNIT_ASSERT(house.must("GET", "/v1/users/" + std::to_string(uid)).find("\"locked\"") !=
                   std::string::npos);
    CPPUNIT_ASSERT_EQUAL(200, house.status({bearer(token)}));
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(eve, "Correct-horse-2")}));
    house.must("PUT", "/v1/users/" + std::to_string(uid), "{\"password\":\"Correct-horse-3\"}");
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(job, "Correct-horse-3")}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(IdentityCredentialsTest);

} // namespace
} // namespace gatehouse::test
