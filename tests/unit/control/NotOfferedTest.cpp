// Protects: what is documented and makes no sense here is refused with the documented status and word, never
// a pretended success; and nothing is changed by asking.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;

class NotOfferedTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(NotOfferedTest);
  CPPUNIT_TEST(testOcsp);
  CPPUNIT_TEST(testLicence);
  CPPUNIT_TEST(testHashingAlgorithms);
  CPPUNIT_TEST(testWhatIsDoneToADatabaseByName);
  CPPUNIT_TEST(testActionsOfTheCluster);
  CPPUNIT_TEST(testRecoveryPlans);
  CPPUNIT_TEST_SUITE_END();

public:
  void testOcsp() {
    const model::Revision before = revision();
    for (const Ask& what :
         {Ask{"GET", "/v1/ocsp", ""}, Ask{"GET", "/v1/ocsp/status", ""},
          Ask{"PUT", "/v1/ocsp", R"({"ocsp_functionality":true})"}, Ask{"POST", "/v1/ocsp/test", ""}})
      expect(406, "ocsp_unsupported_by_capability", ask(root(), what), "stapling");
    CPPUNIT_ASSERT_EQUAL(before, revision());
    const Caller manager = user(make("uma", "7")); // for administrators alone
    expect(403, "unauthorized_action", ask(manager, {"GET", "/v1/ocsp", ""}), "view_ocsp_config");
  }
  void testLicence() {
    expect(404, "license_not_found", root("GET", "/v1/license"));
    expect(406, "not_acceptable", root("PUT", "/v1/license", R"({"license":"x"})"));
  }
  void testHashingAlgorithms() {
    const std::string path = "/v1/cluster/change_password_hashing_algorithm";
    for (const char* name : {"SHA-256", "PBKDF2", "scrypt"})
      expect(400, "invalid_param", root("PATCH", path, R"({"algorithm":")" + std::string(name) + R"("})"),
             "scrypt");
    expect(400, "missing_field", root("PATCH", path, "{}"), "algorithm");
    expect(405, "method_not_allowed", root("PUT", path, "{}"));
  }
  void testWhatIsDoneToADatabaseByName() {
    const std::string database = path("bdbs", makeDatabase("cache"));
    expect(406, "unsupported_value", root("PUT", database + "/flush", "{}"), "FLUSHALL");
    expect(406, "unsupported_value", root("PUT", database + "/reset_admin_pass", ""));
    expect(404, "db_not_exist", root("PUT", "/v1/bdbs/4711/flush", "{}"));
    expect(404, "not_found", root("PUT", database + "/recover", "{}"));
  }
  void testActionsOfTheCluster() {
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"actions":[]})"), root("GET", "/v1/cluster/actions").body);
    expect(404, "action_not_found", root("GET", "/v1/cluster/actions/change_master"));
    expectOk(root("GET", "/v2/actions"), R"("state-machines":[)");
    expect(404, "action_not_found", root("GET", "/v2/actions/nonsense"));
  }
  void testRecoveryPlans() {
    const auto post = [&](const std::string& body) { return root("POST", "/v2/bdbs", body); };
    const std::string database = R"("bdb":{"name":"cache","memory_size":1048576})";
    expect(406, "unsupported_value",
           post('{' + database + R"(,"recovery_plan":{"original_bdb_shards":[1]}})"));
    expect(400, "missing_field", post("{}"), "bdb");
    expect(400, "missing_db_name", post(R"({"bdb":{"memory_size":1}})"));
    expect(400, "invalid_schema", post(R"({"bdb":[]})"));
    expect(400, "invalid_schema", post('{' + database + R"(,"plan":1})"), "plan");
    const Answer made = post('{' + database + R"(,"recovery_plan":{}})");
    expectOk(made, R"("name":"cache")");
    CPPUNIT_ASSERT_EQUAL(std::string("cache"), policyOf(uidIn(made)).database.name);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NotOfferedTest);
