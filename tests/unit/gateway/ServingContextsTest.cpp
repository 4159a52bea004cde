// Protects: what is committed can be served, and whatever cannot be built is refused before anything changes
// (R11; lessons 17, 18, 19).
#include "gateway/ServingContexts.h"

#include "pki/SelfSigned.h"
#include "support/CertForge.h"
#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using gateway::Listener;
using gateway::ServingContexts;

class ServingContextsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ServingContextsTest);
  CPPUNIT_TEST(testAListenerShowsItsCertificate);
  CPPUNIT_TEST(testCertificatesAreAskedForWhileTheyCount);
  CPPUNIT_TEST(testOnWithoutACaIsRefused);
  CPPUNIT_TEST(testWithoutACaRequireLetsNobodyInAndRequestAsksForNone);
  CPPUNIT_TEST(testHalfReadableCasAreRefused);
  CPPUNIT_TEST(testAMissingCertificateIsNamed);
  CPPUNIT_TEST(testBadCiphersAreNamed);
  CPPUNIT_TEST(testTheControlSocketHasNoTls);
  CPPUNIT_TEST(testADatabaseAsksForCertificatesOfItsList);
  CPPUNIT_TEST(testAnEmptyListIsNobody);
  CPPUNIT_TEST(testADatabaseWithoutTlsIsPlain);
  CPPUNIT_TEST(testADatabaseShowsItsOwnCertificate);
  CPPUNIT_TEST(testAnUnknownListenerIsClosed);
  CPPUNIT_TEST_SUITE_END();

  test::ManualClock clock;
  std::vector<Listener> listeners;
  model::Snapshot snapshot;
  store::CertificateRow api, ca;
  control::StoredCertificates stored;
  gateway::DatabaseDoors doors;

