#pragma once
#include "control/rest/Resource.h"
#include "model/Field.h"

#include <optional>
#include <string>

/// /v1/users/authorize and /v1/users/refresh_jwt: tokens for who has proven who it is.
///
/// A token belongs to the client certificate that its connection showed, where one was shown, and ends with
/// it; it also ends with every change of its user.
namespace gatehouse::control::authorize {

/// For an Authorization field, a client certificate, or the body's username and password, as older clients
/// send; where several are there they must name one user. Open: answers 401 itself.
void authorize(const Reading&, store::Reader&, Node& body, std::function<void(Answer)> done);
/// Another token for who came by one.
void refresh(const Reading&, store::Reader&, Node& body, std::function<void(Answer)> done);

/// What authorize takes.
struct Wish {
  std::optional<std::string> username;
  std::int64_t ttl = Tokens::defaultTtl;
};
/// What refresh_jwt takes.
struct Renewal {
  std::int64_t ttl = Tokens::defaultTtl;
};

} // namespace gatehouse::control::authorize

namespace gatehouse::model {
template <>
const Table& table<control::authorize::Wish>();
template <>
const Table& table<control::authorize::Renewal>();
} // namespace gatehouse::model
