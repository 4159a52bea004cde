// Protects: R9, in all its cases: a database's list of certificates absent (inherits mtls_trusted_ca),
// present (that list alone), present and empty (nobody). And R10: which of the listed may issue is told.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;
using test::Forge;
using test::Forged;

class ClientCertsTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(ClientCertsTest);
  CPPUNIT_TEST(testAbsentInheritsTheTrustedCa);
  CPPUNIT_TEST(testPresentIsThatListAlone);
  CPPUNIT_TEST(testPresentAndEmptyIsNobody);
  CPPUNIT_TEST(testGoingBackTakesANull);
  CPPUNIT_TEST(testEntriesMustBeWhole);
  CPPUNIT_TEST(testAChainIsOneEntry);
  CPPUNIT_TEST(testExpiredOnesAreRefusedWhenWritten);
  CPPUNIT_TEST(testStoredOnesThatExpiredBlockNothing);
  CPPUNIT_TEST(testDuplicatesAreRefused);
  CPPUNIT_TEST(testTheLogSaysWhatEachMeans);
  CPPUNIT_TEST_SUITE_END();

  const Forged ca_ = Forge().ca("Database CA").make();
  const Forged other_ = Forge().ca("Other CA").make();
  const Forged leaf_ = Forge().client("ada").signedBy(ca_).make();
  const Forged dying_ = Forge().ca("Dying CA").valid(Forge::validFrom, 1'800'000'100).make();

  Answer put(std::int64_t uid, const std::string& more) {
    return root("PUT", path("bdbs", uid), '{' + more.substr(1) + '}');
  }
  Answer post(const std::string& more) {
    return root("POST", "/v1/bdbs", R"({"name":"y","memory_size":1024)" + more + '}');
  }

public:
  void testAbsentInheritsTheTrustedCa() { // R9
    const std::int64_t uid = makeDatabase("x", R"(,"enforce_client_authentication":"enabled")");
    CPPUNIT_ASSERT(policyOf(uid).anchors.empty()); // R11: no CA is nobody by certificate
    CPPUNIT_ASSERT(policyOf(uid).trustList == model::Digest{});
    trust(ca_);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, policyOf(uid).anchors.size());
    CPPUNIT_ASSERT(policyOf(uid).trustList == serving_->inForce.snapshot->trustList);
    const model::Digest before = policyOf(uid).trustList;
    trust(other_);
    CPPUNIT_ASSERT(policyOf(uid).trustList != before); // follows
    CPPUNIT_ASSERT(!holds(root("GET", path("bdbs", uid)), "authentication_ssl_client_certs"));
  }
  void testPresentIsThatListAlone() { // R9
    trust(other_);
    const std::int64_t uid = makeDatabase("x", listing({ca_.pem(), leaf_.pem()}));
    const model::DatabasePolicy policy = policyOf(uid);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, policy.anchors.size());
    for (const model::Digest& anchor : serving_->inForce.snapshot->anchors)
      CPPUNIT_ASSERT(!policy.anchors.contains(anchor));
    const model::Digest list = policy.trustList;
    expectOk(put(uid, R"(,"memory_size":2048)")); // dropping the key changes nothing
    CPPUNIT_ASSERT(policyOf(uid).trustList == list && policyOf(uid).anchors.size() == 2);
    trust(ca_);
    CPPUNIT_ASSERT(policyOf(uid).trustList == list);
    expectOk(put(uid, listing({other_.pem()})));
    CPPUNIT_ASSERT(policyOf(uid).trustList == serving_->inForce.snapshot->trustList ||
                   policyOf(uid).anchors.size() == 1);
    expectOk(root("GET", path("bdbs", uid)), R"("authentication_ssl_client_certs":[{"client_cert":"-----)");
  }
  void testPresentAndEmptyIsNobody() { // R9
    trust(ca_);
    const std::int64_t uid = makeDatabase("x", listing({}));
    CPPUNIT_ASSERT(policyOf(uid).anchors.empty() && policyOf(uid).trustList == model::Digest{});
    expectOk(root("GET", path("bdbs", uid)), R"("authentication_ssl_client_certs":[])");
    const std::string enforced = R"(,"enforce_client_authentication":"enabled")";
    expect(406, "invalid_certificate", put(uid, enforced), "authentication_ssl_client_certs");
    expect(406, "invalid_certificate", post(listing({}) + enforced));
    expectOk(put(uid, enforced + listing({ca_.pem()})));
    expect(406, "invalid_certificate", put(uid, listing({})));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, policyOf(uid).anchors.size());
  }
  void testGoingBackTakesANull() { // R9
    trust(other_);
    const std::int64_t uid = makeDatabase("x", listing({ca_.pem()}));
    expectOk(put(uid, R"(,"authentication_ssl_client_certs":null)"));
    CPPUNIT_ASSERT(policyOf(uid).trustList == serving_->inForce.snapshot->trustList);
    CPPUNIT_ASSERT(!holds(root("GET", path("bdbs", uid)), "authentication_ssl_client_certs"));
    expectOk(post(R"(,"authentication_ssl_client_certs":null)"));
  }
  void testEntriesMustBeWhole() {
    const std::string half = ca_.pem().substr(0, ca_.pem().size() / 2);
    for (const std::string& bad : {std::string("nonsense"), half, ca_.pem() + half, ca_.keyPem()})
      expect(406, "invalid_certificate", post(listing({other_.pem(), bad})),
             "authentication_ssl_client_certs[1].client_cert");
    expect(400, "invalid_param", post(listing({""})), "authentication_ssl_client_certs[0].client_cert");
    expect(400, "missing_field", post(R"(,"authentication_ssl_client_certs":[{}])"), "client_cert");
    expect(400, "invalid_schema", post(R"(,"authentication_ssl_client_certs":[{"client_cert":null}])"),
           "client_cert");
    expect(400, "invalid_schema", post(R"(,"authentication_ssl_client_certs":[null])"));
    expect(400, "invalid_schema", post(R"(,"authentication_ssl_client_certs":"x")"));
    std::string noNewline = ca_.pem(); // as bash's $(<file) leaves it
    noNewline.pop_back();
    expectOk(post(listing({noNewline})));
  }
  void testAChainIsOneEntry() {
    const std::int64_t uid = makeDatabase("x", listing({other_.pem() + ca_.pem()}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, policyOf(uid).anchors.size());
  }
  void testExpiredOnesAreRefusedWhenWritten() {
    clock_.wall = 1'800'000'100; // the second of notAfter counts as expired
    expect(406, "certificate_expired", post(listing({ca_.pem(), dying_.pem()})), "Dying CA");
    const std::int64_t uid = makeDatabase("x");
    expect(406, "certificate_expired", put(uid, listing({dying_.pem()})));
  }
  void testStoredOnesThatExpiredBlockNothing() { // RS133653
    const std::int64_t uid = makeDatabase("x", listing({dying_.pem()}));
    clock_.advance(200'000);
    expectOk(put(uid, R"(,"memory_size":2048)"));
    expectOk(put(uid, R"(,"mtls_allow_outdated_certs":true)"));
    const Answer read = root("GET", path("bdbs", uid));
    const model::Revision before = revision();
    expectOk(root("PUT", path("bdbs", uid), read.body));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, policyOf(uid).anchors.size());
    expect(406, "certificate_expired", put(uid, listing({dying_.pem(), ca_.pem()}))); // written anew
  }
  void testDuplicatesAreRefused() {
    expect(406, "duplicated_certs", post(listing({ca_.pem(), other_.pem(), ca_.pem()})),
           "authentication_ssl_client_certs[2]");
    expect(406, "duplicated_certs", post(listing({ca_.pem() + ca_.pem()})));
  }
  void testTheLogSaysWhatEachMeans() { // R10
    const Forged posing =              // Redis Labs' scripts make such: CA:TRUE, and no right to sign
        Forge().client("abc").basicConstraints("critical,CA:TRUE").signedBy(ca_).make();
    makeDatabase("x", listing({ca_.pem(), leaf_.pem(), posing.pem()}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"change.trusts", "Database CA", "issues"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"change.trusts", "CN=ada", "matches only itself"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"change.trusts", "CN=abc", "matches only itself"}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ClientCertsTest);
