#pragma once
#include "base/Result.h"
#include "base/Secret.h"
#include "model/ClusterSettings.h"
#include "model/User.h"

namespace gatehouse::control {

/// The documented rules of new passwords (facts: at least password_min_length bytes, upper and lower case, a
/// digit, a special character, not the e-mail address or name, forwards or backwards, no more than three
/// repetitions), while password_complexity is on. Without it: no rule but the field's limits.
///
/// Threads: pure. Errors: password_not_complex, naming the rule, never the password.
Status checkComplexity(const Secret& password, const model::ClusterSettings&, const model::User&);

/// How many valid passwords a user may have, and how many former ones are remembered and refused.
inline constexpr std::size_t mostPasswords = 5, mostFormerPasswords = 5;

} // namespace gatehouse::control
