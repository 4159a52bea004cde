// Protects: a database's own certificate: proven before it is kept, built before it serves (R11), its key
// never shown (R23), and back to the cluster's when it goes.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;

class DatabaseCertificatesTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(DatabaseCertificatesTest);
  CPPUNIT_TEST(testPuttingOne);
  CPPUNIT_TEST(testItsKeyNeverLeaves);
  CPPUNIT_TEST(testPairsThatDoNotServe);
  CPPUNIT_TEST(testTheSameAgainMakesNoRevision);
  CPPUNIT_TEST(testWhatCannotBeBuiltChangesNothing);
  CPPUNIT_TEST(testDeleting);
  CPPUNIT_TEST(testTheList);
  CPPUNIT_TEST(testPagesOfTheList);
  CPPUNIT_TEST_SUITE_END();

  const test::Forged ca_ = test::Forge().ca("Example CA").make();
  const test::Forged server_ = test::Forge().server("cache.example.com").signedBy(ca_).make();

  static std::string body(const std::string& pem, const std::string& key) {
    return R"({"cert":")" + escaped(pem) + R"(","private_key":")" + escaped(key) + R"("})";
  }
  Answer post(std::int64_t uid, const std::string& what) {
    return root("POST", path("bdbs", uid) + "/certificates", what);
  }
  std::string listed(const std::string& query = {}) {
    Answer answer = ask(root(), {"GET", "/v1/bdbs/certificates", "", "", query});
    expectOk(answer);
    std::string out;
    while (answer.listing->next(*reader_, out).value()) {
    }
    return out;
  }

