#include "base/Text.h"
#include "store/ReadRows.h"
#include "store/Sqlite.h"
#include "store/Transaction.h"

namespace gatehouse::store {
namespace {

Error noSuchAcl(std::int64_t uid) {
  return {Code::redis_acl_not_exist, "there is no Redis ACL " + std::to_string(uid)};
}

} // namespace

Result<std::vector<RedisAclRow>> Transaction::redisAcls() {
  GH_TRY(usable());
  return readRedisAcls(*connection_);
}

Result<std::optional<RedisAclRow>> Transaction::redisAcl(std::int64_t uid) {
  GH_TRY(usable());
  return readRedisAcl(*connection_, uid);
}

Status Transaction::freeAclName(std::string_view name, std::int64_t exceptUid) {
  Statement s =
      connection_->prepare("SELECT uid FROM redis_acls WHERE name = ? AND uid <> ?"); // NOCASE, by the column
  const Result<bool> taken = s.bind(name).bind(exceptUid).row();
  if (!taken.ok()) return taken.error();
  if (taken.value())
    return Error{Code::name_already_exists,
                 "the name '" + printable(name) + "' is taken by Redis ACL " + std::to_string(s.integer(0))};
  return {};
}

Result<std::int64_t> Transaction::insertRedisAcl(const RedisAclRow& row) {
  GH_TRY(usable());
  const model::RedisAcl& acl = row.acl;
  if (acl.uid != 0) {
    GH_TRY(freeUid("redis_acl", acl.uid));
    Result<std::optional<RedisAclRow>> there = readRedisAcl(*connection_, acl.uid);
    if (!there.ok()) return there.error();
    if (there.value())
      return Error{Code::uid_exists, "there is a Redis ACL " + std::to_string(acl.uid) + " already"};
  }
  GH_TRY(freeAclName(acl.name, 0));
  Statement s = connection_->prepare(
      "INSERT INTO redis_acls (uid, name, acl, inert, origin, revision) VALUES (?, ?, ?, ?, ?, ?)");
  if (acl.uid != 0)
    s.bind(acl.uid);
  else
    s.bindNull();
  s.bind(acl.name).bind(acl.acl).bind(acl.inert.json).bind(word(row.origin)).bind(change_.revision);
  GH_TRY(write(s));
  const std::int64_t uid = connection_->lastInsertRowid();
  change_.redisAcls.insert(uid);
  touched(row.origin);
  return uid;
}

Status Transaction::updateRedisAcl(const RedisAclRow& row) {
  GH_TRY(usable());
  const model::RedisAcl& acl = row.acl;
  Result<std::optional<RedisAclRow>> old = readRedisAcl(*connection_, acl.uid);
  if (!old.ok()) return old.error();
  if (!old.value()) return noSuchAcl(acl.uid);
  const RedisAclRow& before = *old.value();
  if (before.acl.name == acl.name && before.acl.acl == acl.acl && before.acl.inert == acl.inert &&
      before.origin == row.origin)
    return {};
  GH_TRY(freeAclName(acl.name, acl.uid));
  Statement s = connection_->prepare(
      "UPDATE redis_acls SET name = ?, acl = ?, inert = ?, origin = ?, revision = ? WHERE uid = ?");
  s.bind(acl.name).bind(acl.acl).bind(acl.inert.json).bind(word(row.origin)).bind(change_.revision);
  GH_TRY(write(s.bind(acl.uid)));
  change_.redisAcls.insert(acl.uid);
  touched(row.origin);
  return {};
}

Status Transaction::removeRedisAcl(std::int64_t uid) {
  GH_TRY(usable());
  {
    Statement s = connection_->prepare(
        "SELECT d.name, count(*) FROM (SELECT DISTINCT bdb FROM roles_permissions WHERE redis_acl_uid = ?) "
        "JOIN databases d ON d.uid = bdb");
    const Result<bool> used = s.bind(uid).row();
    if (!used.ok()) return used.error();
    if (s.integer(1) > 0)
      return Error{Code::redis_acl_in_use,
                   "Redis ACL " + std::to_string(uid) + " stands in the roles_permissions of " +
                       std::to_string(s.integer(1)) + " database(s), '" + printable(s.text(0)) +
                       "' among them: take it from them first"};
  }
  Statement s = connection_->prepare("DELETE FROM redis_acls WHERE uid = ?");
  GH_TRY(write(s.bind(uid)));
  if (connection_->changes() == 0) return noSuchAcl(uid);
  GH_TRY(retire("redis_acl", uid));
  GH_TRY(removeManifestRow("redis_acl", std::to_string(uid)));
  change_.redisAcls.insert(uid);
  touched(Origin::api);
  return {};
}

} // namespace gatehouse::store
