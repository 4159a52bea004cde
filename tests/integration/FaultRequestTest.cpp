// Protects: the management API from bytes that are wrong. Whatever is sent, the answer is a sentence with the
// right status, nothing is written, and the next request is served.
#include "FaultServer.h"

#include <memory>

using namespace gatehouse::test;
using namespace std::string_literals;

class FaultRequestTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FaultRequestTest);
  CPPUNIT_TEST(testHeadsAndBodiesHaveLimits);
  CPPUNIT_TEST(testBadJsonIsRefused);
  CPPUNIT_TEST(testBadCertificatesAreRefused);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    server_ = std::make_unique<FaultServer>();
    before_ = state();
  }
  void tearDown() override {
    CPPUNIT_ASSERT_EQUAL(before_, state()); // nothing was written
    server_.reset();
  }

  void testHeadsAndBodiesHaveLimits() {
    CPPUNIT_ASSERT_EQUAL(431, once("GET", "/v1/users", {}, {{"X-Long", std::string(17'000, 'x')}}).status);
    HttpFields many;
    for (int i = 0; i < 70; ++i) many.emplace_back("X-" + std::to_string(i), "1");
    CPPUNIT_ASSERT_EQUAL(431, once("GET", "/v1/users", {}, many).status);
    CPPUNIT_ASSERT_EQUAL(414, once("GET", "/" + std::string(5'000, 'p')).status);

    const std::string large = R"({"name":")" + std::string(1'200'000, 'x') + R"("})";
    const HttpAnswer announced = once("POST", "/v1/users", large);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(announced.body, 413, announced.status);
    HttpsClient chunked = server_->client();
    chunked.write("POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 80 && chunked.write("4000\r\n" + std::string(0x4000, 'x') + "\r\n"); ++i) continue;
    CPPUNIT_ASSERT_EQUAL(413, chunked.receive().status);
  }

  void testBadJsonIsRefused() {
    const std::string user = R"("password":"correct horse","role_uids":[])";
    const struct {
      std::string body;
      std::string says; // in the description
    } table[] = {
        {"", ""},
        {"{", ""},
        {"[]", ""},
        {"null", ""},
        {"\"x\"", ""},
        {R"({"name":"eve",)" + user + "}}", ""},
        {R"({"name":"eve",)" + user + "} x", ""},
        {R"({"name":"eve","name":"eva",)" + user + "}", "name"},
        {R"({"name":"eve","password":"correct horse","role_uids":[1.0]})", "role_uids"},
        {R"({"name":"eve","password":"correct horse","role_uids":["1"]})", "role_uids"},
        {R"({"name":"eve","password":"correct horse","role_uids":[1e0]})", "role_uids"},
        {R"({"name":"eve","password":"correct horse","role_uids":1})", "role_uids"},
        {R"({"name":"eve","password":"correct horse","role_uids":[18446744073709551617]})", "role_uids"},
        {R"({"name":"eve","pasword":"correct horse"})", "pasword"},
        {R"({"name":7,)" + user + "}", "name"},
        {R"({"name":null,)" + user + "}", "name"},
        {R"({"name":{"a":1},)" + user + "}", "name"},
        {R"({"name":"eve","email_alerts":"yes",)" + user + "}", "email_alerts"},
        {R"({"name":"e\u0000ve",)" + user + "}", ""},
        {R"({"name":"\ud800",)" + user + "}", ""},
        {"{\"name\":\"\xC3\x28\"," + user + "}", "UTF-8"},
        {"\xEF\xBB\xBF{\"name\":\"eve\"," + user + "}", ""},
        {"{\"name\":'eve'," + user + "}", ""},
        {"{\"name\":\"eve\",/* */" + user + "}", ""},
        {std::string(10'000, '['), ""},
        {R"({"name":)" + std::string(10'000, '[') + std::string(10'000, ']') + "}", ""},
    };
    HttpsClient ada = server_->client();
    for (const auto& row : table) {
      const HttpAnswer answer = post(ada, row.body, "application/json");
      const std::string what = row.body.substr(0, 80) + " -> " + answer.body + ada.error() +
                               (answer.status == 0 ? server_->process.log() : "");
      CPPUNIT_ASSERT_EQUAL_MESSAGE(what, 400, answer.status);
      CPPUNIT_ASSERT_MESSAGE(what, answer.body.find("\"error_code\"") != std::string::npos);
      CPPUNIT_ASSERT_MESSAGE(what, answer.body.find(row.says) != std::string::npos);
      CPPUNIT_ASSERT_MESSAGE(what, answer.body.find("correct horse") == std::string::npos);
    }
    const std::string good = R"({"name":"eve",)" + user + "}";
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(type, 400, post(ada, good, type).status);
  }

  void testBadCertificatesAreRefused() { // lesson 17, R11
    const TestPki& pki = server_->pki;
    const std::int64_t now = TestPki::now();
    const Forged other = TestPki::otherCa("Other CA", "other");
    const Forged oldCa = Forge().ca("Old CA").valid(now - 7200, now - 3600).make();
    const Forged web = Forge().server("localhost").valid(now - 60, now + 3600).signedBy(pki.ca()).make();
    const Forged oldWeb = Forge().server("localhost").valid(now - 7200, now - 3600).signedBy(pki.ca()).make();
    const struct {
      std::string name, certificate, key;
      int status;
    } table[] = {
        {"mtls_trusted_ca", "", "", 400},
        {"mtls_trusted_ca", "nonsense", "", 400},
        {"mtls_trusted_ca", other.pem().substr(0, 300), "", 400},
        {"mtls_trusted_ca", other.pem() + other.pem().substr(0, 300), "", 400}, // the second is cut short
        {"mtls_trusted_ca", other.pem() + other.keyPem(), "", 400},
        {"mtls_trusted_ca", web.pem(), "", 400}, // cannot issue (R10)
        {"mtls_trusted_ca", oldCa.pem(), "", 406},
        {"mtls_trusted_ca", pki.ca().pem(), pki.ca().keyPem(), 400},
        {"api", web.pem(), "", 400},
        {"api", web.pem(), "nonsense", 400},
        {"api", web.pem(), other.keyPem(), 400}, // does not fit
        {"api", "nonsense", web.keyPem(), 400},
        {"api", oldWeb.pem(), oldWeb.keyPem(), 406},
        {"unheard_of", web.pem(), web.keyPem(), 403},
    };
    HttpsClient ada = server_->client();
    for (const auto& row : table) {
      std::string body =
          R"({"certificates":[{"name":")" + row.name + R"(","certificate":)" + quoted(row.certificate);
      if (!row.key.empty()) body += ",\"key\":" + quoted(row.key);
      const HttpAnswer answer = ada.request("PUT", "/v1/cluster/certificates", body + "}]}");
      CPPUNIT_ASSERT_EQUAL_MESSAGE(row.name + ": " + row.certificate + answer.body, row.status,
                                   answer.status);
      CPPUNIT_ASSERT_MESSAGE("no part of a key comes back",
                             answer.body.find("PRIVATE") == std::string::npos ||
                                 answer.body.find("MI") == std::string::npos);
    }
    server_->serves(); // by the CA that was there before
  }

private:
  static std::string quoted(const std::string& pem) {
    std::string out = "\"";
    for (const char c : pem) out += c == '\n' ? "\\n"s : std::string(1, c);
    return out + '"';
  }
  /// With that type, whatever it is.
  static HttpAnswer post(HttpsClient& client, const std::string& body, const std::string& type) {
    client.write("POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
                 "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.receive();
  }
  HttpAnswer once(std::string_view method, std::string_view path, std::string_view body = {},
                  const HttpFields& fields = {}) const {
    HttpsClient ada = server_->client();
    return ada.request(method, path, body, fields);
  }
  /// All that could have been changed.
  [[nodiscard]] std::string state() const {
    HttpsClient local = server_->control();
    std::string out;
    for (const char* path : {"/v1/users", "/v1/roles", "/v1/cluster", "/v1/cluster/certificates"})
      out += local.request("GET", path).body;
    for (std::size_t at; (at = out.find(",\"last_login\":")) != std::string::npos;) // moves by itself
      out.erase(at, out.find_first_of(",}", at + 1) - at);
    return out;
  }
  std::unique_ptr<FaultServer> server_;
  std::string before_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(FaultRequestTest);
