#include "plugin/AuthenticatorChain.h"

#include "plugin/PluginInstance.h"

namespace gatehouse::plugin {

using model::EvidenceKind;
using model::Verdict;

bool ListedAuthenticator::reads(EvidenceKind kind) const noexcept {
  switch (kind) {
  case EvidenceKind::password: return password;
  case EvidenceKind::certificate: return certificate;
  case EvidenceKind::token: // the host's own business
  case EvidenceKind::local:
  case EvidenceKind::none: return false;
  }
  return false;
}

ListedAuthenticator ListedAuthenticator::of(PluginInstance& instance) {
  const Descriptor& is = instance.descriptor();
  ListedAuthenticator listed;
  listed.name = is.name;
  listed.runsOn =
      is.authenticator && is.authenticator->runs_on == GH_RUNS_ON_LOOP ? RunsOn::loop : RunsOn::cpu;
  listed.password = is.reads(GH_EVIDENCE_PASSWORD);
  listed.certificate = is.reads(GH_EVIDENCE_CERTIFICATE);
  listed.instance = &instance;
  return listed;
}

VerifyAnswer VerifyAnswer::from(std::uint32_t verdict, std::uint64_t user) noexcept {
  switch (verdict) {
  case GH_VERDICT_ACCEPT: return {Verdict::accept, user};
  case GH_VERDICT_NEXT: return {Verdict::next, 0};
  case GH_VERDICT_UNKNOWN: return {Verdict::unknown, 0};
  case GH_VERDICT_MISMATCH: return {Verdict::mismatch, 0};
  case GH_VERDICT_DISABLED: return {Verdict::disabled, 0};
  case GH_VERDICT_EXPIRED: return {Verdict::expired, 0};
  default: return {Verdict::failure, 0};
  }
}

AuthenticatorChain::AuthenticatorChain(std::span<const ListedAuthenticator> listed,
                                       EvidenceKind kind) noexcept
    : listed_(listed)
    , kind_(kind) {
  skip();
}

void AuthenticatorChain::skip() noexcept {
  while (at_ < listed_.size() && !listed_[at_].reads(kind_)) ++at_;
}

const ListedAuthenticator* AuthenticatorChain::asked() const noexcept {
  return outcome_.by == nullptr && at_ < listed_.size() ? &listed_[at_] : nullptr;
}

void AuthenticatorChain::answer(const VerifyAnswer& given) noexcept {
  if (ended()) return;
  switch (given.verdict) {
  case Verdict::next:
  case Verdict::unknown:
    ++at_;
    skip();
    return; // at the end outcome_ still is what it began as: unknown, by nobody
  case Verdict::accept: outcome_ = {Verdict::accept, &listed_[at_], given.user}; return;
  case Verdict::mismatch:
  case Verdict::disabled:
  case Verdict::expired:
  case Verdict::failure: outcome_ = {given.verdict, &listed_[at_], 0}; return;
  }
  outcome_ = {Verdict::failure, &listed_[at_], 0};
}

void AuthenticatorChain::unanswered() noexcept { answer({Verdict::failure, 0}); }

} // namespace gatehouse::plugin
