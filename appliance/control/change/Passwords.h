#pragma once
#include "control/change/Changes.h"

#include <string>
#include <string_view>
#include <vector>

/// What becomes of a user's passwords. Several may be valid at once, so that clients can be moved from one to
/// the next; the former ones are remembered, so that none comes back while password_complexity is on.
///
/// All of them judge in a rehearsal what needs no hashing (Enrolled::password), say by Draft::compare which
/// verifiers the password is to be held against, and write nothing then. Threads: the writer's.
namespace gatehouse::control {

/// Verifiers as a row holds them, one a line.
[[nodiscard]] std::vector<std::string> verifiersIn(std::string_view lines);
[[nodiscard]] std::string verifierLines(const std::vector<std::string>&);

/// Lays a password onto a row as its only one; the row is not written.
///
/// Errors: password_not_complex, new_password_same_as_current (400).
Status layPassword(Draft&, const Enrolled&, store::UserRecord& row);

/// One more valid password. The date of the passwords stays: it would give the old ones another life.
///
/// Errors: user_not_exist, invalid_param for a user of auth_method certificate, password_not_complex,
/// new_password_same_as_current, not_acceptable (406) when there are mostPasswords.
Status addPassword(Draft&, std::int64_t uid, const Enrolled&);

/// Takes one of several away.
///
/// Errors: user_not_exist, cannot_delete_last_password (400), invalid_param when it is none of them.
Status removePassword(Draft&, std::int64_t uid, const Enrolled&);

/// user_not_exist (404), or the user's row with its computed `role`.
Result<store::UserRecord> findUser(Draft&, std::int64_t uid);
/// What holds of a user go by.
[[nodiscard]] store::Hold holdKeysOf(const store::UserRecord&);

} // namespace gatehouse::control
