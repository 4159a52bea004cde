#pragma once
#include "base/Result.h"
#include "store/Rows.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// Reads that the Reader and the Transaction share. Each runs within a transaction that the caller has begun.
namespace gatehouse::store {

class Connection;

struct StoredRevision {
  model::Revision number = 0;
  std::int64_t changedAt = 0; // seconds since the epoch
  std::int64_t commits = 0;   // by manifests and callers
};
Result<StoredRevision> readRevision(Connection&);

Result<SettingsRow> readSettings(Connection&);
Result<ClusterPolicyRow> readClusterPolicy(Connection&);
Result<std::vector<CertificateRow>> readCertificates(Connection&);
Result<std::optional<CertificateRow>> readCertificate(Connection&, std::string_view name);
Result<std::vector<RoleRow>> readRoles(Connection&);
Result<std::optional<RoleRow>> readRole(Connection&, std::int64_t uid);
Result<std::vector<RedisAclRow>> readRedisAcls(Connection&);
Result<std::optional<RedisAclRow>> readRedisAcl(Connection&, std::int64_t uid);
Result<std::vector<DatabaseRow>> readDatabases(Connection&);
Result<std::optional<DatabaseRow>> readDatabase(Connection&, std::int64_t uid);
Result<std::vector<DatabaseKeyRow>> readDatabaseKeys(Connection&);
Result<std::string> readDatabasePasswords(Connection&, std::int64_t uid);
Result<PolicyRows> readPolicy(Connection&);

Result<std::optional<UserRecord>> readUser(Connection&, std::int64_t uid);
Result<std::optional<UserRecord>> readUserByLogin(Connection&, std::string_view login);
Result<std::optional<UserRecord>> readUserBySubject(Connection&, const model::Digest& subjectKey);
Result<std::vector<UserRecord>> readUsers(Connection&, std::int64_t afterUid, std::size_t limit);
Result<std::vector<UserRecord>> readUsersByName(Connection&, std::string_view afterName, std::size_t limit);
Result<std::int64_t> countAdministrators(Connection&);
Result<std::vector<LoginFailures>> readLoginFailures(Connection&);

Result<std::vector<Hold>> readHolds(Connection&);
Result<std::vector<ManifestRow>> readManifestRows(Connection&);
Result<std::optional<model::Digest>> readSecretDigest(Connection&, std::string_view kind,
                                                      std::string_view key, std::string_view field);
Result<std::vector<AuditRow>> readAudit(Connection&, const AuditQuery&);
Result<std::optional<Secret>> readKey(Connection&, std::string_view name);

/// The Error for a row that this program cannot have written.
[[nodiscard]] Error unreadable(const Connection&, std::string_view table);

[[nodiscard]] bool isZero(const model::Digest&) noexcept;

inline constexpr std::string_view origins[] = {"builtin", "manifest", "api"};

} // namespace gatehouse::store
