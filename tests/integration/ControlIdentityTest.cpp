// Protects: logins of the management API over real connections: what a token is worth, several passwords at
// once, locks that concern passwords only, and passwords switched off without locking anybody out.
#include "HouseFixture.h"

#include <filesystem>

namespace gatehouse::test {
namespace {

class ControlIdentityTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ControlIdentityTest);
  CPPUNIT_TEST(aTokenOpensWhatItsLoginOpens);
  CPPUNIT_TEST(aCertificatesTokenNeedsTheCertificate);
  CPPUNIT_TEST(aTokenEndsWithEveryChangeOfItsUser);
  CPPUNIT_TEST(olderClientsSendTheirPasswordInTheBody);
  CPPUNIT_TEST(severalPasswordsAreValidAtOnce);
  CPPUNIT_TEST(aLockIsOfPasswordsAlone);
  CPPUNIT_TEST(guessesCountHoweverTheyCome);
  CPPUNIT_TEST(noBodyMendsACertificateThatMayNotBeHere);
  CPPUNIT_TEST(aLockTakesAsLongAsALoginThatNobodyHas);
  CPPUNIT_TEST(aTokenIsWorthNothingWhereItsLoginIsNotTaken);
  CPPUNIT_TEST(passwordsAreSwitchedOffByWhoHasAnotherWayIn);
  CPPUNIT_TEST(theBootstrapIsOver);
  CPPUNIT_TEST(theOneTimeWordMakesTheFirstAdministrator);
  CPPUNIT_TEST_SUITE_END();

  static constexpr const char* authorize_ = "/v1/users/authorize";

  static std::string tokenIn(const HttpAnswer& answer) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, 200, answer.status);
    const std::string key = R"("access_token":")";
    const std::size_t at = answer.body.find(key);
    CPPUNIT_ASSERT_MESSAGE(answer.body, at != std::string::npos);
    return answer.body.substr(at + key.size(), answer.body.find('"', at + key.size()) - at - key.size());
  }
  static std::pair<std::string, std::string> scheme(const std::string& name, const std::string& token) {
    return {"Authorization", name + ' ' + token};
  }

