// Protects: the settings that say how people get in: nothing half understood, nothing that cannot be served
// (R11), and no field that is promised without being kept.
#include "ManagementFixture.h"

#include "pki/Hash.h"

using namespace gatehouse;
using namespace gatehouse::control;

class ClusterTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(ClusterTest);
  CPPUNIT_TEST(testGetShowsComputedFields);
  CPPUNIT_TEST(testCertificatesNeedATrustedCa);
  CPPUNIT_TEST(testThePolicyIsDerivedFromTheSettings);
  CPPUNIT_TEST(testEmptyMembersOfASubjectAreAbsent);
  CPPUNIT_TEST(testWhatIsNotOfferedIsRefused);
  CPPUNIT_TEST(testGetChangePut);
  CPPUNIT_TEST(testIfMatch);
  CPPUNIT_TEST(testSecretsThatAreDroppedStayNowhere);
  CPPUNIT_TEST(testHoldsOfAManifestsSettings);
  CPPUNIT_TEST_SUITE_END();

  Answer put(const std::string& body) { return root("PUT", "/v1/cluster", body); }
  const model::Snapshot& policy() { return *serving_->inForce.snapshot; }

public:
  void testGetShowsComputedFields() {
    const Answer answer = root("GET", "/v1/cluster");
    expectOk(answer, R"("name":"gw1.example.com")");
    CPPUNIT_ASSERT(holds(answer, R"("cnm_https_port":9443)"));
    CPPUNIT_ASSERT(holds(answer, R"("proxy_certificate":"-----BEGIN CERTIFICATE-----)"));
    CPPUNIT_ASSERT(holds(answer, R"("mtls_certificate_authentication":false)"));
    CPPUNIT_ASSERT(!holds(answer, "PRIVATE KEY"));
  }
  void testCertificatesNeedATrustedCa() {
    const model::Revision before = revision();
    expect(400, "missing_certificate", put(R"({"mtls_certificate_authentication":true})"), "mtls_trusted_ca");
    CPPUNIT_ASSERT_EQUAL(before, revision());
    trust(test::Forge().ca("Example CA").make());
    const int prepared = serving_->prepared;
    expectOk(put(R"({"mtls_certificate_authentication":true})"), R"("mtls_certificate_authentication":true)");
    CPPUNIT_ASSERT_EQUAL(prepared + 1, serving_->prepared);
    CPPUNIT_ASSERT(serving_->published.back().settings);
  }
  void testThePolicyIsDerivedFromTheSettings() {
    trust(test::Forge().ca("Example CA").make());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, policy().anchors.size());
    CPPUNIT_ASSERT(policy().trustList != model::Digest{});
    expectOk(put(R"({"mtls_certificate_authentication":true,
      "mtls_client_cert_subject_validation_type":"full_subject",
      "mtls_authorized_subjects":[{"CN":"ada","OU":["a","b"],"O":"Example","C":"US"},{"CN":"eve"}]})"));
    CPPUNIT_ASSERT(policy().settings.mtls_certificate_authentication);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, policy().authorizedNames.size());
    CPPUNIT_ASSERT(policy().authorizedNames.contains(pki::nameDigest("ada")));
    CPPUNIT_ASSERT(
        policy().authorizedTuples.contains(pki::tupleDigest({"ada", {"b", "a"}, "Example", "", "", "US"})));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, policy().anchors.size());
    CPPUNIT_ASSERT_EQUAL(revision(), policy().revision);
  }
  // The release notes' own example sends empty members.
  void testEmptyMembersOfASubjectAreAbsent() {
    expectOk(put(R"({"mtls_client_cert_subject_validation_type":"san_cn",
      "mtls_authorized_subjects":[{"CN":"ada","OU":[],"O":"","L":"","ST":"","C":""},
                                  {"CN":"bob","OU":[""]}]})"));
    CPPUNIT_ASSERT(policy().authorizedTuples.contains(pki::tupleDigest({"ada", {}, "", "", "", ""})));
    CPPUNIT_ASSERT(policy().authorizedTuples.contains(pki::tupleDigest({"bob", {}, "", "", "", ""})));
  }
  void testWhatIsNotOfferedIsRefused() {
    expect(406, "unsupported_value", put(R"({"metrics_auth":true})"), "metrics_auth");
    expectOk(put(R"({"metrics_auth":false})")); // equal to what is
    CPPUNIT_ASSERT_EQUAL(400, put(R"({"mtls_certificate_auth":true})").status);
    CPPUNIT_ASSERT_EQUAL(400, put(R"({"mtls_certificate_authentication":"true"})").status);
    CPPUNIT_ASSERT_EQUAL(400, put(R"({"mtls_authorized_subjects":[{"O":"x"}]})").status);
    CPPUNIT_ASSERT(!put(R"({"cnm_https_port":8443})").errorCode.empty());
    CPPUNIT_ASSERT(!put(R"({"name":"other"})").errorCode.empty());
  }
  void testGetChangePut() {
    Answer answer = root("GET", "/v1/cluster");
    const model::Revision before = revision();
    expectOk(put(answer.body));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    const std::string old = R"("min_control_TLS_version":"1.2")";
    answer.body.replace(answer.body.find(old), old.size(), R"("min_control_TLS_version":"1.3")");
    expectOk(put(answer.body), R"("min_control_TLS_version":"1.3")");
    expectOk(put(R"({"slave_ha":true})"), R"("slave_ha":true)");
    expectOk(root("GET", "/v1/cluster"), R"("slave_ha":true)");
  }
  void testIfMatch() {
    Ask what{"PUT", "/v1/cluster", R"({"slave_ha":true})"};
    what.ifMatch = field(root("GET", "/v1/cluster"), "ETag");
    expectOk(ask(root(), what));
    what.body = R"({"slave_ha":false})";
    expect(412, "precondition_failed", ask(root(), what));
    Ask list{"POST", "/v1/roles", R"({"name":"x"})"};
    list.ifMatch = "\"1\"";
    expect(412, "precondition_failed", ask(root(), list));
  }
  void testSecretsThatAreDroppedStayNowhere() {
    const Answer answer = put(R"({"smtp_password":"hunter2","smtp_host":"mail.example.com"})");
    expectOk(answer, "mail.example.com");
    CPPUNIT_ASSERT(!holds(answer, "hunter2") && !holds(root("GET", "/v1/cluster"), "hunter2"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"hunter2"}));
  }
  // R22
  void testHoldsOfAManifestsSettings() {
    trust(test::Forge().ca("Example CA").make());
    asManifest([](store::Transaction& transaction) {
      auto row = transaction.settings().value();
      row.settings.mtls_certificate_authentication = true;
      CPPUNIT_ASSERT(transaction.putSettings(row.settings, store::Origin::manifest).ok());
    });
    expectOk(root("POST", "/v1/roles", R"({"name":"x"})")); // brings the writer's policy up to date
    expectOk(put(R"({"min_control_TLS_version":"1.3","mtls_certificate_authentication":false})"));
    std::size_t fields = 0;
    const std::vector<store::Hold> holds = reader_->holds().value();
    for (const store::Hold& hold : holds)
      fields += hold.kind == "cluster" && hold.name == "cluster" &&
                (hold.field == "min_control_TLS_version" || hold.field == "mtls_certificate_authentication");
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fields);
    expectOk(put(R"({"mtls_certificate_authentication":true})")); // given, not taken
    CPPUNIT_ASSERT_EQUAL(holds.size(), reader_->holds()->size());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ClusterTest);
