#include "base/Text.h"
#include "store/ReadRows.h"
#include "store/Sqlite.h"
#include "store/Transaction.h"

namespace gatehouse::store {
namespace {

Error noSuchDatabase(std::int64_t uid) {
  return {Code::db_not_exist, "there is no database " + std::to_string(uid)};
}

template <class Enum>
std::string_view wordOf(std::span<const std::string_view> words, Enum value) {
  return words[static_cast<std::size_t>(value)];
}

/// The columns that INSERT and UPDATE share, in one order.
void bindColumns(Statement& s, const DatabaseRow& row, model::Revision revision) {
  const model::Database& d = row.database;
  s.bind(d.name)
      .bind(d.port)
      .bind(d.memory_size)
      .bind(wordOf(model::tlsModes, d.tls_mode))
      .bind(wordOf(model::enforcements, d.enforce_client_authentication))
      .bind(std::int64_t{d.authentication_ssl_client_certs.has_value()})
      .bind(wordOf(model::subjectValidations, d.client_cert_subject_validation_type))
      .bind(std::int64_t{d.mtls_allow_outdated_certs})
      .bind(std::int64_t{d.default_user})
      .bind(wordOf(model::persistences, d.data_persistence))
      .bind(wordOf(model::aofPolicies, d.aof_policy))
      .bind(wordOf(model::evictionPolicies, d.eviction_policy))
      .bind(d.created_time)
      .bind(d.last_changed_time)
      .bind(row.engineId)
      .bind(row.actionUid)
      .bind(d.inert.json)
      .bind(word(row.origin))
      .bind(revision);
}

/// Whether a write would change what is kept: everything but what is computed at each read.
bool same(const DatabaseRow& before, const DatabaseRow& after) {
  model::Database kept = before.database;
  const model::Database& next = after.database;
  kept.ssl = next.ssl;
  kept.status = next.status;
  kept.status_reason = next.status_reason;
  kept.endpoints = next.endpoints;
  kept.version = next.version;
  kept.action_uid = next.action_uid;
  return kept == next && before.engineId == after.engineId && before.actionUid == after.actionUid &&
         before.origin == after.origin;
}

} // namespace

Result<std::vector<DatabaseRow>> Transaction::databases() {
  GH_TRY(usable());
  return readDatabases(*connection_);
}

Result<std::optional<DatabaseRow>> Transaction::database(std::int64_t uid) {
  GH_TRY(usable());
  return readDatabase(*connection_, uid);
}

/// All that the tables would refuse, said in sentences before anything is written.
Status Transaction::fits(const DatabaseRow& row) {
  const model::Database& database = row.database;
  if (database.name.empty()) return Error{Code::missing_db_name, "name must not be empty"};
  if (database.memory_size < 1)
    return Error{Code::missing_memory_size, "memory_size must be a number of bytes, 1 or more"};
  if (database.port < 1 || database.port > 65535)
    return Error{Code::invalid_param, "port must be from 1 to 65535"};
  if (row.engineId.empty())
    return Error{Code::internal_error, "a database without the name of its directory"};
  {
    Statement s = connection_->prepare("SELECT uid FROM databases WHERE name = ? AND uid <> ?");
    s.bind(database.name).bind(database.uid); // NOCASE, by the column
    const Result<bool> found = s.row();
    if (!found.ok()) return found.error();
    if (found.value())
      return Error{Code::name_already_exists, "the name '" + printable(database.name) +
                                                  "' is taken by database " + std::to_string(s.integer(0))};
  }
  {
    Statement s = connection_->prepare("SELECT uid, name FROM databases WHERE port = ? AND uid <> ?");
    const Result<bool> found = s.bind(database.port).bind(database.uid).row();
    if (!found.ok()) return found.error();
    if (found.value())
      return Error{Code::port_unavailable, "port " + std::to_string(database.port) +
                                               " is taken by database " + std::to_string(s.integer(0)) +
                                               " '" + printable(s.text(1)) + "'"};
  }
  for (const model::RolePermission& permission : database.roles_permissions) {
    Result<std::optional<RoleRow>> role = readRole(*connection_, permission.role_uid);
    if (!role.ok()) return role.error();
    if (!role.value())
      return Error{Code::role_not_exist, "there is no role " + std::to_string(permission.role_uid)};
    Result<std::optional<RedisAclRow>> acl = readRedisAcl(*connection_, permission.redis_acl_uid);
    if (!acl.ok()) return acl.error();
    if (!acl.value())
      return Error{Code::redis_acl_not_exist,
                   "there is no Redis ACL " + std::to_string(permission.redis_acl_uid)};
  }
  return {};
}

Status Transaction::writeLists(const model::Database& database) {
  for (const char* table : {"DELETE FROM database_client_certs WHERE bdb = ?",
                            "DELETE FROM database_authorized_subjects WHERE bdb = ?", // and their units
                            "DELETE FROM roles_permissions WHERE bdb = ?"}) {
    Statement clear = connection_->prepare(table);
    GH_TRY(write(clear.bind(database.uid)));
  }
  std::int64_t position = 0;
  if (database.authentication_ssl_client_certs)
    for (const model::ClientCert& cert : *database.authentication_ssl_client_certs) {
      Statement s = connection_->prepare(
          "INSERT INTO database_client_certs (bdb, position, client_cert) VALUES (?, ?, ?)");
      GH_TRY(write(s.bind(database.uid).bind(position++).bind(cert.client_cert)));
    }
  position = 0;
  for (const model::AuthorizedSubject& subject : database.authorized_subjects) {
    {
      Statement s = connection_->prepare("INSERT INTO database_authorized_subjects (bdb, position, CN, O, L, "
                                         "ST, C) VALUES (?, ?, ?, ?, ?, ?, ?)");
      s.bind(database.uid).bind(position).bind(subject.CN).bind(subject.O).bind(subject.L);
      GH_TRY(write(s.bind(subject.ST).bind(subject.C)));
    }
    std::int64_t unitPosition = 0;
    for (const std::string& unit : subject.OU) {
      Statement s = connection_->prepare("INSERT INTO database_authorized_subject_units (bdb, subject, "
                                         "position, OU) VALUES (?, ?, ?, ?)");
      GH_TRY(write(s.bind(database.uid).bind(position).bind(unitPosition++).bind(unit)));
    }
    ++position;
  }
  position = 0;
  for (const model::RolePermission& permission : database.roles_permissions) {
    Statement s = connection_->prepare(
        "INSERT INTO roles_permissions (bdb, position, role_uid, redis_acl_uid) VALUES (?, ?, ?, ?)");
    s.bind(database.uid).bind(position++).bind(permission.role_uid).bind(permission.redis_acl_uid);
    GH_TRY(write(s));
  }
  return {};
}

Result<std::int64_t> Transaction::insertDatabase(const DatabaseRow& row) {
  GH_TRY(usable());
  model::Database database = row.database;
  if (database.uid != 0) {
    GH_TRY(freeUid("bdb", database.uid));
    Result<std::optional<DatabaseRow>> there = readDatabase(*connection_, database.uid);
    if (!there.ok()) return there.error();
    if (there.value())
      return Error{Code::uid_exists, "there is a database " + std::to_string(database.uid) + " already"};
  }
  GH_TRY(fits(row));
  {
    Statement s = connection_->prepare(
        "INSERT INTO databases (uid, name, port, memory_size, tls_mode, enforce_client_authentication, "
        "has_client_certs, client_cert_subject_validation_type, mtls_allow_outdated_certs, default_user, "
        "data_persistence, aof_policy, eviction_policy, created_time, last_changed_time, engine_id, "
        "action_uid, inert, origin, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?)");
    if (database.uid != 0)
      s.bind(database.uid);
    else
      s.bindNull();
    bindColumns(s, row, change_.revision);
    GH_TRY(write(s));
  }
  database.uid = connection_->lastInsertRowid();
  GH_TRY(writeLists(database));
  change_.databases.insert(database.uid);
  touched(row.origin);
  return database.uid;
}

Status Transaction::updateDatabase(const DatabaseRow& row) {
  GH_TRY(usable());
  const std::int64_t uid = row.database.uid;
  Result<std::optional<DatabaseRow>> old = readDatabase(*connection_, uid);
  if (!old.ok()) return old.error();
  if (!old.value()) return noSuchDatabase(uid);
  if (same(*old.value(), row)) return {};
  GH_TRY(fits(row));
  {
    Statement s = connection_->prepare(
        "UPDATE databases SET name = ?, port = ?, memory_size = ?, tls_mode = ?, "
        "enforce_client_authentication = ?, has_client_certs = ?, client_cert_subject_validation_type = ?, "
        "mtls_allow_outdated_certs = ?, default_user = ?, data_persistence = ?, aof_policy = ?, "
        "eviction_policy = ?, created_time = ?, last_changed_time = ?, engine_id = ?, action_uid = ?, "
        "inert = ?, origin = ?, revision = ? WHERE uid = ?");
    bindColumns(s, row, change_.revision);
    GH_TRY(write(s.bind(uid)));
  }
  GH_TRY(writeLists(row.database));
  change_.databases.insert(uid);
  touched(row.origin);
  return {};
}

Status Transaction::removeDatabase(std::int64_t uid) {
  GH_TRY(usable());
  Statement s = connection_->prepare("DELETE FROM databases WHERE uid = ?"); // its lists go with it
  GH_TRY(write(s.bind(uid)));
  if (connection_->changes() == 0) return noSuchDatabase(uid);
  GH_TRY(retire("bdb", uid));
  GH_TRY(removeManifestRow("bdb", std::to_string(uid)));
  change_.databases.insert(uid);
  touched(Origin::api);
  return {};
}

// ---- what a database has beside its row

/// Notes that something of this database changed that its row does not hold.
Status Transaction::touchDatabase(std::int64_t uid) {
  Statement s = connection_->prepare("UPDATE databases SET revision = ? WHERE uid = ?");
  GH_TRY(write(s.bind(change_.revision).bind(uid)));
  change_.databases.insert(uid);
  touched(Origin::api);
  return {};
}

Status Transaction::putDatabaseCertificate(std::int64_t uid, const std::string& certificate,
                                           const Secret& key) {
  GH_TRY(usable());
  if (certificate.empty() != key.empty())
    return Error{Code::internal_error, "a database's certificate and its key come together"};
  {
    Statement s = connection_->prepare("SELECT certificate, key FROM databases LEFT JOIN "
                                       "database_certificates ON bdb = uid WHERE uid = ?");
    const Result<bool> found = s.bind(uid).row();
    if (!found.ok()) return found.error();
    if (!found.value()) return noSuchDatabase(uid);
    if (s.text(0) == certificate && equal(s.text(1), key.reveal())) return {};
  }
  if (certificate.empty()) {
    Statement s = connection_->prepare("DELETE FROM database_certificates WHERE bdb = ?");
    GH_TRY(write(s.bind(uid)));
  } else {
    Statement s =
        connection_->prepare("INSERT INTO database_certificates (bdb, certificate, key) VALUES (?, ?, ?) ON "
                             "CONFLICT (bdb) DO UPDATE SET certificate = excluded.certificate, key = "
                             "excluded.key");
    GH_TRY(write(s.bind(uid).bind(certificate).bind(key.reveal())));
  }
  return touchDatabase(uid);
}

Result<std::string> Transaction::databasePasswords(std::int64_t uid) {
  GH_TRY(usable());
  return readDatabasePasswords(*connection_, uid);
}

Status Transaction::putDatabasePasswords(std::int64_t uid, const std::string& verifiers) {
  GH_TRY(usable());
  {
    Statement s = connection_->prepare(
        "SELECT verifiers FROM databases LEFT JOIN database_passwords ON bdb = uid WHERE uid = ?");
    const Result<bool> found = s.bind(uid).row();
    if (!found.ok()) return found.error();
    if (!found.value()) return noSuchDatabase(uid);
    if (s.text(0) == verifiers) return {};
  }
  if (verifiers.empty()) {
    Statement s = connection_->prepare("DELETE FROM database_passwords WHERE bdb = ?");
    GH_TRY(write(s.bind(uid)));
  } else {
    Statement s = connection_->prepare(
        "INSERT INTO database_passwords (bdb, verifiers, revision) VALUES (?, ?, ?) ON CONFLICT (bdb) DO "
        "UPDATE SET verifiers = excluded.verifiers, revision = excluded.revision");
    GH_TRY(write(s.bind(uid).bind(verifiers).bind(change_.revision)));
  }
  return touchDatabase(uid);
}

/// The role's entries in databases' lists, and the revision of those databases.
Status Transaction::dropPermissionsOf(std::int64_t roleUid) {
  std::vector<std::int64_t> databases;
  {
    Statement s =
        connection_->prepare("SELECT DISTINCT bdb FROM roles_permissions WHERE role_uid = ? ORDER BY bdb");
    s.bind(roleUid);
    while (true) {
      const Result<bool> row = s.row();
      if (!row.ok()) return row.error();
      if (!row.value()) break;
      databases.push_back(s.integer(0));
    }
  }
  for (const std::int64_t uid : databases) {
    Statement s = connection_->prepare("UPDATE databases SET revision = ? WHERE uid = ?");
    GH_TRY(write(s.bind(change_.revision).bind(uid)));
    change_.databases.insert(uid);
  }
  Statement s = connection_->prepare("DELETE FROM roles_permissions WHERE role_uid = ?");
  return write(s.bind(roleUid));
}

} // namespace gatehouse::store
