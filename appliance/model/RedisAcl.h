#pragma once
#include "model/Field.h"

#include <optional>
#include <string>

namespace gatehouse::model {

/// A named text of Redis ACL rules, which databases give to roles. Its grammar is AclRules.h's.
struct RedisAcl {
  std::int64_t uid = 0;
  std::string name;
  std::string acl;
  std::string min_version = "6.0",
              max_version = "9999"; // of the protocol's commands; documented, always these
  std::optional<std::string> action_uid;
  Inert inert;
  bool operator==(const RedisAcl&) const = default;
};

template <>
const Table& table<RedisAcl>();

/// What the row of migration 0002 says: `Full Access`, read-only.
inline constexpr std::int64_t fullAccessUid = 1;

} // namespace gatehouse::model
