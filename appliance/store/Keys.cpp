#include "base/Text.h"
#include "store/ReadRows.h"
#include "store/Sqlite.h"
#include "store/Transaction.h"

#include <span>

namespace gatehouse::store {

Result<std::optional<Secret>> readKey(Connection& connection, std::string_view name) {
  Statement s = connection.prepare("SELECT value FROM keys WHERE name = ?");
  const Result<bool> row = s.bind(name).row();
  if (!row.ok()) return row.error();
  if (!row.value()) return std::optional<Secret>{};
  return std::optional<Secret>(Secret(std::string(s.text(0))));
}

Result<std::optional<Secret>> Transaction::key(std::string_view name) {
  GH_TRY(usable());
  return readKey(*connection_, name);
}

Status Transaction::putKey(std::string_view name, const Secret& value) {
  GH_TRY(usable());
  const std::string_view bytes = value.reveal();
  if (bytes.size() < 32)
    return Error{Code::internal_error, "the key '" + printable(name) + "' is too short to be one"};
  Statement s = connection_->prepare(
      "INSERT INTO keys (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  s.bind(name).bind(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  GH_TRY(write(s));
  notes_ = true;
  return {};
}

} // namespace gatehouse::store
