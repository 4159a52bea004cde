#pragma once
#include "base/Result.h"
#include "store/Rows.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::store {

class Connection;

/// A piece of the list of users, all as one read transaction saw them. The verifiers are left out.
struct UserPage {
  std::vector<UserRecord> users; // by uid
  model::Revision revision = 0;  // of the store
};

/// Indexed reads, a few microseconds each: no thread need be spared from them, and a million users cost no
/// memory.
///
/// Each call is one read transaction: it sees one whole Revision, never half a write (R6). Nothing is held
/// between calls.
///
/// Threads: one at a time; each worker has its own. Errors: unavailable or corrupt: never "nobody" (fail
/// closed: no verdict can be had).
class Reader {
public:
  explicit Reader(std::unique_ptr<Connection>);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// By name or e-mail, folded here (R8).
  Result<FoundUser> userByLogin(std::string_view login);
  /// By the subject key (R7). An all-zero key is nobody's.
  Result<FoundUser> userBySubject(const model::Digest& subjectKey);
  Result<FoundUser> userByUid(std::int64_t uid);

  /// Users above `afterUid`, at most `limit`; 0 begins.
  Result<UserPage> users(std::int64_t afterUid, std::size_t limit);
  /// The same in the order of their folded names, above `afterName`; the empty one begins. Whether each has a
  /// password is in `judged.hasVerifier`.
  Result<UserPage> usersByName(std::string_view afterName, std::size_t limit);

  Result<model::Revision> revision();
  /// Settings, roles, certificates, ACLs and databases of one Revision, private keys among them: what a
  /// Snapshot is made of. A request reads one of these instead:
  Result<PolicyRows> policy();
  Result<SettingsRow> settings();
  Result<ClusterPolicyRow> clusterPolicy();
  Result<std::vector<RoleRow>> roles(); // by uid
  Result<std::optional<RoleRow>> role(std::int64_t uid);
  Result<std::vector<RedisAclRow>> redisAcls(); // by uid
  Result<std::optional<RedisAclRow>> redisAcl(std::int64_t uid);
  /// Nothing was ever committed by a manifest or a caller (design §8); builtin roles and generated
  /// certificates do not count.
  Result<bool> empty();
  /// Active users with a role whose management is admin.
  Result<std::int64_t> administrators();
  Result<std::vector<Hold>> holds();

  Result<std::vector<AuditRow>> audit(const AuditQuery&);
  Result<std::vector<LoginFailures>> loginFailures();
  /// Of a database's default user, one a line; empty: none.
  Result<std::string> databasePasswords(std::int64_t uid);
  Result<std::optional<Secret>> key(std::string_view name);
  Result<std::vector<ManifestRow>> manifestRows();
  Result<std::optional<model::Digest>> secretDigest(std::string_view kind, std::string_view key,
                                                    std::string_view field);

private:
  std::unique_ptr<Connection> connection_;
};

} // namespace gatehouse::store
