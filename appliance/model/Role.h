#pragma once
#include "model/Field.h"

#include <optional>
#include <span>
#include <string>

namespace gatehouse::model {

/// What a role may do over REST, from nothing to everything (control has the table of permissions).
enum class Management : std::uint8_t {
  none,
  db_viewer,
  db_member,
  cluster_viewer,
  cluster_member,
  user_manager,
  admin
};
inline constexpr std::string_view managements[] = {
    "none", "db_viewer", "db_member", "cluster_viewer", "cluster_member", "user_manager", "admin"};

struct Role {
  std::int64_t uid = 0;
  std::string name;
  Management management = Management::none;
  std::optional<std::string> action_uid;
  Inert inert;
  bool operator==(const Role&) const = default;
};

template <>
const Table& table<Role>();

[[nodiscard]] bool fitsRoleName(std::string_view) noexcept;

/// The builtin role that the deprecated `role` word of a user means.
[[nodiscard]] std::int64_t builtinRoleUid(Management) noexcept;

} // namespace gatehouse::model
