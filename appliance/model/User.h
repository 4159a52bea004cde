#pragma once
#include "model/Field.h"
#include "model/Role.h"

#include <string>
#include <vector>

namespace gatehouse::model {

enum class AuthMethod : std::uint8_t { regular, certificate };
inline constexpr std::string_view authMethods[] = {"regular", "certificate"};
inline constexpr std::string_view authMethodsRefused[] = {"entraid", "sso"};

enum class UserStatus : std::uint8_t { active, locked, password_expired };
inline constexpr std::string_view userStatuses[] = {"active", "locked", "password_expired"};

/// Somebody who may come in. The verifier of a password is not here: it is in the store's row alone, and goes
/// to authenticators alone.
struct User {
  std::int64_t uid = 0;
  std::string name;
  std::string email;
  AuthMethod auth_method = AuthMethod::regular;
  std::string certificate_subject_line; // as it was written
  Management role = Management::none;   // computed: the strongest of role_uids
  std::vector<std::int64_t> role_uids;
  UserStatus status = UserStatus::active;
  std::optional<std::string> password_issue_date; // ISO 8601; none for certificate users
  std::optional<std::int64_t> last_login;         // seconds since the epoch
  std::optional<std::string> action_uid;
  Inert inert;
  bool operator==(const User&) const = default;
};

template <>
const Table& table<User>();

/// Printable ASCII without `"`, `&`, `<`, `>`, the alphabet of a user's name.
[[nodiscard]] bool fitsUserName(std::string_view) noexcept;
/// Empty, or an address of the documented form.
[[nodiscard]] bool fitsEmail(std::string_view) noexcept;

} // namespace gatehouse::model
