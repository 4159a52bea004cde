#include "control/rest/RequestJudge.h"

#include "base/Text.h"
#include "control/Management.h"
#include "control/rest/Resource.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

/// A version is named by the path; the field may say the same.
bool isKnownVersion(std::string_view version, std::string_view path) {
  if (version == "1" || version == "v1") return true;
  return path.starts_with("/v2/") && (version == "2" || version == "v2");
}

/// `application/json`, with or without parameters of which only charset=utf-8 has a meaning.
bool isJson(std::string_view type) {
  const auto trim = [](std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
  };
  const std::size_t semicolon = std::min(type.find(';'), type.size());
  if (folded(trim(type.substr(0, semicolon))) != "application/json") return false;
  const std::string parameter = folded(trim(type.substr(std::min(semicolon + 1, type.size()))));
  return parameter.empty() || parameter == "charset=utf-8" || parameter == "charset=\"utf-8\"";
}

/// -1: any; 0: what no object has.
std::int64_t revisionOf(std::string_view ifMatch) {
  if (ifMatch.empty() || ifMatch == "*") return -1;
  if (ifMatch.size() < 3 || ifMatch.front() != '"' || ifMatch.back() != '"') return 0;
  return std::max<std::int64_t>(0, toInteger(ifMatch.substr(1, ifMatch.size() - 2)).value_or(0));
}

/// -1: none was sent; 0: what no state has.
std::int64_t stateIdOf(std::string_view field) {
  if (field.empty()) return -1;
  return std::max<std::int64_t>(0, toInteger(field).value_or(0));
}

/// Host and port of https, the default port left out.
std::string authorityOf(std::string_view host) {
  constexpr std::string_view defaultPort = ":443";
  if (host.ends_with(defaultPort)) host.remove_suffix(defaultPort.size());
  return folded(host);
}

/// RFC 6454: another scheme, host or port than those that were asked. `null` is nobody's origin, and a list
/// of several is not ours either.
bool isCrossSite(std::string_view origin, std::string_view host) {
  if (origin.empty()) return false;
  constexpr std::string_view scheme = "https://";
  if (host.empty() || folded(origin.substr(0, scheme.size())) != scheme) return true;
  return authorityOf(origin.substr(scheme.size())) != authorityOf(host);
}

/// A browser shows the client certificate to whatever page makes it ask, and brings a password that its user
/// once gave it (Basic) just so; what a page cannot do is bring a token of its user's.
bool isForged(const Caller& caller, const Head& head) {
  if (!caller.somebody()) return false;
  const model::EvidenceKind kind = caller.admission->kind;
  const bool ofTheBrowser = (kind == model::EvidenceKind::certificate && !caller.authorization) ||
                            kind == model::EvidenceKind::password;
  return ofTheBrowser && isCrossSite(head.origin, head.host);
}

bool isSomebody(const Caller& caller) {
  return caller.somebody() && (caller.user || caller.localAdministrator());
}

/// Who is nobody may come here all the same.
bool letsIn(const Endpoint& endpoint, const Caller& caller) {
  return endpoint.open || (endpoint.expiredMay && caller.expired);
}

Status mayAsk(const Caller& caller, const Endpoint& endpoint, const std::string& parameter,
              const model::Snapshot& policy) {
  if (endpoint.open) return {};
  if (!isSomebody(caller)) return {}; // an expired password, which an endpoint of its own takes
  const bool oneself = endpoint.orOneself && caller.user && caller.user->judged.user.uid == uidOf(parameter);
  if (oneself || allows(rightsOf(caller, policy), endpoint.permission)) return {};
  return notAllowed(endpoint.permission);
}

Status bodyIsFit(const Endpoint& endpoint, const Head& head, bool typed) {
  if (!endpoint.body) return {};
  // Where the body may be missing, its type matters once there is one: of an unknown length that is later.
  const bool mayBeEmpty = endpoint.mayLackBody && head.length.value_or(0) == 0;
  if (!typed && !mayBeEmpty) return notJson();
  if (head.length.value_or(0) > bodyLimitOf(endpoint)) return bodyTooLarge(bodyLimitOf(endpoint));
  return {};
}

} // namespace

std::size_t bodyLimitOf(const Endpoint& endpoint) noexcept {
  return endpoint.bodyLimit == 0 ? Management::bodyLimit : endpoint.bodyLimit;
}

Error bodyTooLarge(std::size_t limit) {
  return {Code::body_too_large, "a body may have " + std::to_string(limit) + " bytes at most"};
}

Error notJson() {
  return {Code::invalid_header,
          "Content-Type: must be application/json, which `curl --json` sends by itself"};
}

Error unauthenticated(std::string_view reason) {
  if (reason == model::word(model::Reason::password_expired))
    return {Code::password_expired, "the password has expired: set a new one with PUT /v1/users/password"};
  return {Code::unauthenticated, std::string(unauthenticatedText)};
}

bool refusesStranger(const Caller& caller, const Error& error) noexcept {
  return !caller.somebody() && (error.code == Code::unauthenticated || error.code == Code::password_expired ||
                                error.code == caller.refusedAs);
}

Result<Asked> judgeRequest(const Caller& caller, const Head& head, const Policy& policy, std::string& allow) {
  if (isForged(caller, head))
    return Error{Code::cross_site_request, "a page of another site (Origin: " + printable(head.origin, 100) +
                                               ") may use neither a client certificate nor a password here; "
                                               "send a token of /v1/users/authorize"};
  auto route = control::route(head.method, head.path);
  const Endpoint* const known = route ? route->endpoint : nullptr;
  // Who has no identity learns nothing, not even which paths there are.
  if (!isSomebody(caller) && !(known && letsIn(*known, caller))) {
    if (caller.refusedAs != Code::unauthenticated)
      return Error{caller.refusedAs, "nobody can be authenticated now; try again"};
    return unauthenticated(caller.refusal);
  }
  if (!head.apiVersion.empty() && !isKnownVersion(head.apiVersion, head.path))
    return Error{Code::unsupported_api_version,
                 "x-api-version `" + printable(head.apiVersion, 32) +
                     "` is not known here; there is 1, and 2 for paths that begin with /v2/"};
  if (!route) return std::move(route).error();
  allow = route->allow;
  if (!known) return Error{Code::method_not_allowed, "this path knows the methods " + route->allow};
  const Endpoint& endpoint = *known;
  GH_TRY(mayAsk(caller, endpoint, route->parameter, *policy.snapshot));
  const bool typed = isJson(head.contentType);
  GH_TRY(bodyIsFit(endpoint, head, typed));
  auto query = parseQuery(head.query);
  if (!query) return std::move(query).error();
  if (!head.ifMatch.empty() && !endpoint.tagged && head.ifMatch != "*")
    return Error{Code::precondition_failed, "If-Match: what this path writes has no ETag"};

  Asked asked;
  asked.caller = caller;
  asked.policy = policy.snapshot;
  asked.endpoint = &endpoint;
  asked.path = head.path;
  asked.parameter = std::move(route->parameter);
  asked.query = std::move(*query);
  asked.ifMatch = endpoint.plan ? revisionOf(head.ifMatch) : -1;
  asked.stateId = endpoint.plan ? stateIdOf(head.clusterStateId) : -1;
  asked.typed = typed;
  return asked;
}

} // namespace gatehouse::control
