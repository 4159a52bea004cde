// Protects: what an apply does, and what it never does. A manifest brings back nothing that REST took away,
// by no name, address or subject, renamed or not (R22); it loses no data and no last administrator by
// omission (R21); it touches what differs and nothing else, on the revision that was planned.
#include "ManifestFixture.h"
#include "pki/SelfSigned.h"

using namespace gatehouse;
using namespace gatehouse::test;

class ApplyTest : public ManifestFixture {
  CPPUNIT_TEST_SUITE(ApplyTest);
  CPPUNIT_TEST(testItAppliesOnThePlannedRevisionAlone);
  CPPUNIT_TEST(testItIsOneRevisionAndTheManifestOwnsIt);
  CPPUNIT_TEST(testWhatDoesNotDifferIsNotTouched);
  CPPUNIT_TEST(testARenameKeepsTheRow);
  CPPUNIT_TEST(testARenamedRoleKeepsItsUsers);
  CPPUNIT_TEST(testAdoptionTakesARowOver);
  CPPUNIT_TEST(testPruneRemovesWhatNoManifestNames);
  CPPUNIT_TEST(testPruneLeavesAnAdministrator);
  CPPUNIT_TEST(testPruneFreesWhatOthersTake);
  CPPUNIT_TEST(testADeletedUserDoesNotComeBack);
  CPPUNIT_TEST(testADeletedUserDoesNotComeBackRenamed);
  CPPUNIT_TEST(testADeletedUserDoesNotComeBackByItsSubject);
  CPPUNIT_TEST(testADeletedUserDoesNotComeBackByItsAddress);
  CPPUNIT_TEST(testAUserRenamedOverRestDoesNotComeBack);
  CPPUNIT_TEST(testTheSubjectOfADeletedUserGoesToNobody);
  CPPUNIT_TEST(testANarrowedFieldStaysNarrow);
  CPPUNIT_TEST(testTheDeprecatedWordIsNoWayBack);
  CPPUNIT_TEST(testANarrowedFieldStaysNarrowUnderANewName);
  CPPUNIT_TEST(testAWidenedFieldIsDriftAndSetBack);
  CPPUNIT_TEST(testAPasswordSetOverRestStays);
  CPPUNIT_TEST(testADeletedRoleStaysAwayAndItsUsersGoWithoutIt);
  CPPUNIT_TEST(testADeletedCertificateStaysAway);
  CPPUNIT_TEST(testSettingsThatWereNarrowedStay);
  CPPUNIT_TEST(testAReleasedRowComesBack);
  CPPUNIT_TEST(testAReleasedPasswordIsSetAgain);
  CPPUNIT_TEST(testAnUnchangedPasswordIsNotHashedAgain);
  CPPUNIT_TEST(testPasswordsAreJudgedBeforeTheyAreHashed);
  CPPUNIT_TEST(testDataIsLostOnlyWhenAskedFor);
  CPPUNIT_TEST(testCertificatesAreComparedDirectly);
  CPPUNIT_TEST(testClusterAndPolicyAreOwned);
  CPPUNIT_TEST(testAFailedApplyChangesNothing);
  CPPUNIT_TEST_SUITE_END();

public:
  void testItAppliesOnThePlannedRevisionAlone() {
    const auto planned = revision();
    make("other", "6");
    expect(412, "precondition_failed", applyAt(planned, users(ada())), "plan again");
    CPPUNIT_ASSERT(!userNamed("ada"));
    expectOk(applyAt(revision(), users(ada())));
  }

