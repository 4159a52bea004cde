#pragma once
#include "model/Field.h"

namespace gatehouse::model {

/// `/v1/cluster/policy`: how logins are limited, and what new objects are like by default (Redis Software's
/// cluster_settings).
struct ClusterPolicy {
  std::int64_t login_lockout_threshold = 5;             // failures until a lock; 0: never
  std::int64_t login_lockout_counter_reset_after = 900; // seconds without a failure that forget them
  std::int64_t login_lockout_duration = 1800;           // seconds; 0: until somebody sets a new password
  Inert inert;
  bool operator==(const ClusterPolicy&) const = default;
};
template <>
const Table& table<ClusterPolicy>();

} // namespace gatehouse::model
