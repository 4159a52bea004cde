#pragma once
#include "control/rest/Resource.h"

/// /v1/actions: what became of the changes that callers were given an `action_uid` for. A change itself is
/// done when its answer comes; what goes on afterwards is a database's engine.
namespace gatehouse::control::actions {

Result<Answer> list(const Reading&, store::Reader&);
Result<Answer> get(const Reading&, store::Reader&);        // /v1/actions/{name}
Result<Answer> ofDatabase(const Reading&, store::Reader&); // /v1/actions/bdb/{uid}
/// /v1/cluster/actions: no action of the cluster as a whole is offered, so none is ever under way.
Result<Answer> ofCluster(const Reading&, store::Reader&);
Result<Answer> ofClusterByName(const Reading&, store::Reader&);

} // namespace gatehouse::control::actions
