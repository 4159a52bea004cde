// Protects: clients read a whole object, change a member and write all of it back. Whatever a GET shows must
// be taken, and where nothing differs nothing happens: no revision, no built context, no closed session.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;

class WholeObjectsTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(WholeObjectsTest);
  CPPUNIT_TEST(testWhatAGetShowsMayComeBack);
  CPPUNIT_TEST(testItsETagHoldsMeanwhile);
  CPPUNIT_TEST_SUITE_END();

  /// One of each kind, with as much in it as there can be.
  std::vector<std::string> objects() {
    const test::Forged ca = test::Forge().ca("Example CA").make();
    trust(ca);
    expectOk(root("PUT", "/v1/cluster",
                  R"({"mtls_certificate_authentication":true,"smtp_host":"mail.example.com",
                      "mtls_client_cert_subject_validation_type":"san_cn",
                      "mtls_authorized_subjects":[{"CN":"ada","OU":["a","b"],"O":"Example"}]})"));
    expectOk(root("PUT", "/v1/cluster/policy", R"({"login_lockout_threshold":7,"show_internals":true})"));
    const Answer role = root("POST", "/v1/roles", R"({"name":"reader","management":"db_viewer"})");
    const Answer acl = root("POST", "/v1/redis_acls", R"({"name":"readers","acl":"+@read ~cache:*"})");
    expectOk(role);
    expectOk(acl);
    const std::int64_t plain = makeDatabase("plain");
    const std::int64_t full =
        makeDatabase("full", R"(,"default_user":true,"client_cert_subject_validation_type":"full_subject",
                   "authorized_subjects":[{"CN":"ada"}],"roles_permissions":[{"role_uid":)" +
                                 std::to_string(uidIn(role)) + R"(,"redis_acl_uid":)" +
                                 std::to_string(uidIn(acl)) + "}]" + listing({ca.pem()}));
    expectOk(root("PUT", path("bdbs", full) + "/passwords", R"({"password":"one"})"));
    serving_->states[full] = {model::DatabaseStatus::recovery, "the engine ended", {}};
    const std::int64_t job = make("job", "2," + std::to_string(uidIn(role)));
    const Answer ada = root("POST", "/v1/users",
                            R"({"auth_method":"certificate","certificate_subject_line":"CN=ada,OU=b,OU=a",
                                "email":"ada@example.com","role_uids":[1]})");
    expectOk(ada);
    return {"/v1/cluster",
            "/v1/cluster/policy",
            path("roles", uidIn(role)),
            "/v1/roles/1",
            path("redis_acls", uidIn(acl)),
            path("redis_acls", 1), // builtin, read-only: nothing is asked of it either
            path("bdbs", plain),
            path("bdbs", full),
            path("users", job),
            path("users", uidIn(ada))};
  }

public:
  void testWhatAGetShowsMayComeBack() {
    for (const std::string& where : objects()) {
      const Answer got = root("GET", where);
      expectOk(got);
      const model::Revision before = revision();
      const std::size_t published = serving_->published.size();
      const Answer put = root("PUT", where, got.body);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(where + ' ' + put.body, 200, put.status);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(where, before, revision());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(where, published, serving_->published.size());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(where, got.body, root("GET", where).body);
    }
  }
  void testItsETagHoldsMeanwhile() {
    for (const std::string& where : objects()) {
      const Answer got = root("GET", where);
      CPPUNIT_ASSERT_MESSAGE(where, !field(got, "ETag").empty());
      Ask put{"PUT", where, got.body};
      put.ifMatch = field(got, "ETag");
      const Answer answer = ask(root(), put);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(where + ' ' + answer.body, 200, answer.status);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(where, field(got, "ETag"), field(answer, "ETag"));
      put.ifMatch = "\"1000000\"";
      expect(412, "precondition_failed", ask(root(), put));
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(WholeObjectsTest);
