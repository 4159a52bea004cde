#pragma once
#include "control/rest/Resource.h"

/// /v1/users/permissions: what each management word may do, from the one matrix.
namespace gatehouse::control::user_permissions {

Result<Answer> list(const Reading&, store::Reader&);
/// Of one management word; not_found (404) for another.
Result<Answer> get(const Reading&, store::Reader&);

} // namespace gatehouse::control::user_permissions
