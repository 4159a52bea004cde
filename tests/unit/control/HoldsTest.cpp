// Protects: what REST took away stays away on whatever way a manifest tries to bring it back (R22): after a
// rename over REST or by manifest, in another case, by adoption, by a password for whom none is left.
#include "ManifestFixture.h"

using namespace gatehouse;
using namespace gatehouse::test;

class HoldsTest : public ManifestFixture {
  CPPUNIT_TEST_SUITE(HoldsTest);
  CPPUNIT_TEST(testAHoldFollowsARowThatRestRenames);
  CPPUNIT_TEST(testAHoldFollowsARowThatIsRenamedInTheSameRequest);
  CPPUNIT_TEST(testAHoldFollowsARowThatAManifestRenames);
  CPPUNIT_TEST(testAHoldFollowsARowThroughSeveralNames);
  CPPUNIT_TEST(testAHoldFollowsADatabase);
  CPPUNIT_TEST(testAHoldFollowsAnAcl);
  CPPUNIT_TEST(testARenamedRowsOtherFieldsAreLeftAlone);
  CPPUNIT_TEST(testACarriedHoldTellsWhoTookAway);
  CPPUNIT_TEST(testAnotherCaseIsNoOtherName);
  CPPUNIT_TEST(testARowMadeAgainOverRestIsNotAdopted);
  CPPUNIT_TEST(testWhoBecameACertificateUserGetsNoPassword);
  CPPUNIT_TEST(testAReleaseOfAnyCaseEndsTheHold);
  CPPUNIT_TEST(testAReleaseAloneEndsTheHold);
  CPPUNIT_TEST(testWhoNamesARoleThatKeepsItsNameGoesWithoutIt);
  CPPUNIT_TEST(testWhoNamesARoleOfTheApiThatKeepsItsNameGoesWithoutIt);
  CPPUNIT_TEST(testAHeldWayIntoTheClusterStaysClosed);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    ManifestFixture::setUp();
    make("keeper", "1"); // whom the others may leave
  }

  void testAHoldFollowsARowThatRestRenames() {
    expectOk(apply(R"({"roles":[{"name":"r","management":"admin"}]})"));
    const auto uid = roleNamed("r");
    expectOk(root("PUT", path("roles", uid), R"({"management":"none"})"));
    expectOk(root("PUT", path("roles", uid), R"({"name":"s"})"));
    expectIn(apply(R"({"roles":[{"name":"s","management":"admin"}]})"), "held",
             R"({"kind":"roles","name":"s","fields":["management"])");
    CPPUNIT_ASSERT(management(uid) == model::Management::none);
  }

  void testAHoldFollowsARowThatIsRenamedInTheSameRequest() {
    expectOk(apply(R"({"roles":[{"name":"r","management":"admin"}]})"));
    const auto uid = roleNamed("r");
    expectOk(root("PUT", path("roles", uid), R"({"management":"none","name":"s"})"));
    expectIn(apply(R"({"roles":[{"name":"s","management":"admin"}]})"), "held", R"("fields":["management"])");
    CPPUNIT_ASSERT(management(uid) == model::Management::none);
  }

  void testAHoldFollowsARowThatAManifestRenames() {
    expectOk(apply(users(job("job", "Admin"))));
    put("job", R"({"role_uids":[6]})");
    expectOk(apply(users(R"({"name":"jobs","renamed_from":"job","password":"correct horse"})")));
    expectIn(apply(users(job("jobs", "Admin"))), "held",
             R"({"kind":"users","name":"jobs","fields":["roles"])");
    CPPUNIT_ASSERT(userNamed("jobs")->judged.user.role_uids == std::vector<std::int64_t>{6});
  }

  void testAHoldFollowsARowThroughSeveralNames() {
    expectOk(apply(users(job("job", "Admin"))));
    put("job", R"({"role_uids":[6]})");
    put("job", R"({"name":"b"})");
    put("b", R"({"email":"b@example.com"})");
    put("b@example.com", R"({"name":"c"})");
    put("c", R"({"email":"c@example.com"})");
    for (const char* name : {"job", "b", "c", "C", "b@example.com", "c@example.com"})
      (void)apply(users(job(name, "Admin")), R"("adopt":["users/c"])");
    CPPUNIT_ASSERT(userNamed("c")->judged.user.role_uids == std::vector<std::int64_t>{6});
    for (const char* name : {"job", "b", "b@example.com"}) CPPUNIT_ASSERT_MESSAGE(name, !userNamed(name));
  }

  void testAHoldFollowsADatabase() {
    expectOk(apply(R"({"bdbs":[{"name":"x","default_user":true}]})"));
    expectOk(root("PUT", "/v1/bdbs/1", R"({"default_user":false})"));
    expectOk(apply(R"({"bdbs":[{"name":"y","renamed_from":"x"}]})"));
    CPPUNIT_ASSERT_EQUAL(std::string("y"), policyOf(1).database.name);
    expectIn(apply(R"({"bdbs":[{"name":"y","default_user":true}]})"), "held", R"("fields":["default_user"])");
    CPPUNIT_ASSERT(!policyOf(1).database.default_user);
  }

  void testAHoldFollowsAnAcl() {
    expectOk(apply(R"({"redis_acls":[{"name":"a","acl":"+@all ~*"}]})"));
    const auto uid = lastAcl().uid;
    expectOk(root("PUT", path("redis_acls", uid), R"({"acl":"+get ~*"})"));
    expectOk(apply(R"({"redis_acls":[{"name":"b","renamed_from":"a","acl":"+@all ~*"}]})"));
    expectIn(apply(R"({"redis_acls":[{"name":"b","acl":"+@all ~*"}]})"), "held", R"("fields":["acl"])");
    CPPUNIT_ASSERT_EQUAL(std::string("+get ~*"), lastAcl().acl);
  }

  void testARenamedRowsOtherFieldsAreLeftAlone() {
    expectOk(apply(users(job("job", "Admin"))));
    put("job", R"({"role_uids":[6]})");
    const std::string renamed = R"({"name":"jobs","renamed_from":"job","roles":["Admin"])";
    expectOk(apply(users(renamed + "}")));
    expectOk(apply(users(renamed + R"(,"email":"job@example.com"})")));
    CPPUNIT_ASSERT_EQUAL(std::string("job@example.com"), userNamed("jobs")->judged.user.email);
    CPPUNIT_ASSERT(userNamed("jobs")->judged.user.role_uids == std::vector<std::int64_t>{6});
  }

  void testACarriedHoldTellsWhoTookAway() {
    expectOk(apply(users(job("job", "Admin"))));
    put("job", R"({"role_uids":[6]})");
    const std::string at = std::to_string(revision());
    expectOk(apply(users(R"({"name":"jobs","renamed_from":"job"})")));
    expectIn(plan(users(job("jobs", "Admin"))), "held",
             "\"who\":\"local administrator (uid 0)\",\"revision\":" + at);
  }

  void testAnotherCaseIsNoOtherName() {
    expectOk(apply(R"({"roles":[{"name":"r","management":"admin"}],"users":[)" + job("ada", "r") + "]}"));
    const auto uid = roleNamed("r");
    put("ada", R"({"role_uids":[]})");
    remove("ada");
    expectOk(root("DELETE", path("roles", uid)));
    const auto answer =
        apply(R"({"roles":[{"name":"R","management":"admin"}],"users":[)" + job("ADA", "R") + "]}");
    expectOk(answer, R"("changes":[])");
    CPPUNIT_ASSERT(!userNamed("ada"));
  }

  void testARowMadeAgainOverRestIsNotAdopted() {
    const std::string manifest = users(job("ada", "Admin"));
    expectOk(apply(manifest));
    remove("ada");
    make("ada", "6");
    for (const char* options :
         {"", R"("adopt":["users/ada"])", R"("adopt":["ada"],"prune":"owned","destroy":["ada"])"})
      expectOk(apply(manifest, options), R"("changes":[])");
    CPPUNIT_ASSERT(userNamed("ada")->origin == store::Origin::api);
    CPPUNIT_ASSERT(userNamed("ada")->judged.user.role_uids == std::vector<std::int64_t>{6});
  }

  void testWhoBecameACertificateUserGetsNoPassword() { // R4
    const std::string manifest = users(R"({"name":"job","password":"correct horse"})");
    expectOk(apply(manifest));
    put("job", R"({"auth_method":"certificate","certificate_subject_line":"CN=job"})");
    const auto answer = apply(manifest);
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "held", R"("fields":["password"])");
    CPPUNIT_ASSERT(userNamed("job")->verifier.empty());
  }

  void testAReleaseOfAnyCaseEndsTheHold() {
    const std::string manifest = users(job("ada", "None"));
    expectOk(apply(manifest));
    remove("ada");
    expectOk(apply(manifest, R"("release":["Users/ADA"])"));
    CPPUNIT_ASSERT(userNamed("ada") && reader_->holds().value().empty());
  }

  void testAReleaseAloneEndsTheHold() {
    expectOk(apply(users(job("ada", "None"))));
    remove("ada");
    expectOk(apply(users(""), R"("release":["users/ada"])"));
    CPPUNIT_ASSERT(reader_->holds().value().empty());
  }

  void testWhoNamesARoleThatKeepsItsNameGoesWithoutIt() {
    expectOk(apply(R"({"roles":[{"name":"r"}]})"));
    expectOk(root("PUT", path("roles", roleNamed("r")), R"({"name":"s"})"));
    const auto answer = apply(R"({"roles":[{"name":"t","renamed_from":"s"}],"users":[)" + job("ada", "t") +
                              R"(],"bdbs":[{"name":"x","roles_permissions":[{"role":"t","redis_acl":)" +
                              R"("Full Access"}]}]})");
    expectIn(answer, "changes", R"("kind":"users","name":"ada")");
    expectIn(answer, "held", R"({"kind":"users","name":"ada","fields":["roles"])");
    CPPUNIT_ASSERT(userNamed("ada") &&
                   userNamed("ada")->judged.user.role_uids.empty()); // what is told is done
    CPPUNIT_ASSERT(policyOf(1).database.roles_permissions.empty());
    CPPUNIT_ASSERT(roleNamed("s") > 0);
  }

  void testWhoNamesARoleOfTheApiThatKeepsItsNameGoesWithoutIt() {
    expectOk(root("POST", "/v1/roles", R"({"name":"r","management":"admin"})"));
    const auto answer =
        apply(R"({"roles":[{"name":"t","renamed_from":"r"}],"users":[)" + job("ada", "t") + "]}");
    expectIn(answer, "not_owned", R"("name":"t")");
    expectIn(answer, "held", R"({"kind":"users","name":"ada","fields":["roles"])");
    CPPUNIT_ASSERT(userNamed("ada") && userNamed("ada")->judged.user.role_uids.empty());
  }

  void testAHeldWayIntoTheClusterStaysClosed() {
    const Forged ca = Forge().ca("Example CA").make();
    const std::string open =
        R"({"certificates":[)" + entry("mtls_trusted_ca", ca.pem()) +
        R"(],"cluster":{"mtls_certificate_authentication":true,)"
        R"("mtls_client_cert_subject_validation_type":"disabled","min_control_TLS_version":"1.2",)"
        R"("mtls_authorized_subjects":[{"CN":"a"},{"CN":"b"}]}})";
    expectOk(apply(open));
    for (const char* narrower :
         {R"({"mtls_authorized_subjects":[{"CN":"a"}]})",
          R"({"mtls_client_cert_subject_validation_type":"san_cn"})", R"({"min_control_TLS_version":"1.3"})",
          R"({"mtls_certificate_authentication":false})"})
      expectOk(ask(root(), {"PUT", "/v1/cluster", narrower, "application/json", "force"}));
    const auto closed = serving_->inForce.snapshot->settings;
    expectOk(apply(open, R"("adopt":["cluster"],"prune":"owned")"), R"("changes":[])");
    const auto& after = serving_->inForce.snapshot->settings;
    CPPUNIT_ASSERT(!after.mtls_certificate_authentication);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, after.mtls_authorized_subjects.size());
    CPPUNIT_ASSERT(after.min_control_TLS_version == model::TlsVersion::v1_3);
    CPPUNIT_ASSERT(after.mtls_client_cert_subject_validation_type ==
                   closed.mtls_client_cert_subject_validation_type);
  }

private:
  static std::string users(const std::string& entries) { return R"({"users":[)" + entries + "]}"; }
  static std::string job(const std::string& name, const std::string& role) {
    return R"({"name":")" + name + R"(","password":"correct horse","roles":[")" + role + "\"]}";
  }
  std::int64_t roleNamed(const std::string& name) {
    const store::PolicyRows rows = reader_->policy().value();
    for (const auto& row : rows.roles)
      if (row.role.name == name) return row.role.uid;
    CPPUNIT_FAIL("no role " + name);
    return 0;
  }
  model::RedisAcl lastAcl() {
    const store::PolicyRows rows = reader_->policy().value();
    return rows.redisAcls.back().acl;
  }
  model::Management management(std::int64_t role) {
    return serving_->inForce.snapshot->roles.at(role).management;
  }
  // By force: nobody here could come in over the network, which is no matter of this test.
  void remove(const std::string& name) {
    expectOk(ask(root(), {"DELETE", path("users", userNamed(name)->judged.user.uid), "", "", "force"}));
  }
  void put(const std::string& name, const std::string& body) {
    expectOk(ask(
        root(), {"PUT", path("users", userNamed(name)->judged.user.uid), body, "application/json", "force"}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(HoldsTest);
