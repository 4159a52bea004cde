#include "store/ReadRows.h"
#include "store/Sqlite.h"
#include "store/Transaction.h"

#include <algorithm>
#include <utility>

namespace gatehouse::store {
namespace {

constexpr std::string_view columns =
    "SELECT id, time, type, severity, who, peer, kind, uid, name, fields, revision, description FROM audit "
    "WHERE time BETWEEN ? AND ? ";

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

AuditRow auditOf(const Statement& s) {
  AuditRow row;
  row.id = s.integer(0);
  row.time = s.integer(1);
  row.type = s.text(2);
  row.severity = s.text(3);
  row.who = s.text(4);
  row.peer = s.text(5);
  row.kind = s.text(6);
  row.uid = s.integer(7);
  row.name = s.text(8);
  row.fields = lines(s.text(9));
  row.revision = s.integer(10);
  row.description = s.text(11);
  return row;
}

} // namespace

Result<std::vector<AuditRow>> readAudit(Connection& connection, const AuditQuery& query) {
  static const std::string rising = std::string(columns) + "ORDER BY time, id LIMIT ? OFFSET ?",
                           falling = std::string(columns) + "ORDER BY time DESC, id DESC LIMIT ? OFFSET ?";
  Statement s = connection.prepare(query.ascending ? rising : falling);
  s.bind(query.from).bind(query.until);
  s.bind(std::max<std::int64_t>(query.limit, 0)); // SQLite takes a number below 0 for all
  s.bind(std::max<std::int64_t>(query.offset, 0));
  std::vector<AuditRow> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    out.push_back(auditOf(s));
  }
}

Status Transaction::record(const AuditRow& row) {
  GH_TRY(usable());
  std::string fields;
  for (const std::string& field : row.fields) fields.append(fields.empty() ? "" : "\n").append(field);
  Statement s = connection_->prepare(
      "INSERT INTO audit (time, type, severity, who, peer, kind, uid, name, fields, revision, description) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.time).bind(row.type).bind(row.severity).bind(row.who).bind(row.peer).bind(row.kind);
  s.bind(row.uid).bind(row.name).bind(fields).bind(change_.revision).bind(row.description);
  GH_TRY(write(s));
  if (firstRecorded_ == 0) firstRecorded_ = connection_->lastInsertRowid();
  notes_ = true;
  return {};
}

/// Once a commit, by the primary key: as many rows go as have come.
Status Transaction::trimAudit() {
  Statement s = connection_->prepare("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?");
  return write(s.bind(auditKept));
}

} // namespace gatehouse::store