public:
  void setUp() override {
    clock.wall = test::Forge::now;
    Listener listener;
    listener.name = "api";
    listener.certificate = "api";
    listeners.push_back(std::move(listener));
    auto pair = pki::generateSelfSigned("gw.example.com", clock.wall);
    CPPUNIT_ASSERT(pair.ok());
    api.certificate = {"api", pair->certificatePem};
    api.key = std::move(pair->keyPem);
    stored.cluster.emplace("api", &api);
  }
  void trust() {
    ca.certificate = {"mtls_trusted_ca", test::Forge().ca("Example CA").make().pem()};
    stored.cluster.emplace("mtls_trusted_ca", &ca);
  }
  Result<std::shared_ptr<const ServingContexts>> build() {
    return ServingContexts::build(listeners, doors, snapshot, stored, clock);
  }
  transport::ClientCertificate asked() {
    auto built = build();
    CPPUNIT_ASSERT_MESSAGE(built ? "" : built.error().description, built.ok());
    return (*built)->entryOf("api").tls->policy().clientCertificate;
  }
  void refuses(Code code, std::string_view word) {
    auto built = build();
    CPPUNIT_ASSERT(!built.ok());
    CPPUNIT_ASSERT_EQUAL(std::string(row(code).word), std::string(row(built.error().code).word));
    CPPUNIT_ASSERT_MESSAGE(built.error().description,
                           built.error().description.find(word) != std::string::npos);
  }

  /// A database of uid 5, whose door is there.
  model::Database& database() {
    auto listener = std::make_shared<Listener>();
    listener->name = "bdb:5";
    listener->database = 5;
    listener->certificate = "api";
    doors[5].listener = std::move(listener);
    model::Database& made = snapshot.databases[5].database;
    made.uid = 5;
    made.name = "cache";
    return made;
  }
  ServingContexts::Entry entry() {
    auto built = build();
    CPPUNIT_ASSERT_MESSAGE(built ? "" : built.error().description, built.ok());
    return (*built)->entryOf("bdb:5");
  }

  void testAListenerShowsItsCertificate() { CPPUNIT_ASSERT(asked() == transport::ClientCertificate::none); }
  void testCertificatesAreAskedForWhileTheyCount() {
    trust();
    CPPUNIT_ASSERT(asked() == transport::ClientCertificate::none);
    snapshot.settings.mtls_certificate_authentication = true;
    CPPUNIT_ASSERT(asked() == transport::ClientCertificate::request);
    listeners[0].clientCertificate = transport::ClientCertificate::require;
    CPPUNIT_ASSERT(asked() == transport::ClientCertificate::require);
    listeners[0].clientCertificate = transport::ClientCertificate::none;
    CPPUNIT_ASSERT(asked() == transport::ClientCertificate::none);
  }
  void testOnWithoutACaIsRefused() {
    snapshot.settings.mtls_certificate_authentication = true;
    refuses(Code::missing_certificate, "mtls_trusted_ca");
  }
  void testWithoutACaRequireLetsNobodyInAndRequestAsksForNone() {
    listeners[0].clientCertificate = transport::ClientCertificate::require;
    auto closed = build();
    CPPUNIT_ASSERT(closed.ok() && (*closed)->entryOf("api").closed());
    listeners[0].clientCertificate = transport::ClientCertificate::request;
    CPPUNIT_ASSERT(asked() ==
                   transport::ClientCertificate::none); // nobody can be verified: nobody by certificate
  }
  void testHalfReadableCasAreRefused() {
    trust();
    for (const std::string& bad : {std::string(), std::string("garbage"),
                                   ca.certificate.certificate + "-----BEGIN CERTIFICATE-----\nMII"}) {
      ca.certificate.certificate = bad;
      refuses(Code::invalid_certificate, "mtls_trusted_ca");
    }
  }
  void testAMissingCertificateIsNamed() {
    listeners[0].certificate = "proxy";
    refuses(Code::missing_certificate, "'proxy'");
  }
  void testBadCiphersAreNamed() {
    snapshot.settings.control_cipher_suites = "NO-SUCH-CIPHER";
    refuses(Code::invalid_param, "control_cipher_suites");
  }
  void testTheControlSocketHasNoTls() {
    Listener control;
    control.name = "control";
    control.control = true;
    listeners.push_back(std::move(control));
    auto built = build();
    CPPUNIT_ASSERT(built.ok());
    CPPUNIT_ASSERT(!(*built)->entryOf("control").tls);
  }
  void testADatabaseAsksForCertificatesOfItsList() { // R9
    model::Database& cache = database();
    CPPUNIT_ASSERT(entry().tls->policy().clientCertificate == transport::ClientCertificate::none);
    trust(); // inherited, whatever mtls_certificate_authentication says
    CPPUNIT_ASSERT(entry().tls->policy().clientCertificate == transport::ClientCertificate::request);
    const auto inherited = entry().tls->policy().trustList->identity();
    cache.enforce_client_authentication = model::Enforcement::enabled;
    cache.mtls_allow_outdated_certs = true;
    cache.authentication_ssl_client_certs = {{test::Forge().ca("Its own CA").make().pem()}};
    CPPUNIT_ASSERT(entry().tls->policy().clientCertificate == transport::ClientCertificate::require);
    CPPUNIT_ASSERT(entry().tls->policy().verifyOptions.allowOutdated);
    CPPUNIT_ASSERT(entry().tls->policy().trustList->identity() != inherited);
    cache.authentication_ssl_client_certs = {{"garbage"}};
    refuses(Code::invalid_certificate, "database cache");
  }
  void testAnEmptyListIsNobody() { // R9, R11
    trust();
    model::Database& cache = database();
    cache.authentication_ssl_client_certs.emplace();
    CPPUNIT_ASSERT(entry().tls->policy().clientCertificate == transport::ClientCertificate::none);
    cache.enforce_client_authentication = model::Enforcement::enabled;
    CPPUNIT_ASSERT(entry().closed());
  }
  void testADatabaseWithoutTlsIsPlain() {
    database().tls_mode = model::TlsMode::disabled;
    CPPUNIT_ASSERT(entry().plain && !entry().tls && !entry().closed());
  }
  void testADatabaseShowsItsOwnCertificate() { // R11: what cannot be shown is refused, never the cluster's
    database();
    const auto shown = [&] { return entry().tls->policy().keyPair->certificate().digest(); };
    const auto clusters = pki::KeyPair::fromPem(api.certificate.certificate, api.key);
    auto own = pki::generateSelfSigned("cache.example.com", clock.wall);
    auto other = pki::generateSelfSigned("cache.example.com", clock.wall);
    CPPUNIT_ASSERT(own.ok() && other.ok() && clusters.ok());
    CPPUNIT_ASSERT(shown() == clusters->certificate().digest());
    snapshot.databases[5].certificate = own->certificatePem;
    refuses(Code::missing_certificate, "database cache");
    stored.databaseKeys[5] = &other->keyPem;
    CPPUNIT_ASSERT(!build().ok()); // not the key of that certificate
    stored.databaseKeys[5] = &own->keyPem;
    const auto pair = pki::KeyPair::fromPem(own->certificatePem, own->keyPem);
    CPPUNIT_ASSERT(pair.ok() && shown() == pair->certificate().digest() &&
                   shown() != clusters->certificate().digest());
  }
  void testAnUnknownListenerIsClosed() {
    auto built = build();
    CPPUNIT_ASSERT(built.ok() && (*built)->entryOf("bdb:5").closed());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ServingContextsTest);
