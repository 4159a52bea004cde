#include "base/Text.h"
#include "control/change/Changes.h"
#include "control/change/ChangesRules.h"
#include "control/change/Passwords.h"
#include "model/Subject.h"
#include "pki/Hash.h"
#include "store/Transaction.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::control {
namespace {

using model::AuthMethod;
using model::User;

// What any user may change of itself, whatever its roles (it may log in under another name tomorrow, never as
// somebody else: R8).
constexpr std::array<std::string_view, 5> ownFields = {"name", "password", "email_alerts",
                                                       "bdbs_email_alerts", "cluster_email_alerts"};

/// What audit records and holds call those who are no users. Anybody may choose its own name: not one of
/// these.
Status checkName(const User& user) {
  constexpr std::array<std::string_view, 3> taken = {"gatehouse", "manifest", "nobody"};
  const std::string name = folded(user.name);
  if (std::find(taken.begin(), taken.end(), name) == taken.end() && !name.starts_with("local administrator"))
    return {};
  return at(Code::invalid_param, "name", "is what the log calls somebody who is no user; choose another");
}

Error noSuchUser(std::int64_t uid) {
  return {Code::user_not_exist, "there is no user " + std::to_string(uid)};
}

std::string roleWord(model::Management word) {
  return std::string(model::managements[static_cast<std::size_t>(word)]);
}

Status checkRolesExist(const Draft& draft, const User& user) {
  for (std::size_t i = 0; i < user.role_uids.size(); ++i)
    if (!draft.next.roles.contains(user.role_uids[i]))
      return at(Code::invalid_param, "role_uids[" + std::to_string(i) + ']',
                "there is no role " + std::to_string(user.role_uids[i]));
  return {};
}

/// The deprecated word alone means the builtin role of that word; beside role_uids it must say the same. A
/// client that read the whole user, changed role_uids and writes all back sends the old word: that is not a
/// wish (`wordBefore`).
Status adoptRole(const Draft& draft, const Given& given, model::Management wordBefore,
                 const std::vector<std::int64_t>& uidsBefore, User& user) {
  const bool word = given.contains("role") && user.role != wordBefore;
  const bool uids = given.contains("role_uids") && user.role_uids != uidsBefore;
  if (word && !uids) {
    const std::int64_t builtin = model::builtinRoleUid(user.role);
    const auto role = draft.next.roles.find(builtin);
    if (role == draft.next.roles.end() || role->second.management != user.role)
      return at(Code::invalid_param, "role",
                "the builtin role of `" + roleWord(user.role) + "` is gone or changed; give role_uids");
    user.role_uids = {builtin};
  }
  GH_TRY(checkRolesExist(draft, user));
  const model::Management strongest = Rights::of(user.role_uids, draft.next).strongest();
  if (word && uids && user.role != strongest)
    return at(Code::invalid_param, "role",
              "`" + roleWord(user.role) + "` and role_uids do not agree: the strongest of those roles is `" +
                  roleWord(strongest) + "`");
  user.role = strongest;
  return {};
}

/// R4 and R7: what each auth_method needs and excludes. `row` holds the user as asked for and the proof as it
/// was.
Status settleProof(Draft& draft, const UserRequest& request, const User* before, store::UserRecord& row) {
  User& user = row.judged.user;
  if (user.auth_method == AuthMethod::certificate) {
    if (request.password)
      return at(
          Code::invalid_param, "password",
          "a user of auth_method certificate has no password; leave it out, or set auth_method regular");
    if (user.certificate_subject_line.empty())
      return at(Code::missing_field, "certificate_subject_line",
                "a user of auth_method certificate needs the subject of its certificate");
    auto subject = model::Subject::parse(user.certificate_subject_line);
    if (!subject) return at("certificate_subject_line", std::move(subject).error());
    if (subject->empty())
      return at(Code::invalid_subject_line, "certificate_subject_line", "the subject is empty");
    row.judged.subjectKey = pki::subjectKey(*subject);
    row.verifier.clear();
    row.formerVerifiers.clear();
    row.judged.hasVerifier = false;
    row.judged.passwordSetAt = 0;
    user.password_issue_date.reset();
    return {};
  }

  const bool wasCertificate = before && before->auth_method == AuthMethod::certificate;
  if (!user.certificate_subject_line.empty() &&
      !(before && user.certificate_subject_line == before->certificate_subject_line))
    return at(Code::invalid_param, "certificate_subject_line",
              "only a user of auth_method certificate has one");
  user.certificate_subject_line.clear();
  row.judged.subjectKey = {};
  if ((!before || wasCertificate) && !request.password)
    return at(Code::missing_field, "password", "a user of auth_method regular needs a password");
  return request.password ? layPassword(draft, request.enrolled, row) : Status();
}

bool isOwn(const FieldChange& change) {
  return std::find(ownFields.begin(), ownFields.end(), change.field) != ownFields.end();
}

/// Whoever may not change users may change some fields of itself.
Status checkOwn(const Draft& draft, std::int64_t uid, const std::vector<FieldChange>& changes) {
  if (allows(draft.rights, Permission::update_user)) return {};
  if (uid != draft.callerUid)
    return Error{Code::unauthorized_action, "your roles do not include update_user"};
  for (const FieldChange& change : changes)
    if (!isOwn(change))
      return at(Code::unauthorized_action, change.field,
                "you may change your own name, password and alert preferences, and nothing else of yourself");
  return {};
}

Result<Outcome<User>> written(Draft& draft, std::int64_t uid) {
  auto row = findUser(draft, uid);
  if (!row) return std::move(row).error();
  return Outcome<User>{std::move(row->judged.user), row->judged.revision, true};
}

bool isAdministrator(const Draft& draft, const User& user) {
  return user.status == model::UserStatus::active && Rights::of(user.role_uids, draft.next).administrator();
}

} // namespace

