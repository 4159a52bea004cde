#include "model/Judge.h"

#include <algorithm>

namespace gatehouse::model {
namespace {

constexpr Judgement refuse(Verdict verdict, Reason reason) noexcept { return {verdict, reason}; }

/// What one listener asks of chains: the management API's rules, or a database's.
struct ChainRules {
  const std::set<Digest>& anchors;
  SubjectValidation validation;
  const std::set<Digest>&names, &tuples;
  bool allowOutdated;
};

ChainRules rulesOf(const Snapshot& snapshot) noexcept {
  return {snapshot.anchors, snapshot.settings.mtls_client_cert_subject_validation_type,
          snapshot.authorizedNames, snapshot.authorizedTuples, false};
}
ChainRules rulesOf(const DatabasePolicy& policy) noexcept {
  return {policy.anchors, policy.database.client_cert_subject_validation_type, policy.authorizedNames,
          policy.authorizedTuples, policy.database.mtls_allow_outdated_certs};
}

bool subjectAuthorized(const ChainFacts& chain, const ChainRules& rules) noexcept {
  constexpr Digest none{};
  switch (rules.validation) {
  case SubjectValidation::disabled: return true;
  case SubjectValidation::san_cn:
    return (chain.commonName != none && rules.names.contains(chain.commonName)) ||
           std::any_of(chain.dnsNames.begin(), chain.dnsNames.end(),
                       [&](const Digest& name) { return rules.names.contains(name); });
  case SubjectValidation::full_subject:
    return chain.subjectTuple != none && rules.tuples.contains(chain.subjectTuple);
  }
  return false;
}

Judgement judgeChainBy(const ChainFacts& chain, const ChainRules& rules, std::int64_t now) noexcept {
  // The anchor itself, not its key alone: a renewed certificate of the same key may be narrower (path length,
  // name constraints), and a session whose facts cannot answer a changed question is closed.
  if (!rules.anchors.contains(chain.anchor)) return refuse(Verdict::mismatch, Reason::untrusted);
  if (!rules.allowOutdated && now >= chain.notAfter) // as OpenSSL counts the last second
    return refuse(Verdict::expired, Reason::expired);
  if (!subjectAuthorized(chain, rules)) return refuse(Verdict::mismatch, Reason::subject_not_authorized);
  return {Verdict::accept, Reason::stands};
}

std::uint16_t wireNumber(TlsVersion version) noexcept {
  return version == TlsVersion::v1_3 ? 0x0304 : 0x0303;
}

/// May a connection of that kind be at its listener, whoever it is?
Judgement judgeTransport(const Admission& admission, const Snapshot& snapshot) noexcept {
  if (admission.database == 0) {
    if (!admission.control && admission.tlsVersion < wireNumber(snapshot.settings.min_control_TLS_version))
      return refuse(Verdict::failure, Reason::tls_too_old);
    return {Verdict::accept, Reason::stands};
  }
  const DatabasePolicy* policy = snapshot.database(admission.database);
  if (!policy) return refuse(Verdict::unknown, Reason::no_database);
  const Database& database = policy->database;
  if (database.tls_mode == TlsMode::enabled &&
      admission.tlsVersion < wireNumber(snapshot.settings.min_data_TLS_version))
    return refuse(Verdict::failure, Reason::tls_too_old);
  // Also where TLS is off, and nobody can show one: a plain connection is no way round it.
  if (database.enforce_client_authentication == Enforcement::enabled && admission.chain.anchor == Digest{})
    return refuse(Verdict::failure, Reason::certificate_required);
  return {Verdict::accept, Reason::stands};
}

/// May this user be at the database that the admission is for?
Judgement judgeAtDatabase(const Admission& admission, const Snapshot& snapshot, const User& user) {
  if (admission.database == 0) return {Verdict::accept, Reason::stands};
  if (!fitsEngineName(user.name)) return refuse(Verdict::disabled, Reason::name_not_usable);
  const DatabasePolicy* policy = snapshot.database(admission.database);
  if (!policy || aclsAt(policy->database, user.role_uids, snapshot).empty())
    return refuse(Verdict::disabled, Reason::no_role);
  return {Verdict::accept, Reason::stands};
}

/// Asked last: who is refused for this alone may still change its password.
Judgement judgePasswordAge(const Snapshot& snapshot, const UserRow& row, std::int64_t now) noexcept {
  const std::int64_t days = snapshot.settings.password_expiration_duration;
  if (days > 0 && now >= row.passwordSetAt + days * 86'400)
    return refuse(Verdict::expired, Reason::password_expired);
  return {Verdict::accept, Reason::stands};
}

/// A database's default user, who has no row (R3): by nothing at all, or by one of its passwords where it has
/// any.
Judgement judgeDefaultUser(const Admission& admission, const Snapshot& snapshot) noexcept {
  const DatabasePolicy* policy = snapshot.database(admission.database);
  if (!policy || !policy->database.default_user || admission.userUid != 0)
    return refuse(Verdict::disabled, Reason::default_user_off);
  if (admission.kind == EvidenceKind::password)
    return policy->passwordsRevision != 0 && policy->passwordsRevision == admission.userRevision
               ? Judgement{Verdict::accept, Reason::stands}
               : refuse(Verdict::mismatch, Reason::verifier_changed);
  if (admission.chain.anchor != Digest{}) return refuse(Verdict::disabled, Reason::default_user_off);
  if (policy->passwordsRevision != 0) return refuse(Verdict::mismatch, Reason::password_required);
  return {Verdict::accept, Reason::stands};
}

/// A token stands for the login that it was given for, and no longer than that would.
Judgement judgeToken(const Admission& admission, const Snapshot& snapshot, const UserRow& row,
                     std::int64_t now) noexcept {
  if (admission.database != 0) return refuse(Verdict::failure, Reason::method_not_allowed);
  const bool byCertificate = row.user.auth_method == AuthMethod::certificate;
  if (row.revision != admission.userRevision) return refuse(Verdict::mismatch, Reason::verifier_changed);
  if (!byCertificate && !row.hasVerifier) return refuse(Verdict::mismatch, Reason::method_not_allowed);
  if (now >= admission.tokenExpires) return refuse(Verdict::expired, Reason::token_expired);
  const bool bound = admission.tokenLeaf != Digest{};
  if (bound && !snapshot.settings.mtls_certificate_authentication)
    return refuse(Verdict::disabled, Reason::certificates_off);
  if (bound ? admission.tokenLeaf != admission.presented : byCertificate)
    return refuse(Verdict::mismatch, Reason::token_not_bound);
  // Its trust was judged with the chain. Without one nobody can tell whether that CA is listed still.
  if (bound && admission.chain.anchor == Digest{}) return refuse(Verdict::mismatch, Reason::untrusted);
  return byCertificate ? Judgement{Verdict::accept, Reason::stands} : judgePasswordAge(snapshot, row, now);
}

} // namespace

bool passwordExpired(const UserRow& row, const Snapshot& snapshot, std::int64_t nowSeconds) noexcept {
  return row.user.auth_method == AuthMethod::regular &&
         !judgePasswordAge(snapshot, row, std::max(nowSeconds, snapshot.committedAt)).stands();
}

std::string_view word(Reason reason) noexcept {
  switch (reason) {
  case Reason::stands: return "stands";
  case Reason::no_user: return "no_user";
  case Reason::user_not_active: return "user_not_active";
  case Reason::method_not_allowed: return "method_not_allowed";
  case Reason::subject_changed: return "subject_changed";
  case Reason::verifier_changed: return "verifier_changed";
  case Reason::certificates_off: return "certificates_off";
  case Reason::untrusted: return "untrusted";
  case Reason::expired: return "expired";
  case Reason::subject_not_authorized: return "subject_not_authorized";
  case Reason::tls_too_old: return "tls_too_old";
  case Reason::not_control: return "not_control";
  case Reason::no_database: return "no_database";
  case Reason::no_role: return "no_role";
  case Reason::name_not_usable: return "name_not_usable";
  case Reason::default_user_off: return "default_user_off";
  case Reason::certificate_required: return "certificate_required";
  case Reason::password_required: return "password_required";
  case Reason::password_expired: return "password_expired";
  case Reason::basic_off: return "basic_off";
  case Reason::token_expired: return "token_expired";
  case Reason::token_not_bound: return "token_not_bound";
  }
  return "?";
}

Judgement judgeChain(const ChainFacts& chain, const Snapshot& snapshot, std::int64_t database,
                     std::int64_t nowSeconds) noexcept {
  const std::int64_t now = std::max(nowSeconds, snapshot.committedAt); // R12
  if (database != 0) {
    const DatabasePolicy* policy = snapshot.database(database);
    return policy ? judgeChainBy(chain, rulesOf(*policy), now)
                  : refuse(Verdict::unknown, Reason::no_database);
  }
  if (!snapshot.settings.mtls_certificate_authentication)
    return refuse(Verdict::disabled, Reason::certificates_off);
  return judgeChainBy(chain, rulesOf(snapshot), now);
}

Judgement judge(const Admission& admission, const Snapshot& snapshot, const UserRow* row,
                std::int64_t nowSeconds) noexcept {
  if (admission.kind == EvidenceKind::local)
    return admission.control && admission.database == 0 ? Judgement{Verdict::accept, Reason::stands}
                                                        : refuse(Verdict::failure, Reason::not_control);

  if (const Judgement transport = judgeTransport(admission, snapshot); !transport.stands()) return transport;
  // A chain that was shown counts whoever logs in beside it.
  if (admission.kind == EvidenceKind::certificate || admission.chain.anchor != Digest{})
    if (const Judgement chain = judgeChain(admission.chain, snapshot, admission.database, nowSeconds);
        !chain.stands())
      return chain;

  if (admission.kind == EvidenceKind::none ||
      (admission.kind == EvidenceKind::password && admission.userUid == 0 && admission.database != 0))
    return judgeDefaultUser(admission, snapshot);
  if (admission.kind == EvidenceKind::password && admission.database == 0 && !admission.control &&
      !snapshot.settings.control_plane_basic_authentication)
    return refuse(Verdict::disabled, Reason::basic_off);
  const std::int64_t now = std::max(nowSeconds, snapshot.committedAt); // R12
  if (!row || row->user.uid != admission.userUid || admission.userUid == 0)
    return refuse(Verdict::unknown, Reason::no_user);
  if (row->user.status != UserStatus::active)
    return refuse(row->user.status == UserStatus::password_expired ? Verdict::expired : Verdict::disabled,
                  Reason::user_not_active);

  switch (admission.kind) {
  case EvidenceKind::certificate:
    if (row->user.auth_method != AuthMethod::certificate)
      return refuse(Verdict::mismatch, Reason::method_not_allowed);
    if (row->subjectKey == Digest{} || row->subjectKey != admission.chain.subjectKey)
      return refuse(Verdict::mismatch, Reason::subject_changed);
    return judgeAtDatabase(admission, snapshot, row->user);
  case EvidenceKind::password:
    if (row->user.auth_method != AuthMethod::regular || !row->hasVerifier)
      return refuse(Verdict::mismatch, Reason::method_not_allowed);
    // The proof was made with that row's verifier. Another revision may have another one; asking again is
    // cheap.
    if (row->revision != admission.userRevision) return refuse(Verdict::mismatch, Reason::verifier_changed);
    if (const Judgement there = judgeAtDatabase(admission, snapshot, row->user); !there.stands())
      return there;
    return judgePasswordAge(snapshot, *row, now);
  case EvidenceKind::token: return judgeToken(admission, snapshot, *row, now);
  case EvidenceKind::local:
  case EvidenceKind::none: break;
  }
  return refuse(Verdict::failure, Reason::method_not_allowed);
}

std::vector<const RedisAcl*> aclsAt(const Database& database, std::span<const std::int64_t> roleUids,
                                    const Snapshot& snapshot) {
  std::vector<const RedisAcl*> out;
  for (const RolePermission& permission : database.roles_permissions) {
    if (std::find(roleUids.begin(), roleUids.end(), permission.role_uid) == roleUids.end()) continue;
    const auto acl = snapshot.redisAcls.find(permission.redis_acl_uid);
    if (acl != snapshot.redisAcls.end()) out.push_back(&acl->second);
  }
  return out;
}

} // namespace gatehouse::model
