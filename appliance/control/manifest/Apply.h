#pragma once
#include "control/manifest/Plan.h"
#include "store/Rows.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::control {

/// Verifiers of the passwords that a manifest brings, by the index of their users. Empty: none was needed.
using Verifiers = std::map<std::size_t, std::string>;

/// Users as they were before they were changed or removed; for what-if.
using FormerUsers = std::map<std::int64_t, store::UserRecord>;

struct Applying {
  const Verifiers* verifiers = nullptr; // null: a rehearsal, in a Draft that is not committed
  model::Revision planned = -1;         // the Revision that the plan was made for; -1: any
  FormerUsers* former = nullptr;        // filled, where somebody asks
};

/// Makes what the manifest says so, over one Draft, through the changes that a REST caller would make: users
/// and databases that go, then certificates, settings, redis_acls, roles, bdbs, users, then what others
/// referred to. Compares first, and touches only what differs. Notes what manifests own from now on.
///
/// What came of it: the plan, with the mistakes that the changes found, all of them, at their places; with
/// any, the Draft must not be committed. The Draft's origin is `manifest` afterwards.
///
/// Threads: the writer's. Errors: precondition_failed where the store is at another Revision than was planned
/// for; the store's own.
[[nodiscard]] Result<ManifestPlan> apply(Draft&, const Manifest&, const PlanOptions&, const Applying&);

/// All mistakes, one a line, as one Error (invalid_param).
[[nodiscard]] Error asError(const std::vector<Mistake>&);

} // namespace gatehouse::control
