#pragma once
#include "control/rest/Resource.h"

/// /v1/license: Gatehouse has none, and needs none.
namespace gatehouse::control::license {

Result<Answer> get(const Reading&, store::Reader&);
Result<Task> put(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::license
