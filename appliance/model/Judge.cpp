#include "model/Judge.h"

#include <algorithm>

namespace gatehouse::model {
namespace {

constexpr Judgement refuse(Verdict verdict, Reason reason) noexcept { return {verdict, reason}; }

bool subjectAuthorized(const ChainFacts& chain, const Snapshot& snapshot) noexcept {
  constexpr Digest none{};
  switch (snapshot.settings.mtls_client_cert_subject_validation_type) {
  case SubjectValidation::disabled: return true;
  case SubjectValidation::san_cn:
    return (chain.commonName != none && snapshot.authorizedNames.contains(chain.commonName)) ||
           std::any_of(chain.dnsNames.begin(), chain.dnsNames.end(),
                       [&](const Digest& name) { return snapshot.authorizedNames.contains(name); });
  case SubjectValidation::full_subject:
    return chain.subjectTuple != none && snapshot.authorizedTuples.contains(chain.subjectTuple);
  }
  return false;
}

} // namespace

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
  }
  return "?";
}

Judgement judgeChain(const ChainFacts& chain, const Snapshot& snapshot, std::int64_t nowSeconds) noexcept {
  if (!snapshot.settings.mtls_certificate_authentication)
    return refuse(Verdict::disabled, Reason::certificates_off);
  // The anchor itself, not its key alone: a renewed certificate of the same key may be narrower (path length,
  // name constraints), and a session whose facts cannot answer a changed question is closed.
  if (!snapshot.anchors.contains(chain.anchor)) return refuse(Verdict::mismatch, Reason::untrusted);
  if (std::max(nowSeconds, snapshot.committedAt) >= chain.notAfter) // as OpenSSL counts the last second

    return refuse(Verdict::expired, Reason::expired);
  if (!subjectAuthorized(chain, snapshot)) return refuse(Verdict::mismatch, Reason::subject_not_authorized);
  return {Verdict::accept, Reason::stands};
}

Judgement judge(const Admission& admission, const Snapshot& snapshot, const UserRow* row,
                std::int64_t nowSeconds) noexcept {
  if (admission.kind == EvidenceKind::local)
    return admission.control ? Judgement{Verdict::accept, Reason::stands}
                             : refuse(Verdict::failure, Reason::not_control);

  const std::uint16_t least = snapshot.settings.min_control_TLS_version == TlsVersion::v1_3 ? 0x0304 : 0x0303;
  if (!admission.control && admission.tlsVersion < least)
    return refuse(Verdict::failure, Reason::tls_too_old);
  if (admission.kind == EvidenceKind::certificate)
    if (const Judgement chain = judgeChain(admission.chain, snapshot, nowSeconds); !chain.stands())
      return chain;

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
    return {Verdict::accept, Reason::stands};
  case EvidenceKind::password:
    if (row->user.auth_method != AuthMethod::regular || !row->hasVerifier)
      return refuse(Verdict::mismatch, Reason::method_not_allowed);
    // The proof was made with that row's verifier. Another revision may have another one; asking again is
    // cheap.
    if (row->revision != admission.userRevision) return refuse(Verdict::mismatch, Reason::verifier_changed);
    return {Verdict::accept, Reason::stands};
  case EvidenceKind::local: break;
  }
  return refuse(Verdict::failure, Reason::method_not_allowed);
}

} // namespace gatehouse::model
