// WritePipeline, second part: one pass of a write, from its savepoint to the end of it.
#include "control/rest/WriteAttempt.h"

#include "control/Audit.h"
#include "control/change/SnapshotBuilder.h"
#include "control/change/WayIn.h"
#include "control/rest/RequestJudge.h"
#include "store/Transaction.h"
#include "store/Writer.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace gatehouse::control {
namespace {

/// Users are not in a Snapshot: what changed none but them leaves it as it was.
bool onlyUsers(const store::Change& change) {
  return !change.settings && change.certificates.empty() && change.roles.empty() &&
         change.redisAcls.empty() && change.databases.empty();
}

/// Revocations may use the space that is kept aside, nothing else.
bool takesOnly(const Draft& draft) {
  return draft.takesAway && !draft.gives &&
         std::none_of(draft.done.begin(), draft.done.end(),
                      [](const Done& done) { return done.verb == "created"; });
}

} // namespace

Result<WritePipeline::Judged> WritePipeline::judgeAgain(store::Transaction& transaction,
                                                        WriteRequest& request, std::int64_t now) {
  Caller& caller = request.caller;
  const Endpoint& endpoint = *request.endpoint;
  const auto nobody = [&](std::string_view reason) {
    caller.refusal = reason;
    return unauthenticated(reason);
  };
  if (!caller.somebody() && endpoint.open) return Judged{Rights{}, 0, caller.who(), nullptr, {}};
  const bool expired = !caller.somebody() && endpoint.expiredMay && caller.expired;
  const std::shared_ptr<const model::Admission>& admission = expired ? caller.expired : caller.admission;
  if (!admission) return nobody("nobody");
  const model::Snapshot& policy = *latest_.snapshot;

  std::optional<store::UserRecord> user;
  if (admission->userUid != 0) {
    auto found = transaction.user(admission->userUid);
    if (!found) return std::move(found).error();
    user = std::move(*found);
  }
  const model::Judgement judgement = model::judge(*admission, policy, user ? &user->judged : nullptr, now);
  if (expired) { // it may be itself, for this, and has no right beside
    if (judgement.reason != model::Reason::password_expired || !user)
      return nobody(judgement.stands() ? "nobody" : model::word(judgement.reason));
    const std::string who = user->judged.user.name;
    return Judged{Rights{}, admission->userUid, who, admission, std::move(user)};
  }
  if (!judgement.stands()) return nobody(model::word(judgement.reason));
  if (!user && !caller.localAdministrator()) return nobody(model::word(model::Reason::no_user));
  const Rights rights = user ? Rights::of(user->judged.user.role_uids, policy) : Rights::everything();

  const bool oneself = endpoint.orOneself && user && user->judged.user.uid == uidOf(request.parameter);
  if (endpoint.open || oneself || allows(rights, endpoint.permission))
    return Judged{rights, admission->userUid, caller.who(), admission, std::move(user)};
  return notAllowed(endpoint.permission);
}

Result<std::shared_ptr<const model::Snapshot>> WritePipeline::snapshotOf(const store::PolicyRows& rows) {
  return buildSnapshot(rows, facts_, latest_.snapshot.get(), serving_.commands());
}

Status WritePipeline::build(store::Transaction& transaction, bool policyChanged, Policy& next) {
  if (!policyChanged && latest_.prepared && onlyUsers(transaction.change()) &&
      latest_.snapshot->commands == serving_.commands()) {
    auto snapshot = std::make_shared<model::Snapshot>(*latest_.snapshot);
    snapshot->revision = transaction.change().revision;
    snapshot->committedAt = transaction.change().committedAt;
    next = {std::move(snapshot), latest_.prepared};
    return {};
  }
  auto rows = transaction.policy();
  if (!rows) return std::move(rows).error();
  auto snapshot = snapshotOf(*rows);
  if (!snapshot) return std::move(snapshot).error();
  next = {std::move(*snapshot), latest_.prepared};
  if (!policyChanged && next.prepared) return {};
  StoredCertificates stored;
  for (const store::CertificateRow& row : rows->certificates)
    stored.cluster.emplace(row.certificate.name, &row);
  for (const store::DatabaseKeyRow& row : rows->databaseKeys) stored.databaseKeys.emplace(row.uid, &row.key);
  auto prepared = serving_.prepare(*next.snapshot, stored);
  if (!prepared) return std::move(prepared).error();
  next.prepared = std::move(*prepared);
  return {};
}

/// What a Draft has changed is built, recorded and committed.
Status WritePipeline::keep(store::WriteConnection& connection, store::Transaction& transaction, Draft& draft,
                           std::string_view peer, Attempt& attempt) {
  if (connection.lean() && !attempt.takesAway)
    return Error{Code::unavailable,
                 "the disk of the store is full: until there is room again only what takes rights away is "
                 "written; free space there"};
  // What is prepared builds on what is in force: two that wait for the same COMMIT would open the same doors.
  if (draft.policyChanged && latest_.prepared != policy_.prepared) {
    attempt.startsGroup = true;
    return {};
  }
  GH_TRY(build(transaction, draft.policyChanged, attempt.next));
  for (const store::AuditRow& row :
       audit::auditRows(draft.who, peer, draft.done, transaction.change().committedAt))
    GH_TRY(transaction.record(row));
  return {};
}

