// Protects: what may speak for a caller and what may not (a page of another site, fields that only a front
// proxy would set), the way back of a password that has expired, and the one-time token of the bootstrap.
#include "DatabaseFixture.h"

#include <cstdlib>
#include <sys/stat.h>

namespace gatehouse::test {
namespace {

class ControlRequestsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ControlRequestsTest);
  CPPUNIT_TEST(aPageOfAnotherSiteHasNoCertificate);
  CPPUNIT_TEST(fieldsOfAFrontProxyProveNothing);
  CPPUNIT_TEST(anExpiredPasswordSetsANewOneAndDoesNothingElse);
  CPPUNIT_TEST(whoHasTheOneTimeTokenMakesTheFirstAdministrator);
  CPPUNIT_TEST(redisCliLogsInWithADefaultUsersPassword);
  CPPUNIT_TEST_SUITE_END();

  static bool has(const HttpAnswer& answer, std::string_view text) {
    return answer.body.find(text) != std::string::npos;
  }
  static void expectStatus(int status, const HttpAnswer& answer) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, status, answer.status);
  }

public:
  void aPageOfAnotherSiteHasNoCertificate() {
    House house;
    const std::string ada = randomName("ada-");
    house.addByCertificate(ada);
    HttpsClient browser = house.connect(house.pki.client(ada));
    const std::string body = R"({"name":"planted","management":"admin"})";
    for (const char* origin :
         {"https://evil.example", "http://localhost", "null", "https://localhost.evil.example",
          "https://localhost:1", "https://a https://b"})
      for (const auto& [method, path] :
           {std::pair("POST", "/v1/roles"), std::pair("GET", "/v1/users/role")}) {
        const HttpAnswer answer =
            browser.request(method, path, method == std::string("POST") ? body : "", {{"Origin", origin}});
        expectStatus(403, answer);
        CPPUNIT_ASSERT_MESSAGE(answer.body, has(answer, "cross_site_request"));
      }
    CPPUNIT_ASSERT(!has(house.control("GET", "/v1/roles"), "planted"));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {"evil.example"}));

    const std::string own = "https://localhost:" + std::to_string(house.server.port());
    const std::string host = "localhost:" + std::to_string(house.server.port());
    // The same site, and what brings a word that no page can send.
    HttpsClient same = house.connect(house.pki.client(ada));
    CPPUNIT_ASSERT(
        same.write("GET /v1/users/role HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + own + "\r\n\r\n"));
    expectStatus(200, same.receive());
    HttpsClient word = house.connect();
    const auto password = basic(house.keeper, house.keeperPassword);
    expectStatus(403,
                 word.request("GET", "/v1/users/role", "", {{"Origin", "https://evil.example"}, password}));
    const std::string given = word.request("POST", "/v1/users/authorize", "", {password}).body;
    const std::size_t at = given.find(":\"") + 2;
    const std::string token = given.substr(at, given.find('"', at) - at);
    expectStatus(200, word.request("GET", "/v1/users/role", "",
                                   {{"Origin", "https://evil.example"}, {"Authorization", "JWT " + token}}));
  }

  void fieldsOfAFrontProxyProveNothing() {
    House house;
    const std::string pem = house.pki.client(house.keeper).pem();
    std::string oneLine;
    for (const char c : pem) oneLine += c == '\n' ? std::string("%0A") : std::string(1, c);
    const HttpFields forged = {
        {"r-auth-user", house.keeper},
        {"X-Auth-User", house.keeper},
        {"X-Remote-User", house.keeper},
        {"X-Forwarded-Client-Cert", "Subject=\"CN=" + house.keeper + "\";Cert=\"" + oneLine + '"'},
        {"X-SSL-Client-Cert", oneLine},
        {"X-Client-Cert", oneLine},
        {"SSL-Client-Subject-DN", "CN=" + house.keeper},
        {"X-Forwarded-For", "127.0.0.1"}};
    for (const auto& field : forged) expectStatus(401, house.connect().request("GET", whoAmI, "", {field}));
    expectStatus(401, house.connect().request("GET", whoAmI, "", forged));
    // Beside a proof they change nothing.
    const std::string ada = randomName("ada-");
    house.addByCertificate(ada, TestPki::subjectLine(ada), "viewer");
    const HttpAnswer answer = house.connect(house.pki.client(ada)).request("GET", whoAmI, "", forged);
    expectStatus(200, answer);
    CPPUNIT_ASSERT_MESSAGE(answer.body, has(answer, "cluster_viewer"));
  }

  void anExpiredPasswordSetsANewOneAndDoesNothingElse() {
    House house;
    const std::string ada = randomName("ada-"), grace = randomName("grace-");
    const std::int64_t uid = house.addByPassword(ada, "first-Secret-1");
    house.addByCertificate(grace);
    house.must("PUT", "/v1/cluster", R"({"password_expiration_duration":2})");
    expectStatus(200, house.connect().request("GET", whoAmI, "", {basic(ada, "first-Secret-1")}));
    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    // Three days later, for this user alone.
    const std::string command =
        "sqlite3 '" + (house.server.folder() / "state/gatehouse.db") +
        "' \"UPDATE users SET password_issue_date = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', "
        "'-3 days') WHERE uid = " +
        std::to_string(uid) + "\"";
    CPPUNIT_ASSERT_EQUAL_MESSAGE(command, 0, std::system(command.c_str()));
    house.server.start();

    const auto asAda = [&](std::string_view method, std::string_view path, std::string_view body = "",
                           const char* password = "first-Secret-1") {
      return house.connect().request(method, path, body, {basic(ada, password)});
    };
    const HttpAnswer refused = asAda("POST", "/v1/users/authorize");
    expectStatus(401, refused);
    CPPUNIT_ASSERT_MESSAGE(refused.body, has(refused, "password_expired"));
    expectStatus(401, asAda("GET", "/v1/users/role"));
    expectStatus(401, asAda("PUT", "/v1/users/" + std::to_string(uid), R"({"password":"other-Secret-1"})"));
    expectStatus(401, asAda("POST", "/v1/users/password", R"({"new_password":"other-Secret-1"})"));
    // Whoever guesses does not learn that it is expired, and may not set another.
    const HttpAnswer guessed =
        asAda("PUT", "/v1/users/password", R"({"new_password":"x"})", "no such secret");
    expectStatus(401, guessed);
    CPPUNIT_ASSERT_MESSAGE(guessed.body, !has(guessed, "password_expired"));
    const HttpAnswer shown = house.control("GET", "/v1/users/" + std::to_string(uid));
    CPPUNIT_ASSERT_MESSAGE(shown.body, has(shown, R"("status":"password_expired")"));
    // Certificates have no password that could expire.
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client(grace)));

    // Nobody else's, and not the same again.
    expectStatus(400, asAda("PUT", "/v1/users/password", R"({"new_password":"first-Secret-1"})"));
    const HttpAnswer others =
        asAda("PUT", "/v1/users/password",
              "{\"username\":" + jsonText(house.keeper) + R"(,"new_password":"mine-now-1"})");
    CPPUNIT_ASSERT_MESSAGE(others.body, others.status == 403 || others.status == 401);
    expectStatus(200, asAda("PUT", "/v1/users/password", R"({"new_password":"second-Secret-1"})"));
    expectStatus(401, asAda("GET", "/v1/users/role"));
    expectStatus(200, asAda("GET", "/v1/users/role", "", "second-Secret-1"));
    CPPUNIT_ASSERT(has(house.control("GET", "/v1/users/" + std::to_string(uid)), R"("status":"active")"));
  }

  void whoHasTheOneTimeTokenMakesTheFirstAdministrator() {
    ServerOptions options;
    options.manifest = "roles: [{name: viewer, management: cluster_viewer}]\n";
    House house(options);
    const std::string file = house.server.folder() / "state/bootstrap.token";
    struct stat about {};
    CPPUNIT_ASSERT_MESSAGE(file + '\n' + house.server.log(), ::stat(file.c_str(), &about) == 0);
    CPPUNIT_ASSERT_EQUAL(0600U, static_cast<unsigned>(about.st_mode & 07777U));
    std::string token = readFile(file);
    while (!token.empty() && token.back() == '\n') token.pop_back();
    CPPUNIT_ASSERT(token.size() >= 32);
    CPPUNIT_ASSERT_MESSAGE("the token is in the log", house.server.log().find(token) == std::string::npos);

    ClientOptions anybody; // the certificate was generated: not verified here
    anybody.port = house.server.port();
    const auto create = [&](const std::string& word) {
      return HttpsClient(anybody).request(
          "POST", "/v1/bootstrap/create_cluster",
          R"({"action":"create_cluster","cluster":{"name":"localhost"},)"
          R"("credentials":{"username":"admin@example.com","password":"the-first-Secret-1"})" +
              (word.empty() ? "" : ",\"token\":" + jsonText(word)) + '}');
    };
    const HttpAnswer idle = HttpsClient(anybody).request("GET", "/v1/bootstrap");
    expectStatus(200, idle);
    CPPUNIT_ASSERT_MESSAGE(idle.body, has(idle, R"("state":"idle")"));
    expectStatus(409, create(""));
    expectStatus(409, create("no such token"));
    expectStatus(409, create(token.substr(1)));
    expectStatus(200, create(token));
    expectStatus(409, create(token)); // once
    CPPUNIT_ASSERT(eventually([&] { return ::stat(file.c_str(), &about) != 0; }));
    const HttpAnswer role =
        HttpsClient(anybody).request("GET", whoAmI, "", {basic("admin@example.com", "the-first-Secret-1")});
    expectStatus(200, role);
    CPPUNIT_ASSERT(has(role, R"("admin")"));
    expectStatus(401, HttpsClient(anybody).request("GET", "/v1/bootstrap"));
  }

  void redisCliLogsInWithADefaultUsersPassword() {
    Cache house({}, R"("default_user":true)");
    house.must("PUT", "/v1/bdbs/" + std::to_string(house.cache.uid) + "/passwords",
               R"({"password":"open-sesame"})");
    const auto redisCli = [&](const std::string& login) {
      return textOfCommand("redis-cli -h 127.0.0.1 -p " + std::to_string(house.cache.port) +
                           " --tls --insecure --no-auth-warning " + login + " PING 2>&1");
    };
    CPPUNIT_ASSERT_EQUAL(std::string("PONG\n"), redisCli("-a open-sesame"));
    CPPUNIT_ASSERT_EQUAL(std::string("PONG\n"), redisCli("--user default -a open-sesame"));
    const std::string wrong = redisCli("-a close-sesame");
    CPPUNIT_ASSERT_MESSAGE(wrong, wrong.find("WRONGPASS") != std::string::npos &&
                                      wrong.find("PONG") == std::string::npos);
    const std::string none = redisCli("");
    CPPUNIT_ASSERT_MESSAGE(none, none.find("NOAUTH") != std::string::npos);
  }

private:
  static std::string textOfCommand(const std::string& command) {
    std::string out;
    FILE* pipe = ::popen(command.c_str(), "re");
    CPPUNIT_ASSERT(pipe != nullptr);
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
    ::pclose(pipe);
    return out;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ControlRequestsTest);

} // namespace
} // namespace gatehouse::test
