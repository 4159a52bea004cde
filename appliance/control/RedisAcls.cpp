#include "control/RedisAcls.h"

#include "store/Reader.h"

#include <utility>

namespace gatehouse::control::redis_acls {

using model::RedisAcl;

Result<Answer> list(const Reading&, store::Reader& reader) {
  auto rows = reader.policy();
  if (!rows) return std::move(rows).error();
  std::vector<model::View> views;
  for (const store::RedisAclRow& row : rows->redisAcls) views.emplace_back(row.acl);
  Answer answer;
  encodeList(views, answer.body);
  return answer;
}

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  auto rows = reader.policy();
  if (!rows) return std::move(rows).error();
  for (const store::RedisAclRow& row : rows->redisAcls) {
    if (row.acl.uid != uidOf(reading.parameter)) continue;
    Answer answer;
    answer.body = encode(model::View(row.acl));
    answer.fields.emplace_back("ETag", entityTag(row.revision));
    return answer;
  }
  return Error{Code::redis_acl_not_exist, "there is no redis_acl " + reading.parameter};
}

Result<Task> create(const Reading&, store::Reader&, Node& body) {
  Merge<RedisAcl> merge = mergeOf<RedisAcl>(keepBody(std::move(body)), true);
  RedisAcl tried;
  if (auto given = merge(tried); !given) return std::move(given).error();
  Task task;
  task.apply = [merge = std::move(merge)](Draft& draft, const std::string&) -> Result<Written> {
    auto outcome = createRedisAcl(draft, merge);
    if (!outcome) return std::move(outcome).error();
    return answerOf(draft, std::move(*outcome), "create");
  };
  return task;
}

Result<Task> update(const Reading& reading, store::Reader&, Node& body) {
  Task task;
  task.apply = [merge = mergeOf<RedisAcl>(keepBody(std::move(body)), false),
                uid = uidOf(reading.parameter)](Draft& draft, const std::string&) -> Result<Written> {
    auto outcome = updateRedisAcl(draft, uid, merge);
    if (!outcome) return std::move(outcome).error();
    return answerOf(draft, std::move(*outcome), "update");
  };
  return task;
}

Result<Task> remove(const Reading& reading, store::Reader&, Node&) {
  Task task;
  task.apply = [uid = uidOf(reading.parameter)](Draft& draft, const std::string&) -> Result<Written> {
    GH_TRY(deleteRedisAcl(draft, uid));
    return deletionAnswer(draft, model::table<RedisAcl>(), uid);
  };
  return task;
}

} // namespace gatehouse::control::redis_acls
