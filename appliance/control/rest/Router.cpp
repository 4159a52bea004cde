#include "control/rest/Router.h"

#include "base/Text.h"
#include "control/rest/Query.h"

#include <utility>
#include <vector>

namespace gatehouse::control {
namespace {

/// Compares one pattern with the decoded segments of a path.
bool matches(std::string_view pattern, const std::vector<std::string>& segments, std::string& parameter) {
  std::size_t index = 0;
  while (!pattern.empty()) {
    pattern.remove_prefix(1); // the slash
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(part.size());
    if (index == segments.size()) return false;
    const std::string& segment = segments[index++];
    if (part == "{uid}") {
      if (toInteger(segment).value_or(0) <= 0) return false;
      parameter = segment;
    } else if (part == "{name}") {
      parameter = segment;
    } else if (part != segment) {
      return false;
    }
  }
  return index == segments.size();
}

} // namespace

Error notAllowed(Permission permission) {
  return {Code::unauthorized_action,
          "your roles do not include the permission " + std::string(row(permission).word)};
}

Result<Route> route(std::string_view method, std::string_view path) {
  const auto nothingThere = [&] {
    return Error{Code::not_found, "there is nothing at `" + printable(path, 100) + "`"};
  };
  if (!path.starts_with('/')) return nothingThere();
  std::vector<std::string> segments;
  for (std::string_view rest = path; !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(part.size());
    auto segment = percentDecode(part);
    if (!segment) return std::move(segment).error();
    if (segment->empty() || segments.size() == 8) return nothingThere();
    segments.push_back(std::move(*segment));
  }

  // RFC 9110 §9.3.2: what HEAD answers is a GET's; whoever frames the answer leaves its body out.
  const std::string_view served = method == "HEAD" ? std::string_view("GET") : method;
  Route found;
  for (const Endpoint& endpoint : endpoints()) {
    std::string parameter;
    if (!matches(endpoint.path, segments, parameter)) continue;
    if (endpoint.method == served) {
      found.endpoint = &endpoint;
      found.parameter = std::move(parameter);
    }
    found.allow += endpoint.method;
    found.allow += endpoint.method == "GET" ? ", HEAD, " : ", ";
  }
  if (found.allow.empty()) return nothingThere();
  found.allow += "OPTIONS";
  return found;
}

} // namespace gatehouse::control
