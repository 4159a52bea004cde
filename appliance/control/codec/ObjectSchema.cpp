#include "control/codec/ObjectSchema.h"

#include "base/Json.h"
#include "control/codec/InertValues.h"

#include <vector>

namespace gatehouse::control {
namespace {

using model::Field;
using model::Kind;
using model::Shape;
using model::Standing;

/// A comma where one is due, and the key.
void key(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  json::text(out, name);
  out += ':';
}
void text(std::string& out, std::string_view name, std::string_view value) {
  key(out, name);
  json::text(out, value);
}
void integer(std::string& out, std::string_view name, std::int64_t value) {
  key(out, name);
  json::integer(out, value);
}
void raw(std::string& out, std::string_view name, std::string_view value) {
  key(out, name);
  out += value;
}

void members(const model::Table&, std::string& out);

void shape(const Shape& s, std::string& out) {
  switch (s.kind) {
  case Kind::boolean: text(out, "type", "boolean"); break;
  case Kind::integer:
    text(out, "type", "integer");
    integer(out, "minimum", s.least);
    if (s.most != INT64_MAX) integer(out, "maximum", s.most);
    break;
  case Kind::secret:
  case Kind::text:
    text(out, "type", "string");
    if (s.least > 0) integer(out, "minLength", s.least);
    integer(out, "maxLength", s.most);
    if (!s.pattern.empty()) text(out, "pattern", s.pattern);
    if (s.kind == Kind::secret) raw(out, "writeOnly", "true");
    break;
  case Kind::choice:
    text(out, "type", "string");
    key(out, "enum");
    out += '[';
    for (const std::string_view word : s.words) {
      if (out.back() != '[') out += ',';
      json::text(out, word);
    }
    out += ']';
    break;
  case Kind::object: members(*s.table, out); break;
  case Kind::any: break;
  }
}

void property(const Field& field, std::string& out) {
  key(out, field.name);
  out += '{';
  text(out, "description", field.sentence);
  const std::string fallback = defaultJson(field);
  if (field.standing == Standing::refused) {
    if (!fallback.empty()) raw(out, "const", fallback);
  } else if (field.shape.many) {
    text(out, "type", "array");
    integer(out, "maxItems", field.shape.mostEntries);
    if (field.shape.unique) raw(out, "uniqueItems", "true");
    key(out, "items");
    out += '{';
    shape(field.shape, out);
    out += '}';
  } else {
    shape(field.shape, out);
  }
  if (field.standing == Standing::read_only) raw(out, "readOnly", "true");
  if (!fallback.empty()) raw(out, "default", fallback);
  out += '}';
}

void members(const model::Table& table, std::string& out) {
  text(out, "type", "object");
  key(out, "properties");
  out += '{';
  for (const Field& field : table.fields) property(field, out);
  out += '}';
  std::vector<std::string_view> needed;
  for (const Field& field : table.fields)
    if (field.fallback.is == model::Default::Is::required) needed.push_back(field.name);
  if (needed.empty()) return;
  key(out, "required");
  out += '[';
  for (const std::string_view name : needed) {
    if (out.back() != '[') out += ',';
    json::text(out, name);
  }
  out += ']';
}

} // namespace

void appendObjectSchema(const model::Table& table, std::string& out) {
  out += '{';
  text(out, "description", table.sentence);
  members(table, out);
  out += '}';
}

} // namespace gatehouse::control