public:
  void testPuttingOne() {
    const std::int64_t uid = makeDatabase("cache");
    const std::string certificates = path("bdbs", uid) + "/certificates";
    expect(404, "certificate_not_exist", root("GET", certificates), "proxy");
    const int prepared = serving_->prepared;
    const Answer put = post(uid, body(server_.pem() + ca_.pem(), server_.keyPem()));
    expectOk(put, R"({"bdb_uid":")" + std::to_string(uid) + R"(","cert":"-----BEGIN CERTIFICATE)");
    CPPUNIT_ASSERT(holds(put, R"("not_before":")") && holds(put, R"("not_after":")"));
    CPPUNIT_ASSERT_EQUAL(prepared + 1, serving_->prepared); // R11
    CPPUNIT_ASSERT_EQUAL(server_.pem() + ca_.pem(), policyOf(uid).certificate);
    const Answer got = root("GET", certificates);
    CPPUNIT_ASSERT_EQUAL(put.body, got.body);
    CPPUNIT_ASSERT_EQUAL(field(put, "ETag"), field(got, "ETag"));
    // What a GET showed may come back with the key.
    expectOk(post(uid, got.body.substr(0, got.body.size() - 1) + R"(,"private_key":")" +
                           escaped(server_.keyPem()) + R"("})"));
    // The ends are the leaf's, wherever it stands.
    expectOk(post(uid, body(ca_.pem() + server_.pem(), server_.keyPem())));
    CPPUNIT_ASSERT_EQUAL(textIn(put, "not_after"), textIn(root("GET", certificates), "not_after"));
    expect(404, "db_not_exist", root("GET", "/v1/bdbs/4711/certificates"));
    expect(404, "db_not_exist", post(4711, body(server_.pem(), server_.keyPem())));
  }
  // R23
  void testItsKeyNeverLeaves() {
    const std::int64_t uid = makeDatabase("cache");
    expectOk(post(uid, body(server_.pem(), server_.keyPem())));
    for (const std::string& where : {path("bdbs", uid), path("bdbs", uid) + "/certificates"})
      CPPUNIT_ASSERT(!holds(root("GET", where), "PRIVATE"));
    CPPUNIT_ASSERT(listed().find("PRIVATE") == std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"PRIVATE"}));
    const auto rows = reader_->policy().value();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rows.databaseKeys.size());
    CPPUNIT_ASSERT(equal(server_.keyPem(), rows.databaseKeys[0].key.reveal()));
  }
  void testPairsThatDoNotServe() {
    const std::int64_t uid = makeDatabase("cache");
    const test::Forged other = test::Forge().server("other").signedBy(ca_).make();
    const test::Forged old = test::Forge()
                                 .server("cache.example.com")
                                 .valid(test::Forge::validFrom, clock_.wallSeconds() - 1)
                                 .signedBy(ca_)
                                 .make();
    expect(400, "invalid_certificate", post(uid, body(server_.pem(), other.keyPem())), "cert");
    expect(400, "invalid_certificate", post(uid, body("nonsense", server_.keyPem())));
    expect(406, "certificate_expired", post(uid, body(old.pem(), old.keyPem())));
    expect(400, "missing_field", post(uid, R"({"cert":")" + escaped(server_.pem()) + R"("})"), "private_key");
    expect(400, "missing_field", post(uid, R"({"private_key":"x"})"), "cert");
    expect(400, "invalid_schema", post(uid, R"({"cert":"x","key":"x"})"), "key");
    CPPUNIT_ASSERT(policyOf(uid).certificate.empty());
  }
  void testTheSameAgainMakesNoRevision() {
    const std::int64_t uid = makeDatabase("cache");
    expectOk(post(uid, body(server_.pem(), server_.keyPem())));
    const model::Revision before = revision();
    expectOk(post(uid, body(server_.pem(), server_.keyPem())));
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }
  void testWhatCannotBeBuiltChangesNothing() {
    const std::int64_t uid = makeDatabase("cache");
    const model::Revision before = revision();
    serving_->prepareFails = Error{Code::invalid_certificate, "no cipher fits it"};
    expect(400, "invalid_certificate", post(uid, body(server_.pem(), server_.keyPem())), "no cipher");
    serving_->prepareFails.reset();
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT(policyOf(uid).certificate.empty());
    Ask rehearsal{"POST", path("bdbs", uid) + "/certificates", body(server_.pem(), server_.keyPem())};
    rehearsal.query = "dry_run";
    expectOk(ask(root(), rehearsal), "not_after");
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }
  void testDeleting() {
    const std::int64_t uid = makeDatabase("cache");
    const std::string certificates = path("bdbs", uid) + "/certificates";
    expect(404, "certificate_not_exist", root("DELETE", certificates));
    expectOk(post(uid, body(server_.pem(), server_.keyPem())));
    const int prepared = serving_->prepared;
    const Answer answer = root("DELETE", certificates);
    expectOk(answer);
    CPPUNIT_ASSERT(answer.body.empty());
    CPPUNIT_ASSERT_EQUAL(prepared + 1, serving_->prepared);
    CPPUNIT_ASSERT(policyOf(uid).certificate.empty());
    CPPUNIT_ASSERT(reader_->policy()->databaseKeys.empty());
    expect(404, "db_not_exist", root("DELETE", "/v1/bdbs/4711/certificates"));
  }
  void testTheList() {
    CPPUNIT_ASSERT_EQUAL(std::string("[]"), listed());
    const std::int64_t first = makeDatabase("first"),
                       second = makeDatabase("second", R"(,"tls_mode":"disabled")");
    makeDatabase("third"); // has none
    const test::Forged soon = test::Forge()
                                  .server("cache.example.com")
                                  .valid(test::Forge::validFrom, clock_.wallSeconds() + 86'400)
                                  .signedBy(ca_)
                                  .make();
    expectOk(post(first, body(server_.pem(), server_.keyPem())));
    expectOk(post(second, body(soon.pem(), soon.keyPem())));
    const std::string one = root("GET", path("bdbs", first) + "/certificates").body;
    const std::string two = root("GET", path("bdbs", second) + "/certificates").body;
    CPPUNIT_ASSERT_EQUAL('[' + one + ',' + two + ']', listed());
    CPPUNIT_ASSERT_EQUAL('[' + one + ']', listed("tls_mode=enabled"));
    CPPUNIT_ASSERT_EQUAL('[' + two + ']', listed("tls_mode=disabled"));
    const std::int64_t inTwoDays = clock_.wallSeconds() + 2 * 86'400;
    CPPUNIT_ASSERT_EQUAL('[' + two + ']', listed("expires_before=" + isoTime(inTwoDays)));
    CPPUNIT_ASSERT_EQUAL('[' + two + ']', listed("expires_before=" + std::to_string(inTwoDays)));
    CPPUNIT_ASSERT_EQUAL(std::string("[]"), listed("expires_before=" + isoTime(clock_.wallSeconds())));
    for (const char* bad : {"expires_before=soon", "tls_mode=on", "page=0", "page_size=x"})
      expect(400, "invalid_param", ask(root(), {"GET", "/v1/bdbs/certificates", "", "", bad}));
  }
  void testPagesOfTheList() {
    std::vector<std::string> all;
    for (int i = 0; i < 5; ++i) {
      const std::int64_t uid = makeDatabase("db" + std::to_string(i));
      expectOk(post(uid, body(server_.pem(), server_.keyPem())));
      all.push_back(root("GET", path("bdbs", uid) + "/certificates").body);
    }
    CPPUNIT_ASSERT_EQUAL('[' + all[0] + ',' + all[1] + ']', listed("page_size=2"));
    CPPUNIT_ASSERT_EQUAL('[' + all[2] + ',' + all[3] + ']', listed("page=2&page_size=2"));
    CPPUNIT_ASSERT_EQUAL('[' + all[4] + ']', listed("page=3&page_size=2"));
    CPPUNIT_ASSERT_EQUAL(std::string("[]"), listed("page=4&page_size=2"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseCertificatesTest);
