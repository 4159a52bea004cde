#include "store/ReadRows.h"
#include "store/Sqlite.h"

namespace gatehouse::store {
namespace {

RedisAclRow aclOf(const Statement& s, Origin origin) {
  RedisAclRow row;
  row.acl.uid = s.integer(0);
  row.acl.name = s.text(1);
  row.acl.acl = s.text(2);
  row.acl.inert.json = s.text(3);
  row.origin = origin;
  row.revision = s.integer(5);
  return row;
}

constexpr std::string_view aclColumns = "SELECT uid, name, acl, inert, origin, revision FROM redis_acls";

constexpr std::string_view databaseColumns =
    "SELECT uid, name, port, memory_size, tls_mode, enforce_client_authentication, has_client_certs, "
    "client_cert_subject_validation_type, mtls_allow_outdated_certs, default_user, data_persistence, "
    "aof_policy, eviction_policy, created_time, last_changed_time, engine_id, action_uid, inert, origin, "
    "databases.revision, database_certificates.certificate, database_passwords.revision FROM databases "
    "LEFT JOIN database_certificates ON database_certificates.bdb = uid "
    "LEFT JOIN database_passwords ON database_passwords.bdb = uid";

/// The row itself, without its lists.
Result<DatabaseRow> databaseOf(const Connection& connection, const Statement& s) {
  const auto tls = s.word(4, model::tlsModes), enforcement = s.word(5, model::enforcements),
             validation = s.word(7, model::subjectValidations), persistence = s.word(10, model::persistences),
             aof = s.word(11, model::aofPolicies), eviction = s.word(12, model::evictionPolicies),
             origin = s.word(18, origins);
  if (!tls || !enforcement || !validation || !persistence || !aof || !eviction || !origin)
    return unreadable(connection, "databases");
  DatabaseRow row;
  model::Database& database = row.database;
  database.uid = s.integer(0);
  database.name = s.text(1);
  database.port = s.integer(2);
  database.memory_size = s.integer(3);
  database.tls_mode = static_cast<model::TlsMode>(*tls);
  database.enforce_client_authentication = static_cast<model::Enforcement>(*enforcement);
  if (s.integer(6) != 0) database.authentication_ssl_client_certs.emplace();
  database.client_cert_subject_validation_type = static_cast<model::SubjectValidation>(*validation);
  database.mtls_allow_outdated_certs = s.integer(8) != 0;
  database.default_user = s.integer(9) != 0;
  database.data_persistence = static_cast<model::Persistence>(*persistence);
  database.aof_policy = static_cast<model::AofPolicy>(*aof);
  database.eviction_policy = static_cast<model::EvictionPolicy>(*eviction);
  database.created_time = s.text(13);
  database.last_changed_time = s.text(14);
  row.engineId = s.text(15);
  row.actionUid = s.text(16);
  database.inert.json = s.text(17);
  row.origin = static_cast<Origin>(*origin);
  row.revision = s.integer(19);
  if (!s.null(20)) row.certificate = s.text(20);
  if (!s.null(21)) row.passwordsRevision = s.integer(21);
  return row;
}

Status readCerts(Connection& connection, model::Database& database) {
  Statement s =
      connection.prepare("SELECT client_cert FROM database_client_certs WHERE bdb = ? ORDER BY position");
  s.bind(database.uid);
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return {};
    // Certificates of a database that says it has no list: to pass over them would trust more than was meant.
    if (!database.authentication_ssl_client_certs) return unreadable(connection, "databases");
    database.authentication_ssl_client_certs->emplace_back().client_cert = s.text(0);
  }
}

Status readUnits(Connection& connection, std::int64_t bdb, std::int64_t position,
                 std::vector<std::string>& out) {
  Statement s = connection.prepare(
      "SELECT OU FROM database_authorized_subject_units WHERE bdb = ? AND subject = ? ORDER BY position");
  s.bind(bdb).bind(position);
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return {};
    out.emplace_back(s.text(0));
  }
}

