#pragma once
#include "base/Result.h"
#include "control/Management.h"
#include "model/Snapshot.h"
#include "store/Rows.h"

#include <memory>

namespace gatehouse::control {

/// Makes the Snapshot of a state: the rows without keys, the computed fields of the settings, and the digests
/// that judge compares with. `before` spares reading lists of certificates again that did not change, and
/// lends its table of commands where `commands` is null (a redis-server that cannot be asked for a moment);
/// may be null.
///
/// Threads: any. Errors: a stored list of certificates that cannot be read is an error, never an empty one
/// (R11).
Result<std::shared_ptr<const model::Snapshot>> buildSnapshot(const store::PolicyRows&, const NodeFacts&,
                                                             const model::Snapshot* before,
                                                             std::shared_ptr<const model::CommandTable> = {});

/// Fills the fields of the settings that no row holds.
void fillComputed(model::ClusterSettings&, const store::PolicyRows&, const NodeFacts&);

} // namespace gatehouse::control
