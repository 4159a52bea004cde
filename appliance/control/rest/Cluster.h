#pragma once
#include "control/rest/Resource.h"

/// /v1/cluster
namespace gatehouse::control::cluster {

Result<Answer> get(const Reading&, store::Reader&);
Result<Task> update(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::cluster