Status readSubjects(Connection& connection, model::Database& database) {
  Statement s = connection.prepare("SELECT position, CN, O, L, ST, C FROM database_authorized_subjects "
                                   "WHERE bdb = ? ORDER BY position");
  s.bind(database.uid);
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return {};
    model::AuthorizedSubject& subject = database.authorized_subjects.emplace_back();
    subject.CN = s.text(1);
    subject.O = s.text(2);
    subject.L = s.text(3);
    subject.ST = s.text(4);
    subject.C = s.text(5);
    GH_TRY(readUnits(connection, database.uid, s.integer(0), subject.OU));
  }
}

Status readPermissions(Connection& connection, model::Database& database) {
  Statement s = connection.prepare(
      "SELECT role_uid, redis_acl_uid FROM roles_permissions WHERE bdb = ? ORDER BY position");
  s.bind(database.uid);
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return {};
    model::RolePermission& permission = database.roles_permissions.emplace_back();
    permission.role_uid = s.integer(0);
    permission.redis_acl_uid = s.integer(1);
  }
}

Result<DatabaseRow> wholeDatabase(Connection& connection, const Statement& s) {
  Result<DatabaseRow> row = databaseOf(connection, s);
  if (!row.ok()) return row;
  GH_TRY(readCerts(connection, row->database));
  GH_TRY(readSubjects(connection, row->database));
  GH_TRY(readPermissions(connection, row->database));
  return row;
}

} // namespace

Result<std::vector<RedisAclRow>> readRedisAcls(Connection& connection) {
  static const std::string sql = std::string(aclColumns) + " ORDER BY uid";
  Statement s = connection.prepare(sql);
  std::vector<RedisAclRow> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    const auto origin = s.word(4, origins);
    if (!origin) return unreadable(connection, "redis_acls");
    out.push_back(aclOf(s, static_cast<Origin>(*origin)));
  }
}

Result<std::optional<RedisAclRow>> readRedisAcl(Connection& connection, std::int64_t uid) {
  static const std::string sql = std::string(aclColumns) + " WHERE uid = ?";
  Statement s = connection.prepare(sql);
  const Result<bool> row = s.bind(uid).row();
  if (!row.ok()) return row.error();
  if (!row.value()) return std::optional<RedisAclRow>{};
  const auto origin = s.word(4, origins);
  if (!origin) return unreadable(connection, "redis_acls");
  return std::optional<RedisAclRow>(aclOf(s, static_cast<Origin>(*origin)));
}

Result<std::vector<DatabaseRow>> readDatabases(Connection& connection) {
  static const std::string sql = std::string(databaseColumns) + " ORDER BY uid";
  Statement s = connection.prepare(sql);
  std::vector<DatabaseRow> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    Result<DatabaseRow> one = wholeDatabase(connection, s);
    if (!one.ok()) return one.error();
    out.push_back(std::move(one).value());
  }
}

Result<std::optional<DatabaseRow>> readDatabase(Connection& connection, std::int64_t uid) {
  static const std::string sql = std::string(databaseColumns) + " WHERE uid = ?";
  Statement s = connection.prepare(sql);
  const Result<bool> row = s.bind(uid).row();
  if (!row.ok()) return row.error();
  if (!row.value()) return std::optional<DatabaseRow>{};
  Result<DatabaseRow> one = wholeDatabase(connection, s);
  if (!one.ok()) return one.error();
  return std::optional<DatabaseRow>(std::move(one).value());
}

Result<std::vector<DatabaseKeyRow>> readDatabaseKeys(Connection& connection) {
  Statement s = connection.prepare("SELECT bdb, key FROM database_certificates ORDER BY bdb");
  std::vector<DatabaseKeyRow> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    DatabaseKeyRow& key = out.emplace_back();
    key.uid = s.integer(0);
    key.key = Secret(std::string(s.text(1)));
  }
}

Result<std::string> readDatabasePasswords(Connection& connection, std::int64_t uid) {
  Statement s = connection.prepare("SELECT verifiers FROM database_passwords WHERE bdb = ?");
  const Result<bool> row = s.bind(uid).row();
  if (!row.ok()) return row.error();
  return row.value() ? std::string(s.text(0)) : std::string();
}

} // namespace gatehouse::store
