#pragma once
#include "base/Secret.h"
#include "model/ClusterCertificate.h"
#include "model/ClusterPolicy.h"
#include "model/ClusterSettings.h"
#include "model/Database.h"
#include "model/Judge.h"
#include "model/RedisAcl.h"
#include "model/Role.h"
#include "model/User.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::store {

/// Who owns a row (R22): a migration, a manifest, or somebody who called the API.
enum class Origin : std::uint8_t { builtin, manifest, api };
[[nodiscard]] std::string_view word(Origin) noexcept;

struct SettingsRow {
  model::ClusterSettings settings;
  Origin origin = Origin::builtin;
  model::Revision revision = 0;
};

struct ClusterPolicyRow {
  model::ClusterPolicy policy;
  Origin origin = Origin::builtin;
  model::Revision revision = 0;
};

struct CertificateRow {
  model::ClusterCertificate certificate;
  Secret key;             // PEM; empty for mtls_trusted_ca
  bool generated = false; // self-signed by Gatehouse at first start
  Origin origin = Origin::builtin;
  model::Revision revision = 0;
};

struct RoleRow {
  model::Role role;
  Origin origin = Origin::builtin;
  model::Revision revision = 0;
};

struct RedisAclRow {
  model::RedisAcl acl;
  Origin origin = Origin::api;
  model::Revision revision = 0;
};

struct DatabaseRow {
  model::Database database; // without what is computed
  std::string engineId;     // random, never used again; set by whoever inserts the row
  std::string actionUid;    // of the last change
  Origin origin = Origin::api;
  model::Revision revision = 0;
  // Written by functions of their own (Transaction::putDatabaseCertificate, putDatabasePasswords):
  std::string certificate;               // its own, PEM; empty: it shows the cluster's `proxy`
  model::Revision passwordsRevision = 0; // 0: its default user has no password. The verifiers are read apart
};

/// The key of a database's own certificate, PEM. Apart from its row, which is copied.
struct DatabaseKeyRow {
  std::int64_t uid = 0;
  Secret key;
};

/// The small policy as one transaction saw it: what a Snapshot is made of.
struct PolicyRows {
  model::Revision revision = 0;
  std::int64_t committedAt = 0; // seconds since the epoch, of that revision
  SettingsRow settings;
  ClusterPolicyRow clusterPolicy;
  std::vector<RoleRow> roles;               // by uid
  std::vector<CertificateRow> certificates; // by name
  std::vector<RedisAclRow> redisAcls;       // by uid
  std::vector<DatabaseRow> databases;       // by uid
  std::vector<DatabaseKeyRow> databaseKeys; // by uid; of those that have a certificate of their own
};

/// A user with what the object does not show. `judged` is what model::judge sees.
struct UserRecord {
  model::UserRow judged;
  std::string verifier; // PHC strings of the passwords that are valid, one a line; empty: none (NULL, R4)
  std::string formerVerifiers; // of those that were valid before, one a line, the newest first
  Origin origin = Origin::api;
};

/// A row of the user table, or none, as one read transaction saw it (R6): `revision` is the store's at that
/// moment.
struct FoundUser {
  std::shared_ptr<const UserRecord> record; // null: nobody
  model::Revision revision = 0;
};

/// What one Revision changed, so that the sessions concerned are found without a scan.
struct Change {
  model::Revision revision = 0;
  std::int64_t committedAt = 0;        // seconds since the epoch
  std::string who;                     // "local administrator", a user's name, "manifest"
  bool settings = false;               // cluster settings or cluster policy
  std::set<std::string> certificates;  // names
  std::set<std::int64_t> roles, users; // uids
  std::set<std::int64_t> redisAcls, databases;
};

/// Failed password logins of a user from one network, or from anywhere (network empty).
struct LoginFailures {
  std::int64_t userUid = 0;
  std::string network;
  std::int64_t failures = 0;    // 0 and not locked: the row goes
  std::int64_t lastFailure = 0; // seconds since the epoch
  std::int64_t lockedUntil = 0; // seconds since the epoch; 0: not locked; INT64_MAX: until somebody unlocks
};

/// One line of the record of what was done (/v1/logs).
struct AuditRow {
  std::int64_t id = 0;           // set by the store
  std::int64_t time = 0;         // seconds since the epoch
  std::string type;              // "user_created"
  std::string severity = "INFO"; // INFO, WARNING, ERROR
  std::string who, peer;         // peer: empty for a start
  std::string kind;              // of the object; empty where there is none
  std::int64_t uid = 0;          // 0: none
  std::string name;
  std::vector<std::string> fields; // names, never values
  model::Revision revision = 0;    // 0: none was made
  std::string description;
};

/// Which audit rows are wanted.
struct AuditQuery {
  std::int64_t from = 0, until = INT64_MAX; // seconds since the epoch, both included
  bool ascending = true;
  std::int64_t offset = 0, limit = 100;
};

/// What a manifest wrote last. `key`: the uid; of a certificate its name; of the cluster and its policy
/// empty.
struct ManifestRow {
  std::string kind, key;
  model::Revision revision = 0; // at which it was written; a row of a later one has drifted
};

/// A mark that REST took something away (R22): a manifest row that meets any of its keys is held.
struct Hold {
  std::string kind; // "user", "role", "certificate", "cluster", "cluster_policy", "redis_acl", "bdb"
  std::string name, email;
  std::string subjectKey; // hex; empty when there is none
  std::string field;      // empty: the whole row was deleted
  model::Revision revision = 0;
  std::string who;
};

} // namespace gatehouse::store
