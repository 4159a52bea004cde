#pragma once
#include "control/manifest/Plan.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::control {

/// Who uses a role or ACL and stays whatever becomes of the manifest: a database that no manifest names and
/// nobody destroys (R21), or a user whom the API made. What those use stays with them, since otherwise no
/// prune could be done at all. "bdbs/cache", "users/ada"; empty: nobody.
///
/// Threads: the writer's. Errors: the store's.
[[nodiscard]] Result<std::string> stillUsedBy(Draft&, const Manifest&, const PlanOptions&,
                                              std::string_view list, std::int64_t uid);

} // namespace gatehouse::control
