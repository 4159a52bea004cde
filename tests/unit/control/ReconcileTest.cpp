// Protects: what starts and SIGHUPs do with manifests. In mode reconcile what differs is made so, at each
// start and on SIGHUP; a bad manifest, or one that would leave nobody, keeps no server down and changes
// nothing; drift is counted and holds are told in every mode (R21, R22).
#include "ManifestFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;
using namespace gatehouse::test;

class ReconcileTest : public ManifestFixture {
  CPPUNIT_TEST_SUITE(ReconcileTest);
  CPPUNIT_TEST(testAnEmptyStoreIsFilled);
  CPPUNIT_TEST(testEachStartMakesWhatDiffers);
  CPPUNIT_TEST(testSighupMakesWhatDiffersAndPublishesIt);
  CPPUNIT_TEST(testOtherModesDoNothingOnSighup);
  CPPUNIT_TEST(testABadManifestIsLoggedAndNothingChanges);
  CPPUNIT_TEST(testAManifestWithoutAnAdministratorIsLogged);
  CPPUNIT_TEST(testDriftIsCountedInEveryMode);
  CPPUNIT_TEST(testWhatRestTookAwayStaysAway);
  CPPUNIT_TEST(testPruneNeverRemovesADatabase);
  CPPUNIT_TEST(testAChangedSecretIsNoticed);
  CPPUNIT_TEST(testAWriteWhileAPasswordIsHashedIsNoObstacle);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override { open(); }

  void testAnEmptyStoreIsFilled() {
    reconcile(team("Admin"));
    CPPUNIT_ASSERT(userNamed("ada")->origin == store::Origin::manifest);
    const auto bad =
        Management(*store_, *writer_, *serving_, clock_, events_, NodeFacts{"gw1.example.com", 9443})
            .start({Provisioning::Mode::reconcile, {write("x: y\n")}, false});
    CPPUNIT_ASSERT(bad.ok()); // the store is not empty any more
  }

  void testEachStartMakesWhatDiffers() {
    reconcile(team("Admin"));
    const auto before = revision();
    reconcile(team("Admin"));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    reconcile(team("Admin") +
              "  - {name: grace, auth_method: certificate, certificate_subject_line: CN=grace}\n");
    CPPUNIT_ASSERT(userNamed("grace"));
    CPPUNIT_ASSERT_EQUAL(before + 1, revision());
  }

  void testSighupMakesWhatDiffersAndPublishesIt() {
    reconcile(team("Admin"));
    const auto published = serving_->published.size();
    write(team("Admin") + "cluster: {smtp_port: 26}\n");
    management_->reconcile(provisioning(Provisioning::Mode::reconcile));
    settle();
    CPPUNIT_ASSERT_EQUAL(published + 1, serving_->published.size());
    CPPUNIT_ASSERT(serving_->published.back().settings);
    expectOk(root("GET", "/v1/cluster"), R"("smtp_port":26)");
  }

  void testOtherModesDoNothingOnSighup() {
    reconcile(team("Admin"));
    write(team("Admin") + "cluster: {smtp_port: 26}\n");
    management_->reconcile(provisioning(Provisioning::Mode::seed));
    management_->reconcile(provisioning(Provisioning::Mode::off));
    settle();
    expectOk(root("GET", "/v1/cluster"), R"("smtp_port":25)");
  }

