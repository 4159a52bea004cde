// Protects: whoever no longer stands gets no further piece of a list, and cannot keep the connection by not
// reading it.
#include "HouseFixture.h"

#include <chrono>

namespace gatehouse::test {
namespace {

class ChangeListingTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ChangeListingTest);
  CPPUNIT_TEST(aListThatNobodyReadsEndsWithItsReader);
  CPPUNIT_TEST_SUITE_END();

public:
  void aListThatNobodyReadsEndsWithItsReader() {
    const TestPki pki;
    ServerOptions options;
    options.files.emplace_back("ca.pem", pki.ca().pem());
    options.manifest =
        "cluster: {mtls_certificate_authentication: true}\n"
        "certificates: [{name: mtls_trusted_ca, certificate: {file: ca.pem}}]\n"
        "users:\n"
        "  - {name: keeper, auth_method: certificate, certificate_subject_line: CN=keeper, roles: [Admin]}\n"
        "  - {name: ada, auth_method: certificate, certificate_subject_line: \"" +
        TestPki::subjectLine("ada") + "\", roles: [Admin]}\n";
    for (int i = 0; i < 30'000; ++i) // some 8 MB of JSON: more than the sockets' buffers take
      options.manifest += "  - {name: u" + std::to_string(i) +
                          ", auth_method: certificate, certificate_subject_line: CN=u" + std::to_string(i) +
                          "}\n";
    ServerProcess server(options);
    ClientOptions local;
    local.unixSocket = server.controlSocket();
    HttpsClient control(local);
    ClientOptions peer;
    peer.port = server.port();
    peer.certificate = pki.client("ada");
    HttpsClient ada(peer);
    CPPUNIT_ASSERT(ada.send("GET", "/v1/users"));
    CPPUNIT_ASSERT(server.logs("access.granted", {"\"user\":\"ada\""}));

    const auto begin = std::chrono::steady_clock::now();
    CPPUNIT_ASSERT_EQUAL(200, control.request("DELETE", "/v1/users/2").status);
    CPPUNIT_ASSERT(server.logs("access.ended", {"\"user\":\"ada\"", "no_user"}));
    CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begin <
                   std::chrono::seconds(5)); // not the 20 s of a deaf peer
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ChangeListingTest);

} // namespace
} // namespace gatehouse::test
