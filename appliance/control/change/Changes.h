#pragma once
#include "base/Result.h"
#include "base/Secret.h"
#include "control/change/Permissions.h"
#include "model/Snapshot.h"
#include "model/User.h"
#include "store/Rows.h"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::store {
class Transaction;
}

/// The changes that REST and manifests share (design §8): each validates all that is not one field's own
/// business, lays the request onto the row as it is inside the transaction, and writes it.
namespace gatehouse::control {

/// What one change did, for the audit record.
struct Done {
  std::string_view verb; // "created", "updated", "deleted": a literal
  std::string_view kind; // "user", "role", "certificate", "cluster", "redis_acl", "bdb": a literal
  std::int64_t uid = 0;  // 0 where the kind has none
  std::string name;
  std::vector<std::string> fields; // that changed; secrets by name alone
  std::vector<std::string> trusts; // what each certificate that a database was given means (R10)
};

/// One transaction's work: several changes may be made over one Draft; each sees what its predecessors left.
///
/// Threads: the writer's. Owns: nothing but its own values.
struct Draft {
  store::Transaction& transaction;
  model::Snapshot next; // begins as a copy of the Snapshot in force; changes keep it up to date, without keys
                        // and without what SnapshotBuilder derives
  std::string who;      // for the audit record and holds: a user's name, "local administrator", "manifest"
  store::Origin origin = store::Origin::api; // of what is created
  Rights rights = Rights::everything();      // of the caller
  std::int64_t callerUid = 0;                // 0: no user
  std::int64_t now = 0;                      // seconds since the epoch
  std::int64_t ifMatch = -1;                 // revision that the object must have; -1: any
  bool forced = false;                       // what would lock everyone out is wanted all the same
  std::string actionUid;                     // what a caller may ask about afterwards; empty: nobody will
  std::set<std::int64_t> destroys;           // databases whose data a manifest may lose (R21)
  std::function<bool(std::int64_t port)> portIsFree; // Serving's; null: nothing else can be in the way

  std::vector<Done> done;
  /// Verifiers that the request's password is to be compared with before it is applied; filled in a
  /// rehearsal.
  std::vector<std::string> compare;
  /// Users whose failed logins are forgotten once this is in force; a database's default user is the
  /// database's uid, negative.
  std::set<std::int64_t> unlocks;
  bool policyChanged = false; // settings, certificates, databases' doors: build what serves them again (R11)
  bool takesAway = false;     // something was taken from somebody ...
  bool gives = false;         // ... and not only that: no space that is kept aside is spent on it
  bool administratorsTouched = false; // somebody may have lost the last way in: ask keepsAdministrator

