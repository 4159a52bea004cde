#include "control/change/Changes.h"
#include "control/change/ChangesRules.h"
#include "store/Transaction.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace gatehouse::control {
namespace {

using model::Management;
using model::Role;

Error noSuchRole(std::int64_t uid) {
  return {Code::role_not_exist, "there is no role " + std::to_string(uid)};
}

Result<store::RoleRow> find(Draft& draft, std::int64_t uid) {
  auto found = draft.transaction.role(uid);
  if (!found) return std::move(found).error();
  if (!*found) return noSuchRole(uid);
  return std::move(**found);
}

Error ofAdmin(std::string_view what) {
  return {Code::not_acceptable, "the builtin role of the administrators " + std::string(what)};
}

store::Hold keysOf(const Role& role) {
  store::Hold hold;
  hold.kind = "role";
  hold.name = role.name;
  return hold;
}

/// A role's entries in databases go with it; what that takes from a manifest's database is held (R22).
Status leaveDatabases(Draft& draft, std::int64_t uid) {
  auto rows = draft.transaction.databases();
  if (!rows) return std::move(rows).error();
  const auto itsOwn = [uid](const model::RolePermission& entry) { return entry.role_uid == uid; };
  for (const store::DatabaseRow& row : *rows) {
    const auto& entries = row.database.roles_permissions;
    if (std::none_of(entries.begin(), entries.end(), itsOwn)) continue;
    store::Hold keys;
    keys.kind = "bdb";
    keys.name = row.database.name;
    GH_TRY(holdFields(draft, row.origin, keys, {{"roles_permissions", true}}));
    std::erase_if(draft.next.databases[row.database.uid].database.roles_permissions, itsOwn);
  }
  return {};
}

/// The row as it was written, with its new revision.
Result<Outcome<Role>> written(Draft& draft, std::int64_t uid) {
  auto row = find(draft, uid);
  if (!row) return std::move(row).error();
  draft.next.roles.insert_or_assign(uid, row->role);
  return Outcome<Role>{std::move(row->role), row->revision, true};
}

} // namespace

Result<Outcome<Role>> createRole(Draft& draft, const Merge<Role>& merge) {
  store::RoleRow row;
  row.origin = draft.origin;
  auto given = merge(row.role);
  if (!given) return std::move(given).error();
  GH_TRY(mayTouch(draft, {}, Rights{row.role.management}));
  auto uid = draft.transaction.insertRole(row);
  if (!uid) return std::move(uid).error();
  draft.done.push_back({"created", "role", *uid, row.role.name, {given->begin(), given->end()}, {}});
  return written(draft, *uid);
}

Result<Outcome<Role>> updateRole(Draft& draft, std::int64_t uid, const Merge<Role>& merge) {
  auto row = find(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  const Role before = row->role;
  auto given = merge(row->role);
  if (!given) return std::move(given).error();
  const std::vector<FieldChange> changes = diff(model::View(before), model::View(row->role));
  if (changes.empty()) return Outcome<Role>{before, row->revision, false};

  GH_TRY(mayTouch(draft, Rights{before.management}, Rights{row->role.management}));
  if (before.management != row->role.management) {
    if (uid == model::builtinRoleUid(Management::admin))
      return at("management", ofAdmin("keeps its management word"));
    if (before.management == Management::admin) draft.administratorsTouched = true;
  }
  GH_TRY(holdFields(draft, row->origin, keysOf(before), changes));
  row->origin = ownerAfter(draft, row->origin);
  GH_TRY(draft.transaction.updateRole(*row));
  GH_TRY(carryHolds(draft, row->origin, keysOf(before), keysOf(row->role)));
  Done done{"updated", "role", uid, row->role.name, {}, {}};
  for (const FieldChange& change : changes) done.fields.push_back(change.field);
  draft.done.push_back(std::move(done));
  return written(draft, uid);
}

Status deleteRole(Draft& draft, std::int64_t uid) {
  auto row = find(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  if (uid == model::builtinRoleUid(Management::admin)) return ofAdmin("cannot be deleted");
  GH_TRY(mayTouch(draft, Rights{row->role.management}, {}));
  auto users = draft.transaction.countUsersWithRole(uid);
  if (!users) return std::move(users).error();
  if (*users > 0)
    return Error{Code::role_in_use, "role " + std::to_string(uid) + " (" + row->role.name + ") is one of " +
                                        std::to_string(*users) + " users' roles; take it from them first"};
  GH_TRY(holdRow(draft, row->origin, keysOf(row->role)));
  GH_TRY(leaveDatabases(draft, uid));
  GH_TRY(draft.transaction.removeRole(uid));
  draft.next.roles.erase(uid);
  draft.done.push_back({"deleted", "role", uid, row->role.name, {}, {}});
  return {};
}

} // namespace gatehouse::control
