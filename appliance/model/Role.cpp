#include "model/Role.h"

#include <algorithm>

namespace gatehouse::model {

bool fitsRoleName(std::string_view name) noexcept {
  constexpr std::string_view others = "_ []()@,.;#-";
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != others.npos;
  });
}

std::int64_t builtinRoleUid(Management management) noexcept {
  switch (management) { // the rows of migration 0001
  case Management::admin: return 1;
  case Management::cluster_member: return 2;
  case Management::cluster_viewer: return 3;
  case Management::db_member: return 4;
  case Management::db_viewer: return 5;
  case Management::none: return 6;
  case Management::user_manager: return 7;
  }
  return 6;
}

namespace {

constexpr Field fields[] = {
    read_only<&Role::uid>("uid", integer(0, INT64_MAX), 0, "Number of the role; never used again."),
    enforced<&Role::name>("name", text(1, 255, fitsRoleName, "^[a-zA-Z0-9_ \\[\\]()@,.;#-]+$"), required,
                          Narrows::unknown, "What the role is called."),
    enforced<&Role::management>("management", choice(managements), "none", Narrows::unknown,
                                "What the role may do over REST."),
    refused("resources", list(any(), 256), absent, "Databases that the role is limited to."),
    inert("account_id", integer(0, INT64_MAX), absent, "Kept and returned."),
    read_only<&Role::action_uid>("action_uid", text(0, 64), absent, "The action that changed the role.")
        .moving()
        .computed(),
};
constexpr Table roleTable = {"role", ObjectKind::role, fields, "A set of rights that users have together.",
                             place<&Role::inert>()};
static_assert(sound(roleTable));

} // namespace

template <>
const Table& table<Role>() {
  return roleTable;
}

} // namespace gatehouse::model