store::Hold holdKeysOf(const store::UserRecord& row) {
  store::Hold hold;
  hold.kind = "user";
  hold.name = row.judged.user.name;
  hold.email = row.judged.user.email;
  if (row.judged.subjectKey != model::Digest{}) hold.subjectKey = hex(pki::view(row.judged.subjectKey));
  return hold;
}

Result<store::UserRecord> findUser(Draft& draft, std::int64_t uid) {
  auto found = draft.transaction.user(uid);
  if (!found) return std::move(found).error();
  if (!*found) return noSuchUser(uid);
  User& user = (*found)->judged.user;
  user.role = Rights::of(user.role_uids, draft.next).strongest();
  return std::move(**found);
}

Result<Outcome<User>> createUser(Draft& draft, const UserRequest& request) {
  store::UserRecord row;
  row.origin = draft.origin;
  User& user = row.judged.user;
  auto given = request.merge(user);
  if (!given) return std::move(given).error();
  GH_TRY(checkName(user));
  // On a create every word given is a wish, `none` too.
  if (given->contains("role") && !given->contains("role_uids") && user.role == model::Management::none)
    user.role_uids = {model::builtinRoleUid(model::Management::none)};
  if (given->contains("role") && given->contains("role_uids") && user.role == model::Management::none &&
      Rights::of(user.role_uids, draft.next).strongest() != model::Management::none)
    return at(Code::invalid_param, "role", "`none` and role_uids do not agree");
  GH_TRY(adoptRole(draft, *given, model::Management::none, {}, user));
  GH_TRY(settleProof(draft, request, nullptr, row));
  GH_TRY(mayTouch(draft, {}, Rights::of(user.role_uids, draft.next)));
  auto uid = draft.transaction.insertUser(row);
  if (!uid) return std::move(uid).error();
  if (request.password) given->insert("password");
  draft.done.push_back({"created", "user", *uid, user.name, {given->begin(), given->end()}, {}});
  return written(draft, *uid);
}

Result<Outcome<User>> updateUser(Draft& draft, std::int64_t uid, const UserRequest& request) {
  auto row = findUser(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->judged.revision));
  const store::Hold keys = holdKeysOf(*row);
  const User before = row->judged.user;
  User& user = row->judged.user;
  auto given = request.merge(user);
  if (!given) return std::move(given).error();
  if (user.name != before.name) GH_TRY(checkName(user));
  GH_TRY(adoptRole(draft, *given, before.role, before.role_uids, user));
  GH_TRY(settleProof(draft, request, &before, *row));

  std::vector<FieldChange> changes = diff(model::View(before), model::View(user));
  if (request.password) changes.push_back({"password", true});
  GH_TRY(checkOwn(draft, uid, changes));
  if (changes.empty()) return Outcome<User>{before, row->judged.revision, false};
  // Of its own, an administrator whose password has expired may set a new one though it has no rights yet.
  if (uid != draft.callerUid || !std::all_of(changes.begin(), changes.end(), isOwn))
    GH_TRY(mayTouch(draft, Rights::of(before.role_uids, draft.next), Rights::of(user.role_uids, draft.next)));

  if (isAdministrator(draft, before) &&
      (!isAdministrator(draft, user) || user.auth_method != before.auth_method))
    draft.administratorsTouched = true;
  GH_TRY(holdFields(draft, row->origin, keys, changes));
  row->origin = ownerAfter(draft, row->origin);
  GH_TRY(draft.transaction.updateUser(*row));
  GH_TRY(carryHolds(draft, row->origin, keys, holdKeysOf(*row)));
  Done done{"updated", "user", uid, user.name, {}, {}};
  for (const FieldChange& change : changes) done.fields.push_back(change.field);
  draft.done.push_back(std::move(done));
  return written(draft, uid);
}

Status deleteUser(Draft& draft, std::int64_t uid) {
  auto row = findUser(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->judged.revision));
  const User& user = row->judged.user;
  if (uid == draft.callerUid && !draft.forced)
    return Error{Code::not_acceptable, "this is yourself: have another administrator delete it, or add "
                                       "?force (--force to `gatehouse apply`)"};
  GH_TRY(mayTouch(draft, Rights::of(user.role_uids, draft.next), {}));
  if (isAdministrator(draft, user)) draft.administratorsTouched = true;
  GH_TRY(holdRow(draft, row->origin, holdKeysOf(*row)));
  GH_TRY(draft.transaction.removeUser(uid));
  draft.done.push_back({"deleted", "user", uid, user.name, {}, {}});
  return {};
}

} // namespace gatehouse::control
