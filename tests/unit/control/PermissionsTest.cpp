// Protects: which role has which permission. The expectations are the documented lists, role by role, written
// down a second time, so that a slip in the table is seen. That the table is obeyed: PermissionMatrixTest.
#include "control/change/Permissions.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::control;
using Word = model::Management;

class PermissionsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PermissionsTest);
  CPPUNIT_TEST(testTheMatrixIsTheDocumentedOne);
  CPPUNIT_TEST(testEveryWordStandsOnce);
  CPPUNIT_TEST(testRightsAreTheUnionOfTheRoles);
  CPPUNIT_TEST(testTheStrongestRoleIsShown);
  CPPUNIT_TEST_SUITE_END();

  using Words = std::set<std::string_view>;
  static Words together(std::initializer_list<Words> groups) {
    Words all;
    for (const Words& group : groups) all.insert(group.begin(), group.end());
    return all;
  }

  /// The words of each role, as the pages about roles list them.
  static Words expected(std::string_view role) {
    const Words viewers = {"view_all_bdb_stats",
                           "view_all_bdbs_alerts",
                           "view_all_bdbs_info",
                           "view_all_nodes_alerts",
                           "view_all_nodes_checks",
                           "view_all_nodes_info",
                           "view_all_nodes_stats",
                           "view_all_proxies_info",
                           "view_all_redis_acls_info",
                           "view_all_roles_info",
                           "view_all_shard_stats",
                           "view_bdb_alerts",
                           "view_bdb_info",
                           "view_bdb_recovery_plan",
                           "view_bdb_stats",
                           "view_cluster_alerts",
                           "view_cluster_info",
                           "view_cluster_modules",
                           "view_cluster_stats",
                           "view_crdb",
                           "view_crdb_list",
                           "view_crdb_task",
                           "view_crdb_task_list",
                           "view_endpoint_stats",
                           "view_license",
                           "view_node_alerts",
                           "view_node_check",
                           "view_node_info",
                           "view_node_stats",
                           "view_proxy_info",
                           "view_redis_acl_info",
                           "view_role_info",
                           "view_shard_stats",
                           "view_sso",
                           "view_status_of_all_node_actions",
                           "view_status_of_cluster_action",
                           "view_status_of_node_action"};
    const Words owners = {"create_bdb",
                          "create_crdb",
                          "delete_bdb",
                          "delete_crdb",
                          "edit_bdb_module",
                          "failover_shard",
                          "flush_crdb",
                          "migrate_shard",
                          "purge_instance",
                          "reset_bdb_current_backup_status",
                          "reset_bdb_current_export_status",
                          "reset_bdb_current_import_status",
                          "start_bdb_export",
                          "start_bdb_import",
                          "start_bdb_recovery",
                          "update_bdb",
                          "update_bdb_alerts",
                          "update_bdb_with_action",
                          "update_crdb",
                          "upgrade_crdb",
                          "view_debugging_info",
                          "view_redis_pass"};
    const Words managers = {"config_ldap",
                            "create_ldap_mapping",
                            "create_new_user",
                            "create_redis_acl",
                            "create_role",
                            "delete_ldap_mapping",
                            "delete_redis_acl",
                            "delete_role",
                            "delete_user",
                            "install_new_license",
                            "update_ldap_mapping",
                            "update_proxy",
                            "update_redis_acl",
                            "update_role",
                            "update_user",
                            "view_all_ldap_mappings_info",
                            "view_all_users_info",
                            "view_cluster_keys",
                            "view_debugging_info",
                            "view_ldap_config",
                            "view_ldap_mapping_info",
                            "view_logged_events",
                            "view_redis_pass",
                            "view_user_info"};
    const Words administrators = {
        "add_cluster_module", "cancel_cluster_action", "cancel_node_action",     "config_ocsp",
        "config_sso",         "delete_cluster_module", "manage_cluster_modules", "start_cluster_action",
        "start_node_action",  "test_ocsp_status",      "update_cluster",         "update_node",
        "view_ocsp_config",   "view_ocsp_status"};
    if (role == "none") return {};
    if (role == "db_viewer") return viewers;
    if (role == "db_member") return together({viewers, owners, {"view_logged_events"}});
    if (role == "cluster_viewer") return together({viewers, {"view_logged_events", "view_all_metrics"}});
    if (role == "cluster_member")
      return together({viewers, owners, {"view_logged_events", "view_all_metrics", "view_cluster_keys"}});
    if (role == "user_manager") return together({viewers, managers});
    return together({viewers, owners, managers, administrators, {"view_all_metrics"}});
  }

public:
  void testTheMatrixIsTheDocumentedOne() {
    for (std::size_t i = 0; i < std::size(model::managements); ++i) {
      Words has;
      for (const PermissionRow& row : documentedPermissions())
        if (allows(Rights{static_cast<Word>(i)}, row.permission)) has.insert(row.word);
      const Words should = expected(model::managements[i]);
      for (const std::string_view word : together({has, should}))
        CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(model::managements[i]) + ' ' + std::string(word),
                                     should.contains(word), has.contains(word));
    }
    CPPUNIT_ASSERT(!allows(Rights{}, Permission::view_cluster_info));
    CPPUNIT_ASSERT(allows(Rights{}, Permission::authenticated)); // whoever has no role is somebody still
    CPPUNIT_ASSERT(allows(Rights::everything(), Permission::update_cluster));
  }
  void testEveryWordStandsOnce() {
    Words seen;
    for (const PermissionRow& row : permissions()) CPPUNIT_ASSERT(seen.insert(row.word).second);
    CPPUNIT_ASSERT_EQUAL(permissions().size(), documentedPermissions().size() + 1);
    CPPUNIT_ASSERT(documentedPermissions().front().permission != Permission::authenticated);
    CPPUNIT_ASSERT_EQUAL(std::string_view("create_bdb"), control::row(Permission::create_bdb).word);
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
};
CPPUNIT_TEST_SUITE_REGISTRATION(PermissionsTest);
