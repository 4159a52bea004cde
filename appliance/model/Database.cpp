#include "model/Database.h"

#include <algorithm>

namespace gatehouse::model {
namespace {

constexpr bool alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

} // namespace

bool fitsDatabaseName(std::string_view name) noexcept {
  return !name.empty() && alphanumeric(name.front()) && alphanumeric(name.back()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return alphanumeric(c) || c == '-'; });
}

bool fitsEngineName(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 128 && name != "default" && name != "-" &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '@' || c == '-'; });
}

} // namespace gatehouse::model
