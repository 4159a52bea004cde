#pragma once
#include "control/change/Changes.h"
#include "model/Judge.h"

namespace gatehouse::control {

/// How the caller of a change came in, as it stood before the change.
struct WayIn {
  const model::Admission& admission;
  const model::UserRow* row = nullptr; // null for the local administrator
};

/// Nobody may saw off the branch it sits on: whether the caller's own way in, judged by the one `judge` under
/// the policy that would be, still stands, and whether any administrator could still come in over the
/// network.
///
/// Only what the policy says counts here (trust, certificates, passwords, TLS); that somebody's row changes,
/// its own password for one, is no lock-out. The local administrator always has its socket.
///
/// Threads: the writer's. Errors: last_way_in (406), saying what would be left; nothing when the Draft is
/// forced.
Status keepsWayIn(Draft&, const WayIn& caller, const model::Snapshot& before, const model::Snapshot& after);

} // namespace gatehouse::control
