#pragma once
#include "control/rest/Resource.h"

/// /v1/users
namespace gatehouse::control::users {

/// All users as an array, 100 rows a piece.
Result<Answer> list(const Reading&, store::Reader&);
Result<Answer> get(const Reading&, store::Reader&);
/// {"role": the strongest management word of the caller}
Result<Answer> role(const Reading&, store::Reader&);

Result<Task> create(const Reading&, store::Reader&, Node& body);
Result<Task> update(const Reading&, store::Reader&, Node& body);
Result<Task> remove(const Reading&, store::Reader&, Node& body);
/// Ends what failed logins brought about; the body is empty. Not in Redis Software, where only a new password
/// does.
Result<Task> unlock(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::users
