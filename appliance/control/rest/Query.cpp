#include "control/rest/Query.h"

#include "base/Text.h"

#include <set>

#include <algorithm>

namespace gatehouse::control {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Error cannotDecode(std::string_view text) {
  return {Code::invalid_param, "`" + printable(text, 64) + "` is not percent-encoded UTF-8"};
}

void addFields(std::string_view value, std::vector<std::string>& fields) {
  while (!value.empty()) {
    const std::string_view field = value.substr(0, value.find(','));
    value.remove_prefix(std::min(value.size(), field.size() + 1));
    if (!field.empty()) fields.emplace_back(field);
  }
}

} // namespace

Result<std::string> percentDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return cannotDecode(text);
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (out.find('\0') != std::string::npos || !isUtf8(out)) return cannotDecode(text);
  return out;
}

Result<Query> parseQuery(std::string_view query) {
  Query parsed;
  std::set<std::string> seen; // of dry_run and force
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const std::size_t equals = part.find('=');
    auto name = percentDecode(part.substr(0, equals));
    if (!name) return std::move(name).error();
    auto value =
        percentDecode(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1));
    if (!value) return std::move(value).error();
    if (*name == "fields") addFields(*value, parsed.fields);
    if (*name != "dry_run" && *name != "force") {
      if (*name != "fields") parsed.others.emplace(std::move(*name), std::move(*value));
      continue;
    }
    if (!seen.insert(*name).second) return Error{Code::invalid_param, *name + ": given twice"};
    if (equals == std::string_view::npos || *value == "true")
      (*name == "force" ? parsed.force : parsed.dryRun) = true;
    else if (*value != "false")
      return Error{Code::invalid_param, *name + ": true or false, or no value at all"};
  }
  return parsed;
}

} // namespace gatehouse::control
