#include "control/codec/InertValues.h"

#include "base/Json.h"

namespace gatehouse::control {
namespace {

/// The end of the JSON string that begins at `at` (a quote), just behind its closing quote; npos when it is
/// open.
std::size_t endOfString(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return std::string_view::npos;
}

/// The end of a member's value: the comma or brace that follows it at its own level.
std::size_t endOfValue(std::string_view text, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i = endOfString(text, i);
      if (i == std::string_view::npos) return i;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}')) return i;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++i;
  }
  return std::string_view::npos;
}

} // namespace

InertValues openInert(const model::Inert& inert) {
  // Field names hold no escapes, and the text is ours: levels and strings are all that has to be seen.
  InertValues values;
  const std::string_view text = inert.json;
  if (!text.starts_with('{')) return values;
  std::size_t i = 1;
  while (i < text.size() && text[i] == '"') {
    const std::size_t nameEnd = endOfString(text, i);
    if (nameEnd == std::string_view::npos || nameEnd >= text.size() || text[nameEnd] != ':') return {};
    const std::size_t valueEnd = endOfValue(text, nameEnd + 1);
    if (valueEnd == std::string_view::npos) return {};
    values.emplace(text.substr(i + 1, nameEnd - i - 2), text.substr(nameEnd + 1, valueEnd - nameEnd - 1));
    i = valueEnd + 1;
  }
  return values;
}

model::Inert writeInert(const InertValues& values) {
  model::Inert inert;
  if (values.empty()) return inert;
  for (const auto& [name, value] : values) {
    inert.json += inert.json.empty() ? '{' : ',';
    json::text(inert.json, name);
    inert.json += ':';
    inert.json += value;
  }
  inert.json += '}';
  return inert;
}

std::string defaultJson(const model::Field& field) {
  using Is = model::Default::Is;
  std::string out;
  switch (field.fallback.is) {
  case Is::absent:
  case Is::required: break;
  case Is::boolean: json::boolean(out, field.fallback.integer != 0); break;
  case Is::integer: json::integer(out, field.fallback.integer); break;
  case Is::text: json::text(out, field.fallback.text); break;
  case Is::empty: out = "[]"; break;
  }
  return out;
}

} // namespace gatehouse::control
