#include "store/Reader.h"

#include "store/ReadRows.h"
#include "store/Sqlite.h"

#include <functional>
#include <utility>

namespace gatehouse::store {
namespace {

/// The user that `read` finds and the store's revision, both of one moment.
template <class Read>
Result<FoundUser> found(Connection& connection, Read read) {
  const ReadScope scope(connection);
  GH_TRY(scope.begun());
  const Result<StoredRevision> revision = readRevision(connection);
  if (!revision.ok()) return revision.error();
  Result<std::optional<UserRecord>> record = read();
  if (!record.ok()) return record.error();
  FoundUser out;
  out.revision = revision->number;
  if (record.value()) out.record = std::make_shared<const UserRecord>(std::move(*record.value()));
  return out;
}

} // namespace

Reader::Reader(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
Reader::~Reader() = default;

Result<FoundUser> Reader::userByLogin(std::string_view login) {
  return found(*connection_, [&] { return readUserByLogin(*connection_, login); });
}
Result<FoundUser> Reader::userBySubject(const model::Digest& subjectKey) {
  return found(*connection_, [&] { return readUserBySubject(*connection_, subjectKey); });
}
Result<FoundUser> Reader::userByUid(std::int64_t uid) {
  return found(*connection_, [&] { return readUser(*connection_, uid); });
}

namespace {

Result<UserPage> pageOf(Connection& connection,
                        const std::function<Result<std::vector<UserRecord>>()>& read) {
  const ReadScope scope(connection);
  GH_TRY(scope.begun());
  const Result<StoredRevision> revision = readRevision(connection);
  if (!revision.ok()) return revision.error();
  Result<std::vector<UserRecord>> users = read();
  if (!users.ok()) return users.error();
  UserPage page;
  page.revision = revision->number;
  page.users = std::move(users).value();
  for (UserRecord& record : page.users) {
    record.verifier.clear();
    record.formerVerifiers.clear();
  }
  return page;
}

} // namespace

Result<UserPage> Reader::users(std::int64_t afterUid, std::size_t limit) {
  return pageOf(*connection_, [&] { return readUsers(*connection_, afterUid, limit); });
}

Result<UserPage> Reader::usersByName(std::string_view afterName, std::size_t limit) {
  return pageOf(*connection_, [&] { return readUsersByName(*connection_, afterName, limit); });
}

Result<model::Revision> Reader::revision() {
  const Result<StoredRevision> stored = readRevision(*connection_);
  if (!stored.ok()) return stored.error();
  return stored->number;
}

Result<PolicyRows> Reader::policy() {
  const ReadScope scope(*connection_);
  GH_TRY(scope.begun());
  return readPolicy(*connection_);
}

Result<SettingsRow> Reader::settings() {
  const ReadScope scope(*connection_); // its subjects are a table of their own
  GH_TRY(scope.begun());
  return readSettings(*connection_);
}

Result<bool> Reader::empty() {
  const Result<StoredRevision> stored = readRevision(*connection_);
  if (!stored.ok()) return stored.error();
  return stored->commits == 0;
}

Result<std::int64_t> Reader::administrators() { return countAdministrators(*connection_); }
Result<std::vector<Hold>> Reader::holds() { return readHolds(*connection_); }

// One statement each, and so one read transaction each.
Result<ClusterPolicyRow> Reader::clusterPolicy() { return readClusterPolicy(*connection_); }
Result<std::vector<RoleRow>> Reader::roles() { return readRoles(*connection_); }
Result<std::optional<RoleRow>> Reader::role(std::int64_t uid) { return readRole(*connection_, uid); }
Result<std::vector<RedisAclRow>> Reader::redisAcls() { return readRedisAcls(*connection_); }
Result<std::optional<RedisAclRow>> Reader::redisAcl(std::int64_t uid) {
  return readRedisAcl(*connection_, uid);
}
Result<std::vector<AuditRow>> Reader::audit(const AuditQuery& query) {
  return readAudit(*connection_, query);
}
Result<std::vector<LoginFailures>> Reader::loginFailures() { return readLoginFailures(*connection_); }
Result<std::string> Reader::databasePasswords(std::int64_t uid) {
  return readDatabasePasswords(*connection_, uid);
}
Result<std::optional<Secret>> Reader::key(std::string_view name) { return readKey(*connection_, name); }
Result<std::vector<ManifestRow>> Reader::manifestRows() { return readManifestRows(*connection_); }
Result<std::optional<model::Digest>> Reader::secretDigest(std::string_view kind, std::string_view key,
                                                          std::string_view field) {
  return readSecretDigest(*connection_, kind, key, field);
}

} // namespace gatehouse::store
