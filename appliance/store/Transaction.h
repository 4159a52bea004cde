#pragma once
#include "base/Result.h"
#include "store/Rows.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::store {

class Connection;
class Statement;
struct WriteGroup;

/// One write: typed reads and changes of rows, then commit. What is not committed did not happen. Alone it is
/// a transaction of the database, among others a savepoint in theirs (WriteConnection).
///
/// Reads see what this transaction has changed so far, so a Snapshot of the next state can be made and
/// prepared before the commit (R11). An update that changes nothing touches nothing.
///
/// Threads: the writer's. Errors: of a refusal that is the caller's to mend (`name_already_exists`,
/// `email_already_exists`, `subject_already_exists`, `uid_exists`, `*_not_exist`, `role_in_use`,
/// `invalid_param`) nothing was written and the transaction goes on; after any other error it is spent:
/// commit refuses. Owns: the open transaction; the destructor rolls back unless it was committed.
class Transaction {
public:
  static constexpr std::int64_t greatestGivenUid =
      (std::int64_t{1} << 53) - 1; // whole in any JSON reader; leaves room above

  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// The Revision that the store has now.
  [[nodiscard]] model::Revision base() const noexcept { return change_.revision - 1; }
  /// What commit will publish: the next Revision, its time (never before the last one's, R12), and what was
  /// touched so far.
  [[nodiscard]] const Change& change() const noexcept { return change_; }
  /// Whether anything was changed: commit makes no Revision otherwise.
  [[nodiscard]] bool changed() const noexcept { return dirty_; }

  // ---- the small policy
  Result<PolicyRows> policy(); // with the next Revision and time if something has changed
  Result<SettingsRow> settings();
  Status putSettings(const model::ClusterSettings&, Origin);
  Result<ClusterPolicyRow> clusterPolicy();
  Status putClusterPolicy(const model::ClusterPolicy&, Origin);

  Result<std::vector<CertificateRow>> certificates(); // by name
  Result<std::optional<CertificateRow>> certificate(std::string_view name);
  Status putCertificate(const CertificateRow&);    // inserts or replaces; `revision` is set here
  Status removeCertificate(std::string_view name); // certificate_not_exist

  Result<std::vector<RoleRow>> roles(); // by uid
  Result<std::optional<RoleRow>> role(std::int64_t uid);
  Result<std::int64_t>
  insertRole(const RoleRow&);        // uid 0: the next; else that one, if it was never used. The uid
  Status updateRole(const RoleRow&); // role_not_exist
  /// role_in_use while a user has it. Its entries in databases' roles_permissions go with it: those databases
  /// are touched.
  Status removeRole(std::int64_t uid);

  Result<std::vector<RedisAclRow>> redisAcls(); // by uid
  Result<std::optional<RedisAclRow>> redisAcl(std::int64_t uid);
  Result<std::int64_t> insertRedisAcl(const RedisAclRow&); // as insertRole; name_already_exists
  Status updateRedisAcl(const RedisAclRow&);               // redis_acl_not_exist
  Status removeRedisAcl(std::int64_t uid);                 // redis_acl_in_use while a database names it

  Result<std::vector<DatabaseRow>> databases(); // by uid
  Result<std::optional<DatabaseRow>> database(std::int64_t uid);
  /// As insertRole. Errors: name_already_exists, port_unavailable where another database has the port
  /// (named), role_not_exist and redis_acl_not_exist of roles_permissions.
  Result<std::int64_t> insertDatabase(const DatabaseRow&);
  Status updateDatabase(const DatabaseRow&); // db_not_exist, and as insertDatabase
  Status removeDatabase(std::int64_t uid);
  /// Its own certificate and key (PEM). An empty certificate: none. db_not_exist. Touches the database.
  Status putDatabaseCertificate(std::int64_t uid, const std::string& certificate, const Secret& key);
  /// Verifiers of its default user's passwords, one a line; empty: none. db_not_exist. Touches the database.
  Result<std::string> databasePasswords(std::int64_t uid);
  Status putDatabasePasswords(std::int64_t uid, const std::string& verifiers);

