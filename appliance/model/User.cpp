#include "model/User.h"

#include "model/Subject.h"

#include <algorithm>

namespace gatehouse::model {

bool fitsUserName(std::string_view name) noexcept {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '&' && c != '<' && c != '>';
  });
}

bool fitsEmail(std::string_view email) noexcept {
  if (email.empty()) return true;
  const auto alnum = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const std::size_t at = email.find('@');
  if (at == 0 || at == std::string_view::npos) return false;
  const std::string_view local = email.substr(0, at), domain = email.substr(at + 1);
  const std::size_t dot = domain.find('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == domain.size()) return false;
  return std::all_of(local.begin(), local.end(),
                     [&](char c) { return alnum(c) || c == '_' || c == '.' || c == '+' || c == '-'; }) &&
         std::all_of(domain.begin(), domain.begin() + static_cast<std::ptrdiff_t>(dot),
                     [&](char c) { return alnum(c) || c == '-'; }) &&
         std::all_of(domain.begin() + static_cast<std::ptrdiff_t>(dot), domain.end(),
                     [&](char c) { return alnum(c) || c == '-' || c == '.'; });
}

namespace {

constexpr Field fields[] = {
    read_only<&User::uid>("uid", integer(0, INT64_MAX), 0, "Number of the user; never used again."),
    enforced<&User::name>(
        "name", text(1, 255, fitsUserName, "^[ -!#-%'-;=?-~]+$"), required, Narrows::unknown,
        "What the user is called, and logs in as; shares one namespace with e-mail addresses."),
    enforced<&User::email>("email",
                           text(0, 254, fitsEmail, "(^$|^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9-.]+$)"),
                           "", Narrows::unknown, "E-mail address; may be empty; usable as a login."),
    write_only("password", secret(1, 1024), "Password of a regular user; never returned."),
    refused("password_hash_method", integer(1, 1), absent, "A password that comes hashed already."),
    read_only<&User::password_issue_date>("password_issue_date", text(0, 40), absent,
                                          "When the password was set.")
        .moving(),
    enforced<&User::auth_method>(
        "auth_method", choice(authMethods, authMethodsRefused), "regular", Narrows::unknown,
        "How the user proves who it is: a password, or a client certificate and nothing else."),
    enforced<&User::certificate_subject_line>(
        "certificate_subject_line", text(0, Subject::maximumLine), "", Narrows::unknown,
        "Subject of the user's certificate, RFC 4514; returned as written."),
    enforced<&User::role>(
        "role", choice(managements), "none", Narrows::unknown,
        "The strongest management role of role_uids; written, it means the builtin role of that word.")
        .computed(),
    enforced<&User::role_uids>("role_uids", set(reference(ObjectKind::role), 64), empty, Narrows::when_fewer,
                               "Roles of the user; without any it may do nothing.")
        .manifest("roles"),
    read_only<&User::status>(
        "status", choice(userStatuses), "active",
        "Whether the user's password logs in: active, locked after failures, or expired.")
        .computed(),
    read_only<&User::last_login>("last_login", integer(0, INT64_MAX), absent,
                                 "Last successful login, seconds since 1970.")
        .moving(),
    inert("email_alerts", boolean(), true, "Kept and returned."),
    inert("bdbs_email_alerts", list(text(0, 20), 1000), absent, "Kept and returned."),
    inert("cluster_email_alerts", boolean(), absent, "Kept and returned."),
    inert("account_id", integer(0, INT64_MAX), absent, "Kept and returned."),
    read_only<&User::action_uid>("action_uid", text(0, 64), absent, "The action that changed the user.")
        .moving()
        .computed(),
};
constexpr Table userTable = {"user", ObjectKind::user, fields, "Somebody who may come in.",
                             place<&User::inert>()};
static_assert(sound(userTable));

} // namespace

template <>
const Table& table<User>() {
  return userTable;
}

} // namespace gatehouse::model
