#include "store/Migrator.h"

#include "base/Text.h"
#include "store/Backup.h"
#include "store/Sqlite.h"

#include <cstdio>
#include <map>

namespace gatehouse::store {
namespace {

std::string numbered(int number) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d", number);
  return text;
}

std::string nameOf(const Migration& migration) {
  return numbered(migration.number) + "_" + std::string(migration.name);
}

/// The greatest uid that each table ever gave out. It goes with a table that is dropped, and a rebuilt one
/// would give uids out again (R8).
class GivenUids {
public:
  Status remember(Connection& connection) {
    const Result<std::int64_t> kept =
        connection.number("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'");
    if (!kept.ok()) return kept.error();
    if (kept.value() == 0) return {}; // no table with AUTOINCREMENT yet
    Statement s = connection.prepare("SELECT name, seq FROM sqlite_sequence");
    while (true) {
      const Result<bool> row = s.row();
      if (!row.ok()) return row.error();
      if (!row.value()) return {};
      greatest_.emplace(s.text(0), s.integer(1));
    }
  }

  Status restore(Connection& connection) const {
    for (const auto& [table, uid] : greatest_) {
      Statement raise = connection.prepare("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1");
      GH_TRY(raise.bind(table).bind(uid).run());
      if (connection.changes() > 0) continue;
      Statement insert =
          connection.prepare("INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2 "
                             "WHERE EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)");
      GH_TRY(insert.bind(table).bind(uid).run());
    }
    return {};
  }

private:
  std::map<std::string, std::int64_t> greatest_;
};

/// A step must not end the transaction that holds it, nor reach another file or a setting of the connection.
int noEscape(void*, int action, const char* name, const char*, const char*, const char*) {
  switch (action) {
  case SQLITE_TRANSACTION:
  case SQLITE_SAVEPOINT:
  case SQLITE_ATTACH:
  case SQLITE_DETACH: return SQLITE_DENY;
  // ALTER TABLE asks for a quick check by itself where it adds a column with a CHECK.
  case SQLITE_PRAGMA: return name && std::string_view(name) == "quick_check" ? SQLITE_OK : SQLITE_DENY;
  default: return SQLITE_OK;
  }
}

Status sound(Connection& connection, const Migration& migration) {
  const auto broken = [&](const std::string& what) {
    return Error{Code::internal_error, "migration " + nameOf(migration) + " would leave a broken store (" +
                                           what + "): nothing was changed"};
  };
  {
    Statement s = connection.prepare("PRAGMA foreign_key_check");
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (row.value())
      return broken("a row of " + printable(s.text(0)) + " refers to nothing in " + printable(s.text(2)));
  }
  Statement s = connection.prepare("PRAGMA integrity_check(1)");
  const Result<bool> row = s.row();
  if (!row.ok()) return row.error();
  if (!row.value() || s.text(0) != "ok") return broken(printable(s.text(0)));
  return {};
}

} // namespace

Result<std::size_t> Migrator::pending(Connection& connection) const {
  const std::string store = "the store " + printable(connection.path());
  const Result<std::int64_t> tables = connection.number("SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.error();
  if (tables.value() == 0) return migrations_.size();
  const Result<std::int64_t> logged =
      connection.number("SELECT count(*) FROM sqlite_schema WHERE name = 'migration_log'");
  if (!logged.ok()) return logged.error();
  if (logged.value() == 0)
    return Error{Code::unavailable,
                 store + " is of another program: nothing was changed; correct store.path"};

  Statement s = connection.prepare("SELECT number, name, sha256 FROM migration_log ORDER BY number");
  std::size_t taken = 0;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) break;
    const std::string logName = numbered(static_cast<int>(s.integer(0))) + "_" + printable(s.text(1));
    if (taken == migrations_.size())
      return Error{Code::unavailable, store + " is newer than this program: it has taken migration " +
                                          logName +
                                          ", which is not known here. Install the newer program, or put the "
                                          "backup from before the upgrade in its place"};
    const Migration& migration = migrations_[taken];
    if (s.integer(0) != migration.number || s.text(2) != migration.sha256)
      return Error{
          Code::unavailable,
          store + " has taken another migration " + logName + " than this program's " + nameOf(migration) +
              ": it was made by a different build. Use that build, or put a backup of this one in its place"};
    ++taken;
  }
  return migrations_.size() - taken;
}

Status Migrator::migrate(Connection& connection) const {
  const Result<std::size_t> steps = pending(connection);
  if (!steps.ok()) return steps.error();
  if (steps.value() == 0) return {};
  const std::size_t taken = migrations_.size() - steps.value();
  if (taken > 0)
    GH_TRY(copyStore(connection, connection.path() + ".before-" + numbered(migrations_[taken].number)));
  for (const Migration& migration : migrations_.subspan(taken)) {
    GH_TRY(connection.prepare("BEGIN IMMEDIATE").run());
    Status done = step(connection, migration);
    if (done.ok()) done = connection.prepare("COMMIT").run();
    if (!done.ok()) {
      ReadScope::rollBack(connection);
      return done;
    }
  }
  return {};
}

Status Migrator::step(Connection& connection, const Migration& migration) const {
  GH_TRY(connection.execute(
      "PRAGMA application_id = " + std::to_string(applicationId) +
      "; CREATE TABLE IF NOT EXISTS migration_log (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
      "sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT"));
  GivenUids given;
  GH_TRY(given.remember(connection));
  sqlite3_set_authorizer(connection.handle(), noEscape, nullptr);
  const Status done = connection.execute(std::string(migration.sql));
  sqlite3_set_authorizer(connection.handle(), nullptr, nullptr);
  if (!done.ok())
    return Error{done.error().code, "migration " + nameOf(migration) +
                                        " failed and nothing was changed: " + done.error().description};
  GH_TRY(given.restore(connection));
  GH_TRY(sound(connection, migration));
  Statement s = connection.prepare(
      "INSERT INTO migration_log (number, name, sha256, applied_at) VALUES (?, ?, ?, unixepoch())");
  return s.bind(std::int64_t{migration.number}).bind(migration.name).bind(migration.sha256).run();
}

} // namespace gatehouse::store
