#pragma once
#include "control/rest/Resource.h"

/// /v1/bdbs
namespace gatehouse::control::databases {

Result<Answer> list(const Reading&, store::Reader&);
Result<Answer> get(const Reading&, store::Reader&);

Result<Task> create(const Reading&, store::Reader&, Node& body);
/// /v2/bdbs: {"bdb":{...},"recovery_plan"?}. Nothing is recovered from a plan: 406 for one that is not empty.
Result<Task> createByPlan(const Reading&, store::Reader&, Node& body);
Result<Task> update(const Reading&, store::Reader&, Node& body);
Result<Task> remove(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::databases
