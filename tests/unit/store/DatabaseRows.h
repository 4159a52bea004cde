#pragma once
#include "StoreFixture.h"

#include <string>

namespace gatehouse::test {

/// A database that the store takes: its engine's directory bears its name.
inline store::DatabaseRow database(const std::string& name, std::int64_t port) {
  store::DatabaseRow row;
  row.database.name = name;
  row.database.port = port;
  row.database.memory_size = 1 << 20;
  row.engineId = "engine-" + name;
  row.actionUid = "action-1";
  return row;
}

inline store::RedisAclRow redisAcl(const std::string& name, const std::string& acl) {
  store::RedisAclRow row;
  row.acl.name = name;
  row.acl.acl = acl;
  return row;
}

} // namespace gatehouse::test
