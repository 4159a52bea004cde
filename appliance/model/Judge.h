#pragma once
#include "model/Admission.h"
#include "model/Snapshot.h"
#include "model/User.h"
#include "model/Verdict.h"

#include <string_view>

namespace gatehouse::model {

/// A user as the store had it at one revision, with what a decision needs beside the object.
struct UserRow {
  User user;
  Digest subjectKey{};            // all zero unless auth_method is certificate
  bool hasVerifier = false;       // there is a password
  Revision revision = 0;          // of the row
  std::int64_t passwordSetAt = 0; // seconds since the epoch: password_issue_date
};

/// Why a session may stand or not: one word for the audit record and the counter, bounded in number.
enum class Reason : std::uint8_t {
  stands,
  no_user, // nobody was found, or the user is gone
  user_not_active,
  method_not_allowed,     // the evidence is not of the kind that the user's auth_method allows (R1, R4)
  subject_changed,        // the user no longer has this subject
  verifier_changed,       // the user's row is another than the proof was made with
  certificates_off,       // mtls_certificate_authentication is off
  untrusted,              // the chain's anchor is no longer listed
  expired,                // the chain has reached its earliest notAfter
  subject_not_authorized, // mtls_authorized_subjects has no match
  tls_too_old,            // below min_control_TLS_version
  not_control,            // local evidence anywhere but on the control socket
  no_database,            // the database is gone
  no_role,                // none of the user's roles has an ACL at this database
  name_not_usable,        // the user's name cannot be one of the engine's (R17)
  default_user_off,       // the database has no default user
  certificate_required,   // the database asks for a certificate, and none was shown
  password_required,      // the database's default user has a password
  password_expired,       // password_expiration_duration has passed since it was set
  basic_off,              // control_plane_basic_authentication is off
  token_expired,
  token_not_bound, // the token belongs to a certificate that this connection did not show
};
[[nodiscard]] std::string_view word(Reason) noexcept;

struct Judgement {
  Verdict verdict = Verdict::failure;
  Reason reason = Reason::no_user;
  [[nodiscard]] bool stands() const noexcept { return verdict == Verdict::accept; }
};

/// May a connection with this chain be here at all, whoever it is? The first half of judge, asked alone for
/// connections whose certificate is nobody's: subject validation and trust count for them too (design §4.2).
/// `database` is its uid at a database's listener, 0 at the management API.
[[nodiscard]] Judgement judgeChain(const ChainFacts&, const Snapshot&, std::int64_t database,
                                   std::int64_t nowSeconds) noexcept;

/// Is this user's password too old to log in with? What judge asks too; alone, for the user's `status`.
[[nodiscard]] bool passwordExpired(const UserRow&, const Snapshot&, std::int64_t nowSeconds) noexcept;

/// Does this admission stand under this policy, for this user, now? The one decision: login, the sweep after
/// a change, what-if and replay all ask it, and nothing else decides. `row` is null when the user is gone;
/// for the local administrator there is no row.
///
/// Threads: pure. `nowSeconds` is the wall clock; R12: never earlier than the Snapshot's own time.
[[nodiscard]] Judgement judge(const Admission&, const Snapshot&, const UserRow* row,
                              std::int64_t nowSeconds) noexcept;

} // namespace gatehouse::model
