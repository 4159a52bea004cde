#pragma once
#include "model/Role.h"
#include "model/Snapshot.h"
#include "model/User.h"

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::control {

/// The union of management words that somebody holds. What a caller may do is asked of this alone.
///
/// Threads: a value.
class Rights {
public:
  constexpr Rights() = default;
  constexpr Rights(std::initializer_list<model::Management> words) {
    for (const model::Management word : words) add(word);
  }
  /// The local administrator's and the manifest's.
  [[nodiscard]] static constexpr Rights everything() { return {model::Management::admin}; }
  /// A user's: the union over its roles as the Snapshot has them; a role that is not there gives nothing.
  [[nodiscard]] static Rights of(std::span<const std::int64_t> roleUids, const model::Snapshot&) noexcept;

  constexpr void add(model::Management word) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | (1U << static_cast<unsigned>(word)));
  }
  [[nodiscard]] constexpr bool has(model::Management word) const noexcept {
    return (bits_ >> static_cast<unsigned>(word)) & 1U;
  }
  [[nodiscard]] constexpr bool administrator() const noexcept { return has(model::Management::admin); }
  [[nodiscard]] constexpr bool common(Rights other) const noexcept { return (bits_ & other.bits_) != 0; }
  /// What the computed `role` of a user shows: the word that stands last in model::managements.
  [[nodiscard]] model::Management strongest() const noexcept;

private:
  std::uint8_t bits_ = 0;
};

/// What an endpoint may ask of its caller: every permission that Redis Software documents, also those of
/// endpoints that are not served, since GET /v1/users/permissions lists them. Grouped by the roles that have
/// them.
enum class Permission : std::uint8_t {
  authenticated, // anybody who is somebody; no documented word
  // admin
  add_cluster_module,
  delete_cluster_module,
  manage_cluster_modules,
  cancel_cluster_action,
  cancel_node_action,
  start_cluster_action,
  start_node_action,
  config_ocsp,
  view_ocsp_config,
  view_ocsp_status,
  test_ocsp_status,
  config_sso,
  update_cluster,
  update_node,
  // admin, user_manager
  config_ldap,
  view_ldap_config,
  create_ldap_mapping,
  update_ldap_mapping,
  delete_ldap_mapping,
  view_ldap_mapping_info,
  view_all_ldap_mappings_info,
  create_new_user,
  update_user,
  delete_user,
  view_user_info,
  view_all_users_info,
  create_role,
  update_role,
  delete_role,
  create_redis_acl,
  update_redis_acl,
  delete_redis_acl,
  install_new_license,
  update_proxy,
  // admin, cluster_member, db_member
  create_bdb,
  update_bdb,
  delete_bdb,
  update_bdb_alerts,
  update_bdb_with_action,
  edit_bdb_module,
  create_crdb,
  update_crdb,
  delete_crdb,
  flush_crdb,
  upgrade_crdb,
  purge_instance,
  failover_shard,
  migrate_shard,
  start_bdb_export,
  start_bdb_import,
  start_bdb_recovery,
  reset_bdb_current_backup_status,
  reset_bdb_current_export_status,
  reset_bdb_current_import_status,
  // these and user_manager
  view_redis_pass,
  view_debugging_info,
  // admin, cluster_member, user_manager
  view_cluster_keys,
  // all but db_viewer
  view_logged_events,
  // admin, cluster_member, cluster_viewer
  view_all_metrics,
  // all but none
  view_cluster_info,
  view_cluster_alerts,
  view_cluster_modules,
  view_cluster_stats,
  view_bdb_info,
  view_all_bdbs_info,
  view_bdb_alerts,
  view_all_bdbs_alerts,
  view_bdb_stats,
  view_all_bdb_stats,
  view_bdb_recovery_plan,
  view_endpoint_stats,
  view_shard_stats,
  view_all_shard_stats,
  view_node_alerts,
  view_all_nodes_alerts,
  view_node_check,
  view_all_nodes_checks,
  view_node_info,
  view_all_nodes_info,
  view_node_stats,
  view_all_nodes_stats,
  view_proxy_info,
  view_all_proxies_info,
  view_redis_acl_info,
  view_all_redis_acls_info,
  view_role_info,
  view_all_roles_info,
  view_license,
  view_sso,
  view_crdb,
  view_crdb_list,
  view_crdb_task,
  view_crdb_task_list,
  view_status_of_cluster_action,
  view_status_of_node_action,
  view_status_of_all_node_actions,
};

struct PermissionRow {
  Permission permission;
  std::string_view word;
  Rights roles; // management words that have it
};

/// The whole matrix, in the order of the enum; `authenticated` stands first.
[[nodiscard]] std::span<const PermissionRow> permissions() noexcept;
/// ... and without `authenticated`: what GET /v1/users/permissions lists.
[[nodiscard]] std::span<const PermissionRow> documentedPermissions() noexcept;
[[nodiscard]] const PermissionRow& row(Permission) noexcept;
[[nodiscard]] bool allows(Rights, Permission) noexcept;

} // namespace gatehouse::control
