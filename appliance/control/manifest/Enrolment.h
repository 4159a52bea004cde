#pragma once
#include "control/Ports.h"
#include "control/manifest/Apply.h"

#include <functional>
#include <memory>
#include <vector>

namespace gatehouse::control {

/// The users whose passwords a plan makes anew: indices in the manifest's list.
[[nodiscard]] std::vector<std::size_t> toEnrol(const ManifestPlan&);

/// Makes verifiers of their passwords on the cpu pool, a few at once and each a job of its own, so that
/// logins come between. `done` is called once, on any thread. Errors: overloaded when the pool is full; what
/// enrol says.
void enrolAll(Serving&, std::shared_ptr<const Manifest>, std::vector<std::size_t> users,
              std::function<void(Result<Verifiers>)> done);

} // namespace gatehouse::control
