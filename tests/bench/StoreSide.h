#pragma once
#include <cstdint>
#include <string>

namespace gatehouse::bench {

/// Puts that many users (bench-1@example.com, ...) beside those of a store that no server has open. Errors:
/// one sentence on standard error, and 1.
int fill(const std::string& store, std::int64_t users);

/// Reads random ones of them as a login does, each in a read transaction of its own; prints the median and
/// the 99th percentile in microseconds.
int lookups(const std::string& store, std::int64_t users, int count);

} // namespace gatehouse::bench
