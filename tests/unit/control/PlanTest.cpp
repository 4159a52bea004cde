// Protects: the plan of a manifest. It tells what would change, with names and without secrets, and writes
// nothing; what it says yes to applies, since it was tried; over REST it takes values only (R23) and from
// administrators alone.
#include "ManifestFixture.h"
#include "control/manifest/Builtin.h"

using namespace gatehouse;
using namespace gatehouse::test;

class PlanTest : public ManifestFixture {
  CPPUNIT_TEST_SUITE(PlanTest);
  CPPUNIT_TEST(testItTellsWhatWouldBeMadeAndWritesNothing);
  CPPUNIT_TEST(testOnlyWhatDiffersIsInIt);
  CPPUNIT_TEST(testFieldsComeWithBothValuesAndNames);
  CPPUNIT_TEST(testSecretsAreNeverInIt);
  CPPUNIT_TEST(testMistakesOfTheChangesComeAtTheirPlaces);
  CPPUNIT_TEST(testReferencesAreRefusedOverRest);
  CPPUNIT_TEST(testTypesAreStrictOverRest);
  CPPUNIT_TEST(testMistakesAndEntriesAreBounded);
  CPPUNIT_TEST(testWhatIsUnknownIsRefused);
  CPPUNIT_TEST(testOnlyAdministratorsPlan);
  CPPUNIT_TEST(testListedCertificatesAreExplained);
  CPPUNIT_TEST(testRowsOfTheApiAreNotOwned);
  CPPUNIT_TEST(testWhatNoManifestNamesIsLeft);
  CPPUNIT_TEST(testThousandsOfUsersAreComparedInPages);
  CPPUNIT_TEST(testTheImpactIsJudgedOnWhatWouldBe);
  CPPUNIT_TEST(testTheBuiltinRowsAreThoseOfAFreshStore);
  CPPUNIT_TEST(testADatabasesDataIsNotLostByOmission);
  CPPUNIT_TEST_SUITE_END();

public:
  void testItTellsWhatWouldBeMadeAndWritesNothing() {
    const auto before = revision();
    const auto answer = plan(team);
    expectIn(answer, "changes", R"({"action":"create","kind":"roles","name":"operator")");
    expectIn(answer, "changes", R"({"action":"create","kind":"users","name":"ada")");
    expectOk(answer, "{\"revision\":" + std::to_string(before) + ',');
    CPPUNIT_ASSERT(list(answer, "changes").find("roles") < list(answer, "changes").find("users"));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT(!userNamed("ada"));
  }

  void testOnlyWhatDiffersIsInIt() {
    expectOk(apply(team));
    expectSettled(team);
    const auto before = revision();
    expectOk(apply(team), R"("changes":[])");
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }

