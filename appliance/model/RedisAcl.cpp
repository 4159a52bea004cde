#include "model/RedisAcl.h"

#include "model/AclRules.h"
#include "model/Role.h"

namespace gatehouse::model {
namespace {

constexpr Field fields[] = {
    read_only<&RedisAcl::uid>("uid", integer(0, INT64_MAX), 0, "Number of the ACL; never used again."),
    enforced<&RedisAcl::name>("name", text(1, 255, fitsRoleName, "^[a-zA-Z0-9_ \\[\\]()@,.;#-]+$"), required,
                              Narrows::unknown, "What the ACL is called."),
    enforced<&RedisAcl::acl>(
        "acl", text(0, static_cast<std::int64_t>(aclTextLimit)), required, Narrows::unknown,
        "Redis ACL rules: commands, categories, key and channel patterns, selectors; empty grants nothing."),
    read_only<&RedisAcl::min_version>("min_version", text(0, 16), "6.0",
                                      "Oldest Redis that has the ACL's commands.")
        .computed(),
    read_only<&RedisAcl::max_version>("max_version", text(0, 16), "9999",
                                      "Newest Redis that has the ACL's commands.")
        .computed(),
    inert("account_id", integer(0, INT64_MAX), absent, "Kept and returned."),
    read_only<&RedisAcl::action_uid>("action_uid", text(0, 64), absent, "The action that changed the ACL.")
        .moving()
        .computed(),
};
constexpr Table aclTable = {"redis_acl", ObjectKind::redis_acl, fields,
                            "What users of a role may do in a database.", place<&RedisAcl::inert>()};
static_assert(sound(aclTable));

} // namespace

template <>
const Table& table<RedisAcl>() {
  return aclTable;
}

} // namespace gatehouse::model
