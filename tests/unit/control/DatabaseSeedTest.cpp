// Protects: redis_acls and bdbs in manifests: names instead of uids, certificates by file, R9 as YAML writes
// it, the order in which things are made, and what a later start says.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;
using namespace gatehouse::test;

class DatabaseSeedTest : public ManagementFixture {
  CPPUNIT_TEST_SUITE(DatabaseSeedTest);
  CPPUNIT_TEST(testTheManifestOfTheDesign);
  CPPUNIT_TEST(testCertificatesByFileAndInline);
  CPPUNIT_TEST(testAListWithoutAValueIsAnError);
  CPPUNIT_TEST(testAnEmptyListIsNobody);
  CPPUNIT_TEST(testMistakesHaveTheirPlace);
  CPPUNIT_TEST(testWithoutARedisServer);
  CPPUNIT_TEST(testAManifestNeedNotSayHowMuchMemory);
  CPPUNIT_TEST(testAPortThatIsTakenKeepsNoServerDown);
  CPPUNIT_TEST(testBuiltinAclsMayBeNamed);
  CPPUNIT_TEST(testWhatDiffersIsSaid);
  CPPUNIT_TEST(testNoManifestRemovesADatabase);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    open();
    folder_->write("ca.pem", ca_.pem());
    folder_->write("leaf.pem", leaf_.pem());
  }

  void testTheManifestOfTheDesign() {
    start({write(R"(
bdbs:
  - {name: cache, port: 12000, memory_size: 1048576, enforce_client_authentication: enabled, roles_permissions: [{role: reader, redis_acl: readers}]}
users:
  - {name: ada, auth_method: certificate, certificate_subject_line: "CN=ada", roles: [reader, Admin]}
roles: [{name: reader, management: none}]
redis_acls: [{name: readers, acl: "+@read ~cache:*"}]
certificates: [{name: mtls_trusted_ca, certificate: {file: ca.pem}}]
)")});
    const store::PolicyRows rows = reader_->policy().value();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rows.databases.size());
    const store::DatabaseRow& row = rows.databases[0];
    CPPUNIT_ASSERT(row.origin == store::Origin::manifest && row.engineId.size() == 32 &&
                   !row.actionUid.empty());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{12000}, row.database.port);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, row.database.roles_permissions.size());
    const auto [role, acl, order] = row.database.roles_permissions[0];
    CPPUNIT_ASSERT(!order); // computed when it is shown
    CPPUNIT_ASSERT_EQUAL(std::string("reader"), serving_->inForce.snapshot->roles.at(role).name);
    CPPUNIT_ASSERT_EQUAL(std::string("readers"), serving_->inForce.snapshot->redisAcls.at(acl).name);
    CPPUNIT_ASSERT(rows.redisAcls.back().origin == store::Origin::manifest);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, policyOf(1).anchors.size()); // R9: inherited
    expectOk(root("GET", "/v1/bdbs/1"), R"("name":"cache")");
  }
  void testCertificatesByFileAndInline() {
    std::string inlinePem;
    for (const char c : other_.pem())
      inlinePem += c == '\n' ? std::string("\n          ") : std::string(1, c);
    start({write("bdbs:\n  - name: x\n    memory_size: 4096\n    authentication_ssl_client_certs:\n"
                 "      - {client_cert: {file: ca.pem}}\n      - client_cert: {file: leaf.pem}\n"
                 "      - client_cert: |\n          " +
                 inlinePem + "\n")});
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, policyOf(1).anchors.size());
    const auto list = *policyOf(1).database.authentication_ssl_client_certs;
    CPPUNIT_ASSERT(list[0].client_cert.find("BEGIN CERTIFICATE") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"change.trusts", "CN=ada", "matches only itself"}));
  }
  void testAListWithoutAValueIsAnError() { // R9
    refused("bdbs:\n  - name: x\n    memory_size: 4096\n    authentication_ssl_client_certs:\n"
            "    #  - {client_cert: {file: ca.pem}}\n",
            "has no value");
    refused("bdbs: [{name: x, memory_size: 1, authentication_ssl_client_certs: [{client_cert: }]}]\n",
            "has no value");
    refused("bdbs: [{name: x, memory_size: 1, authentication_ssl_client_certs: null}]\n", "has no value");
    refused("bdbs:\n", "");
    refused("redis_acls:\n", "");
  }
  void testAnEmptyListIsNobody() { // R9
    refused("bdbs: [{name: x, memory_size: 1, enforce_client_authentication: enabled, "
            "authentication_ssl_client_certs: []}]\n",
            "bdbs[0]: authentication_ssl_client_certs: is empty");
    start({write("bdbs: [{name: x, memory_size: 1, authentication_ssl_client_certs: []}]\n"
                 "certificates: [{name: mtls_trusted_ca, certificate: {file: ca.pem}}]\n")});
    CPPUNIT_ASSERT(policyOf(1).anchors.empty());
  }
  void testMistakesHaveTheirPlace() {
    refused("bdbs: [{memory_size: 1}]\n", "a.yaml:1:8: bdbs[0].name: is missing");
    refused("bdbs: [{name: x, memory_size: 1, uid: 5}]\n", "bdbs[0].uid");
    refused(
        "bdbs: [{name: x, memory_size: 1, roles_permissions: [{role: nobody, redis_acl: Full Access}]}]\n",
        "bdbs[0].roles_permissions[0].role: there is no role `nobody`");
    refused("bdbs: [{name: x, memory_size: 1, roles_permissions: [{role: Admin, redis_acl: Full Acces}]}]\n",
            "there is no redis_acl `Full Acces`");
    refused("bdbs: [{name: x, memory_size: 1, roles_permissions: [{role_uid: 1, redis_acl: Full Access}]}]\n",
            "is written `role` here");
    refused("bdbs: [{name: x, memory_size: 1}, {name: x, memory_size: 1}]\n", "stands in");
    refused("redis_acls: [{name: a, acl: +get}, {name: a, acl: +set}]\n", "stands in");
    refused("redis_acls: [{name: a, acl: \"+get +nosuch\"}]\n", "redis_acls[0]: acl: ");
    refused("redis_acls: [{name: a, acl: \"+get +nosuch\"}]\n", "a.yaml:1:24: ");
    refused(
        "bdbs: [{name: x, memory_size: 1, authentication_ssl_client_certs: [{client_cert: {file: no}}]}]\n",
        "bdbs[0].authentication_ssl_client_certs[0].client_cert: the file");
    refused("bdbs: [{name: x, memory_size: 1, authentication_ssl_client_certs: [{client_cert: nonsense}]}]\n",
            "bdbs[0]: authentication_ssl_client_certs[0].client_cert: ");
    refused("bdbs: [{name: x, memory_size: 1, port: 12000}, {name: y, memory_size: 1, port: 12000}]\n",
            "is the port of database");
    // What waits for something that could not be made is not blamed for it.
    const std::string said =
        refused("redis_acls: [{name: a, acl: +nosuch}]\n"
                "bdbs: [{name: x, memory_size: 1, roles_permissions: [{role: Admin, redis_acl: a}]}]\n",
                "redis_acls[0]");
    CPPUNIT_ASSERT_MESSAGE(said, said.find("bdbs") == std::string::npos);
  }
  void testWithoutARedisServer() {
    serving_->installed = nullptr;
    refused("bdbs: [{name: x, memory_size: 1}]\n", "no redis-server is installed");
    start({write("roles: [{name: r}]\n")});
  }
  void testAManifestNeedNotSayHowMuchMemory() { // REST must
    start({write("bdbs: [{name: x}]\n")});
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1} << 30, policyOf(1).database.memory_size);
  }
  void testAPortThatIsTakenKeepsNoServerDown() {
    serving_->takenPorts = {12000};
    start({write("bdbs: [{name: x, memory_size: 1, port: 12000}]\n")});
    CPPUNIT_ASSERT_EQUAL(std::int64_t{12000}, policyOf(1).database.port);
  }
  void testBuiltinAclsMayBeNamed() {
    start({write(
        "redis_acls: [{name: Full Access, acl: \"+@all ~*\"}, {name: Read Only, acl: \"+get ~*\"}]\n"
        "bdbs: [{name: x, memory_size: 1, roles_permissions: [{role: Admin, redis_acl: Read Only}]}]\n")});
    CPPUNIT_ASSERT_EQUAL(std::string("+get ~*"), serving_->inForce.snapshot->redisAcls.at(2).acl);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, policyOf(1).database.roles_permissions.at(0).redis_acl_uid);
  }
  void testWhatDiffersIsSaid() {
    start({write("redis_acls: [{name: a, acl: +get}, {name: gone, acl: +get}]\n"
                 "bdbs:\n  - {name: x, memory_size: 4096, roles_permissions: [{role: Admin, redis_acl: a}],\n"
                 "     authentication_ssl_client_certs: [{client_cert: {file: ca.pem}}]}\n"
                 "  - {name: old, memory_size: 1}\n")});
    const auto before = revision();
    restart("redis_acls: [{name: a, acl: +set}, {name: new, acl: +get}]\n"
            "bdbs:\n  - {name: x, memory_size: 8192, roles_permissions: [{role: Admin, redis_acl: new}],\n"
            "     authentication_ssl_client_certs: [{client_cert: {file: leaf.pem}}]}\n"
            "  - {name: fresh, memory_size: 1}\n");
    CPPUNIT_ASSERT_EQUAL(before, revision());
    for (const char* said :
         {"redis_acls[a].acl: manifest \\\"+set\\\", store \\\"+get\\\"",
          "redis_acls[new] is in the manifest, not in the store",
          "redis_acls[gone] came from a manifest, but is in none any more",
          "bdbs[x].memory_size: manifest 8192, store 4096",
          R"(bdbs[x].roles_permissions: manifest [{\"role\":\"Admin\",\"redis_acl\":\"new\"}], )"
          R"(store [{\"role\":\"Admin\",\"redis_acl\":\"a\"}])",
          "bdbs[fresh] is in the manifest, not in the store",
          "bdbs[old] came from a manifest, but is in none any more; it stays", "were not compared"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(said, std::size_t{1}, events_.count({"provision.differs", said}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{8}, events_.count({"provision.differs"}));
  }
  void testNoManifestRemovesADatabase() { // R21
    start({write("bdbs: [{name: x, memory_size: 1}]\n")});
    restart("roles: [{name: r}]\n");
    expectOk(root("GET", "/v1/bdbs/1"));
    restart("bdbs: []\n");
    expectOk(root("GET", "/v1/bdbs/1"));
  }

private:
  std::string write(const std::string& text) { return folder_->write("a.yaml", text); }
  std::string refused(const std::string& text, const std::string& why) {
    const auto policy = management_->start({control::Provisioning::Mode::seed, {write(text)}, false});
    CPPUNIT_ASSERT_MESSAGE(text, !policy.ok());
    const std::string said = policy.error().description;
    CPPUNIT_ASSERT_MESSAGE(said, said.find(why) != std::string::npos);
    CPPUNIT_ASSERT(reader_->empty().value());
    return said;
  }
  void restart(const std::string& text) {
    management_ = std::make_unique<Management>(*store_, *writer_, *serving_, clock_, events_,
                                               NodeFacts{"gw1.example.com", 9443});
    start({write(text)});
  }

  const Forged ca_ = Forge().ca("Database CA").make();
  const Forged other_ = Forge().ca("Other CA").make();
  const Forged leaf_ = Forge().client("ada").signedBy(ca_).make();
};
CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseSeedTest);
