#include "base/Text.h"
#include "store/ReadRows.h"
#include "store/Sqlite.h"

#include <algorithm>
#include <cstring>

namespace gatehouse::store {

bool isZero(const model::Digest& digest) noexcept {
  return std::all_of(digest.begin(), digest.end(), [](std::uint8_t byte) { return byte == 0; });
}

namespace {

#define GH_USER_COLUMNS                                                                                      \
  "SELECT uid, name, email, auth_method, certificate_subject_line, subject_key, verifier, "                  \
  "password_issue_date, "                                                                                    \
  "status, inert, origin, revision, last_login, former_verifiers FROM users LEFT JOIN last_logins ON "       \
  "user_uid = uid "

Status readRoleUids(Connection& connection, model::User& user) {
  Statement s = connection.prepare("SELECT role_uid FROM user_roles WHERE user_uid = ? ORDER BY position");
  s.bind(user.uid);
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return {};
    user.role_uids.push_back(s.integer(0));
  }
}

/// The user at which the statement stands.
Result<UserRecord> userOf(Connection& connection, const Statement& s) {
  UserRecord record;
  model::User& user = record.judged.user;
  user.uid = s.integer(0);
  user.name = s.text(1);
  user.email = s.text(2);
  user.certificate_subject_line = s.text(4);
  if (!s.null(5)) {
    const std::string_view key = s.text(5);
    if (key.size() != record.judged.subjectKey.size()) return unreadable(connection, "users");
    std::memcpy(record.judged.subjectKey.data(), key.data(), key.size());
  }
  if (!s.null(6)) record.verifier = s.text(6);
  record.judged.hasVerifier = !record.verifier.empty();
  if (!s.null(7)) {
    user.password_issue_date = s.text(7);
    // A date that is none counts as long ago: a password of unknown age has expired where passwords expire.
    record.judged.passwordSetAt = fromIsoTime(*user.password_issue_date).value_or(0);
  }
  const auto method = s.word(3, model::authMethods), status = s.word(8, model::userStatuses),
             origin = s.word(10, origins);
  if (!method || !status || !origin) return unreadable(connection, "users");
  user.auth_method = static_cast<model::AuthMethod>(*method);
  user.status = static_cast<model::UserStatus>(*status);
  user.inert.json = s.text(9);
  record.origin = static_cast<Origin>(*origin);
  record.judged.revision = s.integer(11);
  if (!s.null(12)) user.last_login = s.integer(12);
  record.formerVerifiers = s.text(13);
  GH_TRY(readRoleUids(connection, user));
  return record;
}

Result<std::optional<UserRecord>> firstUser(Connection& connection, Statement& s) {
  const Result<bool> row = s.row();
  if (!row.ok()) return row.error();
  if (!row.value()) return std::optional<UserRecord>{};
  Result<UserRecord> record = userOf(connection, s);
  if (!record.ok()) return record.error();
  return std::optional<UserRecord>(std::move(record).value());
}

} // namespace

Result<std::optional<UserRecord>> readUser(Connection& connection, std::int64_t uid) {
  Statement s = connection.prepare(GH_USER_COLUMNS "WHERE uid = ?");
  s.bind(uid);
  return firstUser(connection, s);
}

Result<std::optional<UserRecord>> readUserByLogin(Connection& connection, std::string_view login) {
  const std::string key = folded(login);
  Statement s =
      connection.prepare(GH_USER_COLUMNS "WHERE uid = (SELECT user_uid FROM logins WHERE folded = ?)");
  s.bind(key);
  return firstUser(connection, s);
}

Result<std::optional<UserRecord>> readUserBySubject(Connection& connection, const model::Digest& subjectKey) {
  if (isZero(subjectKey)) return std::optional<UserRecord>{}; // the key of those who have none
  Statement s = connection.prepare(GH_USER_COLUMNS "WHERE subject_key = ?");
  s.bind(std::span<const std::uint8_t>(subjectKey));
  return firstUser(connection, s);
}

namespace {

Result<std::vector<UserRecord>> allUsers(Connection& connection, Statement& s) {
  std::vector<UserRecord> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    Result<UserRecord> record = userOf(connection, s);
    if (!record.ok()) return record.error();
    out.push_back(std::move(record).value());
  }
}

} // namespace

Result<std::vector<UserRecord>> readUsers(Connection& connection, std::int64_t afterUid, std::size_t limit) {
  Statement s = connection.prepare(GH_USER_COLUMNS "WHERE uid > ? ORDER BY uid LIMIT ?");
  s.bind(afterUid).bind(static_cast<std::int64_t>(std::min<std::size_t>(limit, INT32_MAX)));
  return allUsers(connection, s);
}

Result<std::vector<UserRecord>> readUsersByName(Connection& connection, std::string_view afterName,
                                                std::size_t limit) {
  const std::string after = folded(afterName);
  // By the index of logins, where each name stands once (R8).
  Statement s = connection.prepare(
      "SELECT u.uid, name, email, auth_method, certificate_subject_line, subject_key, verifier, "
      "password_issue_date, status, inert, origin, revision, last_login, former_verifiers FROM logins CROSS "
      "JOIN "
      "users u ON u.uid = logins.user_uid LEFT JOIN last_logins l ON l.user_uid = u.uid "
      "WHERE folded > ? AND kind IN ('name', 'both') ORDER BY folded LIMIT ?");
  s.bind(after).bind(static_cast<std::int64_t>(std::min<std::size_t>(limit, INT32_MAX)));
  return allUsers(connection, s);
}

Result<std::int64_t> countAdministrators(Connection& connection) {
  // CROSS: from the few roles to their users, never through all users. Every write asks this.
  return connection.number(
      "SELECT count(DISTINCT users.uid) FROM roles CROSS JOIN user_roles ON role_uid = roles.uid "
      "CROSS JOIN users ON users.uid = user_uid WHERE management = 'admin' AND status = 'active'");
}

Result<std::vector<LoginFailures>> readLoginFailures(Connection& connection) {
  Statement s = connection.prepare("SELECT user_uid, network, failures, last_failure, locked_until FROM "
                                   "login_failures ORDER BY user_uid, network");
  std::vector<LoginFailures> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    LoginFailures& one = out.emplace_back();
    one.userUid = s.integer(0);
    one.network = s.text(1);
    one.failures = s.integer(2);
    one.lastFailure = s.integer(3);
    one.lockedUntil = s.integer(4);
  }
}

} // namespace gatehouse::store