  Draft(store::Transaction& t, const model::Snapshot& inForce)
      : transaction(t)
      , next(inForce) {}
};

/// The fields that a request named.
using Given = std::set<std::string, std::less<>>;

/// Lays a request onto the object as it is (for a create: as its defaults are) and says which fields it
/// named. Types and limits are its business (the Decoder's); called on the writer's thread.
template <class T>
using Merge = std::function<Result<Given>(T& object)>;

/// An object as it stands after a change.
template <class T>
struct Outcome {
  T object; // computed fields filled, but action_uid
  model::Revision revision = 0;
  bool changed = false; // false: the request asked for what is there already, and nothing was written
};

/// What a request's password became.
struct Enrolled {
  const Secret* password = nullptr; // in a rehearsal: to be judged by the rules of passwords
  std::string verifier;             // made of it; empty only in a Draft that is not committed
  std::vector<std::string> fits;    // those of Draft::compare that are verifiers of it
};

struct UserRequest {
  Merge<model::User> merge;
  bool password = false; // the request brings one
  Enrolled enrolled;
};

/// Errors: missing_field, invalid_param, invalid_subject_line (400, pointing at the place),
/// name_already_exists, email_already_exists, subject_already_exists (409), unauthorized_action (403: only
/// administrators make or change administrators), precondition_failed (412).
Result<Outcome<model::User>> createUser(Draft&, const UserRequest&);
/// Also user_not_exist (404).
Result<Outcome<model::User>> updateUser(Draft&, std::int64_t uid, const UserRequest&);
/// Also not_acceptable (406) for oneself, unless forced.
Status deleteUser(Draft&, std::int64_t uid);

/// Errors: name_already_exists (409), role_not_exist (404), not_acceptable (406) for the builtin Admin,
/// role_in_use (406) for one that a user still has, unauthorized_action, precondition_failed.
Result<Outcome<model::Role>> createRole(Draft&, const Merge<model::Role>&);
Result<Outcome<model::Role>> updateRole(Draft&, std::int64_t uid, const Merge<model::Role>&);
Status deleteRole(Draft&, std::int64_t uid);

/// Errors: redis_acl_unsupported (406) where no redis-server is installed that would know its words,
/// invalid_param (400) naming a word that is none, name_already_exists, redis_acl_not_exist (404), read_only
/// (409) for the builtin Full Access, precondition_failed. An ACL's text is checked when it is written; what
/// is stored stays, whatever redis-server is installed later.
Result<Outcome<model::RedisAcl>> createRedisAcl(Draft&, const Merge<model::RedisAcl>&);
Result<Outcome<model::RedisAcl>> updateRedisAcl(Draft&, std::int64_t uid, const Merge<model::RedisAcl>&);
/// Also redis_acl_in_use (406), naming the database.
Status deleteRedisAcl(Draft&, std::int64_t uid);

struct DatabaseRequest {
  Merge<model::Database> merge;
  std::int64_t uid = 0; // of a create: the one that is wanted; 0: the next
};

/// A port of 0 is chosen: the lowest that no database has and nothing listens on. The objects that come back
/// have no computed fields but `ssl`.
///
/// Errors: redis_acl_unsupported (406) where no redis-server is installed, uid_exists, name_already_exists
/// (409), port_unavailable (406), role_not_exist, redis_acl_not_exist (404), invalid_client_certificate,
/// certificate_expired, duplicated_certs (406), precondition_failed.
Result<Outcome<model::Database>> createDatabase(Draft&, const DatabaseRequest&);
/// Also db_not_exist (404); not_acceptable (406) for a manifest that would switch persistence off (R21).
Result<Outcome<model::Database>> updateDatabase(Draft&, std::int64_t uid, const DatabaseRequest&);
/// The database as it was.
Result<model::Database> deleteDatabase(Draft&, std::int64_t uid);

/// Its own certificate, which its door shows instead of the cluster's `proxy`: PEM, with its private key.
/// What came of it: the PEM, and the database's revision.
///
/// Errors: db_not_exist, invalid_certificate (400), certificate_expired (406), precondition_failed.
Result<Outcome<std::string>> putDatabaseCertificate(Draft&, std::int64_t uid, const std::string& certificate,
                                                    const Secret& key);
/// Back to `proxy`. Errors: db_not_exist, certificate_not_exist (404), precondition_failed.
Status deleteDatabaseCertificate(Draft&, std::int64_t uid);

/// What becomes of the passwords of a database's default user. Sessions that are its default user's are
/// judged again, since the database's passwordsRevision moves.
enum class PasswordChange : std::uint8_t { replace, add, remove };
/// The database's revision afterwards. Adding one that is valid already changes nothing.
///
/// Errors: db_not_exist, not_acceptable (406) for one more than mostPasswords, or for the removal of one that
/// is none of them; precondition_failed.
Result<model::Revision> changeDatabasePasswords(Draft&, std::int64_t uid, PasswordChange, const Enrolled&);

/// Errors: missing_certificate (400) for mtls_certificate_authentication without mtls_trusted_ca.
Result<Outcome<model::ClusterSettings>> updateCluster(Draft&, const Merge<model::ClusterSettings>&);
Result<Outcome<model::ClusterPolicy>> updateClusterPolicy(Draft&, const Merge<model::ClusterPolicy>&);

struct CertificateRequest {
  std::string name;
  std::string certificate; // PEM
  Secret key;              // PEM; empty: none was given
  bool generated = false;  // by Gatehouse at first start
  std::string place;       // "certificates[1]": what an error is said about; may be empty
};

/// All of them or none. Errors: unknown_certificate (403), unsupported_value (406) for a documented name that
/// is not offered, missing_field, invalid_param (a key for mtls_trusted_ca), invalid_certificate (400),
/// certificate_expired (406).
Status putCertificates(Draft&, const std::vector<CertificateRequest>&);
/// Makes a certificate that Gatehouse once generated anew; an empty name: all of them. Errors:
/// unknown_certificate (403) for a name that is none of these, not_acceptable (406) where there are none.
Status rotateCertificates(Draft&, std::string_view name);
/// Errors: unknown_certificate (404), certificate_required (403), certificate_not_exist (404), not_acceptable
/// (406) for mtls_trusted_ca while mtls_certificate_authentication is on.
Status deleteCertificate(Draft&, std::string_view name);

/// R21: whether somebody active still has the management word `admin`, as the Draft stands.
Result<bool> hasAdministrator(Draft&);
/// To be asked after the last change over a Draft: change_last_admin_role_not_allowed (406) when the changes
/// took the last administrator away, and the caller did not insist; a manifest cannot (R21).
Status keepsAdministrator(Draft&);

} // namespace gatehouse::control
