#pragma once
#include "control/rest/Resource.h"

/// /v1/logs: the record of what was done.
namespace gatehouse::control::logs {

inline constexpr std::int64_t mostRows = 1000; // of one answer

/// `stime`, `etime` (ISO 8601), `order` (asc, desc), `limit`, `offset`. Errors: invalid_param.
Result<Answer> list(const Reading&, store::Reader&);

} // namespace gatehouse::control::logs
