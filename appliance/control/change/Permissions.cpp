#include "control/change/Permissions.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace gatehouse::control {
namespace {

using M = model::Management;

constexpr Rights everyRole = {M::admin,     M::cluster_member, M::cluster_viewer,
                              M::db_member, M::db_viewer,      M::user_manager};
constexpr Rights all = {M::none,           M::db_viewer,    M::db_member, M::cluster_viewer,
                        M::cluster_member, M::user_manager, M::admin};
constexpr Rights administrators = {M::admin};
constexpr Rights managers = {M::admin, M::user_manager};
constexpr Rights databaseOwners = {M::admin, M::cluster_member, M::db_member};

constexpr Rights ownersAndManagers = {M::admin, M::cluster_member, M::db_member, M::user_manager};
constexpr Rights keyHolders = {M::admin, M::cluster_member, M::user_manager};
constexpr Rights eventReaders = {M::admin, M::cluster_member, M::cluster_viewer, M::db_member,
                                 M::user_manager};
constexpr Rights clusterPeople = {M::admin, M::cluster_member, M::cluster_viewer};

using P = Permission;
constexpr std::array table = {
    PermissionRow{P::authenticated, "authenticated", all},
    PermissionRow{P::add_cluster_module, "add_cluster_module", administrators},
    PermissionRow{P::delete_cluster_module, "delete_cluster_module", administrators},
    PermissionRow{P::manage_cluster_modules, "manage_cluster_modules", administrators},
    PermissionRow{P::cancel_cluster_action, "cancel_cluster_action", administrators},
    PermissionRow{P::cancel_node_action, "cancel_node_action", administrators},
    PermissionRow{P::start_cluster_action, "start_cluster_action", administrators},
    PermissionRow{P::start_node_action, "start_node_action", administrators},
    PermissionRow{P::config_ocsp, "config_ocsp", administrators},
    PermissionRow{P::view_ocsp_config, "view_ocsp_config", administrators},
    PermissionRow{P::view_ocsp_status, "view_ocsp_status", administrators},
    PermissionRow{P::test_ocsp_status, "test_ocsp_status", administrators},
    PermissionRow{P::config_sso, "config_sso", administrators},
    PermissionRow{P::update_cluster, "update_cluster", administrators},
    PermissionRow{P::update_node, "update_node", administrators},
    PermissionRow{P::config_ldap, "config_ldap", managers},
    PermissionRow{P::view_ldap_config, "view_ldap_config", managers},
    PermissionRow{P::create_ldap_mapping, "create_ldap_mapping", managers},
    PermissionRow{P::update_ldap_mapping, "update_ldap_mapping", managers},
    PermissionRow{P::delete_ldap_mapping, "delete_ldap_mapping", managers},
    PermissionRow{P::view_ldap_mapping_info, "view_ldap_mapping_info", managers},
    PermissionRow{P::view_all_ldap_mappings_info, "view_all_ldap_mappings_info", managers},
    PermissionRow{P::create_new_user, "create_new_user", managers},
    PermissionRow{P::update_user, "update_user", managers},
    PermissionRow{P::delete_user, "delete_user", managers},
    PermissionRow{P::view_user_info, "view_user_info", managers},
    PermissionRow{P::view_all_users_info, "view_all_users_info", managers},
    PermissionRow{P::create_role, "create_role", managers},
    PermissionRow{P::update_role, "update_role", managers},
    PermissionRow{P::delete_role, "delete_role", managers},
    PermissionRow{P::create_redis_acl, "create_redis_acl", managers},
    PermissionRow{P::update_redis_acl, "update_redis_acl", managers},
    PermissionRow{P::delete_redis_acl, "delete_redis_acl", managers},
    PermissionRow{P::install_new_license, "install_new_license", managers},
    PermissionRow{P::update_proxy, "update_proxy", managers},
    PermissionRow{P::create_bdb, "create_bdb", databaseOwners},
    PermissionRow{P::update_bdb, "update_bdb", databaseOwners},
    PermissionRow{P::delete_bdb, "delete_bdb", databaseOwners},
    PermissionRow{P::update_bdb_alerts, "update_bdb_alerts", databaseOwners},
    PermissionRow{P::update_bdb_with_action, "update_bdb_with_action", databaseOwners},
    PermissionRow{P::edit_bdb_module, "edit_bdb_module", databaseOwners},
    PermissionRow{P::create_crdb, "create_crdb", databaseOwners},
    PermissionRow{P::update_crdb, "update_crdb", databaseOwners},
    PermissionRow{P::delete_crdb, "delete_crdb", databaseOwners},
    PermissionRow{P::flush_crdb, "flush_crdb", databaseOwners},
    PermissionRow{P::upgrade_crdb, "upgrade_crdb", databaseOwners},
    PermissionRow{P::purge_instance, "purge_instance", databaseOwners},
    PermissionRow{P::failover_shard, "failover_shard", databaseOwners},
    PermissionRow{P::migrate_shard, "migrate_shard", databaseOwners},
    PermissionRow{P::start_bdb_export, "start_bdb_export", databaseOwners},
    PermissionRow{P::start_bdb_import, "start_bdb_import", databaseOwners},
    PermissionRow{P::start_bdb_recovery, "start_bdb_recovery", databaseOwners},
    PermissionRow{P::reset_bdb_current_backup_status, "reset_bdb_current_backup_status", databaseOwners},
    PermissionRow{P::reset_bdb_current_export_status, "reset_bdb_current_export_status", databaseOwners},
    PermissionRow{P::reset_bdb_current_import_status, "reset_bdb_current_import_status", databaseOwners},
    PermissionRow{P::view_redis_pass, "view_redis_pass", ownersAndManagers},
    PermissionRow{P::view_debugging_info, "view_debugging_info", ownersAndManagers},
    PermissionRow{P::view_cluster_keys, "view_cluster_keys", keyHolders},
    PermissionRow{P::view_logged_events, "view_logged_events", eventReaders},
    PermissionRow{P::view_all_metrics, "view_all_metrics", clusterPeople},
    PermissionRow{P::view_cluster_info, "view_cluster_info", everyRole},
    PermissionRow{P::view_cluster_alerts, "view_cluster_alerts", everyRole},
    PermissionRow{P::view_cluster_modules, "view_cluster_modules", everyRole},
    PermissionRow{P::view_cluster_stats, "view_cluster_stats", everyRole},
    PermissionRow{P::view_bdb_info, "view_bdb_info", everyRole},
    PermissionRow{P::view_all_bdbs_info, "view_all_bdbs_info", everyRole},
    PermissionRow{P::view_bdb_alerts, "view_bdb_alerts", everyRole},
    PermissionRow{P::view_all_bdbs_alerts, "view_all_bdbs_alerts", everyRole},
    PermissionRow{P::view_bdb_stats, "view_bdb_stats", everyRole},
    PermissionRow{P::view_all_bdb_stats, "view_all_bdb_stats", everyRole},
    PermissionRow{P::view_bdb_recovery_plan, "view_bdb_recovery_plan", everyRole},
    PermissionRow{P::view_endpoint_stats, "view_endpoint_stats", everyRole},
    PermissionRow{P::view_shard_stats, "view_shard_stats", everyRole},
    PermissionRow{P::view_all_shard_stats, "view_all_shard_stats", everyRole},
    PermissionRow{P::view_node_alerts, "view_node_alerts", everyRole},
    PermissionRow{P::view_all_nodes_alerts, "view_all_nodes_alerts", everyRole},
    PermissionRow{P::view_node_check, "view_node_check", everyRole},
    PermissionRow{P::view_all_nodes_checks, "view_all_nodes_checks", everyRole},
    PermissionRow{P::view_node_info, "view_node_info", everyRole},
    PermissionRow{P::view_all_nodes_info, "view_all_nodes_info", everyRole},
    PermissionRow{P::view_node_stats, "view_node_stats", everyRole},
    PermissionRow{P::view_all_nodes_stats, "view_all_nodes_stats", everyRole},
    PermissionRow{P::view_proxy_info, "view_proxy_info", everyRole},
    PermissionRow{P::view_all_proxies_info, "view_all_proxies_info", everyRole},
    PermissionRow{P::view_redis_acl_info, "view_redis_acl_info", everyRole},
    PermissionRow{P::view_all_redis_acls_info, "view_all_redis_acls_info", everyRole},
    PermissionRow{P::view_role_info, "view_role_info", everyRole},
    PermissionRow{P::view_all_roles_info, "view_all_roles_info", everyRole},
    PermissionRow{P::view_license, "view_license", everyRole},
    PermissionRow{P::view_sso, "view_sso", everyRole},
    PermissionRow{P::view_crdb, "view_crdb", everyRole},
    PermissionRow{P::view_crdb_list, "view_crdb_list", everyRole},
    PermissionRow{P::view_crdb_task, "view_crdb_task", everyRole},
    PermissionRow{P::view_crdb_task_list, "view_crdb_task_list", everyRole},
    PermissionRow{P::view_status_of_cluster_action, "view_status_of_cluster_action", everyRole},
    PermissionRow{P::view_status_of_node_action, "view_status_of_node_action", everyRole},
    PermissionRow{P::view_status_of_all_node_actions, "view_status_of_all_node_actions", everyRole},
};

constexpr bool inOrder() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].permission) != i) return false;
  return table.size() == static_cast<std::size_t>(P::view_status_of_all_node_actions) + 1;
}
static_assert(inOrder(), "one row for each permission, in the order of the enum");

} // namespace

Rights Rights::of(std::span<const std::int64_t> roleUids, const model::Snapshot& snapshot) noexcept {
  Rights rights;
  for (const std::int64_t uid : roleUids)
    if (const auto role = snapshot.roles.find(uid); role != snapshot.roles.end())
      rights.add(role->second.management);
  return rights;
}

model::Management Rights::strongest() const noexcept {
  for (std::size_t i = std::size(model::managements); i-- > 0;)
    if (has(static_cast<model::Management>(i))) return static_cast<model::Management>(i);
  return model::Management::none;
}

std::span<const PermissionRow> permissions() noexcept { return table; }
std::span<const PermissionRow> documentedPermissions() noexcept { return permissions().subspan(1); }
const PermissionRow& row(Permission permission) noexcept {
  return table[static_cast<std::size_t>(permission)];
}

bool allows(Rights rights, Permission permission) noexcept {
  // Whoever has no role at all is somebody still.
  return permission == Permission::authenticated || rights.common(row(permission).roles);
}

} // namespace gatehouse::control
