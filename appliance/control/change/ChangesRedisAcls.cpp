#include "control/change/Changes.h"
#include "control/change/ChangesRules.h"
#include "store/Transaction.h"

#include <utility>

namespace gatehouse::control {
namespace {

using model::RedisAcl;

Result<store::RedisAclRow> find(Draft& draft, std::int64_t uid) {
  auto found = draft.transaction.redisAcl(uid);
  if (!found) return std::move(found).error();
  if (!*found) return Error{Code::redis_acl_not_exist, "there is no redis_acl " + std::to_string(uid)};
  return std::move(**found);
}

Error ofFullAccess(const RedisAcl& acl, std::string_view what) {
  return {Code::read_only, "the builtin ACL `" + acl.name + "` cannot be " + std::string(what)};
}

store::Hold keysOf(const RedisAcl& acl) {
  store::Hold hold;
  hold.kind = "redis_acl";
  hold.name = acl.name;
  return hold;
}

/// R14: by grammar, and no word that the installed redis-server would not know.
Status checkText(const Draft& draft, const RedisAcl& acl) {
  auto rules = model::parseAcl(acl.acl);
  if (!rules) return at("acl", std::move(rules).error());
  if (Status known = model::checkAcl(*rules, *draft.next.commands); !known)
    return at("acl", std::move(known).error());
  return {};
}

/// The row as it was written, with its new revision.
Result<Outcome<RedisAcl>> written(Draft& draft, std::int64_t uid) {
  auto row = find(draft, uid);
  if (!row) return std::move(row).error();
  draft.next.redisAcls.insert_or_assign(uid, row->acl);
  return Outcome<RedisAcl>{std::move(row->acl), row->revision, true};
}

} // namespace

Result<Outcome<RedisAcl>> createRedisAcl(Draft& draft, const Merge<RedisAcl>& merge) {
  GH_TRY(needsRedisServer(draft));
  store::RedisAclRow row;
  row.origin = draft.origin;
  auto given = merge(row.acl);
  if (!given) return std::move(given).error();
  GH_TRY(checkText(draft, row.acl));
  auto uid = draft.transaction.insertRedisAcl(row);
  if (!uid) return std::move(uid).error();
  draft.done.push_back({"created", "redis_acl", *uid, row.acl.name, {given->begin(), given->end()}, {}});
  return written(draft, *uid);
}

Result<Outcome<RedisAcl>> updateRedisAcl(Draft& draft, std::int64_t uid, const Merge<RedisAcl>& merge) {
  auto row = find(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  const RedisAcl before = row->acl;
  auto given = merge(row->acl);
  if (!given) return std::move(given).error();
  const std::vector<FieldChange> changes = diff(model::View(before), model::View(row->acl));
  if (changes.empty()) return Outcome<RedisAcl>{before, row->revision, false};

  if (uid == model::fullAccessUid) return ofFullAccess(before, "changed");
  GH_TRY(needsRedisServer(draft));
  if (before.acl != row->acl.acl) GH_TRY(checkText(draft, row->acl));
  GH_TRY(holdFields(draft, row->origin, keysOf(before), changes));
  row->origin = ownerAfter(draft, row->origin);
  GH_TRY(draft.transaction.updateRedisAcl(*row));
  GH_TRY(carryHolds(draft, row->origin, keysOf(before), keysOf(row->acl)));
  Done done{"updated", "redis_acl", uid, row->acl.name, {}, {}};
  for (const FieldChange& change : changes) done.fields.push_back(change.field);
  draft.done.push_back(std::move(done));
  return written(draft, uid);
}

Status deleteRedisAcl(Draft& draft, std::int64_t uid) {
  auto row = find(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  if (uid == model::fullAccessUid) return ofFullAccess(row->acl, "deleted");
  for (const auto& [number, policy] : draft.next.databases)
    for (const model::RolePermission& entry : policy.database.roles_permissions)
      if (entry.redis_acl_uid == uid)
        return Error{Code::redis_acl_in_use, "redis_acl " + std::to_string(uid) + " (" + row->acl.name +
                                                 ") is in the roles_permissions of database " +
                                                 std::to_string(number) + " (" + policy.database.name +
                                                 "); take it out there first"};
  GH_TRY(holdRow(draft, row->origin, keysOf(row->acl)));
  GH_TRY(draft.transaction.removeRedisAcl(uid));
  draft.next.redisAcls.erase(uid);
  draft.done.push_back({"deleted", "redis_acl", uid, row->acl.name, {}, {}});
  return {};
}

} // namespace gatehouse::control
