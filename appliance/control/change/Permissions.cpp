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

constexpr std::array table = {
    PermissionRow{Permission::authenticated, "authenticated", all},
    PermissionRow{Permission::view_cluster_info, "view_cluster_info", everyRole},
    PermissionRow{Permission::update_cluster, "update_cluster", administrators},
    PermissionRow{Permission::view_user_info, "view_user_info", managers},
    PermissionRow{Permission::view_all_users_info, "view_all_users_info", managers},
    PermissionRow{Permission::create_new_user, "create_new_user", managers},
    PermissionRow{Permission::update_user, "update_user", managers},
    PermissionRow{Permission::delete_user, "delete_user", managers},
    PermissionRow{Permission::view_role_info, "view_role_info", everyRole},
    PermissionRow{Permission::view_all_roles_info, "view_all_roles_info", everyRole},
    PermissionRow{Permission::create_role, "create_role", managers},
    PermissionRow{Permission::update_role, "update_role", managers},
    PermissionRow{Permission::delete_role, "delete_role", managers},
    PermissionRow{Permission::view_redis_acl_info, "view_redis_acl_info", everyRole},
    PermissionRow{Permission::view_all_redis_acls_info, "view_all_redis_acls_info", everyRole},
    PermissionRow{Permission::create_redis_acl, "create_redis_acl", managers},
    PermissionRow{Permission::update_redis_acl, "update_redis_acl", managers},
    PermissionRow{Permission::delete_redis_acl, "delete_redis_acl", managers},
    PermissionRow{Permission::view_bdb_info, "view_bdb_info", everyRole},
    PermissionRow{Permission::view_all_bdbs_info, "view_all_bdbs_info", everyRole},
    PermissionRow{Permission::create_bdb, "create_bdb", databaseOwners},
    PermissionRow{Permission::update_bdb, "update_bdb", databaseOwners},
    PermissionRow{Permission::delete_bdb, "delete_bdb", databaseOwners},
    PermissionRow{Permission::view_status_of_cluster_action, "view_status_of_cluster_action", everyRole},
};

constexpr bool inOrder() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].permission) != i) return false;
  return table.size() == static_cast<std::size_t>(Permission::view_status_of_cluster_action) + 1;
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
const PermissionRow& row(Permission permission) noexcept {
  return table[static_cast<std::size_t>(permission)];
}

bool allows(Rights rights, Permission permission) noexcept {
  // Whoever has no role at all is somebody still.
  return permission == Permission::authenticated || rights.common(row(permission).roles);
}

} // namespace gatehouse::control
