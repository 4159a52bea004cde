#include "host/JsonParts.h"

namespace gatehouse::host {
namespace {

constexpr std::string_view blanks = " \t\r\n";

Error bad() { return {Code::invalid_schema, "the server's answer is no JSON as it should be"}; }

void skip(std::string_view& text) {
  const std::size_t first = text.find_first_not_of(blanks);
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
}

/// Takes the value that the text begins with; empty when there is none.
std::string_view value(std::string_view& text) {
  std::size_t depth = 0;
  bool inside = false; // a string
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inside = false;
    } else if (c == '"') {
      inside = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    } else if (depth == 0 && (c == ',' || c == ':' || c == '}' || c == ']')) {
      const std::string_view out = text.substr(0, i);
      text.remove_prefix(i);
      return out.substr(0, out.find_last_not_of(blanks) + 1);
    }
  }
  return {};
}

bool takes(std::string_view& text, char c) {
  skip(text);
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  skip(text);
  return true;
}

} // namespace

Result<std::vector<std::pair<std::string_view, std::string_view>>> jsonMembers(std::string_view object) {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  if (!takes(object, '{')) return bad();
  if (takes(object, '}')) return out;
  do {
    const std::string_view key = value(object);
    if (key.size() < 2 || key.front() != '"' || key.back() != '"' || !takes(object, ':')) return bad();
    const std::string_view held = value(object);
    if (held.empty()) return bad();
    out.emplace_back(key.substr(1, key.size() - 2), held);
  } while (takes(object, ','));
  if (!takes(object, '}') || !object.empty()) return bad();
  return out;
}

JsonItems::JsonItems(std::string_view list)
    : rest_(list)
    , good_(takes(rest_, '[')) {}

Result<std::string_view> JsonItems::next() {
  if (!good_) return bad();
  if (takes(rest_, ']')) {
    if (!rest_.empty()) return bad();
    rest_ = "]"; // the end stays the end
    return std::string_view();
  }
  if (!first_ && !takes(rest_, ',')) return bad();
  first_ = false;
  const std::string_view out = value(rest_);
  if (out.empty()) return bad();
  return out;
}

} // namespace gatehouse::host
