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

/// What an endpoint may ask of its caller.
enum class Permission : std::uint8_t {
  authenticated, // anybody who is somebody
  view_cluster_info,
  update_cluster,
  view_user_info,
  view_all_users_info,
  create_new_user,
  update_user,
  delete_user,
  view_role_info,
  view_all_roles_info,
  create_role,
  update_role,
  delete_role,
  view_redis_acl_info,
  view_all_redis_acls_info,
  create_redis_acl,
  update_redis_acl,
  delete_redis_acl,
  view_bdb_info,
  view_all_bdbs_info,
  create_bdb,
  update_bdb,
  delete_bdb,
  view_status_of_cluster_action,
};

struct PermissionRow {
  Permission permission;
  std::string_view word;
  Rights roles; // management words that have it
};

/// The documented matrix, for the endpoints that are served.
[[nodiscard]] std::span<const PermissionRow> permissions() noexcept;
[[nodiscard]] const PermissionRow& row(Permission) noexcept;
[[nodiscard]] bool allows(Rights, Permission) noexcept;

} // namespace gatehouse::control
