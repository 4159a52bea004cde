#include "base/Text.h"
#include "store/ReadRows.h"
#include "store/Sqlite.h"

namespace gatehouse::store {

Error unreadable(const Connection& connection, std::string_view table) {
  return {Code::corrupt, "the store " + printable(connection.path()) + " has a row in " + std::string(table) +
                             " that this program did not write: put a backup in its place"};
}

Result<StoredRevision> readRevision(Connection& connection) {
  Statement s = connection.prepare("SELECT number, changed_at, commits FROM revision");
  const Result<bool> row = s.row();
  if (!row.ok()) return row.error();
  if (!row.value()) return unreadable(connection, "revision");
  return StoredRevision{s.integer(0), s.integer(1), s.integer(2)};
}

namespace {

Status readSubjects(Connection& connection, std::vector<model::AuthorizedSubject>& out) {
  Statement s =
      connection.prepare("SELECT position, CN, O, L, ST, C FROM authorized_subjects ORDER BY position");
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return {};
    model::AuthorizedSubject& subject = out.emplace_back();
    subject.CN = s.text(1);
    subject.O = s.text(2);
    subject.L = s.text(3);
    subject.ST = s.text(4);
    subject.C = s.text(5);
    Statement units =
        connection.prepare("SELECT OU FROM authorized_subject_units WHERE subject = ? ORDER BY position");
    units.bind(s.integer(0));
    while (true) {
      const Result<bool> unit = units.row();
      if (!unit.ok()) return unit.error();
      if (!unit.value()) break;
      subject.OU.emplace_back(units.text(0));
    }
  }
}

constexpr std::string_view certificateColumns =
    "SELECT name, certificate, key, generated, origin, revision FROM certificates";

Result<CertificateRow> certificateOf(const Connection& connection, const Statement& s) {
  CertificateRow row;
  row.certificate.name = s.text(0);
  row.certificate.certificate = s.text(1);
  row.key = Secret(std::string(s.text(2)));
  row.generated = s.integer(3) != 0;
  const auto origin = s.word(4, origins);
  if (!origin) return unreadable(connection, "certificates");
  row.origin = static_cast<Origin>(*origin);
  row.revision = s.integer(5);
  return row;
}

Result<RoleRow> roleOf(const Connection& connection, const Statement& s) {
  RoleRow row;
  row.role.uid = s.integer(0);
  row.role.name = s.text(1);
  row.role.inert.json = s.text(3);
  const auto management = s.word(2, model::managements), origin = s.word(4, origins);
  if (!management || !origin) return unreadable(connection, "roles");
  row.role.management = static_cast<model::Management>(*management);
  row.origin = static_cast<Origin>(*origin);
  row.revision = s.integer(5);
  return row;
}

} // namespace

Result<SettingsRow> readSettings(Connection& connection) {
  SettingsRow out;
  {
    Statement s = connection.prepare("SELECT mtls_certificate_authentication, "
                                     "mtls_client_cert_subject_validation_type, min_control_TLS_version, "
                                     "control_cipher_suites, created_time, inert, origin, revision, "
                                     "min_data_TLS_version, control_plane_basic_authentication, "
                                     "password_complexity, password_min_length, "
                                     "password_expiration_duration FROM settings");
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return unreadable(connection, "settings");
    const auto validation = s.word(1, model::subjectValidations), tls = s.word(2, model::tlsVersions),
               origin = s.word(6, origins), dataTls = s.word(8, model::tlsVersions);
    if (!validation || !tls || !origin || !dataTls) return unreadable(connection, "settings");
    out.settings.mtls_certificate_authentication = s.integer(0) != 0;
    out.settings.mtls_client_cert_subject_validation_type =
        static_cast<model::SubjectValidation>(*validation);
    out.settings.min_control_TLS_version = static_cast<model::TlsVersion>(*tls);
    out.settings.min_data_TLS_version = static_cast<model::TlsVersion>(*dataTls);
    out.settings.control_cipher_suites = s.text(3);
    out.settings.created_time = s.text(4);
    out.settings.control_plane_basic_authentication = s.integer(9) != 0;
    out.settings.password_complexity = s.integer(10) != 0;
    out.settings.password_min_length = s.integer(11);
    out.settings.password_expiration_duration = s.integer(12);
    out.settings.inert.json = s.text(5);
    out.origin = static_cast<Origin>(*origin);
    out.revision = s.integer(7);
  }
  GH_TRY(readSubjects(connection, out.settings.mtls_authorized_subjects));
  return out;
}

