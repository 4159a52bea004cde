#include "base/Text.h"
#include "store/ReadRows.h"
#include "store/Sqlite.h"
#include "store/Transaction.h"

#include <set>

namespace gatehouse::store {
namespace {

Error noSuchUser(std::int64_t uid) {
  return {Code::user_not_exist, "there is no user " + std::to_string(uid)};
}

/// The columns that INSERT and UPDATE share, in one order.
void bindColumns(Statement& s, const UserRecord& record, model::Revision revision) {
  const model::User& user = record.judged.user;
  s.bind(user.name)
      .bind(user.email)
      .bind(model::authMethods[static_cast<std::size_t>(user.auth_method)])
      .bind(user.certificate_subject_line);
  if (isZero(record.judged.subjectKey))
    s.bindNull();
  else
    s.bind(std::span<const std::uint8_t>(record.judged.subjectKey));
  if (record.verifier.empty())
    s.bindNull();
  else
    s.bind(record.verifier);
  if (user.password_issue_date)
    s.bind(*user.password_issue_date);
  else
    s.bindNull();
  // A lock and an expired password are computed from what is written elsewhere.
  s.bind(model::userStatuses[static_cast<std::size_t>(model::UserStatus::active)])
      .bind(user.inert.json)
      .bind(word(record.origin))
      .bind(revision)
      .bind(record.formerVerifiers);
}

} // namespace

Result<std::optional<UserRecord>> Transaction::user(std::int64_t uid) {
  GH_TRY(usable());
  return readUser(*connection_, uid);
}

Result<std::optional<UserRecord>> Transaction::userByLogin(std::string_view login) {
  GH_TRY(usable());
  return readUserByLogin(*connection_, login);
}

Result<std::optional<UserRecord>> Transaction::userBySubject(const model::Digest& subjectKey) {
  GH_TRY(usable());
  return readUserBySubject(*connection_, subjectKey);
}

Result<std::vector<UserRecord>> Transaction::users(std::int64_t afterUid, std::size_t limit) {
  GH_TRY(usable());
  return readUsers(*connection_, afterUid, limit);
}

Status Transaction::freeLogins(const model::User& user) {
  const auto taken = [&](std::string_view value, Code code, std::string_view what) -> Status {
    const std::string key = folded(value);
    Statement s =
        connection_->prepare("SELECT user_uid, kind FROM logins WHERE folded = ? AND user_uid <> ?");
    const Result<bool> row = s.bind(key).bind(user.uid).row();
    if (!row.ok()) return row.error();
    if (!row.value()) return {};
    return Error{code, "the " + std::string(what) + " '" + printable(value) + "' is taken: user " +
                           std::to_string(s.integer(0)) + " has it as its " +
                           (s.text(1) == "email" ? "e-mail address" : "name") +
                           " (names and addresses are one namespace, without case)"};
  };
  GH_TRY(taken(user.name, Code::name_already_exists, "name"));
  return user.email.empty() ? Status() : taken(user.email, Code::email_already_exists, "e-mail address");
}

/// All that the tables would refuse, said in sentences before anything is written.
Status Transaction::fits(const UserRecord& record) {
  const model::User& user = record.judged.user;
  const bool byCertificate = user.auth_method == model::AuthMethod::certificate;
  if (user.name.empty()) return Error{Code::missing_field, "name must not be empty"};
  if (byCertificate && !record.verifier.empty())
    return Error{Code::invalid_param, "a user of auth_method certificate has no password"}; // R4
  if (byCertificate == isZero(record.judged.subjectKey))
    return Error{Code::invalid_param,
                 byCertificate ? "a user of auth_method certificate needs a certificate_subject_line"
                               : "certificate_subject_line is for users of auth_method certificate"};
  GH_TRY(freeLogins(user));
  if (byCertificate) {
    Statement s = connection_->prepare("SELECT uid, name FROM users WHERE subject_key = ? AND uid <> ?");
    const Result<bool> row =
        s.bind(std::span<const std::uint8_t>(record.judged.subjectKey)).bind(user.uid).row();
    if (!row.ok()) return row.error();
    if (row.value())
      return Error{Code::subject_already_exists, "the subject '" + printable(user.certificate_subject_line) +
                                                     "' is that of user " + std::to_string(s.integer(0)) +
                                                     " '" + printable(s.text(1)) + "'"};
  }
  std::set<std::int64_t> seen;
  for (const std::int64_t uid : user.role_uids) {
    if (!seen.insert(uid).second)
      return Error{Code::invalid_param, "role_uids names role " + std::to_string(uid) + " twice"};
    Result<std::optional<RoleRow>> role = readRole(*connection_, uid);
    if (!role.ok()) return role.error();
    if (!role.value()) return Error{Code::role_not_exist, "there is no role " + std::to_string(uid)};
  }
  return {};
}

Status Transaction::writeLogins(const model::User& user) {
  const std::string name = folded(user.name), email = folded(user.email);
  const auto insert = [&](const std::string& key, std::string_view kind) {
    Statement s = connection_->prepare("INSERT INTO logins (folded, user_uid, kind) VALUES (?, ?, ?)");
    return write(s.bind(key).bind(user.uid).bind(kind));
  };
  if (name == email) return insert(name, "both");
  GH_TRY(insert(name, "name"));
  return email.empty() ? Status() : insert(email, "email");
}

Status Transaction::writeRoles(const model::User& user) {
  std::int64_t position = 0;
  for (const std::int64_t role : user.role_uids) {
    Statement s =
        connection_->prepare("INSERT INTO user_roles (user_uid, position, role_uid) VALUES (?, ?, ?)");
    GH_TRY(write(s.bind(user.uid).bind(position++).bind(role)));
  }
  return {};
}

Result<std::int64_t> Transaction::insertUser(const UserRecord& record) {
  GH_TRY(usable());
  model::User user = record.judged.user;
  if (user.uid != 0) {
    GH_TRY(freeUid("user", user.uid));
    Result<std::optional<UserRecord>> there = readUser(*connection_, user.uid);
    if (!there.ok()) return there.error();
    if (there.value())
      return Error{Code::uid_exists, "there is a user " + std::to_string(user.uid) + " already"};
  }
  GH_TRY(fits(record));
  {
    Statement s = connection_->prepare(
        "INSERT INTO users (uid, name, email, auth_method, certificate_subject_line, subject_key, verifier, "
        "password_issue_date, status, inert, origin, revision, former_verifiers) VALUES (?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, "
        "?, ?, ?)");
    if (user.uid != 0)
      s.bind(user.uid);
    else
      s.bindNull();
    bindColumns(s, record, change_.revision);
    GH_TRY(write(s));
  }
  user.uid = connection_->lastInsertRowid();
  GH_TRY(writeLogins(user));
  GH_TRY(writeRoles(user));
  if (user.last_login) {
    Statement s = connection_->prepare("INSERT INTO last_logins (user_uid, last_login) VALUES (?, ?)");
    GH_TRY(write(s.bind(user.uid).bind(*user.last_login)));
  }
  change_.users.insert(user.uid);
  touched(record.origin);
  return user.uid;
}

Status Transaction::updateUser(const UserRecord& record) {
  GH_TRY(usable());
  const model::User& user = record.judged.user;
  Result<std::optional<UserRecord>> old = readUser(*connection_, user.uid);
  if (!old.ok()) return old.error();
  if (!old.value()) return noSuchUser(user.uid);
  model::User before = old.value()->judged.user;
  before.role = user.role; // computed, or not moved here
  before.status = user.status;
  before.action_uid = user.action_uid;
  before.last_login = user.last_login;
  if (before == user && old.value()->judged.subjectKey == record.judged.subjectKey &&
      old.value()->verifier == record.verifier && old.value()->formerVerifiers == record.formerVerifiers &&
      old.value()->origin == record.origin)
    return {};
  GH_TRY(fits(record));
  {
    Statement s = connection_->prepare("UPDATE users SET name = ?, email = ?, auth_method = ?, "
                                       "certificate_subject_line = ?, subject_key = ?, "
                                       "verifier = ?, password_issue_date = ?, status = ?, inert = ?, origin "
                                       "= ?, revision = ?, former_verifiers = ? WHERE uid = ?");
    bindColumns(s, record, change_.revision);
    GH_TRY(write(s.bind(user.uid)));
  }
  const auto clear = [&](std::string_view sql) { return write(connection_->prepare(sql).bind(user.uid)); };
  if (before.name != user.name || before.email != user.email) {
    GH_TRY(clear("DELETE FROM logins WHERE user_uid = ?"));
    GH_TRY(writeLogins(user));
  }
  if (before.role_uids != user.role_uids) {
    GH_TRY(clear("DELETE FROM user_roles WHERE user_uid = ?"));
    GH_TRY(writeRoles(user));
  }
  change_.users.insert(user.uid);
  touched(record.origin);
  return {};
}

Status Transaction::removeUser(std::int64_t uid) {
  GH_TRY(usable());
  Statement s =
      connection_->prepare("DELETE FROM users WHERE uid = ?"); // logins, roles and the last login go with it
  GH_TRY(write(s.bind(uid)));
  if (connection_->changes() == 0) return noSuchUser(uid);
  GH_TRY(retire("user", uid));
  GH_TRY(removeManifestRow("user", std::to_string(uid)));
  change_.users.insert(uid);
  touched(Origin::api);
  return {};
}

Result<std::vector<std::int64_t>> Transaction::usersWithRole(std::int64_t roleUid) {
  GH_TRY(usable());
  Statement s = connection_->prepare("SELECT user_uid FROM user_roles WHERE role_uid = ? ORDER BY user_uid");
  s.bind(roleUid);
  std::vector<std::int64_t> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    out.push_back(s.integer(0));
  }
}

Result<std::int64_t> Transaction::countUsersWithRole(std::int64_t roleUid) {
  GH_TRY(usable());
  Statement s = connection_->prepare("SELECT count(*) FROM user_roles WHERE role_uid = ?");
  const Result<bool> row = s.bind(roleUid).row();
  if (!row.ok()) return row.error();
  return s.integer(0);
}

Result<std::int64_t> Transaction::administrators() {
  GH_TRY(usable());
  return countAdministrators(*connection_);
}

} // namespace gatehouse::store
