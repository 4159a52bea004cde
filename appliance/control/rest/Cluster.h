#pragma once
#include "control/rest/Resource.h"

/// /v1/cluster and /v1/cluster/change_password_hashing_algorithm
namespace gatehouse::control::cluster {

Result<Answer> get(const Reading&, store::Reader&);
Result<Task> update(const Reading&, store::Reader&, Node& body);
/// Always a 400, as documented for an algorithm that is not supported: there is scrypt and no other.
Result<Task> changeHashing(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::cluster