  void testItIsOneRevisionAndTheManifestOwnsIt() {
    const auto before = revision();
    const auto answer = apply(
        R"({"users":[{"name":"ada","auth_method":"certificate","certificate_subject_line":"CN=ada","roles":["r"]},
                     {"name":"job","password":"correct horse","roles":["r"]}],
            "roles":[{"name":"r","management":"admin"}],"redis_acls":[{"name":"readers","acl":"+@read ~*"}],
            "bdbs":[{"name":"x","roles_permissions":[{"role":"r","redis_acl":"readers"}]}],
            "cluster_policy":{"login_lockout_threshold":7},"cluster":{"smtp_port":26}})");
    expectOk(answer, "{\"revision\":" + std::to_string(before + 1) + ',');
    CPPUNIT_ASSERT_EQUAL(before + 1, revision());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, serving_->published.size());
    const store::PolicyRows rows = reader_->policy().value();
    CPPUNIT_ASSERT(rows.databases.at(0).origin == store::Origin::manifest &&
                   rows.clusterPolicy.policy.login_lockout_threshold == 7 &&
                   rows.clusterPolicy.origin == store::Origin::manifest);
    CPPUNIT_ASSERT(userNamed("job")->origin == store::Origin::manifest);
    CPPUNIT_ASSERT_EQUAL(std::size_t{7}, reader_->manifestRows().value().size());
  }

  void testWhatDoesNotDifferIsNotTouched() {
    expectOk(apply(users(ada() + ',' + certified("grace", "6"))));
    const auto grace = userNamed("grace")->judged.revision;
    expectOk(apply(users(R"({"name":"ada","email":"ada@example.com","auth_method":"certificate",)"
                         R"("certificate_subject_line":"CN=ada","roles":["Admin"]},)" +
                         certified("grace", "6"))));
    CPPUNIT_ASSERT_EQUAL(grace, userNamed("grace")->judged.revision);
    CPPUNIT_ASSERT(userNamed("ada")->judged.revision > grace);
  }

  void testARenameKeepsTheRow() {
    expectOk(apply(users(ada())));
    const auto uid = userNamed("ada")->judged.user.uid;
    const std::string renamed = users(
        R"({"name":"countess","renamed_from":"ada","auth_method":"certificate","certificate_subject_line":"CN=ada","roles":["Admin"]})");
    const auto answer = apply(renamed, R"("prune":"owned")");
    expectIn(answer, "changes", R"({"action":"rename","kind":"users","name":"countess","former_name":"ada")");
    CPPUNIT_ASSERT_EQUAL(uid, userNamed("countess")->judged.user.uid);
    CPPUNIT_ASSERT(!userNamed("ada"));
    expectSettled(renamed, R"("prune":"owned")"); // once it is done it says nothing more
  }

  void testARenamedRoleKeepsItsUsers() {
    expectOk(
        apply(R"({"roles":[{"name":"old","management":"admin"}],"users":[{"name":"ada",)" +
              std::string(
                  R"("auth_method":"certificate","certificate_subject_line":"CN=ada","roles":["old"]}]})")));
    const auto roles = userNamed("ada")->judged.user.role_uids;
    const auto answer = apply(
        R"({"roles":[{"name":"new","renamed_from":"old","management":"admin"}],"users":[{"name":"ada",)" +
        std::string(R"("auth_method":"certificate","certificate_subject_line":"CN=ada","roles":["new"]}]})"));
    expectOk(answer);
    CPPUNIT_ASSERT_MESSAGE(answer.body, list(answer, "changes").find("users") == std::string::npos);
    CPPUNIT_ASSERT(roles == userNamed("ada")->judged.user.role_uids);
  }

  void testAdoptionTakesARowOver() {
    make("ada", "1");
    make("grace", "1");
    const std::string both = users(R"({"name":"ada","roles":["Admin"]},{"name":"grace","roles":["None"]})");
    expectOk(apply(both), R"("changes":[])");
    CPPUNIT_ASSERT(userNamed("ada")->origin == store::Origin::api);
    const auto answer = apply(both, R"("adopt":["users/ada","grace"])");
    expectIn(answer, "changes", R"({"action":"adopt","kind":"users","name":"ada","fields":[])");
    CPPUNIT_ASSERT(userNamed("ada")->origin == store::Origin::manifest);
    CPPUNIT_ASSERT(userNamed("grace")->judged.user.role_uids == std::vector<std::int64_t>{6});
    expectSettled(both);
    expectOk(plan(both), R"("not_owned":[])");
  }

  void testPruneRemovesWhatNoManifestNames() {
    expectOk(
        apply(R"({"roles":[{"name":"r"}],"redis_acls":[{"name":"a","acl":"+get ~*"}],"bdbs":[{"name":"x",)"
              R"("roles_permissions":[{"role":"r","redis_acl":"a"}]}],"users":[)" +
              ada() + ',' + certified("grace", "None") + "]}"));
    make("api", "6");
    const std::string fewer = R"({"bdbs":[{"name":"x","roles_permissions":[]}],"users":[)" + ada() + "]}";
    expectOk(apply(fewer));
    CPPUNIT_ASSERT(userNamed("grace")); // without prune they stay
    const auto answer = apply(fewer, R"("prune":"owned")");
    for (const char* part : {R"("action":"remove","kind":"users","name":"grace")",
                             R"("action":"remove","kind":"roles","name":"r")",
                             R"("action":"remove","kind":"redis_acls","name":"a")"})
      expectIn(answer, "changes", part);
    CPPUNIT_ASSERT(!userNamed("grace") && userNamed("api")); // what the API made stays
    expectOk(apply(R"({"users":[)" + ada() + "]}", R"("prune":"owned")"), R"("changes":[])");
    expectOk(root("GET", "/v1/bdbs/1")); // R21
    expectOk(plan(R"({"users":[)" + ada() + "]}", R"("prune":"owned")"), R"("drift":[])");
  }

  void testPruneLeavesAnAdministrator() { // R21
    expectOk(apply(users(ada())));
    expect(400, "invalid_param", apply(R"({"users":[]})", R"("prune":"owned")"), "management word admin");
    CPPUNIT_ASSERT(userNamed("ada"));
  }

  void testPruneFreesWhatOthersTake() {
    expectOk(apply(users(ada() + ',' + certified("grace", "None"))));
    expectOk(apply(
        users(ada() +
              R"(,{"name":"hopper","auth_method":"certificate","certificate_subject_line":"CN=grace"})"),
        R"("prune":"owned")"));
    CPPUNIT_ASSERT(userNamed("hopper") && !userNamed("grace"));
  }

  // ---- R22

  void testADeletedUserDoesNotComeBack() {
    expectOk(apply(users(ada() + ',' + certified("grace", "Admin"))));
    remove("grace");
    const std::string same = users(ada() + ',' + certified("grace", "Admin"));
    const auto answer = plan(same);
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "held", R"([{"kind":"users","name":"grace","who":"local administrator)");
    expectIn(answer, "held", "release users/grace");
    for (const char* options : {"", R"("prune":"owned")", R"("adopt":["grace"])", R"("destroy":["grace"])",
                                R"("release":["ada"])", R"("release":["roles/grace"])"})
      expectOk(apply(same, options), R"("changes":[])");
    CPPUNIT_ASSERT(!userNamed("grace"));
  }

  void testADeletedUserDoesNotComeBackRenamed() {
    expectOk(apply(users(ada() + ',' + certified("grace", "Admin"))));
    remove("grace");
    const auto answer = apply(users(
        ada() +
        R"(,{"name":"hopper","renamed_from":"grace","auth_method":"certificate","certificate_subject_line":"CN=other"})"));
    expectIn(answer, "held", R"("name":"hopper")");
    CPPUNIT_ASSERT(!userNamed("hopper"));
  }

  void testADeletedUserDoesNotComeBackByItsSubject() {
    expectOk(apply(users(
        ada() +
        R"(,{"name":"grace","auth_method":"certificate","certificate_subject_line":"CN=grace,O=Example"})")));
    remove("grace");
    for (const char* subject : {"CN=grace,O=Example", "O=Example,CN=grace", "CN=grace, O=Example"})
      expectIn(apply(users(ada() +
                           R"(,{"name":"hopper","auth_method":"certificate","certificate_subject_line":")" +
                           subject + "\"}")),
               "held", R"("name":"hopper")");
    CPPUNIT_ASSERT(!userNamed("hopper"));
  }

  void testADeletedUserDoesNotComeBackByItsAddress() {
    expectOk(
        apply(users(ada() + R"(,{"name":"grace","email":"grace@example.com","password":"correct horse"})")));
    remove("grace");
    for (const char* user : {R"({"name":"hopper","email":"GRACE@example.com","password":"correct horse"})",
                             R"({"name":"grace@example.com","password":"correct horse"})",
                             R"({"name":"GRACE","password":"correct horse"})"})
      expectIn(apply(users(ada() + ',' + user)), "held", R"("kind":"users")");
    CPPUNIT_ASSERT(!userNamed("grace@example.com") && !userNamed("grace"));
  }

  void testAUserRenamedOverRestDoesNotComeBack() {
    expectOk(apply(users(ada() + ',' + certified("grace", "Admin"))));
    put("grace", R"({"name":"hopper"})");
    const auto answer = apply(users(ada() + ',' + certified("grace", "Admin")));
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "held", R"("name":"grace")");
    CPPUNIT_ASSERT(userNamed("hopper") && !userNamed("grace"));
  }

  void testTheSubjectOfADeletedUserGoesToNobody() {
    expectOk(apply(users(ada() + ',' + certified("grace", "None"))));
    remove("grace");
    // The row of another would be a way back: her certificate would be an administrator's.
    const auto answer = apply(users(
        R"({"name":"ada","auth_method":"certificate","certificate_subject_line":"CN=grace","roles":["Admin"]})"));
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "held", R"("name":"ada")");
    CPPUNIT_ASSERT_EQUAL(std::string("CN=ada"), userNamed("ada")->judged.user.certificate_subject_line);
  }

  void testANarrowedFieldStaysNarrow() {
    expectOk(apply(users(ada() + ',' + certified("grace", "Admin"))));
    put("grace", R"({"role_uids":[6]})");
    const auto answer = apply(users(
        ada() +
        R"(,{"name":"grace","email":"g@example.com","auth_method":"certificate","certificate_subject_line":"CN=grace","roles":["Admin"]})"));
    expectIn(answer, "held", R"({"kind":"users","name":"grace","fields":["roles"])");
    expectIn(answer, "drift", R"("name":"grace")");
    CPPUNIT_ASSERT(userNamed("grace")->judged.user.role_uids == std::vector<std::int64_t>{6});
    CPPUNIT_ASSERT_EQUAL(std::string("g@example.com"), userNamed("grace")->judged.user.email); // others move
  }

  void testTheDeprecatedWordIsNoWayBack() {
    expectOk(apply(users(ada() + ',' + certified("grace", "Admin"))));
    put("grace", R"({"role_uids":[6]})");
    const auto answer = apply(users(
        ada() +
        R"(,{"name":"grace","auth_method":"certificate","certificate_subject_line":"CN=grace","role":"admin"})"));
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "held", R"("fields":["roles"])");
    CPPUNIT_ASSERT(userNamed("grace")->judged.user.role_uids == std::vector<std::int64_t>{6});
  }

  void testANarrowedFieldStaysNarrowUnderANewName() {
    expectOk(apply(users(ada() + ',' + certified("grace", "Admin"))));
    put("grace", R"({"role_uids":[6]})");
    const std::string renamed = users(
        ada() +
        R"(,{"name":"hopper","renamed_from":"grace","auth_method":"certificate","certificate_subject_line":"CN=grace","roles":["Admin"]})");
    expectIn(apply(renamed), "held", R"("fields":["roles"])");
    CPPUNIT_ASSERT(userNamed("hopper")->judged.user.role_uids == std::vector<std::int64_t>{6});
    expectOk(apply(renamed), R"("changes":[])"); // the subject still tells who she is
    CPPUNIT_ASSERT(userNamed("hopper")->judged.user.role_uids == std::vector<std::int64_t>{6});
    // And the next entry of her old name is not a way either.
    expectIn(
        apply(users(
            ada() +
            R"(,{"name":"grace","auth_method":"certificate","certificate_subject_line":"CN=g2","roles":["Admin"]})")),
        "held", R"("name":"grace")");
    CPPUNIT_ASSERT(!userNamed("grace"));
  }

  void testAWidenedFieldIsDriftAndSetBack() {
    const std::string manifest = users(ada() + ',' + certified("grace", "None"));
    expectOk(apply(manifest));
    put("grace", R"({"role_uids":[6,4]})");
    const auto answer = plan(manifest);
    expectIn(answer, "drift", R"([{"kind":"users","name":"grace","fields":["roles"])");
    expectIn(answer, "changes", R"({"name":"roles","before":["None","DB Member"],"after":["None"]})");
    expectOk(apply(manifest), R"("held":[])");
    CPPUNIT_ASSERT(userNamed("grace")->judged.user.role_uids == std::vector<std::int64_t>{6});
    expectOk(plan(manifest), R"("drift":[])");
  }

  void testAPasswordSetOverRestStays() {
    const std::string manifest = users(job("correct horse"));
    expectOk(apply(manifest));
    put("job", R"({"password":"battery staple"})");
    const auto answer = apply(users(job("another one")));
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "held", R"("fields":["password"])");
    CPPUNIT_ASSERT_EQUAL("$fake$" + hex("battery staple"), row(userNamed("job")->judged.user.uid).verifier);
    CPPUNIT_ASSERT_EQUAL(2, serving_->enrolled); // none was hashed for nothing
  }

  void testADeletedRoleStaysAwayAndItsUsersGoWithoutIt() {
    const std::string manifest = R"({"roles":[{"name":"r","management":"admin"}],"users":[)" + ada() + ',' +
                                 certified("grace", "r") + "]}";
    expectOk(apply(manifest));
    const auto role = userNamed("grace")->judged.user.role_uids.at(0);
    put("grace", R"({"role_uids":[]})");
    expectOk(root("DELETE", path("roles", role)));
    const auto answer = apply(manifest);
    expectOk(answer, R"("changes":[])");
    expectIn(answer, "held", R"({"kind":"roles","name":"r")");
    expectOk(apply(R"({"roles":[{"name":"r","management":"admin"}],"users":[)" + ada() + ',' +
                   certified("new", "r") + "]}"));
    CPPUNIT_ASSERT(userNamed("new")->judged.user.role_uids.empty());
  }

  void testADeletedCertificateStaysAway() {
    const Forged ca = Forge().ca("Example CA").make();
    const std::string manifest = R"({"certificates":[)" + entry("mtls_trusted_ca", ca.pem()) + "]}";
    expectOk(apply(manifest));
    expectOk(root("DELETE", "/v1/cluster/certificates/mtls_trusted_ca"));
    expectIn(apply(manifest), "held", R"({"kind":"certificates","name":"mtls_trusted_ca")");
    CPPUNIT_ASSERT(!serving_->inForce.snapshot->certificates.contains("mtls_trusted_ca"));
  }

  void testSettingsThatWereNarrowedStay() {
    const std::string manifest = R"({"cluster":{"min_control_TLS_version":"1.2","smtp_port":26},)"
                                 R"("cluster_policy":{"login_lockout_threshold":5}})";
    expectOk(apply(manifest));
    expectOk(root("PUT", "/v1/cluster", R"({"min_control_TLS_version":"1.3"})"));
    const auto answer = apply(R"({"cluster":{"min_control_TLS_version":"1.2","smtp_port":27}})");
    expectIn(answer, "held", R"({"kind":"cluster","name":"","fields":["min_control_TLS_version"])");
    expectIn(answer, "changes", "smtp_port");
    CPPUNIT_ASSERT(serving_->inForce.snapshot->settings.min_control_TLS_version == model::TlsVersion::v1_3);
    expectOk(apply(R"({"cluster":{"min_control_TLS_version":"1.2"}})", R"("release":["cluster"])"));
    CPPUNIT_ASSERT(serving_->inForce.snapshot->settings.min_control_TLS_version == model::TlsVersion::v1_2);
  }

  void testAReleasedRowComesBack() {
    const std::string manifest = users(ada() + ',' + certified("grace", "None"));
    expectOk(apply(manifest));
    remove("grace");
    expectIn(plan(manifest, R"("release":["users/grace"])"), "changes", R"("action":"create")");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, reader_->holds().value().size()); // a plan ends no hold
    expectOk(apply(manifest, R"("release":["users/Grace"])"));
    CPPUNIT_ASSERT(userNamed("grace") && reader_->holds().value().empty());
    expectSettled(manifest);
  }

  void testAReleasedPasswordIsSetAgain() {
    const std::string manifest = users(job("correct horse"));
    expectOk(apply(manifest));
    const auto uid = userNamed("job")->judged.user.uid;
    put("job", R"({"password":"battery staple"})");
    expectOk(apply(manifest, R"("release":["job"])")); // the same text as before, but no longer what is there
    CPPUNIT_ASSERT_EQUAL("$fake$" + hex("correct horse"), row(uid).verifier);
    expectSettled(manifest);
  }

  void testAnUnchangedPasswordIsNotHashedAgain() {
    expectOk(apply(users(job("correct horse"))));
    expectOk(apply(users(job("correct horse"))), R"("changes":[])");
    CPPUNIT_ASSERT_EQUAL(1, serving_->enrolled);
    expectIn(apply(users(job("battery staple"))), "changes", R"("name":"password","after":"changed")");
    CPPUNIT_ASSERT_EQUAL(2, serving_->enrolled);
    CPPUNIT_ASSERT_EQUAL("$fake$" + hex("battery staple"), row(userNamed("job")->judged.user.uid).verifier);
  }

  void testPasswordsAreJudgedBeforeTheyAreHashed() {
    expectOk(root("PUT", "/v1/cluster", R"({"password_complexity":true})"));
    expectIn(plan(users(job("short"))), "mistakes", "users[0]");
    expect(400, "invalid_param", apply(users(job("short"))), "users[0]");
    CPPUNIT_ASSERT_EQUAL(0, serving_->enrolled);
  }

  void testDataIsLostOnlyWhenAskedFor() { // R21
    expectOk(apply(R"({"bdbs":[{"name":"x","memory_size":8192}]})"));
    const std::string less =
        R"({"bdbs":[{"name":"x","memory_size":4096,"data_persistence":"disabled","default_user":true}]})";
    expectOk(apply(less));
    CPPUNIT_ASSERT(policyOf(1).database.default_user); // what loses nothing is done
    CPPUNIT_ASSERT_EQUAL(std::int64_t{8192}, policyOf(1).database.memory_size);
    CPPUNIT_ASSERT(policyOf(1).database.data_persistence == model::Persistence::aof);
    expectOk(apply(less, R"("destroy":["y"])"), R"("changes":[])");
    expectOk(apply(less, R"("destroy":["bdbs/x"])"));
    CPPUNIT_ASSERT(policyOf(1).database.data_persistence == model::Persistence::disabled);
    expectOk(apply(R"({"bdbs":[]})", R"("destroy":["x"])"));
    CPPUNIT_ASSERT(!serving_->inForce.snapshot->database(1));
  }

  void testCertificatesAreComparedDirectly() {
    const auto one = pki::generateSelfSigned("gw1.example.com", clock_.wallSeconds()).value(),
               two = pki::generateSelfSigned("gw1.example.com", clock_.wallSeconds()).value();
    const auto with = [&](const auto& pair) {
      return R"({"certificates":[)" + entry("api", pair.certificatePem, std::string(pair.keyPem.reveal())) +
             "]}";
    };
    expectOk(apply(with(one)));
    expectSettled(with(one));
    const auto answer = apply(with(two));
    expectIn(answer, "changes", R"({"name":"key","after":"changed","secret":true})");
    CPPUNIT_ASSERT_MESSAGE(answer.body, !holds(answer, "PRIVATE KEY"));
    expectSettled(with(two));
  }

  void testClusterAndPolicyAreOwned() {
    expectOk(root("PUT", "/v1/cluster", R"({"smtp_port":27})"));
    const std::string manifest = R"({"cluster":{"smtp_port":28}})";
    expectIn(apply(manifest), "not_owned", R"({"kind":"cluster","name":"","fields":["smtp_port"])");
    expectIn(apply(manifest, R"("adopt":["cluster"])"), "changes", R"("action":"adopt","kind":"cluster")");
    CPPUNIT_ASSERT(reader_->policy().value().settings.origin == store::Origin::manifest);
  }

  void testAFailedApplyChangesNothing() {
    const auto before = revision();
    serving_->prepareFails = Error{Code::invalid_certificate, "no"};
    expect(400, "invalid_certificate", apply(R"({"cluster":{"smtp_port":28}})"));
    serving_->prepareFails.reset();
    expect(400, "invalid_param", apply(users(ada() + R"(,{"name":"bad"})")));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT(!userNamed("ada"));
  }

private:
  static std::string users(const std::string& entries) { return R"({"users":[)" + entries + "]}"; }
  /// `role`: its name.
  static std::string certified(const std::string& name, const std::string& role) {
    const std::string called = role == "6" ? "None" : role == "2" ? "Cluster Member" : role;
    return R"({"name":")" + name + R"(","auth_method":"certificate","certificate_subject_line":"CN=)" + name +
           R"(","roles":[")" + called + "\"]}";
  }
  static std::string ada() { return certified("ada", "Admin"); }
  static std::string job(const std::string& password) {
    return R"({"name":"job","password":")" + password + "\"}";
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
CPPUNIT_TEST_SUITE_REGISTRATION(ApplyTest);
