// Protects: the first start. A manifest becomes the changes that REST would make, all of them or none; a
// mistake keeps the server down on an empty store and never afterwards; later nothing is changed and no
// secret opened (R21).
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::test;

class SeedTest : public ManagementFixture {
  CPPUNIT_TEST_SUITE(SeedTest);
  CPPUNIT_TEST(testAManifestBecomesTheState);
  CPPUNIT_TEST(testASecondStartChangesNothing);
  CPPUNIT_TEST(testAMistakeAnywhereIsNoStart);
  CPPUNIT_TEST(testAllMistakesComeAtOnce);
  CPPUNIT_TEST(testAFailedSeedingIsTriedAgain);
  CPPUNIT_TEST(testWithoutAnAdministratorThereIsAWarning);
  CPPUNIT_TEST(testABuiltinRoleOfThatNameIsUsed);
  CPPUNIT_TEST(testWhatDiffersIsSaidFieldByField);
  CPPUNIT_TEST(testABadManifestKeepsNoServerDownLater);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override { open(); }

  void testAManifestBecomesTheState() {
    const Forged ca = Forge().ca("Example CA").make();
    folder_->write("ca.pem", ca.pem() + "\n");
    folder_->write("job.secret", "correct horse\n");
    start({folder_->write("team.yaml", R"(
users:
  - {name: ada, auth_method: certificate, certificate_subject_line: "CN=ada, OU=dev, O=Example", roles: [operator, Admin]}
  - {name: job, email: job@example.com, password: {file: job.secret}, roles: [reader], email_alerts: false}
roles:
  - {name: reader, management: none}
  - {name: operator, management: admin}
cluster: {mtls_certificate_authentication: true, smtp_port: 26}
certificates: [{name: mtls_trusted_ca, certificate: {file: ca.pem}}]
)")});
    const store::PolicyRows policy = reader_->policy().value();
    CPPUNIT_ASSERT(policy.settings.settings.mtls_certificate_authentication);
    CPPUNIT_ASSERT(policy.settings.origin == store::Origin::manifest);
    CPPUNIT_ASSERT(serving_->inForce.snapshot->anchors.size() == 1);
    const auto ada = reader_->userByLogin("ada").value().record;
    CPPUNIT_ASSERT(ada && ada->origin == store::Origin::manifest && ada->verifier.empty());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, ada->judged.user.role_uids.size());
    const auto job = reader_->userByLogin("JOB@example.com").value().record;
    CPPUNIT_ASSERT(job && job->verifier == "$fake$" + hex("correct horse"));
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"email_alerts":false})"), job->judged.user.inert.json);
    CPPUNIT_ASSERT(management_->hasAdministrator() && events_.count({"provision.no_administrator"}) == 0);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"correct horse"}));
    expectOk(root("GET", "/v1/cluster"), R"("smtp_port":26)");
  }

  void testASecondStartChangesNothing() {
    const std::string file = team("ada", "regular");
    start({file});
    const auto before = revision();
    folder_->write("p", ""); // its secret could not be opened any more, and need not be
    restart({file});
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(1, serving_->enrolled);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"provision.differs"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"provision.differs", "were not compared"}));
  }

  void testAMistakeAnywhereIsNoStart() {
    refused(team("ada", "regular") + "x", "there is no such file");
    refused(folder_->write("a.yaml", "roles: [{name: r}]\nusers: [{name: a}]\n"), "a.yaml:2:9: users[0]: ");
    refused(folder_->write("a.yaml",
                           "users: [{name: a, auth_method: certificate, certificate_subject_line: CN}]\n"),
            "a.yaml:1:45: users[0]: certificate_subject_line: ");
    refused(folder_->write("a.yaml", "certificates: [{name: mtls_trusted_ca, certificate: nonsense}]\n"),
            "certificates[0]: certificate: ");
    refused(folder_->write("a.yaml", "cluster: {mtls_certificate_authentication: true}\n"),
            "cluster: mtls_certificate_authentication: there is no mtls_trusted_ca");
    refused(folder_->write("a.yaml", "users: [{name: a, password: {file: absent}}]\n"),
            "users[0].password: the file");
    folder_->write("empty", "\n");
    refused(folder_->write("a.yaml", "users: [{name: a, password: {file: empty}}]\n"), "is empty");
    CPPUNIT_ASSERT(reader_->empty().value() && reader_->userByLogin("a").value().record == nullptr);
  }

  void testAllMistakesComeAtOnce() {
    const std::string said = refused(folder_->write("a.yaml", R"(
certificates: [{name: mtls_trusted_ca, certificate: x}, {name: metrics_exporter, certificate: x}]
cluster: {mtls_certificate_authentication: true}
users:
  - {name: a}
  - {name: b, auth_method: certificate, certificate_subject_line: "CN=b"}
  - {name: c, auth_method: certificate, certificate_subject_line: "CN=b"}
)"),
                                     "certificates[0]");
    for (const char* part : {"certificates[1]", "cluster: ", "users[0]: ", "users[2]: "})
      CPPUNIT_ASSERT_MESSAGE(said, said.find(part) != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(said, said.find("users[1]") == std::string::npos);
  }

  void testAFailedSeedingIsTriedAgain() {
    refused(folder_->write("a.yaml", "users: [{name: a}]\n"), "users[0]");
    start({team("ada", "regular")});
    CPPUNIT_ASSERT(reader_->userByLogin("ada").value().record);
  }

  void testWithoutAnAdministratorThereIsAWarning() { // R21
    start({folder_->write("a.yaml", "roles: [{name: r}]\n")});
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"provision.no_administrator", "curl --unix-socket"}));
    CPPUNIT_ASSERT(!reader_->empty().value());
  }

  void testABuiltinRoleOfThatNameIsUsed() {
    const std::size_t roles = reader_->policy().value().roles.size();
    start({folder_->write("a.yaml", "roles: [{name: Admin, management: admin}]\n")});
    CPPUNIT_ASSERT_EQUAL(roles, reader_->policy().value().roles.size());
  }

  void testWhatDiffersIsSaidFieldByField() {
    start({folder_->write(
        "a.yaml",
        "roles: [{name: r}, {name: gone}]\ncluster: {smtp_port: 26}\n"
        "users: [{name: ada, auth_method: certificate, certificate_subject_line: CN=ada, roles: [r]}]\n")});
    const auto before = revision();
    folder_->write("a.yaml",
                   "roles: [{name: r, management: admin}, {name: new}]\n"
                   "cluster: {smtp_port: 27, min_control_TLS_version: \"1.3\"}\n"
                   "users:\n  - {name: ada, auth_method: certificate, certificate_subject_line: CN=ada, "
                   "roles: [new, Admin]}\n"
                   "  - {name: grace, auth_method: certificate, certificate_subject_line: CN=grace}\n");
    restart({*folder_ / "a.yaml"});
    CPPUNIT_ASSERT_EQUAL(before, revision());
    for (const char* said : {"roles[r].management: manifest \\\"admin\\\", store \\\"none\\\"",
                             "roles[new] is in the manifest, not in the store",
                             "roles[gone] came from a manifest, but is in none any more",
                             "cluster.smtp_port: manifest 27, store 26",
                             "cluster.min_control_TLS_version: manifest \\\"1.3\\\", store \\\"1.2\\\"",
                             R"(users[ada].roles: manifest [\"new\",\"Admin\"], store [\"r\"])",
                             "users[grace] is in the manifest, not in the store"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(said, std::size_t{1}, events_.count({"provision.differs", said}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{7}, events_.count({"provision.differs"}));
  }

  void testABadManifestKeepsNoServerDownLater() {
    start({team("ada", "regular")});
    restart({folder_->write("bad.yaml", "users: [{name: x, rolees: [y]}]\n"), *folder_ / "absent.yaml"});
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, events_.count({"provision.mistake"}));
    CPPUNIT_ASSERT(!reader_->userByLogin("x").value().record);
  }

private:
  /// A manifest with one administrator.
  std::string team(const std::string& name, const std::string& method) {
    folder_->write("p", "correct horse");
    return folder_->write("team.yaml", "users: [{name: " + name + ", auth_method: " + method +
                                           ", password: {file: p}, roles: [Admin]}]\n");
  }
  std::string refused(const std::string& file, const std::string& why) {
    const auto policy = management_->start({control::Provisioning::Mode::seed, {file}, false});
    CPPUNIT_ASSERT_MESSAGE(why, !policy.ok());
    const std::string said = policy.error().description;
    CPPUNIT_ASSERT_MESSAGE(said, said.find(why) != std::string::npos);
    return said;
  }
  void restart(const std::vector<std::string>& files) {
    management_ = std::make_unique<control::Management>(*store_, *writer_, *serving_, clock_, events_,
                                                        control::NodeFacts{"gw1.example.com", 9443});
    start(files);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SeedTest);
