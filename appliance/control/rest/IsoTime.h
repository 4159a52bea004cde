#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::control {

/// Seconds since the epoch of an ISO 8601 date or time as clients write them: `2026-11-24`,
/// `2026-11-24T10:00:00Z`, `2026-11-24 10:00:00.5+01:00`. Without a zone it is UTC; fractions are dropped.
/// Nothing for anything else, also for days that no calendar has. (base/Text.h reads what Gatehouse itself
/// writes, and nothing else.)
[[nodiscard]] std::optional<std::int64_t> readIsoTime(std::string_view text) noexcept;

} // namespace gatehouse::control
