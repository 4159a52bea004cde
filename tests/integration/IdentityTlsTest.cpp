// Protects what a handshake proves: purpose, possession, a full handshake each time, the least TLS version,
// and the listener's own policy.
#include "HouseFixture.h"

namespace gatehouse::test {
namespace {

class IdentityTlsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IdentityTlsTest);
  CPPUNIT_TEST(aCertificateOfAnotherPurposeEndsTheHandshake);
  CPPUNIT_TEST(anExpiredOrFutureOrAlteredCertificateEndsTheHandshake);
  CPPUNIT_TEST(aForwardedCertificateIsNoEvidence);
  CPPUNIT_TEST(noSessionIsEverResumed);
  CPPUNIT_TEST(aSessionFromBeforeTheCaWasReplacedIsWorthNothing);
  CPPUNIT_TEST(openSslsOwnClientIsGivenNothingToResume);
  CPPUNIT_TEST(theLeastTlsVersionIsKept);
  CPPUNIT_TEST(aListenerMayRequireACertificate);
  CPPUNIT_TEST(aListenerThatRequiresCertificatesWaitsForItsCa);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    house_ = std::make_unique<House>();
    ada_ = randomName("ada-");
    uid_ = house_->addByCertificate(ada_);
  }
  void tearDown() override { house_.reset(); }

  void aCertificateOfAnotherPurposeEndsTheHandshake() { // lesson 20
    const Forged& ca = house_->pki.ca();
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf().extendedKeyUsage("serverAuth").signedBy(ca).make()));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf().extendedKeyUsage("emailProtection").signedBy(ca).make()));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf().keyUsage("keyAgreement").signedBy(ca).make()));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf().keyUsage("keyEncipherment").signedBy(ca).make()));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(leaf().extendedKeyUsage("").signedBy(ca).make()));
    // A CA is nobody's client, though a user of its name exists and it is trusted.
    house_->addByCertificate(randomName("ca-"), "CN=Example CA");
    CPPUNIT_ASSERT(house_->status(ca) != 200);
    const std::string sub = randomName("Sub CA ");
    house_->addByCertificate(randomName("sub-"), "CN=" + sub);
    const std::int64_t now = TestPki::now();
    CPPUNIT_ASSERT(house_->status(Forge().ca(sub).valid(now - 60, now + 3600).signedBy(ca).make()) != 200);
  }

  void anExpiredOrFutureOrAlteredCertificateEndsTheHandshake() {
    const Forged& ca = house_->pki.ca();
    const std::int64_t now = TestPki::now();
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf().valid(now - 7200, now - 60).signedBy(ca).make()));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf().valid(now + 3600, now + 7200).signedBy(ca).make()));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf().signedBy(ca).brokenSignature().make()));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf().make())); // signed by itself
    // None of them may fall back on a password in the same connection.
    const HttpFields keeper = {basic(house_->keeper, house_->keeperPassword)};
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf().valid(now - 7200, now - 60).signedBy(ca).make(), keeper));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(keeper));
  }

  void aForwardedCertificateIsNoEvidence() { // lessons 22, 23
    std::string line = house_->pki.client(ada_).pem();
    for (std::size_t at = 0; (at = line.find('\n', at)) != std::string::npos;) line.replace(at, 1, " ");
    for (const char* name :
         {"X-Client-Cert", "X-Tls-Client-Cert", "X-SSL-CERT", "X-Forwarded-Client-Cert", "Client-Cert",
          "X-SSL-Client-S-DN", "r-auth-user", "X-Remote-User", "X-Forwarded-User"})
      for (const std::string& value : {line, TestPki::subjectLine(ada_), ada_, house_->keeper}) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 401, house_->status({{name, value}}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 401,
                                     house_->status(house_->pki.client("nobody"),
                                                    {{name, value}, {"X-SSL-Client-Verify", "SUCCESS"}}));
      }
  }

  void noSessionIsEverResumed() { // lessons 32, 36
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      ClientOptions options = house_->peer(house_->pki.client(ada_));
      options.maximum = version;
      HttpsClient first(options);
      CPPUNIT_ASSERT_EQUAL(200, first.request("GET", whoAmI).status);
      CPPUNIT_ASSERT_EQUAL(version, first.tlsVersion());
      CPPUNIT_ASSERT(!first.sawTicket());
      const auto session = first.session();
      options.resume = session.get();
      HttpsClient second(options);
      CPPUNIT_ASSERT_EQUAL(200, second.request("GET", whoAmI).status);
      CPPUNIT_ASSERT(!second.resumed());
      // Without the certificate the old session must not stand for it.
      options.certificate.reset();
      HttpsClient third(options);
      CPPUNIT_ASSERT(!third.resumed());
      CPPUNIT_ASSERT_EQUAL(401, third.request("GET", whoAmI).status);
    }
  }

  void aSessionFromBeforeTheCaWasReplacedIsWorthNothing() { // lesson 33
    const Forged next = TestPki::otherCa(randomName("Next CA "), randomName("key-"));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      house_->trust({house_->pki.ca()});
      ClientOptions options = house_->peer(house_->pki.client(ada_));
      options.maximum = version;
      HttpsClient first(options);
      CPPUNIT_ASSERT_EQUAL(200, first.request("GET", whoAmI).status);
      const auto session = first.session();
      house_->trust({next});
      options.resume = session.get();
      CPPUNIT_ASSERT_EQUAL(0, house_->status(options));
      options.certificate.reset();
      CPPUNIT_ASSERT_EQUAL(401, house_->status(options));
      CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_, next)));
    }
  }

  void openSslsOwnClientIsGivenNothingToResume() { // lesson 32, with another client than ours
    const TempFolder& folder = house_->server.folder();
    const std::string common =
        "openssl s_client -connect 127.0.0.1:" + std::to_string(house_->server.port()) + " -cert " +
        folder.write("c.pem", house_->pki.client(ada_).pem()) + " -key " +
        folder.write("c.key", house_->pki.client(ada_).keyPem()) + " -tls1_2 ";
    const std::string session = folder / "session";
    CPPUNIT_ASSERT(shell(common + "-sess_out " + session).find("New, TLSv1.2") != std::string::npos);
    const std::string second = shell("test ! -e " + session + " || " + common + "-sess_in " + session);
    CPPUNIT_ASSERT_MESSAGE(second, second.find("Reused") == std::string::npos);
  }

  void theLeastTlsVersionIsKept() {
    ClientOptions old = house_->peer(house_->pki.client(ada_));
    old.maximum = TLS1_2_VERSION;
    CPPUNIT_ASSERT_EQUAL(200, house_->status(old));
    ClientOptions ancient = old;
    ancient.minimum = ancient.maximum = TLS1_1_VERSION;
    CPPUNIT_ASSERT_EQUAL(0, house_->status(ancient));
    house_->must("PUT", "/v1/cluster", "{\"min_control_TLS_version\":\"1.3\"}");
    CPPUNIT_ASSERT(!HttpsClient(old).connected());
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_)));
  }

  void aListenerMayRequireACertificate() {
    House& house = *house_; // it has a CA by now: without one nobody could ever come in there
    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    house.server.setListeners("  - {name: api, protocol: http_rest, address: \"127.0.0.1:0\"}\n"
                              "  - {name: strict, protocol: http_rest, address: \"127.0.0.1:0\", "
                              "client_certificate: require}\n");
    house.server.start();
    const HttpFields keeper = {basic(house.keeper, house.keeperPassword)};
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.peer("api"), keeper));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      ClientOptions peer = house.peer("strict");
      peer.maximum = version;
      CPPUNIT_ASSERT_EQUAL(0, house.status(peer, keeper));
      // A session of the lenient listener opens nothing at the strict one (lesson 32).
      ClientOptions lenient = house.peer("api");
      lenient.maximum = version;
      HttpsClient client(lenient);
      CPPUNIT_ASSERT_EQUAL(200, client.request("GET", whoAmI, {}, keeper).status);
      const auto session = client.session();
      peer.resume = session.get();
      CPPUNIT_ASSERT_EQUAL(0, house.status(peer, keeper));
    }
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.peer(house.pki.client(ada_), "strict")));
  }

  // With nothing to verify under, nobody gets in there, and the way to put a CA is open all the same: on an
  // empty store without a manifest, and with one that brings the CA.
  void aListenerThatRequiresCertificatesWaitsForItsCa() {
    ServerOptions options;
    options.listeners =
        "  - {name: strict, protocol: http_rest, address: \"127.0.0.1:0\", client_certificate: require}\n";
    ServerProcess bare(options);
    CPPUNIT_ASSERT(bare.logs("listener.closed", {"strict"}));
    ClientOptions peer;
    peer.port = bare.port("strict");
    peer.certificate = house_->pki.client(ada_);
    CPPUNIT_ASSERT_EQUAL(0, house_->status(peer));
    CPPUNIT_ASSERT(bare.logs("access.refused", {"no_trusted_ca"}));
    ClientOptions local;
    local.unixSocket = bare.controlSocket();
    CPPUNIT_ASSERT_EQUAL(200, house_->status(local));
    HttpsClient administrator(
        local); // a right password does not help: without a certificate nobody comes in there (lesson 19)
    CPPUNIT_ASSERT_EQUAL(200, administrator
                                  .request("POST", "/v1/users",
                                           R"({"name":"root","password":"correct horse","role_uids":[1]})")
                                  .status);
    peer.certificate.reset();
    CPPUNIT_ASSERT_EQUAL(0, house_->status(peer, {basic("root", "correct horse")}));

    House house(options);
    house.addByCertificate(ada_);
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.peer(house.pki.client(ada_), "strict")));
    CPPUNIT_ASSERT_EQUAL(0, house.status(house.peer("strict")));
  }

private:
  [[nodiscard]] Forge leaf() const { return TestPki::leaf(ada_); }

  static std::string shell(const std::string& command) {
    FILE* pipe = ::popen((command + " 2>&1 </dev/null").c_str(), "re");
    CPPUNIT_ASSERT(pipe != nullptr);
    std::string out;
    char piece[4096];
    for (std::size_t got = 0; (got = ::fread(piece, 1, sizeof piece, pipe)) > 0;) out.append(piece, got);
    ::pclose(pipe);
    return out;
  }

  std::unique_ptr<House> house_;
  std::string ada_;
  std::int64_t uid_ = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(IdentityTlsTest);

} // namespace
} // namespace gatehouse::test