  void testFieldsComeWithBothValuesAndNames() {
    expectOk(apply(team));
    const auto answer = plan(
        R"({"roles":[{"name":"operator","management":"admin"},{"name":"other"}],"cluster":{"smtp_port":26},
            "users":[{"name":"ada","auth_method":"certificate","certificate_subject_line":"CN=ada","roles":["other"]}]})");
    expectIn(answer, "changes", R"({"name":"roles","before":["operator"],"after":["other"]})");
    expectIn(answer, "changes", R"({"name":"smtp_port","before":25,"after":26})");
  }

  void testSecretsAreNeverInIt() {
    const std::string manifest = withPassword("correct horse");
    const auto answer = plan(manifest);
    expectIn(answer, "changes", R"({"name":"password","after":"changed","secret":true})");
    CPPUNIT_ASSERT_MESSAGE(answer.body, !holds(answer, "horse"));
    CPPUNIT_ASSERT_EQUAL(0, serving_->enrolled); // scrypt is spent on what is done, not on what is asked
    expectOk(apply(manifest));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"horse"}));
  }

  void testMistakesOfTheChangesComeAtTheirPlaces() {
    const auto answer = plan(
        R"({"users":[{"name":"a"},{"name":"b","auth_method":"certificate","certificate_subject_line":"CN=b"},
                     {"name":"c","auth_method":"certificate","certificate_subject_line":"CN=b"}],
            "cluster":{"mtls_certificate_authentication":true}})");
    for (const char* part : {R"({"path":"users[0]","text":"password: )", R"({"path":"users[2]")",
                             R"({"path":"cluster","text":"mtls_certificate_authentication: )"})
      expectIn(answer, "mistakes", part);
    CPPUNIT_ASSERT_MESSAGE(answer.body, list(answer, "mistakes").find("users[1]") == std::string::npos);
    expect(400, "invalid_param", apply(R"({"users":[{"name":"a"}]})"), "users[0]");
    CPPUNIT_ASSERT(!userNamed("b"));
  }

  void testReferencesAreRefusedOverRest() { // R23
    folder_->write("p", "a secret of the server");
    for (const std::string from : {"file", "env", "credential"})
      refused(R"({"users":[{"name":"a","password":{")" + from + R"(":"p"}}]})",
              "users[0].password: must be the value itself");
    refused(R"({"certificates":[{"name":"mtls_trusted_ca","certificate":{"file":"p"}}]})",
            "must be the value itself");
    refused(R"({"bdbs":[{"name":"x","authentication_ssl_client_certs":[{"client_cert":{"file":"p"}}]}]})",
            "must be the value itself");
    expect(400, "invalid_param", apply(R"({"users":[{"name":"a","password":{"file":"p"}}]})"));
  }

  void testMistakesAndEntriesAreBounded() { // else a large body takes gigabytes, and its answer as much
    const auto roles = [this](std::size_t count) {
      std::string list = "{}";
      list.reserve(count * 3);
      for (std::size_t i = 1; i < count; ++i) list += ",{}";
      return plan(R"({"roles":[)" + list + "]}");
    };
    const auto answer = roles(5000);
    expect(400, "invalid_param", answer, "roles[999]");
    CPPUNIT_ASSERT(!holds(answer, "roles[1000]"));
  }

  void testTypesAreStrictOverRest() {
    refused(R"({"roles":[{"name":12}]})", "a text is wanted");
    refused(R"({"cluster":{"smtp_port":"26"}})", "an integer is wanted");
    refused(R"({"bdbs":[{"name":"x","authentication_ssl_client_certs":null}]})", "has no value"); // R9
    refused("[]", "an object is wanted");
  }

  void testWhatIsUnknownIsRefused() {
    refused(R"({"user":[]})", "did you mean `users`?");
    expect(400, "invalid_schema", plan("{}", R"("adpot":[])"), "did you mean `adopt`?");
    expect(400, "invalid_schema", plan("{}", R"("prune":true)"), "owned");
    expect(400, "missing_field", root("POST", "/v1/plan", "{}"), "manifest");
    expect(400, "missing_field", root("POST", "/v1/apply", R"({"manifest":{}})"), "revision");
  }

  void testOnlyAdministratorsPlan() {
    const auto member = make("member", "2"), manager = make("manager", "7"), admin = make("admin", "1");
    for (const auto uid : {member, manager})
      for (const std::string path : {"/v1/plan", "/v1/apply"})
        expect(403, "unauthorized_action", ask(user(uid), {"POST", path, R"({"manifest":{},"revision":1})"}));
    expect(403, "unauthorized_action", ask(user(member), {"GET", "/v1/manifest", ""}));
    expectOk(ask(user(admin), {"POST", "/v1/plan", R"({"manifest":{}})"}), R"("changes":[])");
  }

  void testListedCertificatesAreExplained() { // R10
    const Forged ca = Forge().ca("Example CA").make(), leaf = Forge().client("ada").signedBy(ca).make();
    expectIn(plan(R"({"bdbs":[{"name":"x")" + listing({leaf.pem()}) + "}]}"), "changes",
             "matches only itself");
  }

  void testRowsOfTheApiAreNotOwned() {
    make("ada", "1");
    const auto answer = plan(R"({"users":[{"name":"ada","email":"ada@example.com"}]})");
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "not_owned", R"({"kind":"users","name":"ada","fields":["email"],)");
    expectIn(answer, "not_owned", "adopt users/ada");
  }

  void testWhatNoManifestNamesIsLeft() {
    expectOk(apply(team));
    const auto answer = plan(R"({"roles":[{"name":"operator","management":"admin"}]})");
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "left", R"({"kind":"users","name":"ada")");
    expectIn(plan(R"({"roles":[{"name":"operator","management":"admin"}]})", R"("prune":"owned")"),
             "mistakes",
             "management word admin"); // R21: she is the only one
  }

  void testThousandsOfUsersAreComparedInPages() {
    std::string manifest = R"({"users":[)";
    for (int i = 0; i < 2500; ++i)
      manifest +=
          (i > 0 ? "," : "") + (R"({"name":"user)" + std::to_string(i) +
                                R"(","auth_method":"certificate","certificate_subject_line":"CN=user)" +
                                std::to_string(i) + "\"}");
    expectOk(apply(manifest + "]}"));
    expectSettled(manifest + "]}");
    const auto answer = plan(
        manifest +
        R"(,{"name":"new","renamed_from":"user7x","auth_method":"certificate","certificate_subject_line":"CN=new"}]})");
    expectIn(answer, "changes", R"([{"action":"create","kind":"users","name":"new")");
  }

  void testTheImpactIsJudgedOnWhatWouldBe() {
    expectOk(apply(R"({"users":[{"name":"ada","password":"correct horse","roles":["Admin"]},)"
                   R"({"name":"grace","password":"correct horse","roles":["Admin"]}]})"));
    const auto uid = userNamed("grace")->judged.user.uid;
    serving_->live = {{7, "192.0.2.1:5000", "api", user(uid).admission}};
    const auto before = revision();
    const auto answer =
        root("POST", "/v1/plan",
             R"({"manifest":{"users":[{"name":"ada","password":"correct horse","roles":["Admin"]}]},)"
             R"("options":{"prune":"owned"},"impact":true})");
    expectIn(answer, "loses", R"("user":"grace")");
    expectIn(answer, "closes", R"("session":7)");
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT(userNamed("grace"));
  }

  void testTheBuiltinRowsAreThoseOfAFreshStore() {
    const store::PolicyRows rows = reader_->policy().value();
    CPPUNIT_ASSERT_EQUAL(std::size(control::builtinRoles), rows.roles.size());
    for (const store::RoleRow& row : rows.roles) {
      const auto* fresh = control::builtinOf(row.role);
      CPPUNIT_ASSERT(fresh && fresh->name == row.role.name && fresh->management == row.role.management);
    }
    CPPUNIT_ASSERT_EQUAL(std::size(control::builtinAcls), rows.redisAcls.size());
    for (const store::RedisAclRow& row : rows.redisAcls) {
      const auto* fresh = control::builtinOf(row.acl);
      CPPUNIT_ASSERT(fresh && fresh->name == row.acl.name && fresh->acl == row.acl.acl);
    }
  }

  void testADatabasesDataIsNotLostByOmission() { // R21
    expectOk(apply(R"({"bdbs":[{"name":"x","memory_size":8192}]})"));
    auto answer = plan(R"({"bdbs":[{"name":"x","memory_size":4096,"data_persistence":"disabled"}]})");
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "destroys", R"({"kind":"bdbs","name":"x","fields":["memory_size","data_persistence"],)");
    answer = plan(R"({"bdbs":[]})", R"("prune":"owned")");
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "destroys", R"("name":"x")");
    answer = plan(R"({"bdbs":[]})", R"("prune":"owned","destroy":["x"])");
    expectIn(answer, "changes", R"({"action":"remove","kind":"bdbs","name":"x")");
  }

private:
  /// What is not understood is no plan.
  void refused(const std::string& manifest, const std::string& naming) {
    expect(400, "invalid_param", plan(manifest), naming);
  }
  static std::string withPassword(const std::string& password) {
    return R"({"users":[{"name":"job","password":")" + password + R"(","roles":["Admin"]}]})";
  }
  const std::string team =
      R"({"users":[{"name":"ada","auth_method":"certificate","certificate_subject_line":"CN=ada","roles":["operator"]}],
          "roles":[{"name":"operator","management":"admin"}]})";
};
CPPUNIT_TEST_SUITE_REGISTRATION(PlanTest);