public:
  void aTokenOpensWhatItsLoginOpens() {
    House house;
    house.addByPassword("job", "a password", "viewer");
    HttpsClient client = house.connect();
    const std::string token =
        tokenIn(client.request("POST", authorize_, R"({"ttl":60})", {basic("job", "a password")}));
    for (const char* name : {"JWT", "Bearer", "bearer", "jwt"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 200, house.status({scheme(name, token)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({scheme("Basic", token)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({scheme("JWT", token.substr(0, token.size() - 1))}));
    HttpAnswer answer = client.request("GET", whoAmI, {}, {scheme("JWT", token)});
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"role":"cluster_viewer"})"), answer.body);
    answer = client.request("PUT", "/v1/cluster", "{}", {scheme("JWT", token)});
    CPPUNIT_ASSERT_EQUAL(403, answer.status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI).status); // nothing is left of it

    const std::string next =
        tokenIn(client.request("POST", "/v1/users/refresh_jwt", {}, {scheme("JWT", token)}));
    CPPUNIT_ASSERT_EQUAL(200, house.status({scheme("JWT", next)}));
    CPPUNIT_ASSERT_EQUAL(
        401, client.request("POST", "/v1/users/refresh_jwt", {}, {basic("job", "a password")}).status);
    CPPUNIT_ASSERT(house.server.log().find(token) == std::string::npos);
  }

  void aCertificatesTokenNeedsTheCertificate() {
    House house;
    house.addByCertificate("ada");
    house.addByPassword("job", "a password");
    const Forged ada = house.pki.client("ada"), eve = house.pki.client("eve");
    const std::string token = tokenIn(house.connect(ada).request("POST", authorize_));
    CPPUNIT_ASSERT_EQUAL(200, house.status(ada, {scheme("Bearer", token)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({scheme("Bearer", token)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status(eve, {scheme("Bearer", token)}));
    // A password's, where a certificate was shown that is nobody's.
    const std::string beside =
        tokenIn(house.connect(eve).request("POST", authorize_, {}, {basic("job", "a password")}));
    CPPUNIT_ASSERT_EQUAL(200, house.status(eve, {scheme("Bearer", beside)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({scheme("Bearer", beside)}));
    // R5: a token of another than the certificate's user.
    const std::string free =
        tokenIn(house.connect().request("POST", authorize_, {}, {basic("job", "a password")}));
    CPPUNIT_ASSERT_EQUAL(401, house.status(ada, {scheme("Bearer", free)}));
  }

  void aTokenEndsWithEveryChangeOfItsUser() {
    House house;
    const std::int64_t uid = house.addByPassword("job", "a password");
    const auto login = [&] {
      return tokenIn(house.connect().request("POST", authorize_, {}, {basic("job", "a password")}));
    };
    const std::string path = "/v1/users/" + std::to_string(uid);
    for (const char* change : {R"({"email":"job@example.com"})", R"({"role_uids":[4]})"}) {
      const std::string token = login();
      CPPUNIT_ASSERT_EQUAL(200, house.status({scheme("JWT", token)}));
      house.must("PUT", path, change);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(change, 401, house.status({scheme("JWT", token)}));
    }
    const std::string token = login();
    house.must("DELETE", path);
    CPPUNIT_ASSERT_EQUAL(401, house.status({scheme("JWT", token)}));
  }

  void olderClientsSendTheirPasswordInTheBody() {
    House house;
    house.addByPassword("job", "a password");
    house.addByPassword("eve", "another one");
    house.addByCertificate("ada");
    const std::string job = R"({"username":"JOB","password":"a password"})",
                      wrong = R"({"username":"job","password":"another one"})",
                      eve = R"({"username":"eve","password":"another one"})";
    HttpsClient client = house.connect();
    CPPUNIT_ASSERT_EQUAL(200,
                         house.status({scheme("JWT", tokenIn(client.request("POST", authorize_, job)))}));
    CPPUNIT_ASSERT_EQUAL(401, client.request("POST", authorize_, wrong).status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("POST", authorize_).status);
    // Where both come they must agree.
    const std::pair<std::string, std::string> asJob = basic("job", "a password");
    tokenIn(client.request("POST", authorize_, job, {asJob}));
    CPPUNIT_ASSERT_EQUAL(401, client.request("POST", authorize_, eve, {asJob}).status);
    CPPUNIT_ASSERT_EQUAL(401, client.request("POST", authorize_, job, {basic("job", "wrong")}).status);
    CPPUNIT_ASSERT_EQUAL(401, house.connect(house.pki.client("ada")).request("POST", authorize_, job).status);
    CPPUNIT_ASSERT_EQUAL(401,
                         client.request("GET", whoAmI).status); // the body was no login of the connection
  }

  void severalPasswordsAreValidAtOnce() {
    House house;
    house.addByPassword("job", "first", "viewer");
    const auto change = [&](const char* method, const std::string& body, const char* with) {
      return house.connect().request(method, "/v1/users/password", body, {basic("job", with)}).status;
    };
    CPPUNIT_ASSERT_EQUAL(200, change("POST", R"({"new_password":"second"})", "first"));
    CPPUNIT_ASSERT_EQUAL(400, change("POST", R"({"new_password":"second"})", "first"));
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic("job", "first")}));
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic("job", "second")}));
    CPPUNIT_ASSERT_EQUAL(200, change("DELETE", R"({"old_password":"first"})", "second"));
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic("job", "first")}));
    CPPUNIT_ASSERT_EQUAL(400, change("DELETE", R"({"old_password":"second"})", "second"));
    CPPUNIT_ASSERT_EQUAL(200, change("PUT", R"({"new_password":"third"})", "second"));
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic("job", "second")}));
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic("job", "third")}));
    CPPUNIT_ASSERT(house.server.log().find("third") == std::string::npos);
  }

  void aLockIsOfPasswordsAlone() {
    House house;
    const std::int64_t uid = house.addByPassword("job", "a password", "viewer");
    house.addByCertificate("ada");
    const std::string path = "/v1/users/" + std::to_string(uid);
    const std::string token =
        tokenIn(house.connect().request("POST", authorize_, {}, {basic("job", "a password")}));
    for (int i = 0; i < 5; ++i) {
      CPPUNIT_ASSERT_EQUAL(401, house.status({basic("job", "wrong")}));
      CPPUNIT_ASSERT_EQUAL(401, house.status({basic("ada", "wrong")}));
    }
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic("job", "a password")}));
    CPPUNIT_ASSERT(house.must("GET", path).find(R"("status":"locked")") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client("ada"))); // certificates are not concerned
    CPPUNIT_ASSERT_EQUAL(200, house.status({scheme("JWT", token)}));  // what was proven was
    CPPUNIT_ASSERT(house.must("POST", path + "/unlock").find(R"("status":"active")") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic("job", "a password")}));
  }

  void guessesCountHoweverTheyCome() { // lesson 45
    House house;
    const std::int64_t uid = house.addByPassword("job", "a password", "viewer");
    house.must("PUT", "/v1/users/" + std::to_string(uid), R"({"email":"job@example.com"})");
    const auto body = [&](const std::string& login, const std::string& password) {
      return house.connect()
          .request("POST", authorize_, R"({"username":")" + login + R"(","password":")" + password + R"("})")
          .status;
    };
    CPPUNIT_ASSERT_EQUAL(200,
                         house.status({basic("JOB@example.com", "a password")})); // remembered from here on
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic("job", "wrong")}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic("JoB", "wrong")}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic("job@EXAMPLE.com", "wrong")}));
    CPPUNIT_ASSERT_EQUAL(401, body("job", "wrong"));
    CPPUNIT_ASSERT_EQUAL(401, body("Job@example.com", "wrong"));
    for (const char* login : {"job", "JOB", "job@example.com"}) {
      CPPUNIT_ASSERT_EQUAL(401, house.status({basic(login, "a password")}));
      CPPUNIT_ASSERT_EQUAL(401, body(login, "a password"));
    }
  }

  void noBodyMendsACertificateThatMayNotBeHere() { // R5
    House house({},
                "{mtls_certificate_authentication: true, mtls_client_cert_subject_validation_type: san_cn, "
                "mtls_authorized_subjects: [{CN: ada}]}");
    house.addByPassword("job", "a password");
    const std::string job = R"({"username":"job","password":"a password"})";
    const Forged eve = house.pki.client("eve");
    const std::string token = tokenIn(house.connect().request("POST", authorize_, job));
    CPPUNIT_ASSERT_EQUAL(401, house.connect(eve).request("POST", authorize_, job).status);
    CPPUNIT_ASSERT_EQUAL(401, house.status(eve, {scheme("JWT", token)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status(eve, {basic("job", "a password")}));
    CPPUNIT_ASSERT_EQUAL(
        401, house.connect(eve).request("PUT", "/v1/users/password", R"({"new_password":"b"})").status);
  }

  void aLockTakesAsLongAsALoginThatNobodyHas() { // lesson 46: the time tells neither a user nor its lock
    const auto scryptsOf = [](const std::vector<std::pair<const char*, const char*>>& tried) {
      House house;
      house.addByPassword("job", "a password", "viewer");
      for (int i = 0; i < 5; ++i) CPPUNIT_ASSERT_EQUAL(401, house.status({basic("job", "wrong")}));
      for (const auto& [login, password] : tried)
        CPPUNIT_ASSERT_EQUAL(401, house.status({basic(login, password)}));
      house.server.stop();
      const auto lines = house.server.lines("gateway.counters");
      CPPUNIT_ASSERT(!lines.empty());
      const std::string key = "scrypt\":";
      const std::size_t at = lines.back().find(key);
      CPPUNIT_ASSERT_MESSAGE(lines.back(), at != std::string::npos);
      return std::stol(lines.back().substr(at + key.size()));
    };
    const long locking = scryptsOf({});
    CPPUNIT_ASSERT_EQUAL(locking + 3,
                         scryptsOf({{"nobody", "a"}, {"nobody", "b"}, {"nobody", "a password"}}));
    CPPUNIT_ASSERT_EQUAL(locking + 3,
                         scryptsOf({{"job", "wrong"}, {"job", "a password"}, {"job", "a password"}}));
  }

  void aTokenIsWorthNothingWhereItsLoginIsNotTaken() { // R1
    ServerOptions options;
    options.listeners =
        "  - {name: api, protocol: http_rest, address: \"127.0.0.1:0\"}\n"
        "  - {name: strict, protocol: http_rest, address: \"127.0.0.1:0\", authenticate: [certificate]}\n"
        "  - {name: words, protocol: http_rest, address: \"127.0.0.1:0\", authenticate: [password]}\n";
    House house(options);
    house.addByPassword("job", "a password");
    house.addByCertificate("ada");
    const Forged ada = house.pki.client("ada");
    const auto word =
        scheme("JWT", tokenIn(house.connect().request("POST", authorize_, {}, {basic("job", "a password")})));
    const auto bound = scheme("JWT", tokenIn(house.connect(ada).request("POST", authorize_)));
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.peer("words"), {word}));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.peer("strict"), {basic("job", "a password")}));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.peer("strict"), {word}));
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.peer(ada, "strict"), {bound}));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.peer(ada, "words")));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.peer(ada, "words"), {bound}));
  }

  void passwordsAreSwitchedOffByWhoHasAnotherWayIn() {
    House house;
    house.addByCertificate("ada");
    const std::string off = R"({"control_plane_basic_authentication":false})";
    const HttpFields keeper = {basic(house.keeper, house.keeperPassword)};
    const HttpAnswer refused = house.connect().request("PUT", "/v1/cluster", off, keeper);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(refused.body, 406, refused.status);
    CPPUNIT_ASSERT(refused.body.find("last_way_in") != std::string::npos);
    CPPUNIT_ASSERT(refused.body.find("administrators by certificate") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(200, house.status(keeper));

    const Forged ada = house.pki.client("ada");
    const std::string token = tokenIn(house.connect().request("POST", authorize_, {}, keeper));
    CPPUNIT_ASSERT_EQUAL(200, house.connect(ada).request("PUT", "/v1/cluster", off).status);
    CPPUNIT_ASSERT_EQUAL(401, house.status(keeper));
    CPPUNIT_ASSERT_EQUAL(401, house.connect().request("POST", authorize_, {}, keeper).status);
    CPPUNIT_ASSERT_EQUAL(401, house.connect()
                                  .request("POST", authorize_,
                                           R"({"username":")" + house.keeper + R"(","password":")" +
                                               house.keeperPassword + "\"}")
                                  .status);
    CPPUNIT_ASSERT_EQUAL(200, house.status(ada));
    CPPUNIT_ASSERT_EQUAL(200, house.status({scheme("JWT", token)})); // Basic is off, not tokens
  }

  void theBootstrapIsOver() {
    House house;
    const std::string body = R"({"action":"create_cluster","cluster":{"name":"x","nodes":[]},)"
                             R"("credentials":{"username":"eve","password":"x"},"token":""})";
    CPPUNIT_ASSERT_EQUAL(401, house.connect().request("GET", "/v1/bootstrap").status);
    CPPUNIT_ASSERT_EQUAL(409, house.connect().request("POST", "/v1/bootstrap/create_cluster", body).status);
    CPPUNIT_ASSERT_EQUAL(409, house.control("POST", "/v1/bootstrap/create_cluster", body).status);
    CPPUNIT_ASSERT(house.must("GET", "/v1/bootstrap").find("completed") != std::string::npos);
  }
  void theOneTimeWordMakesTheFirstAdministrator() {
    ServerProcess server({});
    ClientOptions api;
    api.port = server.port();
    const std::string path = "/v1/bootstrap/create_cluster";
    const auto body = [](const std::string& token, const std::string& name = "admin") {
      return R"({"action":"create_cluster","cluster":{"name":"localhost","nodes":[]},"credentials":{"username":")" +
             name + R"(@example.com","password":"Good-enough1"},"token":")" + token + "\"}";
    };
    CPPUNIT_ASSERT(server.logs("serve.bootstrap_token"));
    const std::string line = server.lines("serve.bootstrap_token").front(), key = R"("file":")";
    const std::size_t at = line.find(key) + key.size();
    const std::filesystem::path file = line.substr(at, line.find('"', at) - at);
    CPPUNIT_ASSERT(std::filesystem::status(file).permissions() ==
                   (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    std::string word = readFile(file.string());
    while (!word.empty() && word.back() == '\n') word.pop_back();
    CPPUNIT_ASSERT_EQUAL(std::size_t{64}, word.size());
    CPPUNIT_ASSERT(server.log().find(word) == std::string::npos);

    HttpsClient client(api);
    CPPUNIT_ASSERT(client.request("GET", "/v1/bootstrap").body.find("idle") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(409, client.request("POST", path, body(std::string(64, '0'))).status);
    // Several who have read it, at once: it is worth one administrator.
    std::vector<std::unique_ptr<HttpsClient>> clients;
    for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<HttpsClient>(api));
    for (int i = 0; i < 4; ++i)
      CPPUNIT_ASSERT(clients[i]->send("POST", path, body(word, "admin" + std::to_string(i))));
    int made = -1;
    for (int i = 0; i < 4; ++i) {
      const HttpAnswer answer = clients[i]->receive();
      CPPUNIT_ASSERT_MESSAGE(answer.body, answer.status == 409 || (answer.status == 200 && made < 0));
      if (answer.status == 200) made = i;
    }
    CPPUNIT_ASSERT(made >= 0);
    CPPUNIT_ASSERT_EQUAL(409, client.request("POST", path, body(word)).status);
    for (int i = 0; i < 4; ++i) {
      const std::string name = "admin" + std::to_string(i) + "@example.com";
      const HttpAnswer role = client.request("GET", whoAmI, {}, {basic(name, "Good-enough1")});
      CPPUNIT_ASSERT_EQUAL(i == made ? 200 : 401, role.status);
      if (i == made) CPPUNIT_ASSERT_EQUAL(std::string(R"({"role":"admin"})"), role.body);
    }
    CPPUNIT_ASSERT(eventually([&] { return !std::filesystem::exists(file); }));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ControlIdentityTest);

} // namespace
} // namespace gatehouse::test
