#pragma once
#include "control/rest/Resource.h"

/// /v1/cluster/policy
namespace gatehouse::control::cluster_policy {

Result<Answer> get(const Reading&, store::Reader&);
/// Answers nothing, as documented; the ETag is the new one.
Result<Task> update(const Reading&, store::Reader&, Node& body);
Result<Task> restoreDefault(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::cluster_policy
