#include "control/rest/WritePipeline.h"

#include "control/Audit.h"
#include "control/change/SnapshotBuilder.h"
#include "store/Transaction.h"
#include "store/Writer.h"

#include <optional>
#include <utility>

namespace gatehouse::control {

struct WritePipeline::Attempt {
  Written written;
  std::vector<Done> done;
  bool committed = false;
  Policy next;          // when committed
  store::Change change; // when committed
};

WritePipeline::WritePipeline(store::Writer& writer, Serving& serving, const Clock& clock, EventSink& events,
                             const NodeFacts& facts, ActionLog& actions)
    : writer_(writer)
    , serving_(serving)
    , clock_(clock)
    , events_(events)
    , facts_(facts)
    , actions_(actions) {}

void WritePipeline::submit(WriteRequest request) {
  const bool rehearsal = request.task.enrols && !request.dryRun;
  queue(std::make_shared<WriteRequest>(std::move(request)), rehearsal, {});
}

void WritePipeline::queue(const Pending& pending, bool rehearsal, std::string verifier) {
  const bool taken = writer_.submit(
      [this, pending, rehearsal, verifier = std::move(verifier)](store::WriteConnection& connection) {
        run(connection, pending, rehearsal, verifier);
      });
  if (!taken) refuse(pending, {Code::overloaded, "too many changes are waiting; try again"});
}

void WritePipeline::run(store::WriteConnection& connection, const Pending& pending, bool rehearsal,
                        const std::string& verifier) {
  auto attempted = attempt(connection, *pending, rehearsal, verifier);
  if (!attempted) return refuse(pending, attempted.error());
  if (rehearsal) return enrol(pending);

  Answer answer;
  answer.body = std::move(attempted->written.body);
  if (attempted->written.revision > 0 && !pending->dryRun)
    answer.fields.emplace_back("ETag", entityTag(attempted->written.revision));
  if (!attempted->committed) return pending->done(std::move(answer));

  policy_ = attempted->next;
  audit::changeCommitted(events_, pending->caller.who(), pending->caller.session, attempted->done,
                         attempted->change.revision);
  // R20, R16: nobody hears of it before it is durable, in force everywhere, and acted upon.
  serving_.publish(policy_, std::move(attempted->change),
                   inForce(pending, std::move(answer), attempted->written));
}

std::function<void()> WritePipeline::inForce(const Pending& pending, Answer answer, const Written& written) {
  auto shared = std::make_shared<Answer>(std::move(answer));
  if (!written.inForce) return [pending, shared] { pending->done(std::move(*shared)); };
  auto now = [pending, shared, body = written.inForce] {
    shared->body = body();
    pending->done(std::move(*shared));
  };
  if (written.settles == 0) return now;
  return [now = std::move(now), uid = written.settles, &serving = serving_] {
    serving.whenSettled(uid, settleMs, now);
  };
}

void WritePipeline::remember(const Draft& draft, const Written& written, model::Revision revision) {
  if (!written.action || draft.actionUid.empty()) return;
  Action action = *written.action;
  action.uid = draft.actionUid;
  action.at = draft.now;
  action.revision = revision;
  actions_.remember(std::move(action));
}

Result<Rights> WritePipeline::judgeAgain(store::Transaction& transaction, WriteRequest& request,
                                         std::int64_t now) {
  Caller& caller = request.caller;
  const auto nobody = [&](std::string_view reason) {
    caller.refusal = reason;
    return Error{Code::unauthenticated, std::string(unauthenticatedText)};
  };
  if (!caller.somebody()) return nobody("nobody");
  const model::Snapshot& policy = *policy_.snapshot;

  std::optional<store::UserRecord> user;
  if (caller.admission->userUid != 0) {
    auto found = transaction.user(caller.admission->userUid);
    if (!found) return std::move(found).error();
    user = std::move(*found);
  }
  const model::Judgement judgement =
      model::judge(*caller.admission, policy, user ? &user->judged : nullptr, now);
  if (!judgement.stands()) return nobody(model::word(judgement.reason));
  if (!user && !caller.localAdministrator()) return nobody(model::word(model::Reason::no_user));
  const Rights rights = user ? Rights::of(user->judged.user.role_uids, policy) : Rights::everything();

  const Endpoint& endpoint = *request.endpoint;
  const bool oneself = endpoint.orOneself && user && user->judged.user.uid == uidOf(request.parameter);
  if (allows(rights, endpoint.permission) || oneself) return rights;
  return notAllowed(endpoint.permission);
}

Result<Policy> WritePipeline::build(store::Transaction& transaction, bool policyChanged) {
  auto rows = transaction.policy();
  if (!rows) return std::move(rows).error();
  auto snapshot = buildSnapshot(*rows, facts_, policy_.snapshot.get(), serving_.commands());
  if (!snapshot) return std::move(snapshot).error();
  Policy next{std::move(*snapshot), policy_.prepared};
  if (!policyChanged && next.prepared) return next;
  StoredCertificates stored;
  for (const store::CertificateRow& row : rows->certificates)
    stored.cluster.emplace(row.certificate.name, &row);
  auto prepared = serving_.prepare(*next.snapshot, stored);
  if (!prepared) return std::move(prepared).error();
  next.prepared = std::move(*prepared);
  return next;
}

Result<WritePipeline::Attempt> WritePipeline::attempt(store::WriteConnection& connection,
                                                      WriteRequest& request, bool rehearsal,
                                                      const std::string& verifier) {
  const std::int64_t now = clock_.wallSeconds();
  auto transaction = connection.begin(request.caller.who(), now);
  if (!transaction) return std::move(transaction).error();
  auto rights = judgeAgain(*transaction, request, now);
  if (!rights) return std::move(rights).error();

  Draft draft(*transaction, *policy_.snapshot);
  draft.who = request.caller.who();
  draft.rights = *rights;
  draft.callerUid = request.caller.admission->userUid;
  draft.now = now;
  draft.ifMatch = request.ifMatch;
  draft.forced = request.forced || request.task.forced;
  draft.next.commands = serving_.commands();
  draft.portIsFree = [this](std::int64_t port) { return serving_.portIsFree(port); };
  if (!rehearsal && !request.dryRun) {
    auto action = newActionUid();
    if (!action) return std::move(action).error();
    draft.actionUid = std::move(*action);
  }
  auto written =
      request.task.apply(draft, Enrolled{rehearsal ? &request.task.password : nullptr, verifier, {}});
  if (!written) return std::move(written).error();
  GH_TRY(keepsAdministrator(draft));

  Attempt attempt;
  attempt.written = std::move(*written);
  if (!transaction->changed()) {
    remember(draft, attempt.written, transaction->base());
    return attempt;
  }
  auto next = build(*transaction, draft.policyChanged);
  if (!next) return std::move(next).error();
  if (rehearsal || request.dryRun) return attempt; // rolled back
  GH_TRY(transaction->commit(attempt.change));
  remember(draft, attempt.written, attempt.change.revision);
  attempt.next = std::move(*next);
  attempt.done = std::move(draft.done);
  attempt.committed = true;
  return attempt;
}

void WritePipeline::enrol(const Pending& pending) {
  const bool taken = serving_.onCpu([this, pending] {
    auto verifier = serving_.enroll(model::AuthMethod::regular, pending->task.password);
    if (!verifier) return refuse(pending, verifier.error());
    if (verifier->empty()) return refuse(pending, {Code::internal_error, "no verifier was made"});
    pending->task.password.wipe();
    queue(pending, false, std::move(*verifier));
  });
  if (!taken) refuse(pending, {Code::overloaded, "too many passwords are being hashed; try again"});
}

void WritePipeline::refuse(const Pending& pending, const Error& error) {
  const Caller& caller = pending->caller;
  const std::string_view method = pending->endpoint->method;
  if (error.code == Code::unauthenticated || error.code == Code::unauthorized_action) {
    audit::accessRefused(events_, caller, method, pending->path, error,
                         caller.refusal.empty() ? error.description : caller.refusal);
  } else if (!pending->dryRun) {
    audit::changeRefused(events_, caller, method, pending->path, error);
  }
  pending->done(Answer::refusal(error));
}

Status WritePipeline::commit(store::WriteConnection& connection, const Work& work) {
  const std::int64_t now = clock_.wallSeconds();
  auto transaction = connection.begin(work.who, now);
  if (!transaction) return std::move(transaction).error();
  auto rows = transaction->policy();
  if (!rows) return std::move(rows).error();
  auto present = buildSnapshot(*rows, facts_, policy_.snapshot.get(), serving_.commands());
  if (!present) return std::move(present).error();
  Draft draft(*transaction, **present);
  draft.who = work.who;
  draft.origin = work.origin;
  draft.now = now;
  draft.portIsFree = [this](std::int64_t port) { return serving_.portIsFree(port); };
  GH_TRY(work.apply(draft));
  auto next = build(*transaction, true);
  if (!next) return std::move(next).error();
  store::Change change;
  GH_TRY(transaction->commit(change));
  policy_ = std::move(*next);
  audit::changeCommitted(events_, work.who, 0, draft.done, change.revision);
  return {};
}

} // namespace gatehouse::control
