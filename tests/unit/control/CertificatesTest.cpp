// Protects: what serves and what is trusted: private keys never come out (R23), a CA is a CA (R10), a list of
// certificates is taken whole or not at all.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;

class CertificatesTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(CertificatesTest);
  CPPUNIT_TEST(testPrivateKeysNeverLeave);
  CPPUNIT_TEST(testAServersPair);
  CPPUNIT_TEST(testPairsThatDoNotServe);
  CPPUNIT_TEST(testTrustedCas);
  CPPUNIT_TEST(testNames);
  CPPUNIT_TEST(testAllOrNone);
  CPPUNIT_TEST(testTheOlderForm);
  CPPUNIT_TEST(testRotationMakesWhatWasGeneratedAnew);
  CPPUNIT_TEST(testWhatSomebodyPutIsNotRotated);
  CPPUNIT_TEST(testBodiesOfAnotherShape);
  CPPUNIT_TEST(testDeleting);
  CPPUNIT_TEST(testTheSameAgainMakesNoRevision);
  CPPUNIT_TEST(testHoldsOfAManifestsCertificate);
  CPPUNIT_TEST_SUITE_END();

  const test::Forged ca_ = test::Forge().ca("Example CA").make();
  const test::Forged server_ = test::Forge().server("gw1.example.com").signedBy(ca_).make();

  Answer put(const std::string& entries) {
    return root("PUT", "/v1/cluster/certificates", certificates(entries));
  }
  std::string served(const std::string& name) {
    const auto& all = serving_->inForce.snapshot->certificates;
    const auto found = all.find(name);
    return found == all.end() ? "" : found->second.certificate;
  }

