#include "control/rest/Router.h"

#include "base/Text.h"
#include "control/rest/Actions.h"
#include "control/rest/Certificates.h"
#include "control/rest/Cluster.h"
#include "control/rest/Databases.h"
#include "control/rest/Query.h"
#include "control/rest/RedisAcls.h"
#include "control/rest/Roles.h"
#include "control/rest/Users.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace gatehouse::control {
namespace {

using P = Permission;

constexpr Endpoint reads(std::string_view path, P permission, Read read) {
  Endpoint e;
  e.method = "GET";
  e.path = path;
  e.permission = permission;
  e.read = read;
  return e;
}
constexpr Endpoint writes(std::string_view method, std::string_view path, P permission, Plan plan) {
  Endpoint e;
  e.method = method;
  e.path = path;
  e.permission = permission;
  e.body = method != "DELETE";
  e.plan = plan;
  return e;
}
constexpr Endpoint tagged(Endpoint e) {
  e.tagged = true;
  return e;
}
constexpr Endpoint orOneself(Endpoint e) {
  e.orOneself = true;
  return e;
}

constexpr std::array table = {
    tagged(reads("/v1/cluster", P::view_cluster_info, cluster::get)),
    tagged(writes("PUT", "/v1/cluster", P::update_cluster, cluster::update)),
    reads("/v1/cluster/certificates", P::view_cluster_info, certificates::get),
    writes("PUT", "/v1/cluster/certificates", P::update_cluster, certificates::put),
    writes("PUT", "/v1/cluster/update_cert", P::update_cluster, certificates::putOne),
    writes("DELETE", "/v1/cluster/certificates/{name}", P::update_cluster, certificates::remove),
    reads("/v1/users", P::view_all_users_info, users::list),
    writes("POST", "/v1/users", P::create_new_user, users::create),
    reads("/v1/users/role", P::authenticated, users::role),
    tagged(orOneself(reads("/v1/users/{uid}", P::view_user_info, users::get))),
    tagged(orOneself(writes("PUT", "/v1/users/{uid}", P::update_user, users::update))),
    tagged(writes("DELETE", "/v1/users/{uid}", P::delete_user, users::remove)),
    reads("/v1/roles", P::view_all_roles_info, roles::list),
    writes("POST", "/v1/roles", P::create_role, roles::create),
    tagged(reads("/v1/roles/{uid}", P::view_role_info, roles::get)),
    tagged(writes("PUT", "/v1/roles/{uid}", P::update_role, roles::update)),
    tagged(writes("DELETE", "/v1/roles/{uid}", P::delete_role, roles::remove)),
    reads("/v1/redis_acls", P::view_all_redis_acls_info, redis_acls::list),
    writes("POST", "/v1/redis_acls", P::create_redis_acl, redis_acls::create),
    tagged(reads("/v1/redis_acls/{uid}", P::view_redis_acl_info, redis_acls::get)),
    tagged(writes("PUT", "/v1/redis_acls/{uid}", P::update_redis_acl, redis_acls::update)),
    tagged(writes("DELETE", "/v1/redis_acls/{uid}", P::delete_redis_acl, redis_acls::remove)),
    reads("/v1/bdbs", P::view_all_bdbs_info, databases::list),
    writes("POST", "/v1/bdbs", P::create_bdb, databases::create),
    tagged(reads("/v1/bdbs/{uid}", P::view_bdb_info, databases::get)),
    tagged(writes("PUT", "/v1/bdbs/{uid}", P::update_bdb, databases::update)),
    tagged(writes("DELETE", "/v1/bdbs/{uid}", P::delete_bdb, databases::remove)),
    reads("/v1/actions", P::view_status_of_cluster_action, actions::list),
    reads("/v1/actions/{name}", P::view_status_of_cluster_action, actions::get),
    reads("/v1/actions/bdb/{uid}", P::view_status_of_cluster_action, actions::ofDatabase),
};

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

std::span<const Endpoint> endpoints() noexcept { return table; }

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

  Route found;
  for (const Endpoint& endpoint : table) {
    std::string parameter;
    if (!matches(endpoint.path, segments, parameter)) continue;
    if (endpoint.method == method) {
      found.endpoint = &endpoint;
      found.parameter = std::move(parameter);
    }
    found.allow += endpoint.method;
    found.allow += ", ";
  }
  if (found.allow.empty()) return nothingThere();
  found.allow += "OPTIONS";
  return found;
}

} // namespace gatehouse::control
