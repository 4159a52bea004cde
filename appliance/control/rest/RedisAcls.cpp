#include "control/rest/RedisAcls.h"

#include "control/rest/PolicyObject.h"

namespace gatehouse::control::redis_acls {

Result<Answer> list(const Reading&, store::Reader& reader) {
  return listOf(reader, &store::PolicyRows::redisAcls, &store::RedisAclRow::acl);
}

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  return oneOf(reading, reader, &store::PolicyRows::redisAcls, &store::RedisAclRow::acl,
               Code::redis_acl_not_exist);
}

Result<Task> create(const Reading&, store::Reader&, Node& body) { return creationOf(body, createRedisAcl); }

Result<Task> update(const Reading& reading, store::Reader&, Node& body) {
  return updateOf(reading, body, updateRedisAcl);
}

Result<Task> remove(const Reading& reading, store::Reader&, Node&) {
  return deletionOf<model::RedisAcl>(reading, deleteRedisAcl);
}

} // namespace gatehouse::control::redis_acls
