#include "gateway/Login.h"

#include "gateway/DirectoryView.h"
#include "gateway/OneVerifier.h"
#include "gateway/Worker.h"
#include "plugin/AuthenticatorCall.h"
#include "plugin/PluginInstance.h"

#include <atomic>

namespace gatehouse::gateway {
namespace {

gh_bytes bytes(std::string_view text) noexcept { return {text.data(), text.size()}; }

} // namespace

gh_view nextView() noexcept {
  static std::atomic<gh_view> last{0}; // whichever thread verifies
  return ++last;
}

Login::Login(Worker& worker, std::span<const plugin::ListedAuthenticator> authenticators, Evidence evidence,
             std::function<void(LoginResult)> done)
    : worker_(worker)
    , chain_(authenticators, evidence.kind)
    , evidence_(std::move(evidence))
    , done_(std::move(done)) {}

void Login::start() {
  deadlineMs_ = worker_.clock().steadyMs() + ceilingMs;
  step();
}

void Login::step() {
  const plugin::ListedAuthenticator* next = chain_.asked();
  if (!next) {
    const plugin::ChainOutcome& outcome = chain_.outcome();
    LoginResult result;
    result.verdict = outcome.verdict;
    if (outcome.by) result.authenticator = outcome.by->name;
    if (outcome.accepted()) {
      result.record = record_;
      if (evidence_.kind == model::EvidenceKind::password) {
        const Owner owner = ownerOf(record_.get());
        worker_.passwords().remember(result.authenticator, owner.uid, owner.revision,
                                     evidence_.secret.reveal(), worker_.clock().bootMs());
      }
    }
    finish(std::move(result));
    return;
  }
  if (next->runsOn == plugin::RunsOn::loop) {
    answered(ask(*next->instance, worker_.reader()));
    return;
  }
  if (remembered(*next)) return;
  const bool taken = worker_.onCpu([self = shared_from_this(),
                                    instance = next->instance](store::Reader* reader) {
    Answered answer; // without the store nobody can tell: a failure
    if (reader) answer = self->ask(*instance, *reader);
    self->worker_.post([self, answer = std::move(answer)]() mutable { self->answered(std::move(answer)); });
  });
  if (!taken) {
    chain_.unanswered();
    LoginResult result;
    result.authenticator = next->name;
    result.overloaded = true;
    finish(std::move(result));
  }
}

Login::Owner Login::ownerOf(const store::UserRecord* record) const noexcept {
  if (evidence_.defaultUserOf != 0) return {-evidence_.defaultUserOf, evidence_.passwords};
  return {record->judged.user.uid, record->judged.revision};
}

bool Login::remembered(const plugin::ListedAuthenticator& who) {
  if (evidence_.kind != model::EvidenceKind::password) return false;
  std::shared_ptr<const store::UserRecord> record;
  if (evidence_.defaultUserOf == 0) {
    auto found = worker_.reader().userByLogin(evidence_.login);
    if (!found || !found->record || found->record->verifier.empty()) return false;
    record = std::move(found->record);
  }
  const Owner owner = ownerOf(record.get());
  if (!worker_.passwords().knows(who.name, owner.uid, owner.revision, evidence_.secret.reveal(),
                                 worker_.clock().bootMs()))
    return false;
  worker_.counters().add(Counter::passwords_remembered);
  LoginResult result;
  result.verdict = model::Verdict::accept;
  result.authenticator = who.name;
  result.record = std::move(record);
  finish(std::move(result));
  return true;
}

/// The passwords are read after the revision that the admission will name, so what was proven is of that
/// revision or newer: model::judge refuses it as soon as the newer one is in force, never the other way
/// round.
Login::Answered Login::askOfDefaultUser(plugin::PluginInstance& instance, store::Reader& reader,
                                        const gh_evidence& evidence) const {
  const auto verifiers = reader.databasePasswords(evidence_.defaultUserOf);
  Answered out; // a failure
  if (!verifiers || verifiers->empty()) return out;
  OneVerifier view(evidence_.login, model::authMethods[static_cast<std::size_t>(model::AuthMethod::regular)],
                   *verifiers);
  out.answer = plugin::callVerify(instance, nextView(), view, evidence);
  if (out.answer.verdict == model::Verdict::accept && out.answer.user != OneVerifier::reference) {
    instance.fault("an ACCEPT named a user that lookup had not given");
    out.answer = {};
  }
  return out;
}

Login::Answered Login::ask(plugin::PluginInstance& instance, store::Reader& reader) const {
  gh_evidence evidence{};
  evidence.size = sizeof evidence;
  evidence.kind =
      evidence_.kind == model::EvidenceKind::password ? GH_EVIDENCE_PASSWORD : GH_EVIDENCE_CERTIFICATE;
  evidence.login = bytes(evidence_.login);
  evidence.secret = bytes(evidence_.secret.reveal());
  evidence.subject_key = bytes(evidence_.subjectKey);
  evidence.leaf = bytes(evidence_.leaf);
  evidence.issuer_key = bytes(evidence_.issuerKey);
  evidence.deadline = deadlineMs_;
  if (evidence_.defaultUserOf != 0) return askOfDefaultUser(instance, reader, evidence);
  DirectoryView view(reader);
  Answered out;
  out.answer = plugin::callVerify(instance, nextView(), view, evidence);
  if (out.answer.verdict == model::Verdict::accept) {
    out.record = view.found(out.answer.user);
    if (!out.record) { // it named somebody whom lookup never gave
      instance.fault("an ACCEPT named a user that lookup had not given");
      out.answer = {};
    } else if (!instance.descriptor().serves(
                   model::authMethods[static_cast<std::size_t>(out.record->judged.user.auth_method)])) {
      instance.fault("an ACCEPT named a user of an auth_method that the plugin does not serve");
      out.answer = {};
    }
  }
  return out;
}

void Login::answered(Answered answer) {
  if (!done_) return;
  if (worker_.clock().steadyMs() > deadlineMs_) {
    LoginResult result;
    result.overloaded = true;
    finish(std::move(result));
    return;
  }
  record_ = std::move(answer.record);
  chain_.answer(answer.answer);
  step();
}

void Login::finish(LoginResult result) {
  if (auto done = std::exchange(done_, nullptr)) done(std::move(result));
}

} // namespace gatehouse::gateway
