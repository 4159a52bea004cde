// Protects: who may call which endpoint. The expectations are the documented matrix, written down a second
// time, so that a slip in the table is seen.
#include "ManagementFixture.h"

#include "control/change/Permissions.h"
#include "control/rest/Router.h"

#include <map>
#include <set>

using namespace gatehouse;
using namespace gatehouse::control;
using Word = model::Management;

class PermissionsTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(PermissionsTest);
  CPPUNIT_TEST(testEveryRoleGetsExactlyItsEndpoints);
  CPPUNIT_TEST(testRightsAreTheUnionOfTheRoles);
  CPPUNIT_TEST(testTheStrongestRoleIsShown);
  CPPUNIT_TEST(testEveryPairOfRoleAndEndpointIsJudged);
  CPPUNIT_TEST_SUITE_END();

  static std::set<std::string_view> expected(std::string_view word) {
    const std::set<std::string_view> viewers = {
        "view_cluster_info",   "view_role_info", "view_all_roles_info",
        "view_redis_acl_info", "view_bdb_info",  "view_all_redis_acls_info",
        "view_all_bdbs_info",  "authenticated",  "view_status_of_cluster_action"};
    std::set<std::string_view> managers = viewers;
    managers.insert({"view_user_info", "view_all_users_info", "create_new_user", "update_user", "delete_user",
                     "create_role", "update_role", "delete_role", "create_redis_acl", "update_redis_acl",
                     "delete_redis_acl"});
    const std::set<std::string_view> databases = {"create_bdb", "update_bdb", "delete_bdb"};
    if (word == "none") return {"authenticated"};
    if (word == "user_manager") return managers;
    if (word == "admin") {
      managers.insert("update_cluster");
      managers.insert(databases.begin(), databases.end());
      return managers;
    }
    if (word == "cluster_member" || word == "db_member") {
      std::set<std::string_view> members = viewers;
      members.insert(databases.begin(), databases.end());
      return members;
    }
    return viewers;
  }

public:
  void testEveryRoleGetsExactlyItsEndpoints() {
    for (std::size_t i = 0; i < std::size(model::managements); ++i) {
      const auto word = static_cast<Word>(i);
      const auto may = expected(model::managements[i]);
      for (const PermissionRow& row : permissions())
        CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(model::managements[i]) + ' ' + std::string(row.word),
                                     may.contains(row.word), allows(Rights{word}, row.permission));
    }
    CPPUNIT_ASSERT(!allows(Rights{}, Permission::view_cluster_info));
    CPPUNIT_ASSERT(allows(Rights::everything(), Permission::update_cluster));
  }
  void testRightsAreTheUnionOfTheRoles() {
    model::Snapshot snapshot;
    snapshot.roles[1].management = Word::user_manager;
    snapshot.roles[2].management = Word::cluster_viewer;
    const std::vector<std::int64_t> both = {1, 2}, gone = {9};
    const Rights rights = Rights::of(both, snapshot);
    CPPUNIT_ASSERT(rights.has(Word::user_manager) && rights.has(Word::cluster_viewer));
    CPPUNIT_ASSERT(!rights.administrator());
    CPPUNIT_ASSERT(!allows(Rights::of(gone, snapshot), Permission::view_cluster_info));
  }
  void testTheStrongestRoleIsShown() {
    CPPUNIT_ASSERT(Rights{}.strongest() == Word::none);
    CPPUNIT_ASSERT((Rights{Word::db_viewer, Word::user_manager}.strongest()) == Word::user_manager);
  }
  void testEveryPairOfRoleAndEndpointIsJudged() {
    for (std::size_t i = 0; i < std::size(model::managements); ++i) {
      const auto word = static_cast<Word>(i);
      const Caller caller = user(make("u" + std::to_string(i), std::to_string(model::builtinRoleUid(word))));
      for (const Endpoint& endpoint : endpoints()) {
        std::string path(endpoint.path);
        if (const std::size_t at = path.find('{'); at != path.npos)
          path.replace(at, path.npos, path.ends_with("{uid}") ? "4711" : "ldap_client");
        // A body that is none: who may gets past the door and is refused for that, or for what is not there.
        const Answer answer = ask(caller, {std::string(endpoint.method), path, "[]"});
        const bool may = expected(model::managements[i]).contains(control::row(endpoint.permission).word);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(model::managements[i]) + ' ' + std::string(endpoint.method) +
                                         ' ' + path + ' ' + answer.body,
                                     may, answer.status != 403);
      }
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PermissionsTest);
