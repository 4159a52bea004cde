#include "store/Transaction.h"

#include "base/Text.h"
#include "store/ReadRows.h"
#include "store/Sqlite.h"
#include "store/WriteGroup.h"

#include <utility>

namespace gatehouse::store {

Transaction::Transaction(Connection& connection, WriteGroup& group, Change next)
    : connection_(&connection)
    , group_(&group)
    , change_(std::move(next)) {}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr))
    , group_(other.group_)
    , change_(std::move(other.change_))
    , dirty_(other.dirty_)
    , counts_(other.counts_)
    , spent_(other.spent_)
    , notes_(other.notes_)
    , manifestNotes_(other.manifestNotes_)
    , firstRecorded_(other.firstRecorded_) {}

Transaction::~Transaction() {
  if (connection_) undo();
}

void Transaction::undo() noexcept {
  group_->open = false;
  Connection& connection = *std::exchange(connection_, nullptr);
  if (!group_->shared) return ReadScope::rollBack(connection);
  if (!connection.inTransaction()) return; // SQLite has undone it, and all before it
  const bool undone =
      connection.prepare("ROLLBACK TO write").run().ok() && connection.prepare("RELEASE write").run().ok();
  // Half a write must not be committed with the others.
  if (!undone) ReadScope::rollBack(connection);
}

Status Transaction::keep() {
  Status kept = connection_->prepare(group_->shared ? "RELEASE write" : "COMMIT").run();
  if (!kept.ok()) {
    group_->failed(*connection_, kept.error());
    spent_ = true;
    undo();
    return kept;
  }
  group_->kept = true;
  group_->open = false;
  connection_ = nullptr;
  return {};
}

/// SQLite ends a transaction by itself when the disk is full or fails; what came after would be committed
/// statement by statement.
Status Transaction::usable() const {
  if (!connection_) return Error{Code::internal_error, "the transaction is over"};
  if (spent_ || !connection_->inTransaction())
    return Error{Code::unavailable,
                 "an earlier step of this change failed, so all of it is undone; try again"};
  return {};
}

Status Transaction::write(Statement& statement) {
  Status done = statement.run();
  if (!done.ok()) {
    spent_ = true;
    group_->failed(*connection_, done.error());
  }
  return done;
}

void Transaction::touched(Origin origin) noexcept {
  dirty_ = true;
  if (origin != Origin::builtin) counts_ = true;
}

Status Transaction::freeUid(std::string_view kind, std::int64_t uid) {
  if (uid < 1 || uid > greatestGivenUid)
    return Error{Code::invalid_param, "uid must be a number from 1 to " + std::to_string(greatestGivenUid)};
  Statement s = connection_->prepare("SELECT 1 FROM retired_uids WHERE kind = ? AND uid = ?");
  const Result<bool> retired = s.bind(kind).bind(uid).row();
  if (!retired.ok()) return retired.error();
  if (retired.value())
    return Error{Code::uid_exists, "uid " + std::to_string(uid) + " was another " + std::string(kind) +
                                       "'s, and a uid is never used again; leave it out"};
  return {};
}

Status Transaction::retire(std::string_view kind, std::int64_t uid) {
  Statement s = connection_->prepare("INSERT INTO retired_uids (kind, uid) VALUES (?, ?)");
  return write(s.bind(kind).bind(uid));
}

Result<bool> Transaction::empty() {
  GH_TRY(usable());
  Result<StoredRevision> stored = readRevision(*connection_);
  if (!stored.ok()) return stored.error();
  return stored->commits == 0;
}

Status Transaction::settleNotes() {
  if (!dirty_ && firstRecorded_ > 0) {
    Statement s = connection_->prepare("UPDATE audit SET revision = 0 WHERE id >= ?");
    GH_TRY(write(s.bind(firstRecorded_)));
  }
  if (!dirty_ && manifestNotes_) {
    Statement s = connection_->prepare("UPDATE manifest_rows SET revision = ?1 WHERE revision > ?1");
    GH_TRY(write(s.bind(base())));
  }
  return firstRecorded_ > 0 ? trimAudit() : Status();
}

Status Transaction::commit(Change& change) {
  GH_TRY(usable());
  if (dirty_) {
    Statement s =
        connection_->prepare("UPDATE revision SET number = ?, changed_at = ?, commits = commits + ?");
    GH_TRY(write(s.bind(change_.revision).bind(change_.committedAt).bind(std::int64_t{counts_})));
  }
  GH_TRY(settleNotes());
  if (dirty_ || notes_)
    GH_TRY(keep());
  else
    undo();
  change = std::move(change_);
  if (!dirty_) --change.revision;
  return {};
}

} // namespace gatehouse::store
