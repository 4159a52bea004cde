// Protects who is believed: an authenticator's word is a proposal (R1), its silence lets nobody in (R2), no
// match is nobody (R3), a user of certificates has no password (R4), and each request is judged alone (R5).
#include "HouseFixture.h"

#include <algorithm>

namespace gatehouse::test {
namespace {

ServerOptions scripted(const std::string& settings, const std::string& authenticate) {
  ServerOptions options;
  options.extraPlugins = {GATEHOUSE_SCRIPTED_AUTHENTICATOR};
  options.load = "[certificate, password, http_rest, scripted]";
  options.settings = "{scripted: " + settings + '}';
  options.authenticate = authenticate;
  return options;
}

class IdentityLoginTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IdentityLoginTest);
  CPPUNIT_TEST(anAcceptIsAProposalThatTheHostJudges);
  CPPUNIT_TEST(anAcceptOfAnotherUserIsRefused);
  CPPUNIT_TEST(onlyNextAndUnknownGoOn);
  CPPUNIT_TEST(whoOnlyAbstainsLetsNobodyIn);
  CPPUNIT_TEST(aCertificateThatIsNobodysLetsAuthorizationDecide);
  CPPUNIT_TEST(aUserOfCertificatesHasNoPasswordAnywhere);
  CPPUNIT_TEST(authorizationDecidesWhateverTheCertificateSays);
  CPPUNIT_TEST(everyRefusalHasOneRecord);
  CPPUNIT_TEST_SUITE_END();

public:
  void anAcceptIsAProposalThatTheHostJudges() { // R1
    ServerOptions options = scripted("{accepts: \"*\"}", "[scripted, certificate, password]");
    options.listeners = "  - {name: api, protocol: http_rest, address: \"127.0.0.1:0\"}\n"
                        "  - {name: other, protocol: http_rest, address: \"127.0.0.1:0\", authenticate: "
                        "[certificate, password]}\n";
    House house(options);
    const std::string ada = randomName("ada-");
    house.addByCertificate(ada);
    // The plugin says yes to everybody. For those whose passwords it may judge that is its word...
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(house.keeper, "not the password")}));
    // ...a user of certificates is not let in by a password, whoever says so...
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic(ada, "anything")}));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {ada, "method_not_allowed"}));
    // ...nor is anybody by an authenticator that the listener does not list.
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.peer("other"), {basic(house.keeper, "not the password")}));
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.peer("other"), {basic(house.keeper, house.keeperPassword)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic("nobody at all", "x")}));
  }

  void anAcceptOfAnotherUserIsRefused() { // R1
    const std::string ada = randomName("ada-"), eve = randomName("eve-");
    House house(scripted("{accepts: " + ada + "}", "[scripted, certificate, password]"));
    house.addByCertificate(ada);
    // Somebody else's certificate is not hers, though the authenticator names her.
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.pki.client(eve)));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {"subject_changed"}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic(eve, "x")}));
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client(ada)));

    // A user of passwords is not let in by a certificate.
    House second(scripted("{accepts: bob}", "[scripted]"));
    second.addByPassword("bob", "a password");
    CPPUNIT_ASSERT_EQUAL(401, second.status(second.pki.client("bob")));
    CPPUNIT_ASSERT(second.server.logs("access.refused", {"method_not_allowed"}));
  }

  void onlyNextAndUnknownGoOn() { // R2
    const std::pair<int, int> expected[] = {{2, 200}, {3, 200}, {0, 401}, {4, 401},  {5, 401},
                                            {6, 401}, {7, 401}, {8, 401}, {99, 401}, {-1, 401}};
    for (const auto& [verdict, status] : expected) {
      House house(
          scripted("{verdict: " + std::to_string(verdict) + "}", "[scripted, certificate, password]"));
      const std::string ada = randomName("ada-");
      house.addByCertificate(ada);
      const std::string which = "verdict " + std::to_string(verdict);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(which, status, house.status({basic(house.keeper, house.keeperPassword)}));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(which, status, house.status(house.pki.client(ada)));
    }
  }

  void whoOnlyAbstainsLetsNobodyIn() {               // R2, lesson 51
    for (const int verdict : {2, 3, 0, 1, 99, -1}) { // 1: ACCEPT, of nobody
      House house(scripted("{verdict: " + std::to_string(verdict) + "}", "[scripted]"));
      const std::string ada = randomName("ada-");
      house.addByCertificate(ada);
      const std::string which = "verdict " + std::to_string(verdict);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(which, 401, house.status({basic(house.keeper, house.keeperPassword)}));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(which, 401, house.status({basic("nobody", "x")}));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(which, 401, house.status(house.pki.client(ada)));
      CPPUNIT_ASSERT_MESSAGE(which, house.server.running());
    }
  }

  void aCertificateThatIsNobodysLetsAuthorizationDecide() { // R3
    House house;
    HttpsClient client = house.connect(house.pki.client(randomName("eve-")));
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI).status);
    CPPUNIT_ASSERT_EQUAL(
        200, client.request("GET", whoAmI, {}, {basic(house.keeper, house.keeperPassword)}).status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI, {}, {basic(house.keeper, "wrong")}).status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI).status); // nothing is left of the login
  }

  void aUserOfCertificatesHasNoPasswordAnywhere() { // R4, lesson 42
    ServerOptions options;
    options.listeners =
        "  - {name: api, protocol: http_rest, address: \"127.0.0.1:0\"}\n"
        "  - {name: plain, protocol: http_rest, address: \"127.0.0.1:0\", client_certificate: "
        "none, authenticate: [password]}\n";
    House house(options);
    const std::string ada = randomName("ada-");
    const std::int64_t uid = house.addByCertificate(ada);
    CPPUNIT_ASSERT(
        house.control("PUT", "/v1/users/" + std::to_string(uid), "{\"password\":\"a new one\"}").status !=
        200);
    ClientOptions socket;
    socket.unixSocket = house.server.controlSocket();
    for (const std::string& password :
         {std::string(), ada, std::string("a new one"), TestPki::subjectLine(ada), std::string("\0", 1),
          std::string("null")}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(password, 401, house.status({basic(ada, password)}));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(password, 401, house.status(house.peer("plain"), {basic(ada, password)}));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(password, 401, house.status(socket, {basic(ada, password)}));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(password, 401,
                                   house.status(house.pki.client(ada), {basic(ada, password)}));
    }
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client(ada)));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.peer(house.pki.client(ada), "plain"))); // never asked for it
  }

  void authorizationDecidesWhateverTheCertificateSays() { // R5
    House house;
    const std::string ada = randomName("ada-"), bob = randomName("bob-");
    house.addByCertificate(ada);
    house.addByPassword(bob, "bob's password");
    HttpsClient client = house.connect(house.pki.client(ada));
    CPPUNIT_ASSERT_EQUAL(200, client.request("GET", whoAmI).status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI, {}, {basic(ada, "x")}).status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI, {}, {basic(bob, "wrong")}).status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI, {}, {basic("nobody", "x")}).status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI, {}, {{"Authorization", "Basic ?"}}).status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI, {}, {{"Authorization", "Bearer x"}}).status);
    // The right password of somebody else: 401, and both names in one record.
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI, {}, {basic(bob, "bob's password")}).status);
    CPPUNIT_ASSERT(house.server.logs("access.refused", {ada, bob}));
    // Each request alone: the next one without it is hers again.
    CPPUNIT_ASSERT_EQUAL(200, client.request("GET", whoAmI).status);
  }

  void everyRefusalHasOneRecord() { // lesson 2
    House house;
    const std::string bob = randomName("bob-"), eve = randomName("eve-");
    std::size_t expected = 0;
    const auto one = [&](const ClientOptions& peer, const HttpFields& fields, const std::string& text) {
      CPPUNIT_ASSERT(house.status(peer, fields) != 200);
      CPPUNIT_ASSERT(house.server.logs("access.refused", {text}));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(house.server.log(), ++expected,
                                   house.server.lines("access.refused").size());
    };
    one(house.peer(), {}, "no_credentials");
    one(house.peer(), {basic(house.keeper, "wrong")}, house.keeper);
    one(house.peer(), {basic(bob, "unknown")}, bob);
    one(house.peer(house.pki.client(eve)), {}, eve);
    one(house.peer(TestPki::leaf(eve).make()), {}, "\"reason\":\"handshake\"");
    CPPUNIT_ASSERT_MESSAGE("no password is ever logged",
                           house.server.log().find("wrong") == std::string::npos);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IdentityLoginTest);

} // namespace
} // namespace gatehouse::test