Status WritePipeline::make(store::WriteConnection& connection, store::Transaction& transaction,
                           Waiting& waiting, Attempt& attempt) {
  WriteRequest& request = waiting.request;
  auto judged = judgeAgain(transaction, request, attempt.now);
  if (!judged) return std::move(judged).error();
  if (request.stateId >= 0 && request.stateId != transaction.base())
    return Error{Code::wrong_cluster_state_id, "CLUSTER-STATE-ID: the cluster is at state " +
                                                   std::to_string(transaction.base()) +
                                                   "; read again what you would change"};

  Draft draft(transaction, *latest_.snapshot);
  draft.who = std::move(judged->who);
  draft.rights = judged->rights;
  draft.callerUid = judged->uid;
  draft.now = attempt.now;
  draft.ifMatch = request.ifMatch;
  draft.forced = request.forced || request.task.forced;
  draft.next.commands = serving_.commands();
  draft.portIsFree = [this](std::int64_t port) { return serving_.portIsFree(port); };
  const bool real = !waiting.rehearsal && !request.dryRun;
  if (real) {
    auto action = newActionUid();
    if (!action) return std::move(action).error();
    draft.actionUid = attempt.actionUid = std::move(*action);
  }
  // A dry run never gets a verifier: what would be made one is judged as in a rehearsal.
  const bool judgesPassword = waiting.rehearsal || (request.dryRun && request.task.enrols);
  auto written = request.task.apply(
      draft, Enrolled{judgesPassword ? &request.task.password : nullptr, waiting.verifier, waiting.fits});
  attempt.takesAway = takesOnly(draft) || request.endpoint->method == "DELETE";
  attempt.compare = std::move(draft.compare);
  attempt.who = draft.who; // an endpoint for nobody may know better
  if (!waiting.rehearsal)
    for (const std::string& verifier : attempt.compare)
      if (!waiting.compared.contains(verifier))
        return Error{Code::conflict, "the passwords were changed at the same time; try again"};
  if (!written) return std::move(written).error();
  attempt.written = std::move(*written);
  attempt.unlocks = std::move(draft.unlocks);
  GH_TRY(keepsAdministrator(draft));
  if (!transaction.changed()) return {};
  GH_TRY(keep(connection, transaction, draft, request.caller.peer, attempt));
  if (judged->admission && attempt.next.snapshot)
    GH_TRY(keepsWayIn(draft, {*judged->admission, judged->user ? &judged->user->judged : nullptr},
                      *latest_.snapshot, *attempt.next.snapshot));
  if (!real || attempt.startsGroup) return {}; // rolled back
  GH_TRY(transaction.commit(attempt.change));
  attempt.done = std::move(draft.done);
  attempt.at = attempt.change.revision;
  attempt.committed = true;
  latest_ = attempt.next;
  return {};
}

WritePipeline::Attempt WritePipeline::attempt(store::WriteConnection& connection, Waiting& waiting) {
  Attempt attempt;
  attempt.now = clock_.wallSeconds();
  attempt.takesAway = waiting.request.endpoint->method == "DELETE";
  auto transaction = connection.begin(waiting.request.caller.who(), attempt.now);
  if (transaction) {
    attempt.at = transaction->base();
    attempt.refused = make(connection, *transaction, waiting, attempt);
  } else {
    attempt.refused = transaction.error();
  }
  attempt.full = !attempt.refused.ok() && connection.full();
  return attempt;
}

WritePipeline::Attempt WritePipeline::attempt(store::WriteConnection& connection, const Work& work,
                                              bool starting) {
  Attempt attempt;
  attempt.who = work.who;
  attempt.now = clock_.wallSeconds();
  const auto make = [&]() -> Status {
    auto transaction = connection.begin(work.who, attempt.now);
    if (!transaction) return std::move(transaction).error();
    attempt.at = transaction->base();
    if (!latest_.snapshot) { // the first of a start: what is stored
      auto rows = transaction->policy();
      if (!rows) return std::move(rows).error();
      auto present = snapshotOf(*rows);
      if (!present) return std::move(present).error();
      latest_ = policy_ = {std::move(*present), nullptr};
    }
    Draft draft(*transaction, *latest_.snapshot);
    draft.who = work.who;
    draft.origin = work.origin;
    draft.now = attempt.now;
    draft.next.commands = serving_.commands();
    draft.portIsFree = [this](std::int64_t port) { return serving_.portIsFree(port); };
    GH_TRY(work.apply(draft));
    attempt.takesAway = takesOnly(draft);
    attempt.unlocks = std::move(draft.unlocks);
    if (!transaction->changed() && !starting) {
      GH_TRY(transaction->commit(attempt.change)); // what makes no Revision is kept
      return {};
    }
    draft.policyChanged = draft.policyChanged || starting;
    GH_TRY(keep(connection, *transaction, draft, {}, attempt));
    if (attempt.startsGroup) return {};
    GH_TRY(transaction->commit(attempt.change));
    attempt.done = std::move(draft.done);
    attempt.at = attempt.change.revision;
    attempt.committed = true;
    latest_ = attempt.next;
    return {};
  };
  attempt.refused = make();
  attempt.full = !attempt.refused.ok() && connection.full();
  return attempt;
}

} // namespace gatehouse::control
