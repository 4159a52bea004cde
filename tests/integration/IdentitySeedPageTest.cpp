// Protects the promise itself: certificate-based authentication for the REST API, set up and used with curl
// as the documentation of the REST API shows it, over the network, over the control socket and by a manifest.
#include "HouseFixture.h"

namespace gatehouse::test {
namespace {

class IdentitySeedPageTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IdentitySeedPageTest);
  CPPUNIT_TEST(curlSetsItUpOverTheNetworkAndLogsInByCertificate);
  CPPUNIT_TEST(curlSetsItUpOverTheControlSocket);
  CPPUNIT_TEST(aManifestSetsItUp);
  CPPUNIT_TEST(certificatesStayOutWhileTheyAreOff);
  CPPUNIT_TEST_SUITE_END();

public:
  void curlSetsItUpOverTheNetworkAndLogsInByCertificate() {
    House house({}, "{mtls_certificate_authentication: false}");
    const std::string url = "https://localhost:" + std::to_string(house.server.port());
    const std::vector<std::string> keeper = {"--cacert", house.server.folder() / "provision/api.pem",
                                             "--user", house.keeper + ':' + house.keeperPassword};
    walk(house, url, keeper);
  }

  void curlSetsItUpOverTheControlSocket() {
    House house({}, "{mtls_certificate_authentication: false}");
    walk(house, "http://localhost", {"--unix-socket", house.server.controlSocket()});
  }

  void aManifestSetsItUp() {
    House base; // its files serve as an example
    const std::string name = randomName("ada-");
    ServerOptions options;
    options.manifest = "cluster: {mtls_certificate_authentication: true}\n"
                       "certificates:\n"
                       "  - {name: mtls_trusted_ca, certificate: {file: ca.pem}}\n"
                       "  - {name: api, certificate: {file: api.pem}, key: {file: api.key}}\n"
                       "roles: [{name: operator, management: admin}]\n"
                       "users: [{name: " +
                       name + ", auth_method: certificate, certificate_subject_line: \"" +
                       TestPki::subjectLine(name) + "\", roles: [operator]}]\n";
    options.files = {{"ca.pem", base.pki.ca().pem()},
                     {"api.pem", base.serverCertificate.pem()},
                     {"api.key", base.serverCertificate.keyPem()}};
    House house(options);
    const CurlAnswer answer = asClient(house, base.pki.client(name), "/v1/users/role");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.output + house.server.log(), 200, answer.status);
    CPPUNIT_ASSERT(answer.output.find("\"admin\"") != std::string::npos);
  }

  void certificatesStayOutWhileTheyAreOff() {
    House house({}, "{mtls_certificate_authentication: false}");
    const std::string name = randomName("ada-");
    house.addByCertificate(name);
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.pki.client(name)));
    house.must("PUT", "/v1/cluster", "{\"mtls_certificate_authentication\":true}");
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client(name)));
  }

private:
  /// Steps 1 to 4 of the page, by whoever `admin` is.
  static void walk(House& house, const std::string& url, const std::vector<std::string>& admin) {
    const auto say = [&](std::vector<std::string> words) {
      words.insert(words.begin(), admin.begin(), admin.end());
      const CurlAnswer answer = curl(words);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.output + '\n' + house.server.log(), 200, answer.status);
      return answer.output;
    };
    const std::string name = randomName("ada-"), stranger = randomName("eve-");
    // A CA of its own: the page begins with trusting one.
    const Forged ca = TestPki::otherCa(randomName("Page CA "), randomName("key-"));
    say({"-X", "PUT", "--json", trustedCaBody({ca}), url + "/v1/cluster/certificates"});
    say({"-X", "PUT", "--json",
         "{\"mtls_certificate_authentication\": true, \"mtls_client_cert_subject_validation_type\": "
         "\"disabled\"}",
         url + "/v1/cluster"});
    const std::string made = say({"--json",
                                  "{\"auth_method\": \"certificate\", \"certificate_subject_line\": " +
                                      jsonText(TestPki::subjectLine(name)) + ", \"role_uids\": [1]}",
                                  url + "/v1/users"});
    CPPUNIT_ASSERT_MESSAGE(made, made.find("\"certificate_subject_line\"") != std::string::npos);

    CPPUNIT_ASSERT_EQUAL(200, asClient(house, house.pki.client(name, ca), "/v1/users/role").status);
    const CurlAnswer users = asClient(house, house.pki.client(name, ca), "/v1/users");
    CPPUNIT_ASSERT_EQUAL(200, users.status);
    CPPUNIT_ASSERT_MESSAGE(users.output, users.output.find(name) != std::string::npos);

    CPPUNIT_ASSERT_EQUAL(401, asClient(house, house.pki.client(stranger, ca), "/v1/users/role").status);
    // By a CA that is not trusted, though the house knew it once.
    CPPUNIT_ASSERT_EQUAL(0, asClient(house, house.pki.client(name), "/v1/users/role").status);
    CPPUNIT_ASSERT_EQUAL(401, house.status(HttpFields{}));
  }

  static CurlAnswer asClient(House& house, const Forged& who, const std::string& path) {
    const std::string certificate = house.server.folder().write("client.pem", who.pem());
    const std::string key = house.server.folder().write("client.key", who.keyPem());
    return curl({"--request", "GET", "--url",
                 "https://localhost:" + std::to_string(house.server.port()) + path, "--cert", certificate,
                 "--key", key, "--cacert", house.server.folder() / "provision/api.pem"});
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IdentitySeedPageTest);

} // namespace
} // namespace gatehouse::test
