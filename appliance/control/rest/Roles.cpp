#include "control/rest/Roles.h"

#include "control/rest/PolicyObject.h"

namespace gatehouse::control::roles {

Result<Answer> list(const Reading& reading, store::Reader& reader) {
  return listOf(reading, reader, &store::Reader::roles, &store::RoleRow::role);
}

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  return oneOf(reading, reader, &store::Reader::role, &store::RoleRow::role, Code::role_not_exist);
}

Result<Task> create(const Reading&, store::Reader&, Node& body) { return creationOf(body, createRole); }

Result<Task> update(const Reading& reading, store::Reader&, Node& body) {
  return updateOf(reading, body, updateRole);
}

Result<Task> remove(const Reading& reading, store::Reader&, Node&) {
  return deletionOf<model::Role>(reading, deleteRole);
}

} // namespace gatehouse::control::roles
