#include "http_rest/TokenCredentials.h"

#include "http_rest/Grammar.h"

#include <algorithm>

namespace gatehouse::http_rest {
namespace {

constexpr bool isToken68Byte(char c) noexcept {
  return grammar::isAlpha(c) || grammar::isDigit(c) ||
         std::string_view("-._~+/").find(c) != std::string_view::npos;
}

} // namespace

std::optional<std::string_view> readToken(std::string_view authorization) noexcept {
  for (const std::string_view scheme : {std::string_view("jwt "), std::string_view("bearer ")}) {
    if (authorization.size() <= scheme.size() ||
        !grammar::same(authorization.substr(0, scheme.size()), scheme))
      continue;
    std::string_view token = authorization;
    token.remove_prefix(std::min(token.find_first_not_of(' ', scheme.size()), token.size()));
    std::string_view body = token;
    while (!body.empty() && body.back() == '=') body.remove_suffix(1);
    if (body.empty() || token.size() > maxToken || !std::all_of(body.begin(), body.end(), isToken68Byte))
      return std::nullopt;
    return token;
  }
  return std::nullopt;
}

} // namespace gatehouse::http_rest
