#pragma once
#include "model/ClusterCertificate.h"
#include "model/ClusterPolicy.h"
#include "model/ClusterSettings.h"
#include "model/Database.h"
#include "model/RedisAcl.h"
#include "model/Role.h"
#include "model/User.h"

#include <string_view>

namespace gatehouse::control {

/// What a kind of object is called: in a manifest, and in holds and in the rows that manifests own.
struct KindWords {
  std::string_view list; // "users"
  std::string_view row;  // "user"
};
template <class T>
inline constexpr KindWords kindWords{};
template <>
inline constexpr KindWords kindWords<model::ClusterSettings>{"cluster", "cluster"};
template <>
inline constexpr KindWords kindWords<model::ClusterPolicy>{"cluster_policy", "cluster_policy"};
template <>
inline constexpr KindWords kindWords<model::ClusterCertificate>{"certificates", "certificate"};
template <>
inline constexpr KindWords kindWords<model::RedisAcl>{"redis_acls", "redis_acl"};
template <>
inline constexpr KindWords kindWords<model::Role>{"roles", "role"};
template <>
inline constexpr KindWords kindWords<model::Database>{"bdbs", "bdb"};
template <>
inline constexpr KindWords kindWords<model::User>{"users", "user"};

inline constexpr KindWords allKinds[] = {
    kindWords<model::ClusterSettings>,
    kindWords<model::ClusterPolicy>,
    kindWords<model::ClusterCertificate>,
    kindWords<model::RedisAcl>,
    kindWords<model::Role>,
    kindWords<model::Database>,
    kindWords<model::User>,
};

/// Settings have no name of their own.
template <class T>
std::string_view nameOf(const T& object) {
  return object.name;
}
template <>
inline std::string_view nameOf(const model::ClusterSettings&) {
  return {};
}
template <>
inline std::string_view nameOf(const model::ClusterPolicy&) {
  return {};
}

} // namespace gatehouse::control
