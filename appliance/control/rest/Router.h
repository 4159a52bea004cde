#pragma once
#include "control/change/Permissions.h"
#include "control/rest/Resource.h"

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::control {

/// A body or an answer, for those who read the API's description. A table, or the name of a shape that
/// openapi.yaml spells out.
struct Described {
  const model::Table& (*table)() = nullptr;
  bool many = false;        // a list of them
  std::string_view shape{}; // "Token"; where there is no table
  [[nodiscard]] bool empty() const noexcept { return !table && shape.empty(); }
};

/// One method on one path, and all that is to be known before its request is read further.
struct Endpoint {
  std::string_view method, path; // "/v1/users/{uid}": digits; "{name}": one segment
  Permission permission = Permission::authenticated;
  bool orOneself = false;    // who has not the permission may do it to the user that it is
  bool tagged = false;       // the object has an ETag, so that If-Match means something
  bool body = false;         // takes a JSON body
  bool mayLackBody = false;  // ... or none at all, which is an empty object
  bool open = false;         // also for nobody: the handler decides
  bool expiredMay = false;   // also for who is nobody only because its password has expired
  std::size_t bodyLimit = 0; // bytes; 0: Management::bodyLimit
  Read read = nullptr;       // one of these four
  Plan plan = nullptr;
  Work work = nullptr;
  Bulk bulk = nullptr;
  std::string_view summary{};    // one sentence, for openapi.yaml
  Described request{}, answer{}; // an empty answer: it refuses always, since that is not offered
};

/// All that is served.
[[nodiscard]] std::span<const Endpoint> endpoints() noexcept;

struct Route {
  const Endpoint* endpoint = nullptr; // null: the path is known, the method is not one of `allow`
  std::string parameter;              // what stands for {uid} or {name}, decoded
  std::string allow;                  // "GET, HEAD, PUT, OPTIONS"
};

/// Finds the endpoint of a request. The path is compared segment by segment after decoding; there are no
/// aliases (no trailing slash, no dots). HEAD finds what GET does. Errors: not_found, invalid_param for bad
/// percent-encoding.
Result<Route> route(std::string_view method, std::string_view path);

/// What every 401 says, whatever the reason: that is for the audit record alone.
inline constexpr std::string_view unauthenticatedText = "authentication is missing or not valid";
/// The 403 of a missing permission.
[[nodiscard]] Error notAllowed(Permission);

} // namespace gatehouse::control
