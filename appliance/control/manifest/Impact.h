#pragma once
#include "base/Result.h"
#include "control/Ports.h"
#include "model/Snapshot.h"
#include "store/Rows.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::control {

/// Two states of the cluster, and who is concerned.
struct ImpactQuestion {
  using UserAt = std::function<Result<std::optional<store::UserRecord>>(std::int64_t uid)>;

  const model::Snapshot& before;
  const model::Snapshot& after; // with all that SnapshotBuilder derives
  UserAt userBefore, userAfter; // by uid; nothing: there is none
  std::set<std::int64_t> users; // that are looked at: those whose row, roles or ACLs differ
  const std::vector<LiveSession>& sessions;
  std::int64_t now = 0; // seconds since the epoch
};

/// What would become of people and connections, judged by model::judge and by nothing else: who gains and who
/// loses management permissions and databases, which open connections would close and why, which certificates
/// of the planned trust lists would have no connection standing on them.
///
/// Threads: any. Errors: those of the user lookups. The answer is one JSON object:
/// {"gains":[{"user","what"}],"loses":[...],"closes":[{"session","peer","listener","user","reason"}],
///  "stays":n,"unused_certificates":[{"list","subject","sha256"}]}.
Result<std::string> impactOf(const ImpactQuestion&);

} // namespace gatehouse::control
