#pragma once
#include "base/Secret.h"
#include "model/ClusterCertificate.h"
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
};

/// The small policy as one transaction saw it: what a Snapshot is made of.
struct PolicyRows {
  model::Revision revision = 0;
  std::int64_t committedAt = 0; // seconds since the epoch, of that revision
  SettingsRow settings;
  std::vector<RoleRow> roles;               // by uid
  std::vector<CertificateRow> certificates; // by name
  std::vector<RedisAclRow> redisAcls;       // by uid
  std::vector<DatabaseRow> databases;       // by uid
};

/// A user with what the object does not show. `judged` is what model::judge sees.
struct UserRecord {
  model::UserRow judged;
  std::string verifier; // PHC string; empty: none (NULL in the store, R4)
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
  std::int64_t committedAt = 0; // seconds since the epoch
  std::string who;              // "local administrator", a user's name, "manifest"
  bool settings = false;
  std::set<std::string> certificates;  // names
  std::set<std::int64_t> roles, users; // uids
  std::set<std::int64_t> redisAcls, databases;
};

/// A mark that REST took something away (R22): a manifest row that meets any of its keys is held.
struct Hold {
  std::string kind; // "user", "role", "certificate", "cluster", "redis_acl", "bdb"
  std::string name, email;
  std::string subjectKey; // hex; empty when there is none
  std::string field;      // empty: the whole row was deleted
  model::Revision revision = 0;
  std::string who;
};

} // namespace gatehouse::store
