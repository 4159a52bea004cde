#pragma once
#include "control/rest/Resource.h"

/// /v1/bootstrap: the first administrator of a new cluster, as clients make it that know no manifest.
///
/// Answered on the control socket, or with the one-time token of OneTimeToken.h as the body's member `token`,
/// while there is no administrator; elsewhere and afterwards 409.
namespace gatehouse::control::bootstrap {

/// How far it is: `idle` until there is an administrator, then `completed`, and only for who is somebody.
Result<Answer> get(const Reading&, store::Reader&);

/// Makes the first administrator.
Result<Task> create(const Reading&, store::Reader&, Node& body);
/// Whether it would do; nothing is changed. What would not is a 406.
void validate(const Reading&, store::Reader&, Node& body, std::function<void(Answer)> done);
/// What makes no sense for one node: join_cluster, recover_cluster. 406.
void refuse(const Reading&, store::Reader&, Node& body, std::function<void(Answer)> done);

} // namespace gatehouse::control::bootstrap
