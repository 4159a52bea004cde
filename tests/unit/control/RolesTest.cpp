// Protects: what roles mean: a role in use stays, the administrators' own role keeps its word, and a change
// of a role counts for everybody who has it.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;

class RolesTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(RolesTest);
  CPPUNIT_TEST(testARolesLife);
  CPPUNIT_TEST(testOnlyTheFieldsThatAreWanted);
  CPPUNIT_TEST(testNamesAreUnique);
  CPPUNIT_TEST(testWhatIsNotThereOrNotOffered);
  CPPUNIT_TEST(testARoleInUseStays);
  CPPUNIT_TEST(testTheBuiltinAdminKeepsItsWord);
  CPPUNIT_TEST(testTheLastAdministratorsRoleStays);
  CPPUNIT_TEST(testAChangedRoleCountsAtOnce);
  CPPUNIT_TEST(testHoldsOfAManifestsRole);
  CPPUNIT_TEST_SUITE_END();

public:
  void testARolesLife() {
    const Answer made = root("POST", "/v1/roles", R"({"name":"readers","management":"none"})");
    expectOk(made, R"("management":"none")");
    CPPUNIT_ASSERT(holds(made, R"("action_uid":")"));
    const std::int64_t uid = uidIn(made);
    CPPUNIT_ASSERT(uid > 7);
    CPPUNIT_ASSERT(serving_->published.back().roles.contains(uid));
    expectOk(root("GET", path("roles", uid)), R"("name":"readers")");
    expectOk(root("GET", "/v1/roles"), "readers");
    expectOk(root("PUT", path("roles", uid), R"({"management":"db_viewer"})"), R"("name":"readers")");
    const model::Revision before = revision();
    expectOk(root("PUT", path("roles", uid), root("GET", path("roles", uid)).body));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT(root("DELETE", path("roles", uid)).body.starts_with(R"({"action_uid":")"));
    expect(404, "role_not_exist", root("GET", path("roles", uid)));
    CPPUNIT_ASSERT(uidIn(root("POST", "/v1/roles", R"({"name":"readers"})")) > uid);
  }
  void testOnlyTheFieldsThatAreWanted() {
    const auto wanted = [&](const std::string& path, const std::string& fields) {
      Ask what{"GET", path, ""};
      what.query = "fields=" + fields;
      const Answer answer = ask(root(), what);
      expectOk(answer);
      return answer.body;
    };
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"uid":1,"name":"Admin"})"), wanted("/v1/roles/1", "name,uid,x"));
    CPPUNIT_ASSERT(wanted("/v1/roles", "uid").starts_with(R"([{"uid":1},{"uid":2},)"));
    CPPUNIT_ASSERT_EQUAL(
        std::string(R"([{"name":"Full Access"},{"name":"Read Only"},{"name":"Not Dangerous"}])"),
        wanted("/v1/redis_acls", "name"));
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"http_support":false})"), wanted("/v1/cluster", "http_support"));
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"login_lockout_threshold":5})"),
                         wanted("/v1/cluster/policy", "login_lockout_threshold"));
  }
  void testNamesAreUnique() {
    expectOk(root("POST", "/v1/roles", R"({"name":"readers"})"));
    expect(409, "name_already_exists", root("POST", "/v1/roles", R"({"name":"readers"})"));
    expect(409, "name_already_exists", root("PUT", "/v1/roles/5", R"({"name":"readers"})"));
  }
  void testWhatIsNotThereOrNotOffered() {
    expect(404, "role_not_exist", root("GET", "/v1/roles/99"));
    expect(404, "role_not_exist", root("PUT", "/v1/roles/99", R"({"name":"x"})"));
    expect(404, "role_not_exist", root("DELETE", "/v1/roles/99"));
    expect(400, "missing_field", root("POST", "/v1/roles", R"({"management":"none"})"), "name");
    expect(400, "invalid_param", root("POST", "/v1/roles", R"({"name":"a","management":"king"})"),
           "management");
    CPPUNIT_ASSERT_EQUAL(400, root("POST", "/v1/roles", R"({"name":"a\u0001"})").status);
    CPPUNIT_ASSERT_EQUAL(
        406, root("POST", "/v1/roles", R"({"name":"a","resources":[{"type":"db","uids":["1"]}]})").status);
  }
  void testARoleInUseStays() {
    const std::int64_t ada = make("ada", "5");
    expect(406, "role_in_use", root("DELETE", "/v1/roles/5"), "DB Viewer");
    expectOk(root("PUT", path("users", ada), R"({"role_uids":[4]})"));
    expectOk(root("DELETE", "/v1/roles/5"));
    // The word of a builtin role that is gone means nothing any more.
    expect(400, "invalid_param",
           root("POST", "/v1/users", R"({"name":"b","password":"x","role":"db_viewer"})"), "role");
  }
  void testTheBuiltinAdminKeepsItsWord() {
    expect(406, "not_acceptable", root("PUT", "/v1/roles/1", R"({"management":"none"})"), "management");
    expect(406, "not_acceptable", root("DELETE", "/v1/roles/1"));
    expectOk(root("PUT", "/v1/roles/1", R"({"name":"Administrators"})"), "Administrators");
    expectOk(root("PUT", "/v1/roles/2", R"({"management":"cluster_viewer"})"));
  }
  void testTheLastAdministratorsRoleStays() {
    const std::int64_t role = uidIn(root("POST", "/v1/roles", R"({"name":"chiefs","management":"admin"})"));
    make("ada", std::to_string(role));
    expect(406, "change_last_admin_role_not_allowed",
           root("PUT", path("roles", role), R"({"management":"none"})"));
    make("eve", "1");
    expectOk(root("PUT", path("roles", role), R"({"management":"none"})"));
  }
  void testAChangedRoleCountsAtOnce() {
    const std::int64_t role =
        uidIn(root("POST", "/v1/roles", R"({"name":"team","management":"user_manager"})"));
    const Caller ann = user(make("ann", std::to_string(role)));
    expectOk(ask(ann, {"GET", "/v1/users/1", ""}));
    auto held = begin(ann, {"POST", "/v1/roles", R"({"name":"x"})"});
    expectOk(root("PUT", path("roles", role), R"({"management":"db_viewer"})"));
    expect(403, "unauthorized_action", finish(std::move(held)), "create_role"); // R6
    expect(403, "unauthorized_action", ask(ann, {"GET", "/v1/users", ""}));
    expectOk(ask(ann, {"GET", "/v1/users/role", ""}), "db_viewer");
  }
  // R22
  void testHoldsOfAManifestsRole() {
    std::int64_t uid = 0;
    asManifest([&](store::Transaction& transaction) {
      store::RoleRow row;
      row.role.name = "team";
      row.origin = store::Origin::manifest;
      uid = transaction.insertRole(row).value();
    });
    // The policy that the writer knows is older than the row: any change brings it up to date.
    expectOk(root("POST", "/v1/roles", R"({"name":"other"})"));
    expectOk(root("PUT", path("roles", uid), R"({"management":"db_viewer"})"));
    auto holds = reader_->holds().value();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, holds.size());
    CPPUNIT_ASSERT_EQUAL(std::string("management"), holds[0].field);
    expectOk(root("DELETE", path("roles", uid)));
    CPPUNIT_ASSERT(reader_->holds()->back().field.empty() && reader_->holds()->back().kind == "role");
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RolesTest);
