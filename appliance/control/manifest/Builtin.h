#pragma once
#include "model/RedisAcl.h"
#include "model/Role.h"

#include <cstdint>
#include <iterator>
#include <string_view>

namespace gatehouse::control {

/// What a fresh store has, by uid from 1 (migrations 0001 and 0002; a test compares): it needs no manifest.
struct BuiltinRole {
  std::string_view name;
  model::Management management;
};
inline constexpr BuiltinRole builtinRoles[] = {
    {"Admin", model::Management::admin},
    {"Cluster Member", model::Management::cluster_member},
    {"Cluster Viewer", model::Management::cluster_viewer},
    {"DB Member", model::Management::db_member},
    {"DB Viewer", model::Management::db_viewer},
    {"None", model::Management::none},
    {"User Manager", model::Management::user_manager},
};
struct BuiltinAcl {
  std::string_view name, acl;
};
inline constexpr BuiltinAcl builtinAcls[] = {
    {"Full Access", "+@all ~*"},
    {"Read Only", "+@read ~*"},
    {"Not Dangerous", "+@all -@dangerous ~*"},
};

/// The row of a uid; null where it is none of these.
[[nodiscard]] constexpr const BuiltinRole* builtinOf(const model::Role& role) noexcept {
  const auto count = static_cast<std::int64_t>(std::size(builtinRoles));
  return role.uid > 0 && role.uid <= count ? &builtinRoles[role.uid - 1] : nullptr;
}
[[nodiscard]] constexpr const BuiltinAcl* builtinOf(const model::RedisAcl& acl) noexcept {
  const auto count = static_cast<std::int64_t>(std::size(builtinAcls));
  return acl.uid > 0 && acl.uid <= count ? &builtinAcls[acl.uid - 1] : nullptr;
}

} // namespace gatehouse::control
