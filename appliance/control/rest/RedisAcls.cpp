#include "control/rest/RedisAcls.h"

#include "control/change/ChangesRules.h"
#include "control/rest/PolicyObject.h"

namespace gatehouse::control::redis_acls {
namespace {

/// As Changes judge it, with what this worker knows of the redis-server.
Status judge(const Node& body, const model::CommandTable* commands) {
  const Node* acl = body.find("acl");
  if (!acl) return at(Code::missing_field, "acl", "is missing");
  if (acl->kind != Node::Kind::scalar || acl->style != Node::Style::quoted)
    return at(Code::invalid_schema, "acl", "a text is wanted");
  for (const Node::Member& member : body.members)
    if (member.key != "acl" && member.key != "name")
      return Error{Code::invalid_schema, "the body is {\"acl\":...} and nothing else"};
  if (!commands)
    return Error{Code::redis_acl_unsupported, "no redis-server is installed that could be asked"};
  auto rules = model::parseAcl(acl->text);
  if (!rules) return at("acl", std::move(rules).error());
  if (Status known = model::checkAcl(*rules, *commands); !known) return at("acl", std::move(known).error());
  return {};
}

} // namespace

Result<Answer> list(const Reading& reading, store::Reader& reader) {
  return listOf(reading, reader, &store::Reader::redisAcls, &store::RedisAclRow::acl);
}

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  return oneOf(reading, reader, &store::Reader::redisAcl, &store::RedisAclRow::acl,
               Code::redis_acl_not_exist);
}

Result<Task> create(const Reading&, store::Reader&, Node& body) { return creationOf(body, createRedisAcl); }

Result<Task> update(const Reading& reading, store::Reader&, Node& body) {
  return updateOf(reading, body, updateRedisAcl);
}

Result<Task> remove(const Reading& reading, store::Reader&, Node&) {
  return deletionOf<model::RedisAcl>(reading, deleteRedisAcl);
}

void validate(const Reading& reading, store::Reader&, Node& body, std::function<void(Answer)> done) {
  const Status judged = judge(body, reading.policy->commands.get());
  done(judged ? Answer{} : Answer::refusal(judged.error()));
}

} // namespace gatehouse::control::redis_acls
