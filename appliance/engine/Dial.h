#pragma once
#include "base/Result.h"
#include "base/UniqueFd.h"
#include "transport/Deadlines.h"

#include <string>

namespace gatehouse::engine {

/// A connection to an engine's socket; never waits. Errors: busy: its backlog is full (a frozen engine takes
/// 512, then refuses nobody and takes nobody: measured), try again soon; unavailable: nobody listens.
[[nodiscard]] Result<UniqueFd> dial(const std::string& path);

/// No limits of time: an engine may be frozen for half a minute, load for minutes, run one command for long.
/// Whoever waits for it has a deadline of its own (a session's peer, a login's ceiling).
inline constexpr transport::DeadlineTable patient = [] {
  transport::DeadlineTable table;
  for (auto& row : table.rows) row.inputLimit = 1024 * 1024;
  table[transport::Phase::closing].ceilingMs = 1'000;
  return table;
}();

} // namespace gatehouse::engine
