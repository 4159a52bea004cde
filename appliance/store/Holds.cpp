#include "base/Text.h"
#include "store/ReadRows.h"
#include "store/Sqlite.h"
#include "store/Transaction.h"

#include <algorithm>
#include <iterator>

namespace gatehouse::store {
namespace {

/// There is one cluster with one policy, so their holds need no key.
bool isOne(std::string_view kind) noexcept { return kind == "cluster" || kind == "cluster_policy"; }

Result<std::vector<Hold>> allHolds(Statement& s) {
  std::vector<Hold> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    Hold& hold = out.emplace_back();
    hold.kind = s.text(0);
    hold.name = s.text(1);
    hold.email = s.text(2);
    hold.subjectKey = s.text(3);
    hold.field = s.text(4);
    hold.revision = s.integer(5);
    hold.who = s.text(6);
  }
}

} // namespace

Result<std::vector<Hold>> readHolds(Connection& connection) {
  Statement s = connection.prepare(
      "SELECT kind, name, email, subject_key, field, revision, who FROM holds ORDER BY id");
  return allHolds(s);
}

Result<std::vector<Hold>> Transaction::holds() {
  GH_TRY(usable());
  return readHolds(*connection_);
}

Status Transaction::hold(const Hold& hold) {
  GH_TRY(usable());
  constexpr std::string_view kinds[] = {"user",           "role",      "certificate", "cluster",
                                        "cluster_policy", "redis_acl", "bdb"};
  if (std::find(std::begin(kinds), std::end(kinds), hold.kind) == std::end(kinds))
    return Error{Code::internal_error, "there is no hold of kind '" + printable(hold.kind) + "'"};
  const std::string name = folded(hold.name), email = folded(hold.email);
  {
    // The same thing taken away twice is one hold, else a caller who repeats himself fills the disk.
    // By the name's index (+): most have no subject, and an index of those is none.
    Statement s = connection_->prepare("DELETE FROM holds WHERE kind = ? AND folded_name = ? AND "
                                       "+folded_email = ? AND +subject_key = ? AND field = ?");
    GH_TRY(write(s.bind(hold.kind).bind(name).bind(email).bind(hold.subjectKey).bind(hold.field)));
  }
  Statement s = connection_->prepare(
      "INSERT INTO holds (kind, name, folded_name, email, folded_email, subject_key, field, revision, who) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(hold.kind)
      .bind(hold.name)
      .bind(name)
      .bind(hold.email)
      .bind(email)
      .bind(hold.subjectKey)
      .bind(hold.field);
  const bool carried = hold.revision > 0; // from a row's former keys
  GH_TRY(write(s.bind(carried ? hold.revision : change_.revision).bind(carried ? hold.who : change_.who)));
  touched(Origin::api);
  return {};
}

Result<std::vector<Hold>> Transaction::holdsMeeting(std::string_view kind, std::string_view name,
                                                    std::string_view email, std::string_view subjectKey) {
  GH_TRY(usable());
  const std::string foldedName = folded(name), foldedEmail = folded(email);
  if (isOne(kind)) {
    Statement s = connection_->prepare("SELECT kind, name, email, subject_key, field, revision, who FROM "
                                       "holds WHERE kind = ? ORDER BY id");
    s.bind(kind);
    return allHolds(s);
  }
  // The kind stands in each branch, so that each is a look-up: a manifest asks this for each of its users.
  // The empty text is no key of anything.
  Statement s = connection_->prepare("SELECT kind, name, email, subject_key, field, revision, who FROM holds "
                                     "WHERE (kind = ?1 AND folded_name <> '' AND folded_name IN (?2, ?3)) "
                                     "OR (kind = ?1 AND folded_email <> '' AND folded_email IN (?2, ?3)) "
                                     "OR (kind = ?1 AND subject_key <> '' AND subject_key = ?4) ORDER BY id");
  s.bind(kind).bind(foldedName).bind(foldedEmail).bind(subjectKey);
  return allHolds(s);
}

Result<std::int64_t> Transaction::release(std::string_view kind, std::string_view name) {
  GH_TRY(usable());
  if (name.empty() && !isOne(kind)) return std::int64_t{0};
  const std::string key = folded(name);
  Statement s = connection_->prepare(
      isOne(kind) ? "DELETE FROM holds WHERE kind = ?1"
                  : "DELETE FROM holds WHERE (kind = ?1 AND folded_name = ?2) OR (kind = ?1 AND "
                    "folded_email = ?2)");
  s.bind(kind);
  if (!isOne(kind)) s.bind(key);
  GH_TRY(write(s));
  const std::int64_t ended = connection_->changes();
  if (ended > 0) touched(Origin::api);
  return ended;
}

} // namespace gatehouse::store
