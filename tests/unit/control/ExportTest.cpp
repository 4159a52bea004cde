// Protects: the state as a manifest. Exported, applied to an empty store and exported again it is the same
// text; it has no secret, no generated certificate and nothing that a fresh store has.
#include "control/manifest/Export.h"
#include "ManifestFixture.h"

#include <filesystem>

using namespace gatehouse;
using namespace gatehouse::test;

class ExportTest : public ManifestFixture {
  CPPUNIT_TEST_SUITE(ExportTest);
  CPPUNIT_TEST(testAFreshStoreIsNothing);
  CPPUNIT_TEST(testExportedAndAppliedItIsTheSameText);
  CPPUNIT_TEST(testNothingSecretIsInIt);
  CPPUNIT_TEST(testItDoesNotMixRevisions);
  CPPUNIT_TEST(testUsersComeByNameInPieces);
  CPPUNIT_TEST(testFilesOfSecretsStayBesideTheManifest);
  CPPUNIT_TEST_SUITE_END();

public:
  void testAFreshStoreIsNothing() { CPPUNIT_ASSERT_EQUAL(std::string("{\n}\n"), exported()); }

  void testExportedAndAppliedItIsTheSameText() {
    fill();
    const std::string text = exported();
    for (const char* part :
         {R"({"name":"Root","management":"admin","renamed_from":"Admin"})",
          R"({"name":"DB Viewer","management":"none"})", R"({"name":"Read Only","acl":"+get ~*"})",
          R"("roles":["Root","operator"])", R"("password":{"file":"secrets/job.password"})",
          R"("roles_permissions":[{"role":"operator","redis_acl":"Read Only"}])",
          R"("authentication_ssl_client_certs":[])", R"("smtp_port":26)",
          R"("mtls_authorized_subjects":[{"CN":"ada"}])",
          R"("cluster_policy": {"login_lockout_threshold":7})", R"("key":{"file":"secrets/proxy.key"})",
          R"("email_alerts":false)"})
      CPPUNIT_ASSERT_MESSAGE(text + " has no " + part, text.find(part) != std::string::npos);
    for (const char* part : {R"("name":"api")", R"("name":"DB Member")", "uid", "last_login", "created_time"})
      CPPUNIT_ASSERT_MESSAGE(text + " has " + part, text.find(part) == std::string::npos);

    const std::string key = proxy_.keyPem();
    close();
    open();
    std::filesystem::create_directory(*folder_ / "secrets");
    folder_->write("secrets/job.password", "correct horse");
    folder_->write("secrets/proxy.key", key);
    start({folder_->write("all.yaml", text)}); // JSON is YAML
    CPPUNIT_ASSERT_EQUAL(text, exported());
    CPPUNIT_ASSERT(serving_->inForce.snapshot->roles.at(5).management == model::Management::none);
    restart(control::Provisioning::Mode::seed, {*folder_ / "all.yaml"});
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"provision.differs", ", store "}));
  }

  void testNothingSecretIsInIt() {
    fill();
    const std::string text = exported();
    for (const char* part : {"PRIVATE", "horse", "$fake$"})
      CPPUNIT_ASSERT_MESSAGE(part, text.find(part) == std::string::npos);
  }

  void testItDoesNotMixRevisions() {
    auto listing = control::exportManifest();
    std::string out;
    CPPUNIT_ASSERT(listing->next(*reader_, out).value());
    make("late", "6");
    CPPUNIT_ASSERT_EQUAL(std::string("conflict"),
                         std::string(gatehouse::row(listing->next(*reader_, out).error().code).word));
  }

  void testUsersComeByNameInPieces() {
    for (int i = 0; i < 130; ++i) make((i % 2 == 0 ? "B" : "a") + std::to_string(1000 - i), "6");
    const std::string text = exported();
    std::string last;
    std::size_t count = 0;
    for (std::size_t at = text.find("{\"name\":\""); at != std::string::npos;
         at = text.find("{\"name\":\"", at + 1)) {
      const std::string name = folded(text.substr(at + 9, text.find('"', at + 9) - at - 9));
      CPPUNIT_ASSERT_MESSAGE(last + " before " + name, last < name);
      last = name;
      ++count;
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{130}, count);
  }

  void testFilesOfSecretsStayBesideTheManifest() {
    CPPUNIT_ASSERT_EQUAL(std::string("secrets/ada.password"), control::secretFile("ada", "password"));
    CPPUNIT_ASSERT_EQUAL(std::string("secrets/%2e.%2fetc%2fx.key"), control::secretFile("../etc/x", "key"));
    CPPUNIT_ASSERT(control::secretFile("a b", "key") != control::secretFile("a%20b", "key"));
  }

private:
  void fill() {
    expectOk(
        root("PUT", "/v1/cluster/certificates", certificates(entry("proxy", proxy_.pem(), proxy_.keyPem()))));
    trust(Forge().ca("Example CA").make());
    expectOk(root(
        "PUT", "/v1/cluster",
        R"({"mtls_certificate_authentication":true,"smtp_port":26,"mtls_authorized_subjects":[{"CN":"ada"}]})"));
    expectOk(root("PUT", "/v1/cluster/policy", R"({"login_lockout_threshold":7})"));
    expectOk(root("PUT", "/v1/roles/1", R"({"name":"Root"})"));
    expectOk(root("PUT", "/v1/roles/5", R"({"management":"none"})"));
    expectOk(root("PUT", "/v1/roles/4", R"({"management":"none"})"));
    expectOk(root("PUT", "/v1/roles/4", R"({"management":"db_member"})")); // as a fresh store has it again
    expectOk(root("PUT", "/v1/redis_acls/2", R"({"acl":"+get ~*"})"));
    const auto role = uidIn(root("POST", "/v1/roles", R"({"name":"operator","management":"admin"})"));
    expectOk(root(
        "POST", "/v1/users",
        R"({"name":"zoe","auth_method":"certificate","certificate_subject_line":"CN=zoe, OU=a\\, b","role_uids":[1,)" +
            std::to_string(role) + "]}"));
    expectOk(
        root("POST", "/v1/users",
             R"({"name":"job","email":"job@example.com","password":"correct horse","email_alerts":false})"));
    makeDatabase("second", R"(,"port":12001)" + listing({}));
    makeDatabase("first", R"(,"port":12000,"roles_permissions":[{"role_uid":)" + std::to_string(role) +
                              R"(,"redis_acl_uid":2}])");
  }

  const Forged proxy_ = Forge().server("gw1.example.com").make();
};
CPPUNIT_TEST_SUITE_REGISTRATION(ExportTest);
