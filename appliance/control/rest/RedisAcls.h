#pragma once
#include "control/rest/Resource.h"

/// /v1/redis_acls
namespace gatehouse::control::redis_acls {

Result<Answer> list(const Reading&, store::Reader&);
Result<Answer> get(const Reading&, store::Reader&);

Result<Task> create(const Reading&, store::Reader&, Node& body);
Result<Task> update(const Reading&, store::Reader&, Node& body);
Result<Task> remove(const Reading&, store::Reader&, Node& body);

/// /v1/redis_acls/validate (deprecated: `dry_run` does the same): {"acl"} is judged, and nothing is written.
void validate(const Reading&, store::Reader&, Node& body, std::function<void(Answer)> done);

} // namespace gatehouse::control::redis_acls
