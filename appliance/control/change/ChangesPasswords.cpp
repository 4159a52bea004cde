#include "base/Text.h"
#include "control/change/ChangesRules.h"
#include "control/change/PasswordRules.h"
#include "control/change/Passwords.h"
#include "store/Transaction.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

using Lines = std::vector<std::string>;

/// In a rehearsal nobody has made a verifier yet.
bool isRehearsal(const Enrolled& enrolled) { return enrolled.password && enrolled.verifier.empty(); }

bool fitsAny(const Enrolled& enrolled, const Lines& verifiers) {
  return std::any_of(verifiers.begin(), verifiers.end(), [&](const std::string& verifier) {
    return std::find(enrolled.fits.begin(), enrolled.fits.end(), verifier) != enrolled.fits.end();
  });
}

/// The rules of a new password: what it is like, and that it is none of those that there are or were.
Status judgeNew(Draft& draft, const Enrolled& enrolled, const store::UserRecord& row) {
  const model::ClusterSettings& settings = draft.next.settings;
  if (enrolled.password) GH_TRY(checkComplexity(*enrolled.password, settings, row.judged.user));
  const Lines current = verifiersIn(row.verifier), former = verifiersIn(row.formerVerifiers);
  draft.compare.insert(draft.compare.end(), current.begin(), current.end());
  if (settings.password_complexity) draft.compare.insert(draft.compare.end(), former.begin(), former.end());
  if (fitsAny(enrolled, current))
    return at(Code::new_password_same_as_current, "password", "is one that the user has already");
  if (settings.password_complexity && fitsAny(enrolled, former))
    return at(Code::new_password_same_as_current, "password",
              "is one of the user's last ones; password_complexity is on, so choose another");
  return {};
}

void remember(store::UserRecord& row, const Lines& replaced) {
  Lines former = replaced;
  const Lines before = verifiersIn(row.formerVerifiers);
  former.insert(former.end(), before.begin(), before.end());
  if (former.size() > mostFormerPasswords) former.resize(mostFormerPasswords);
  row.formerVerifiers = verifierLines(former);
}

Result<store::UserRecord> regularUser(Draft& draft, std::int64_t uid) {
  auto row = findUser(draft, uid);
  if (!row) return std::move(row).error();
  if (row->judged.user.auth_method != model::AuthMethod::regular)
    return at(Code::invalid_param, "username", "a user of auth_method certificate has no password");
  return row;
}

Status write(Draft& draft, store::UserRecord& row) {
  GH_TRY(holdFields(draft, row.origin, holdKeysOf(row), {{"password", true}}));
  row.origin = ownerAfter(draft, row.origin);
  GH_TRY(draft.transaction.updateUser(row));
  const model::User& user = row.judged.user;
  draft.done.push_back({"updated", "user", user.uid, user.name, {"password"}, {}});
  return {};
}

} // namespace

Lines verifiersIn(std::string_view lines) {
  Lines out;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    if (!line.empty()) out.emplace_back(line);
  }
  return out;
}

std::string verifierLines(const Lines& verifiers) {
  std::string out;
  for (const std::string& verifier : verifiers) {
    if (!out.empty()) out += '\n';
    out += verifier;
  }
  return out;
}

Status layPassword(Draft& draft, const Enrolled& enrolled, store::UserRecord& row) {
  GH_TRY(judgeNew(draft, enrolled, row));
  remember(row, verifiersIn(row.verifier));
  row.verifier = enrolled.verifier;
  row.judged.hasVerifier = true;
  row.judged.passwordSetAt = draft.now;
  row.judged.user.password_issue_date = isoTime(draft.now);
  if (row.judged.user.uid != 0) draft.unlocks.insert(row.judged.user.uid);
  return {};
}

Status addPassword(Draft& draft, std::int64_t uid, const Enrolled& enrolled) {
  auto row = regularUser(draft, uid);
  if (!row) return std::move(row).error();
  Lines verifiers = verifiersIn(row->verifier);
  if (verifiers.size() >= mostPasswords)
    return Error{Code::not_acceptable,
                 "the user has " + std::to_string(verifiers.size()) +
                     " passwords, and no more are allowed: remove one with DELETE, or replace all with PUT"};
  GH_TRY(judgeNew(draft, enrolled, *row));
  if (isRehearsal(enrolled)) return {};
  verifiers.push_back(enrolled.verifier);
  row->verifier = verifierLines(verifiers);
  draft.unlocks.insert(uid);
  draft.gives = true;
  return write(draft, *row);
}

Status removePassword(Draft& draft, std::int64_t uid, const Enrolled& enrolled) {
  auto row = regularUser(draft, uid);
  if (!row) return std::move(row).error();
  Lines verifiers = verifiersIn(row->verifier), removed;
  if (verifiers.size() < 2)
    return Error{Code::cannot_delete_last_password,
                 "old_password: the user has one password alone; set another one first"};
  draft.compare = verifiers;
  if (isRehearsal(enrolled)) return {};
  for (const std::string& verifier : verifiers)
    if (fitsAny(enrolled, {verifier})) removed.push_back(verifier);
  if (removed.empty()) return at(Code::invalid_param, "old_password", "is none of the user's passwords");
  if (removed.size() == verifiers.size()) // the same word twice: it stays once
    removed.pop_back();
  std::erase_if(verifiers, [&](const std::string& verifier) {
    return std::find(removed.begin(), removed.end(), verifier) != removed.end();
  });
  row->verifier = verifierLines(verifiers);
  remember(*row, removed);
  return write(draft, *row);
}

} // namespace gatehouse::control