  // ---- users
  Result<std::optional<UserRecord>> user(std::int64_t uid);
  Result<std::optional<UserRecord>> userByLogin(std::string_view login); // name or e-mail, folded here (R8)
  Result<std::optional<UserRecord>> userBySubject(const model::Digest& subjectKey);
  /// Users above `afterUid`, at most `limit`, with their verifiers.
  Result<std::vector<UserRecord>> users(std::int64_t afterUid, std::size_t limit);
  /// uid 0: the next; else that one, if it was never used. `judged.revision` is set here; an all-zero subject
  /// key is none. A certificate user with a verifier is refused (R4). Gives the uid.
  Result<std::int64_t> insertUser(const UserRecord&);
  /// All but `last_login`, which touchLogin alone moves.
  Status updateUser(const UserRecord&);
  Status removeUser(std::int64_t uid);

  Result<std::vector<std::int64_t>> usersWithRole(std::int64_t roleUid); // by uid
  Result<std::int64_t> countUsersWithRole(std::int64_t roleUid);
  /// Active users with a role whose management is admin.
  Result<std::int64_t> administrators();

  // ---- what REST took away (R22)
  /// `revision` and `who` are set here, but of one that comes with them: a row's that changes its keys.
  Status hold(const Hold&);
  /// Holds of that kind which meet any of these keys; empty keys meet nothing. Name and e-mail are one
  /// namespace, folded (R8).
  Result<std::vector<Hold>> holdsMeeting(std::string_view kind, std::string_view name,
                                         std::string_view email = {}, std::string_view subjectKey = {});
  Result<std::vector<Hold>> holds();
  /// Ends the holds of that kind which have this name or e-mail. Their number.
  Result<std::int64_t> release(std::string_view kind, std::string_view name);

  // ---- what manifests own. No Revision comes of it alone; it goes with its object
  Result<std::vector<ManifestRow>> manifestRows();
  /// Notes that a manifest wrote it in this transaction: it bears the commit's number.
  Status putManifestRow(std::string_view kind, std::string_view key);
  Status removeManifestRow(std::string_view kind, std::string_view key); // with its secrets
  /// The digest of a secret as a manifest brought it last; nothing when there is none.
  Result<std::optional<model::Digest>> secretDigest(std::string_view kind, std::string_view key,
                                                    std::string_view field);
  Status putSecretDigest(std::string_view kind, std::string_view key, std::string_view field,
                         const model::Digest&);

  // ---- the cluster's own secrets; no Revision comes of them alone
  Result<std::optional<Secret>> key(std::string_view name);
  Status putKey(std::string_view name, const Secret& value); // 32 bytes at least

  // ---- the record; no Revision comes of it alone
  static constexpr std::int64_t auditKept = 100'000; // rows; the oldest go
  /// `id` is set here, and `revision`: the commit's number, or 0 where it makes none.
  Status record(const AuditRow&);

  /// Nothing was ever committed by a manifest or a caller, this transaction left aside.
  Result<bool> empty();

  /// Makes the next Revision. Of a job alone it is durable when this returns; of one that shares its COMMIT
  /// once WriteConnection::whenDurable says so (R20), and the next one sees it before. `change` says what it
  /// did; its revision is base() where nothing was changed, and then no Revision was made; what was recorded
  /// is kept all the same. Errors: nothing happened.
  Status commit(Change& change);

private:
  friend class WriteConnection;
  Transaction(Connection&, WriteGroup&, Change next);

  Status keep(); // COMMIT, or the end of the savepoint
  void undo() noexcept;
  Status usable() const;
  Status write(Statement&); // runs it; the transaction is spent if that fails
  void touched(Origin) noexcept;
  Status freeUid(std::string_view kind, std::int64_t uid);
  Status freeRoleName(const model::Role&);
  Status freeAclName(std::string_view name, std::int64_t exceptUid);
  Status freeLogins(const model::User&);
  Status fits(const UserRecord&);
  Status writeLogins(const model::User&);
  Status writeRoles(const model::User&);
  Status fits(const DatabaseRow&);
  Status writeLists(const model::Database&);
  Status dropPermissionsOf(std::int64_t roleUid);
  Status touchDatabase(std::int64_t uid);
  Status retire(std::string_view kind, std::int64_t uid);
  Status trimAudit();
  Status settleNotes(); // gives manifest rows and the record the number that they bear

  Connection* connection_; // null when moved from or over
  WriteGroup* group_;
  Change change_;
  bool dirty_ = false, counts_ = false, spent_ = false;
  bool notes_ = false;             // something is to be kept that makes no Revision
  bool manifestNotes_ = false;     // ... rows of manifests among it
  std::int64_t firstRecorded_ = 0; // id of the first audit row of this transaction; 0: none
};

} // namespace gatehouse::store
