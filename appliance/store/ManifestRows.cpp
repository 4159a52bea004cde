#include "store/ReadRows.h"
#include "store/Sqlite.h"
#include "store/Transaction.h"

#include <algorithm>
#include <span>

namespace gatehouse::store {

Result<std::vector<ManifestRow>> readManifestRows(Connection& connection) {
  Statement s = connection.prepare("SELECT kind, key, revision FROM manifest_rows ORDER BY kind, key");
  std::vector<ManifestRow> out;
  while (true) {
    const Result<bool> row = s.row();
    if (!row.ok()) return row.error();
    if (!row.value()) return out;
    ManifestRow& one = out.emplace_back();
    one.kind = s.text(0);
    one.key = s.text(1);
    one.revision = s.integer(2);
  }
}

Result<std::optional<model::Digest>> readSecretDigest(Connection& connection, std::string_view kind,
                                                      std::string_view key, std::string_view field) {
  Statement s =
      connection.prepare("SELECT digest FROM manifest_secrets WHERE kind = ? AND key = ? AND field = ?");
  const Result<bool> row = s.bind(kind).bind(key).bind(field).row();
  if (!row.ok()) return row.error();
  if (!row.value()) return std::optional<model::Digest>{};
  model::Digest out{};
  const std::string_view bytes = s.text(0);
  if (bytes.size() != out.size()) return unreadable(connection, "manifest_secrets");
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return std::optional<model::Digest>(out);
}

Result<std::vector<ManifestRow>> Transaction::manifestRows() {
  GH_TRY(usable());
  return readManifestRows(*connection_);
}

Status Transaction::putManifestRow(std::string_view kind, std::string_view key) {
  GH_TRY(usable());
  Statement s = connection_->prepare("INSERT INTO manifest_rows (kind, key, revision) VALUES (?, ?, ?) ON "
                                     "CONFLICT (kind, key) DO UPDATE SET revision = excluded.revision");
  GH_TRY(write(s.bind(kind).bind(key).bind(change_.revision)));
  notes_ = manifestNotes_ = true;
  return {};
}

Status Transaction::removeManifestRow(std::string_view kind, std::string_view key) {
  GH_TRY(usable());
  for (const char* sql : {"DELETE FROM manifest_secrets WHERE kind = ? AND key = ?",
                          "DELETE FROM manifest_rows WHERE kind = ? AND key = ?"}) {
    Statement s = connection_->prepare(sql);
    GH_TRY(write(s.bind(kind).bind(key)));
    if (connection_->changes() > 0) notes_ = true;
  }
  return {};
}

Result<std::optional<model::Digest>> Transaction::secretDigest(std::string_view kind, std::string_view key,
                                                               std::string_view field) {
  GH_TRY(usable());
  return readSecretDigest(*connection_, kind, key, field);
}

Status Transaction::putSecretDigest(std::string_view kind, std::string_view key, std::string_view field,
                                    const model::Digest& digest) {
  GH_TRY(usable());
  Statement s = connection_->prepare(
      "INSERT INTO manifest_secrets (kind, key, field, digest) VALUES (?, ?, ?, ?) ON CONFLICT (kind, key, "
      "field) DO UPDATE SET digest = excluded.digest");
  GH_TRY(write(s.bind(kind).bind(key).bind(field).bind(std::span<const std::uint8_t>(digest))));
  notes_ = true;
  return {};
}

} // namespace gatehouse::store