Result<ClusterPolicyRow> readClusterPolicy(Connection& connection) {
  Statement s = connection.prepare(
      "SELECT login_lockout_threshold, login_lockout_counter_reset_after, login_lockout_duration, inert, "
      "origin, revision FROM cluster_policy");
  const Result<bool> row = s.row();
  if (!row.ok()) return row.error();
  if (!row.value()) return unreadable(connection, "cluster_policy");
  const auto origin = s.word(4, origins);
  if (!origin) return unreadable(connection, "cluster_policy");
  ClusterPolicyRow out;
  out.policy.login_lockout_threshold = s.integer(0);
  out.policy.login_lockout_counter_reset_after = s.integer(1);
  out.policy.login_lockout_duration = s.integer(2);
  out.policy.inert.json = s.text(3);
  out.origin = static_cast<Origin>(*origin);
  out.revision = s.integer(5);
  return out;
}

Result<std::vector<CertificateRow>> readCertificates(Connection& connection) {
  static const std::string sql = std::string(certificateColumns) + " ORDER BY name";
  Statement s = connection.prepare(sql);
  std::vector<CertificateRow> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    Result<CertificateRow> one = certificateOf(connection, s);
    if (!one.ok()) return one.error();
    out.push_back(std::move(one).value());
  }
}

Result<std::optional<CertificateRow>> readCertificate(Connection& connection, std::string_view name) {
  static const std::string sql = std::string(certificateColumns) + " WHERE name = ?";
  Statement s = connection.prepare(sql);
  const Result<bool> row = s.bind(name).row();
  if (!row.ok()) return row.error();
  if (!row.value()) return std::optional<CertificateRow>{};
  Result<CertificateRow> one = certificateOf(connection, s);
  if (!one.ok()) return one.error();
  return std::optional<CertificateRow>(std::move(one).value());
}

Result<std::vector<RoleRow>> readRoles(Connection& connection) {
  Statement s =
      connection.prepare("SELECT uid, name, management, inert, origin, revision FROM roles ORDER BY uid");
  std::vector<RoleRow> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    Result<RoleRow> one = roleOf(connection, s);
    if (!one.ok()) return one.error();
    out.push_back(std::move(one).value());
  }
}

Result<std::optional<RoleRow>> readRole(Connection& connection, std::int64_t uid) {
  Statement s =
      connection.prepare("SELECT uid, name, management, inert, origin, revision FROM roles WHERE uid = ?");
  const Result<bool> row = s.bind(uid).row();
  if (!row.ok()) return row.error();
  if (!row.value()) return std::optional<RoleRow>{};
  Result<RoleRow> one = roleOf(connection, s);
  if (!one.ok()) return one.error();
  return std::optional<RoleRow>(std::move(one).value());
}

Result<PolicyRows> readPolicy(Connection& connection) {
  PolicyRows out;
  Result<StoredRevision> revision = readRevision(connection);
  if (!revision.ok()) return revision.error();
  out.revision = revision->number;
  out.committedAt = revision->changedAt;
  Result<SettingsRow> settings = readSettings(connection);
  if (!settings.ok()) return settings.error();
  out.settings = std::move(settings).value();
  Result<ClusterPolicyRow> clusterPolicy = readClusterPolicy(connection);
  if (!clusterPolicy.ok()) return clusterPolicy.error();
  out.clusterPolicy = std::move(clusterPolicy).value();
  Result<std::vector<RoleRow>> roles = readRoles(connection);
  if (!roles.ok()) return roles.error();
  out.roles = std::move(roles).value();
  Result<std::vector<CertificateRow>> certificates = readCertificates(connection);
  if (!certificates.ok()) return certificates.error();
  out.certificates = std::move(certificates).value();
  Result<std::vector<RedisAclRow>> acls = readRedisAcls(connection);
  if (!acls.ok()) return acls.error();
  out.redisAcls = std::move(acls).value();
  Result<std::vector<DatabaseRow>> databases = readDatabases(connection);
  if (!databases.ok()) return databases.error();
  out.databases = std::move(databases).value();
  Result<std::vector<DatabaseKeyRow>> keys = readDatabaseKeys(connection);
  if (!keys.ok()) return keys.error();
  out.databaseKeys = std::move(keys).value();
  return out;
}

} // namespace gatehouse::store
