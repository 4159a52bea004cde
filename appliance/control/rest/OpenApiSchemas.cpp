#include "base/Json.h"
#include "control/codec/InertValues.h"
#include "control/rest/OpenApi.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace gatehouse::control {
namespace {

using model::Default;
using model::Field;
using model::Kind;
using model::Shape;
using model::Standing;
using model::Table;

std::string inQuotes(std::string_view text) {
  std::string out;
  json::text(out, text);
  return out;
}

std::string reference(const Table& table) {
  return "$ref: \"#/components/schemas/" + schemaName(table.word) + '"';
}

/// A refused field without a default can be neither written nor read.
bool isShown(const Field& field) {
  return field.standing != Standing::refused || !defaultJson(field).empty();
}

/// Whether every answer has it.
bool isAlways(const Field& field) {
  if (field.shape.kind == Kind::secret || !isShown(field)) return false;
  return field.place.held ? !field.place.optional : !defaultJson(field).empty();
}

std::string listOf(const std::vector<std::string_view>& words) {
  std::string out = "[";
  for (const std::string_view word : words) {
    if (out.size() > 1) out += ", ";
    out += word;
  }
  return out + ']';
}

/// The members of a flow mapping: `type: integer, minimum: 1`.
std::string valueSchema(const Shape& shape) {
  std::string out;
  switch (shape.kind) {
  case Kind::boolean: return "type: boolean";
  case Kind::integer:
    out = "type: integer";
    if (shape.most > INT32_MAX) out += ", format: int64";
    out += ", minimum: " + std::to_string(shape.least);
    if (shape.most != INT64_MAX) out += ", maximum: " + std::to_string(shape.most);
    return out;
  case Kind::text:
    out = "type: string";
    if (shape.least > 0) out += ", minLength: " + std::to_string(shape.least);
    out += ", maxLength: " + std::to_string(shape.most);
    if (!shape.pattern.empty()) out += ", pattern: " + inQuotes(shape.pattern);
    return out;
  case Kind::choice:
    for (const std::string_view word : shape.words) out += (out.empty() ? "" : ", ") + inQuotes(word);
    return "type: string, enum: [" + out + ']';
  case Kind::object: return reference(*shape.table);
  case Kind::secret:
    return "type: string, minLength: " + std::to_string(shape.least) +
           ", maxLength: " + std::to_string(shape.most) + ", writeOnly: true";
  case Kind::any: return {};
  }
  return out;
}

std::string property(const Field& field) {
  std::string out;
  const std::string fallback = defaultJson(field);
  if (field.shape.many) {
    out = "type: array, maxItems: " + std::to_string(field.shape.mostEntries);
    if (field.shape.unique) out += ", uniqueItems: true";
    out += ", items: {" + valueSchema(field.shape) + '}';
  } else {
    out = valueSchema(field.shape);
  }
  if (field.standing == Standing::refused && field.shape.kind != Kind::choice)
    out += ", enum: [" + fallback + ']';
  if (!fallback.empty()) out += ", default: " + fallback;
  if (field.standing == Standing::read_only) out += ", readOnly: true";
  if (field.standing != Standing::read_only && field.fallback.is == Default::Is::absent &&
      field.shape.kind != Kind::secret && (field.shape.many || field.shape.kind != Kind::any))
    out += ", nullable: true";                // null drops it
  if (out.starts_with(", ")) out.erase(0, 2); // any value
  if (!out.empty()) out += ", ";
  return out + "description: " + inQuotes(field.sentence);
}

/// Entries of lists are written whole or not at all; what endpoints name may be written in part, and says
/// what a creation must give.
void appendTable(const Table& table, bool entry, std::string& out) {
  const std::string name = schemaName(table.word);
  out += "    " + name + ":\n";
  out += "      description: " + inQuotes(table.sentence) + '\n';
  out += "      type: object\n";
  out += "      additionalProperties: false\n";
  const std::vector<std::string_view> needed = neededOf(table);
  if (entry && !needed.empty()) out += "      required: " + listOf(needed) + '\n';
  out += "      properties:\n";
  for (const Field& field : table.fields)
    if (isShown(field))
      out.append("        ").append(field.name).append(": {").append(property(field)).append("}\n");
  if (entry) return;
  std::vector<std::string_view> always;
  for (const Field& field : table.fields)
    if (isAlways(field)) always.push_back(field.name);
  const auto demanding = [&](std::string_view suffix, const std::vector<std::string_view>& words) {
    if (words.empty()) return;
    out += "    " + name + std::string(suffix) + ":\n";
    out += "      allOf:\n        - {" + reference(table) + "}\n        - required: " + listOf(words) + '\n';
  };
  demanding("Create", needed);
  demanding("Answer", always);
}

void collect(const Table& table, std::vector<const Table*>& all) {
  if (std::find(all.begin(), all.end(), &table) != all.end()) return;
  all.push_back(&table);
  for (const Field& field : table.fields)
    if (field.shape.kind == Kind::object && isShown(field)) collect(*field.shape.table, all);
}

} // namespace

std::string schemaName(std::string_view word) {
  std::string out;
  bool upper = true;
  for (const char c : word) {
    if (c == '_' || c == ' ') {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

std::vector<std::string_view> neededOf(const Table& table) {
  for (const CreationNeeds& needs : creationNeeds())
    if (needs.table == table.word) return {needs.fields.begin(), needs.fields.end()};
  std::vector<std::string_view> needed;
  for (const Field& field : table.fields)
    if (field.fallback.is == Default::Is::required) needed.push_back(field.name);
  return needed;
}

void appendTableSchemas(std::span<const Table* const> tables, std::string& out) {
  std::vector<const Table*> all;
  for (const Table* table : tables) collect(*table, all);
  for (const Table* table : all)
    appendTable(*table, std::find(tables.begin(), tables.end(), table) == tables.end(), out);
}

} // namespace gatehouse::control
