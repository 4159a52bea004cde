#pragma once
#include "control/rest/Resource.h"
#include "model/Field.h"

#include <optional>
#include <string>

/// /v1/users/password: one's own passwords, and for administrators everybody's.
namespace gatehouse::control::passwords {

/// Replaces all with one. Who is nobody only because its password has expired may do this to itself.
Result<Task> put(const Reading&, store::Reader&, Node& body);
/// Adds one to those that are valid.
Result<Task> add(const Reading&, store::Reader&, Node& body);
/// Takes one of several away.
Result<Task> remove(const Reading&, store::Reader&, Node& body);

/// What PUT and POST take.
struct NewPassword {
  std::optional<std::string> username;
};
/// What DELETE takes.
struct OldPassword {
  std::optional<std::string> username;
};

} // namespace gatehouse::control::passwords

namespace gatehouse::model {
template <>
const Table& table<control::passwords::NewPassword>();
template <>
const Table& table<control::passwords::OldPassword>();
} // namespace gatehouse::model
