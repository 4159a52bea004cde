#pragma once
#include "base/Result.h"

#include <string>

namespace gatehouse::store {

class Connection;

/// Copies what `source` sees now to `destination` (SQLite's online backup), 0600, durable; a file of that
/// name is replaced only by a whole one.
Status copyStore(Connection& source, const std::string& destination);

} // namespace gatehouse::store
