#include "base/Text.h"
#include "store/ReadRows.h"
#include "store/Sqlite.h"
#include "store/Transaction.h"

namespace gatehouse::store {

Result<PolicyRows> Transaction::policy() {
  GH_TRY(usable());
  Result<PolicyRows> rows = readPolicy(*connection_);
  if (rows.ok() && dirty_) {
    rows->revision = change_.revision;
    rows->committedAt = change_.committedAt;
  }
  return rows;
}

// ---- settings

Result<SettingsRow> Transaction::settings() {
  GH_TRY(usable());
  return readSettings(*connection_);
}

Status Transaction::putSettings(const model::ClusterSettings& settings, Origin origin) {
  GH_TRY(usable());
  Result<SettingsRow> old = readSettings(*connection_);
  if (!old.ok()) return old.error();
  model::ClusterSettings before = std::move(old->settings);
  before.name = settings.name; // computed: not kept
  before.cnm_https_port = settings.cnm_https_port;
  before.proxy_certificate = settings.proxy_certificate;
  if (before == settings && old->origin == origin) return {};

  Statement s = connection_->prepare(
      "UPDATE settings SET mtls_certificate_authentication = ?, mtls_client_cert_subject_validation_type = "
      "?, min_control_TLS_version = ?, min_data_TLS_version = ?, control_cipher_suites = ?, "
      "control_plane_basic_authentication = ?, password_complexity = ?, password_min_length = ?, "
      "password_expiration_duration = ?, created_time = ?, inert = ?, origin = ?, revision = ?");
  s.bind(std::int64_t{settings.mtls_certificate_authentication})
      .bind(model::subjectValidations[static_cast<std::size_t>(
          settings.mtls_client_cert_subject_validation_type)])
      .bind(model::tlsVersions[static_cast<std::size_t>(settings.min_control_TLS_version)])
      .bind(model::tlsVersions[static_cast<std::size_t>(settings.min_data_TLS_version)])
      .bind(settings.control_cipher_suites)
      .bind(std::int64_t{settings.control_plane_basic_authentication})
      .bind(std::int64_t{settings.password_complexity})
      .bind(settings.password_min_length)
      .bind(settings.password_expiration_duration)
      .bind(settings.created_time)
      .bind(settings.inert.json)
      .bind(word(origin))
      .bind(change_.revision);
  GH_TRY(write(s));

  Statement clear = connection_->prepare("DELETE FROM authorized_subjects"); // their units go with them
  GH_TRY(write(clear));
  std::int64_t position = 0;
  for (const model::AuthorizedSubject& subject : settings.mtls_authorized_subjects) {
    Statement insert = connection_->prepare(
        "INSERT INTO authorized_subjects (position, CN, O, L, ST, C) VALUES (?, ?, ?, ?, ?, ?)");
    GH_TRY(write(insert.bind(position)
                     .bind(subject.CN)
                     .bind(subject.O)
                     .bind(subject.L)
                     .bind(subject.ST)
                     .bind(subject.C)));
    std::int64_t unitPosition = 0;
    for (const std::string& unit : subject.OU) {
      Statement units = connection_->prepare(
          "INSERT INTO authorized_subject_units (subject, position, OU) VALUES (?, ?, ?)");
      GH_TRY(write(units.bind(position).bind(unitPosition++).bind(unit)));
    }
    ++position;
  }
  change_.settings = true;
  touched(origin);
  return {};
}

// ---- cluster policy

Result<ClusterPolicyRow> Transaction::clusterPolicy() {
  GH_TRY(usable());
  return readClusterPolicy(*connection_);
}

Status Transaction::putClusterPolicy(const model::ClusterPolicy& policy, Origin origin) {
  GH_TRY(usable());
  const Result<ClusterPolicyRow> old = readClusterPolicy(*connection_);
  if (!old.ok()) return old.error();
  if (old->policy == policy && old->origin == origin) return {};
  Statement s = connection_->prepare(
      "UPDATE cluster_policy SET login_lockout_threshold = ?, login_lockout_counter_reset_after = ?, "
      "login_lockout_duration = ?, inert = ?, origin = ?, revision = ?");
  s.bind(policy.login_lockout_threshold)
      .bind(policy.login_lockout_counter_reset_after)
      .bind(policy.login_lockout_duration)
      .bind(policy.inert.json)
      .bind(word(origin))
      .bind(change_.revision);
  GH_TRY(write(s));
  change_.settings = true;
  touched(origin);
  return {};
}

// ---- certificates

Result<std::vector<CertificateRow>> Transaction::certificates() {
  GH_TRY(usable());
  return readCertificates(*connection_);
}

Result<std::optional<CertificateRow>> Transaction::certificate(std::string_view name) {
  GH_TRY(usable());
  return readCertificate(*connection_, name);
}

Status Transaction::putCertificate(const CertificateRow& row) {
  GH_TRY(usable());
  Result<std::optional<CertificateRow>> old = readCertificate(*connection_, row.certificate.name);
  if (!old.ok()) return old.error();
  if (const std::optional<CertificateRow>& before = old.value();
      before && before->certificate == row.certificate && equal(before->key.reveal(), row.key.reveal()) &&
      before->generated == row.generated && before->origin == row.origin)
    return {};
  Statement s = connection_->prepare(
      "INSERT INTO certificates (name, certificate, key, generated, origin, revision) VALUES (?, ?, ?, ?, ?, "
      "?) "
      "ON CONFLICT (name) DO UPDATE SET certificate = excluded.certificate, key = excluded.key, "
      "generated = excluded.generated, origin = excluded.origin, revision = excluded.revision");
  s.bind(row.certificate.name)
      .bind(row.certificate.certificate)
      .bind(row.key.reveal())
      .bind(std::int64_t{row.generated})
      .bind(word(row.origin))
      .bind(change_.revision);
  GH_TRY(write(s));
  change_.certificates.insert(row.certificate.name);
  touched(row.generated ? Origin::builtin : row.origin); // a generated one leaves an empty store empty
  return {};
}

Status Transaction::removeCertificate(std::string_view name) {
  GH_TRY(usable());
  Statement s = connection_->prepare("DELETE FROM certificates WHERE name = ?");
  GH_TRY(write(s.bind(name)));
  if (connection_->changes() == 0)
    return Error{Code::certificate_not_exist, "there is no certificate '" + printable(name) + "'"};
  GH_TRY(removeManifestRow("certificate", name));
  change_.certificates.emplace(name);
  touched(Origin::api);
  return {};
}

// ---- roles

Result<std::vector<RoleRow>> Transaction::roles() {
  GH_TRY(usable());
  return readRoles(*connection_);
}

Result<std::optional<RoleRow>> Transaction::role(std::int64_t uid) {
  GH_TRY(usable());
  return readRole(*connection_, uid);
}

Status Transaction::freeRoleName(const model::Role& role) {
  Statement s =
      connection_->prepare("SELECT uid FROM roles WHERE name = ? AND uid <> ?"); // NOCASE, by the column
  const Result<bool> taken = s.bind(role.name).bind(role.uid).row();
  if (!taken.ok()) return taken.error();
  if (taken.value())
    return Error{Code::name_already_exists,
                 "the name '" + printable(role.name) + "' is taken by role " + std::to_string(s.integer(0))};
  return {};
}

Result<std::int64_t> Transaction::insertRole(const RoleRow& row) {
  GH_TRY(usable());
  const model::Role& role = row.role;
  if (role.uid != 0) {
    GH_TRY(freeUid("role", role.uid));
    Result<std::optional<RoleRow>> there = readRole(*connection_, role.uid);
    if (!there.ok()) return there.error();
    if (there.value())
      return Error{Code::uid_exists, "there is a role " + std::to_string(role.uid) + " already"};
  }
  model::Role named;
  named.name = role.name;
  GH_TRY(freeRoleName(named));
  Statement s = connection_->prepare(
      "INSERT INTO roles (uid, name, management, inert, origin, revision) VALUES (?, ?, ?, ?, ?, ?)");
  if (role.uid != 0)
    s.bind(role.uid);
  else
    s.bindNull();
  s.bind(role.name)
      .bind(model::managements[static_cast<std::size_t>(role.management)])
      .bind(role.inert.json)
      .bind(word(row.origin))
      .bind(change_.revision);
  GH_TRY(write(s));
  const std::int64_t uid = connection_->lastInsertRowid();
  change_.roles.insert(uid);
  touched(row.origin);
  return uid;
}

Status Transaction::updateRole(const RoleRow& row) {
  GH_TRY(usable());
  Result<std::optional<RoleRow>> old = readRole(*connection_, row.role.uid);
  if (!old.ok()) return old.error();
  if (!old.value()) return Error{Code::role_not_exist, "there is no role " + std::to_string(row.role.uid)};
  model::Role before = old.value()->role;
  before.action_uid = row.role.action_uid; // computed: not kept
  if (before == row.role && old.value()->origin == row.origin) return {};
  GH_TRY(freeRoleName(row.role));
  Statement s = connection_->prepare(
      "UPDATE roles SET name = ?, management = ?, inert = ?, origin = ?, revision = ? WHERE uid = ?");
  s.bind(row.role.name)
      .bind(model::managements[static_cast<std::size_t>(row.role.management)])
      .bind(row.role.inert.json)
      .bind(word(row.origin))
      .bind(change_.revision)
      .bind(row.role.uid);
  GH_TRY(write(s));
  change_.roles.insert(row.role.uid);
  touched(row.origin);
  return {};
}

Status Transaction::removeRole(std::int64_t uid) {
  GH_TRY(usable());
  Result<std::int64_t> users = countUsersWithRole(uid);
  if (!users.ok()) return users.error();
  if (users.value() > 0)
    return Error{Code::role_in_use, "role " + std::to_string(uid) + " is a role of " +
                                        std::to_string(users.value()) + " user(s): take it from them first"};
  GH_TRY(dropPermissionsOf(uid));
  Statement s = connection_->prepare("DELETE FROM roles WHERE uid = ?");
  GH_TRY(write(s.bind(uid)));
  if (connection_->changes() == 0)
    return Error{Code::role_not_exist, "there is no role " + std::to_string(uid)};
  GH_TRY(retire("role", uid));
  GH_TRY(removeManifestRow("role", std::to_string(uid)));
  change_.roles.insert(uid);
  touched(Origin::api);
  return {};
}

} // namespace gatehouse::store