  void testABadManifestIsLoggedAndNothingChanges() {
    reconcile(team("Admin"));
    const auto before = revision();
    reconcile("users: [{name: x, rolees: []}]\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"provision.mistake", "did you mean `roles`?"}));
    reconcile("users: [{name: x, password: {file: absent}}]\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"provision.mistake", "cannot be read"}));
    reconcile("users: [{name: x}, {name: y, auth_method: certificate, certificate_subject_line: CN=y}]\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"provision.failed", "users[0]: password"}));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT(!userNamed("y"));
  }

  void testAManifestWithoutAnAdministratorIsLogged() { // R21
    reconcile(team("Admin"));
    reconcile(team("None"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"provision.failed", "management word admin"}));
    reconcile("roles: [{name: r}]\n", true);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, events_.count({"provision.failed", "management word admin"}));
    CPPUNIT_ASSERT(userNamed("ada")->judged.user.role_uids == std::vector<std::int64_t>{1});
  }

  void testDriftIsCountedInEveryMode() {
    const std::string manifest =
        team("Admin") + "  - {name: grace, auth_method: certificate, certificate_subject_line: CN=grace}\n";
    reconcile(manifest);
    expectOk(root("PUT", path("users", userNamed("grace")->judged.user.uid), R"({"role_uids":[6]})"));
    restart(Provisioning::Mode::seed, {write(manifest + "roles: []\n")});
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"provision.drift"})); // roles are not in the manifest
    restart(
        Provisioning::Mode::seed,
        {write(
            team("Admin") +
            "  - {name: grace, auth_method: certificate, certificate_subject_line: CN=grace, roles: []}\n")});
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"provision.drift", "them: 1: ", "users[grace]"}));
    restart(Provisioning::Mode::reconcile, {*folder_ / "m.yaml"});
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, events_.count({"provision.drift", "them: 1: ", "users[grace]"}));
    CPPUNIT_ASSERT(userNamed("grace")->judged.user.role_uids.empty());
    restart(Provisioning::Mode::reconcile, {*folder_ / "m.yaml"});
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, events_.count({"provision.drift"}));
  }

  void testWhatRestTookAwayStaysAway() { // R22
    const std::string manifest =
        team("Admin") + "  - {name: grace, auth_method: certificate, certificate_subject_line: CN=grace}\n";
    reconcile(manifest);
    expectOk(root("DELETE", path("users", userNamed("grace")->judged.user.uid)));
    reconcile(manifest);
    management_->reconcile(provisioning(Provisioning::Mode::reconcile));
    restart(Provisioning::Mode::seed, {*folder_ / "m.yaml"});
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, events_.count({"provision.held", "users[grace]"}));
    CPPUNIT_ASSERT(!userNamed("grace"));
  }

  void testPruneNeverRemovesADatabase() { // R21
    reconcile(team("Admin") + "bdbs: [{name: x}]\nroles: [{name: r}]\n");
    reconcile(team("Admin"), true);
    expectOk(root("GET", "/v1/bdbs/1"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"provision.destroys", "bdbs[x]"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{7}, serving_->inForce.snapshot->roles.size());
  }

  void testAChangedSecretIsNoticed() {
    const std::string manifest = team("Admin") + "  - {name: job, password: {file: p}}\n";
    folder_->write("p", "correct horse\n");
    reconcile(manifest);
    reconcile(manifest);
    CPPUNIT_ASSERT_EQUAL(1, serving_->enrolled);
    folder_->write("p", "battery staple\n");
    reconcile(manifest);
    CPPUNIT_ASSERT_EQUAL(2, serving_->enrolled);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"staple"}));
  }

  void testAWriteWhileAPasswordIsHashedIsNoObstacle() {
    folder_->write("p", "correct horse\n");
    reconcile(team("Admin"));
    write(team("Admin") + "  - {name: job, password: {file: p}}\n");
    serving_->beforeEnroll = [this] {
      serving_->beforeEnroll = nullptr;
      make("meanwhile", "6");
    };
    management_->reconcile(provisioning(Provisioning::Mode::reconcile));
    CPPUNIT_ASSERT(userNamed("meanwhile") && userNamed("job"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"provision.failed"}));
  }

private:
  static std::string team(const std::string& role) {
    return "users:\n  - {name: ada, auth_method: certificate, certificate_subject_line: CN=ada, roles: [" +
           role + "]}\n";
  }
  std::string write(const std::string& text) { return folder_->write("m.yaml", text); }
  [[nodiscard]] Provisioning provisioning(Provisioning::Mode mode) const {
    return {mode, {*folder_ / "m.yaml"}, false};
  }
  void reconcile(const std::string& text, bool prune = false) {
    restart(Provisioning::Mode::reconcile, {write(text)}, prune);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ReconcileTest);