public:
  void testPrivateKeysNeverLeave() {
    expectOk(put(entry("api", server_.pem(), server_.keyPem()) + ',' + entry("mtls_trusted_ca", ca_.pem())));
    const Answer answer = root("GET", "/v1/cluster/certificates");
    expectOk(answer, R"("api_cert":"-----BEGIN CERTIFICATE-----)");
    CPPUNIT_ASSERT(holds(answer, R"("proxy_cert":)") && holds(answer, R"("mtls_trusted_ca_cert":)"));
    CPPUNIT_ASSERT(!holds(answer, "PRIVATE") && !holds(answer, "_key"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"PRIVATE"}));
    CPPUNIT_ASSERT(serving_->keysSeen == (std::vector<std::string>{"api", "proxy"})); // prepare has them
  }
  void testAServersPair() {
    const Answer answer = put(entry("proxy", server_.pem(), server_.keyPem()));
    expectOk(answer);
    CPPUNIT_ASSERT(answer.body.empty());
    CPPUNIT_ASSERT_EQUAL(server_.pem(), served("proxy"));
    CPPUNIT_ASSERT_EQUAL(server_.pem(), serving_->inForce.snapshot->settings.proxy_certificate.value());
    CPPUNIT_ASSERT(serving_->published.back().certificates.contains("proxy"));
    // The root before the leaf, as some scripts write it.
    expectOk(put(entry("api", ca_.pem() + server_.pem(), server_.keyPem())));
  }
  void testPairsThatDoNotServe() {
    const test::Forged other = test::Forge().server("other").signedBy(ca_).make();
    expect(400, "invalid_certificate", put(entry("api", server_.pem(), other.keyPem())), "certificates[0]");
    expect(400, "invalid_certificate", put(entry("api", "nonsense", server_.keyPem())), "certificates[0]");
    expect(400, "invalid_certificate", put(entry("api", server_.pem(), "nonsense")));
    expect(400, "missing_field", put(entry("api", server_.pem())), "certificates[0].key");
    expect(400, "missing_field", put(R"({"name":"api"})"), "certificate");
    const test::Forged old = test::Forge()
                                 .server("gw1.example.com")
                                 .valid(test::Forge::validFrom, clock_.wallSeconds() - 1)
                                 .signedBy(ca_)
                                 .make();
    expect(406, "certificate_expired", put(entry("api", old.pem(), old.keyPem())), "certificates[0]");
  }
  // R10
  void testTrustedCas() {
    expectOk(put(entry("mtls_trusted_ca", ca_.pem())));
    const test::Forged leaf = test::Forge().client("ada").signedBy(ca_).make();
    expect(400, "invalid_certificate", put(entry("mtls_trusted_ca", leaf.pem())), "certificates[0]");
    expect(400, "invalid_certificate", put(entry("mtls_trusted_ca", ca_.pem() + leaf.pem())));
    expect(400, "invalid_param", put(entry("mtls_trusted_ca", ca_.pem(), ca_.keyPem())), "key");
    // Clients that send all members send an empty one.
    const std::string empty = R"(","key":""})";
    const auto withEmptyKey = [&](const std::string& name) {
      std::string text = entry(name, ca_.pem());
      return text.replace(text.rfind("\"}"), 2, empty);
    };
    expectOk(put(withEmptyKey("mtls_trusted_ca")));
    expect(400, "missing_field", put(withEmptyKey("api")), "key");
    const test::Forged old =
        test::Forge().ca("Old CA").valid(test::Forge::validFrom, clock_.wallSeconds() - 1).make();
    expect(406, "certificate_expired", put(entry("mtls_trusted_ca", old.pem())));
    // R11: half a list is no list.
    expect(400, "invalid_certificate",
           put(entry("mtls_trusted_ca", ca_.pem() + ca_.pem().substr(0, ca_.pem().size() / 2))));
    CPPUNIT_ASSERT_EQUAL(ca_.pem(), served("mtls_trusted_ca"));
  }
  void testNames() {
    expect(403, "unknown_certificate", put(entry("apis", server_.pem(), server_.keyPem())), "apis");
    expect(406, "unsupported_value", put(entry("syncer", server_.pem(), server_.keyPem())), "syncer");
    expect(400, "invalid_param",
           put(entry("api", server_.pem(), server_.keyPem()) + ',' +
               entry("api", server_.pem(), server_.keyPem())),
           "certificates[1]");
  }
  void testAllOrNone() {
    const model::Revision before = revision();
    expect(400, "missing_field", put(entry("mtls_trusted_ca", ca_.pem()) + ',' + entry("api", server_.pem())),
           "certificates[1]");
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT(served("mtls_trusted_ca").empty());
  }
  void testTheOlderForm() {
    expectOk(root("PUT", "/v1/cluster/update_cert", entry("mtls_trusted_ca", ca_.pem())));
    CPPUNIT_ASSERT_EQUAL(ca_.pem(), served("mtls_trusted_ca"));
    expectOk(root("PUT", "/v1/cluster/update_cert", entry("api_cert", server_.pem(), server_.keyPem())));
    CPPUNIT_ASSERT_EQUAL(server_.pem(), served("api"));
    expect(403, "unknown_certificate", root("PUT", "/v1/cluster/update_cert", entry("x", ca_.pem())));
  }
  void testRotationMakesWhatWasGeneratedAnew() {
    const std::string api = served("api"), proxy = served("proxy");
    CPPUNIT_ASSERT(!api.empty() && !proxy.empty()); // the start made them
    const auto rotate = [&](const std::string& body, const std::string& query = {}) {
      return ask(root(), {"POST", "/v1/cluster/certificates/rotate", body, "application/json", query});
    };
    expectOk(rotate("{}", "dry_run"));
    CPPUNIT_ASSERT_EQUAL(api, served("api"));
    const Answer answer = rotate(R"({"name":"api"})");
    expectOk(answer);
    CPPUNIT_ASSERT(answer.body.empty());
    CPPUNIT_ASSERT(served("api") != api && served("api").starts_with("-----BEGIN CERTIFICATE"));
    CPPUNIT_ASSERT_EQUAL(proxy, served("proxy"));
    CPPUNIT_ASSERT(serving_->keysSeen == (std::vector<std::string>{"api", "proxy"}));
    const std::string second = served("api");
    expectOk(rotate(""));
    CPPUNIT_ASSERT(served("api") != second && served("proxy") != proxy);
    for (const char* body : {"[]", R"({"name":""})", R"({"name":1})", R"({"name":"api","x":1})"})
      expect(400, "invalid_schema", rotate(body));
    for (const char* name : {"ccs_internode_encryption", "mtls_trusted_ca", "nonsense"})
      expect(403, "unknown_certificate", rotate(R"({"name":")" + std::string(name) + R"("})"), name);
  }
  void testWhatSomebodyPutIsNotRotated() {
    const std::string path = "/v1/cluster/certificates/rotate";
    expectOk(put(entry("api", server_.pem(), server_.keyPem())));
    expect(403, "unknown_certificate", root("POST", path, R"({"name":"api"})"),
           "PUT /v1/cluster/certificates");
    const std::string proxy = served("proxy");
    expectOk(root("POST", path, "{}"));
    CPPUNIT_ASSERT_EQUAL(server_.pem(), served("api"));
    CPPUNIT_ASSERT(served("proxy") != proxy);
    expectOk(put(entry("proxy", server_.pem(), server_.keyPem())));
    expect(406, "not_acceptable", root("POST", path, "{}")); // no pretended success
  }
  void testBodiesOfAnotherShape() {
    for (const char* body :
         {"{}", "[]", R"({"certificates":{}})", R"({"certificates":[],"x":1})", R"({"name":"api"})", "12"})
      expect(400, "invalid_schema", root("PUT", "/v1/cluster/certificates", body));
    CPPUNIT_ASSERT_EQUAL(400, put("7").status);
    CPPUNIT_ASSERT_EQUAL(400, put(R"({"name":"api","certificate":"x","source":"/etc/passwd"})").status);
    expectOk(put("")); // an empty list asks for nothing
  }
  void testDeleting() {
    const auto remove = [&](const std::string& name) {
      return root("DELETE", "/v1/cluster/certificates/" + name);
    };
    for (const char* name : {"api", "proxy", "syncer"})
      expect(403, "certificate_required", remove(name), name);
    expect(404, "certificate_not_exist", remove("nonsense"));
    expect(404, "certificate_not_exist", remove("ldap_client"));
    expect(404, "certificate_not_exist", remove("mtls_trusted_ca"));
    trust(ca_);
    expectOk(root("PUT", "/v1/cluster", R"({"mtls_certificate_authentication":true})"));
    expect(406, "not_acceptable", remove("mtls_trusted_ca"), "mtls_certificate_authentication");
    expectOk(root("PUT", "/v1/cluster", R"({"mtls_certificate_authentication":false})"));
    const Answer answer = remove("mtls_trusted_ca");
    expectOk(answer);
    CPPUNIT_ASSERT(answer.body.empty());
    CPPUNIT_ASSERT(served("mtls_trusted_ca").empty());
    CPPUNIT_ASSERT(serving_->inForce.snapshot->anchors.empty());
    CPPUNIT_ASSERT(serving_->inForce.snapshot->trustList == model::Digest{});
  }
  void testTheSameAgainMakesNoRevision() {
    trust(ca_);
    const model::Revision before = revision();
    trust(ca_);
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }
  // R22
  void testHoldsOfAManifestsCertificate() {
    asManifest([&](store::Transaction& transaction) {
      store::CertificateRow row;
      row.certificate = {"mtls_trusted_ca", ca_.pem()};
      row.origin = store::Origin::manifest;
      CPPUNIT_ASSERT(transaction.putCertificate(row).ok());
    });
    const test::Forged other = test::Forge().ca("Other CA").make();
    trust(other);
    auto holds = reader_->holds().value();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, holds.size());
    CPPUNIT_ASSERT(holds[0].kind == "certificate" && holds[0].name == "mtls_trusted_ca" &&
                   holds[0].field == "certificate");
    expectOk(root("DELETE", "/v1/cluster/certificates/mtls_trusted_ca"));
    CPPUNIT_ASSERT(reader_->holds()->back().field.empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CertificatesTest);
