#pragma once
#include "control/rest/Resource.h"

/// /v1/roles
namespace gatehouse::control::roles {

Result<Answer> list(const Reading&, store::Reader&);
Result<Answer> get(const Reading&, store::Reader&);

Result<Task> create(const Reading&, store::Reader&, Node& body);
Result<Task> update(const Reading&, store::Reader&, Node& body);
Result<Task> remove(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::roles
