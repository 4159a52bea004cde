#pragma once
#include "control/rest/Resource.h"

/// What belongs to a database and is not its object: the passwords of its default user, whether it can be
/// reached, commands at it, and what is done to it by name.
namespace gatehouse::control::database_access {

/// /v1/bdbs/{uid}/passwords: {"password"}. PUT replaces all, POST adds one, DELETE removes the one that is
/// meant.
Result<Task> putPasswords(const Reading&, store::Reader&, Node& body);
Result<Task> addPassword(const Reading&, store::Reader&, Node& body);
Result<Task> removePassword(const Reading&, store::Reader&, Node& body);

/// /v1/bdbs/{uid}/availability and /v1/local/bdbs/{uid}/endpoint/availability: nothing, where clients are
/// served. Errors: db_not_found, bdb_unavailable (503), invalid_schema for a query that is none.
Result<Answer> availability(const Reading&, store::Reader&);

/// /v1/bdbs/{uid}/flush and .../reset_admin_pass: 406, saying why.
Result<Task> flush(const Reading&, store::Reader&, Node& body);
Result<Task> resetAdminPass(const Reading&, store::Reader&, Node& body);

/// /v1/bdbs/{uid}/command: {"command","args"?}, run as the caller's own user with its rights there;
/// {"response":...}. Who is no user (the local administrator) may run none.
void command(const Reading&, store::Reader&, Node& body, std::function<void(Answer)> done);

} // namespace gatehouse::control::database_access
