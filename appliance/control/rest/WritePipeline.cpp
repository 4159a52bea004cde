#include "control/rest/WritePipeline.h"

#include "control/Audit.h"
#include "control/rest/Operations.h"
#include "control/rest/WriteAttempt.h"
#include "store/Writer.h"

#include <utility>

namespace gatehouse::control {
namespace {

/// Two Revisions, one after the other, as one change of the later number.
void append(store::Change& change, store::Change next) {
  change.revision = next.revision;
  change.committedAt = next.committedAt;
  change.who = std::move(next.who);
  change.settings |= next.settings;
  change.certificates.merge(next.certificates);
  change.roles.merge(next.roles);
  change.users.merge(next.users);
  change.redisAcls.merge(next.redisAcls);
  change.databases.merge(next.databases);
}

} // namespace

WritePipeline::WritePipeline(store::Writer& writer, Serving& serving, const Clock& clock, EventSink& events,
                             const NodeFacts& facts, ActionLog& actions)
    : writer_(writer)
    , serving_(serving)
    , clock_(clock)
    , events_(events)
    , facts_(facts)
    , actions_(actions) {
  if (!writer.reserved().ok())
    events.say(Level::warning, "store.no_reserve",
               "no space could be kept aside for revocations on a full disk: " +
                   writer.reserved().error().description);
}

// ---- requests

void WritePipeline::submit(WriteRequest request) {
  auto waiting = std::make_shared<Waiting>();
  waiting->rehearsal = request.task.enrols || request.task.compares;
  waiting->request = std::move(request);
  queue(waiting);
}

void WritePipeline::queue(const Pending& pending) {
  if (!writer_.submit([this, pending](store::WriteConnection& connection) { run(connection, pending); }))
    refuse(pending, {Code::overloaded, "too many changes are waiting; try again"});
}

void WritePipeline::run(store::WriteConnection& connection, const Pending& pending) {
  auto attempted = std::make_shared<Attempt>(attempt(connection, *pending));
  if (attempted->startsGroup) {
    (void)connection.makeDurable(); // those that waited for it are told
    *attempted = attempt(connection, *pending);
  }
  connection.whenDurable([this, &connection, pending, attempted](const Status& durable) {
    settled(connection, pending, *attempted, durable);
  });
}

void WritePipeline::settled(store::WriteConnection& connection, const Pending& pending, Attempt& attempt,
                            const Status& durable) {
  if (!durable.ok()) latest_ = policy_; // nothing of what it waited with happened
  const bool full = attempt.full || (!durable.ok() && connection.full());
  if (full && attempt.takesAway && againFromReserve(pending)) return;
  if (!durable.ok()) return refuse(pending, durable.error());
  if (!attempt.refused.ok()) return refuse(pending, attempt.refused.error(), attempt.at);
  if (!std::exchange(pending->rehearsal, false)) return answer(connection, pending, attempt);
  if (pending->request.dryRun && attempt.compare.empty()) return answer(connection, pending, attempt);
  hash(pending, std::move(attempt.compare));
}

bool WritePipeline::againFromReserve(const Pending& pending) {
  return againFromReserve([this, pending](store::WriteConnection& connection) { run(connection, pending); });
}

bool WritePipeline::againFromReserve(std::function<void(store::WriteConnection&)> job) {
  if (!writer_.submitFromReserve(std::move(job))) return false;
  events_.say(
      Level::error, "store.full",
      "the disk of the store is full: space that was kept aside is used for a revocation, and nothing "
      "else is written; free space there");
  return true;
}

void WritePipeline::answer(store::WriteConnection& connection, const Pending& pending, Attempt& attempt) {
  const WriteRequest& request = pending->request;
  Answer answer;
  answer.body = std::move(attempt.written.body);
  if (attempt.written.revision > 0 && !request.dryRun)
    answer.fields.emplace_back("ETag", entityTag(attempt.written.revision));
  addStateId(answer, attempt.at);
  if (request.dryRun) return request.done(std::move(answer));
  if (attempt.written.action) {
    Action action = *attempt.written.action;
    action.uid = attempt.actionUid;
    action.at = attempt.now;
    action.revision = attempt.at;
    actions_.remember(std::move(action));
  }
  auto done = inForce(pending, std::move(answer), attempt);
  if (!attempt.committed) {
    // It found what one that shares its COMMIT had made so: that is not in force yet (R16).
    if (unpublishedFor_.empty()) return done();
    unpublishedFor_.push_back(std::move(done));
    return;
  }
  audit::changeCommitted(events_, attempt.who, request.caller.session, attempt.done, attempt.at);
  // R20, R16: nobody hears of it before it is durable, in force everywhere, and acted upon.
  publish(connection, attempt, std::move(done));
}

/// What shares a COMMIT shares its publication: each worker is woken once for all of it.
void WritePipeline::publish(store::WriteConnection& connection, Attempt& attempt,
                            std::function<void()> swept) {
  policy_ = attempt.next;
  if (unpublishedFor_.empty()) {
    unpublished_ = std::move(attempt.change);
    connection.afterThese([this] { publishTogether(); });
  } else {
    append(unpublished_, std::move(attempt.change));
  }
  unpublishedFor_.push_back(std::move(swept));
}

void WritePipeline::publishTogether() {
  serving_.publish(policy_, std::exchange(unpublished_, {}), [waiting = std::exchange(unpublishedFor_, {})] {
    for (const auto& swept : waiting) swept();
  });
}

std::function<void()> WritePipeline::inForce(const Pending& pending, Answer answer, const Attempt& attempt) {
  auto shared = std::make_shared<Answer>(std::move(answer));
  const Written& written = attempt.written;
  auto now = [pending, shared, body = attempt.committed ? written.inForce : nullptr,
              unlocks = attempt.unlocks, &serving = serving_] {
    for (const std::int64_t uid : unlocks) serving.unlock(uid);
    if (body) shared->body = body();
    pending->request.done(std::move(*shared));
  };
  if (written.settles == 0 || !attempt.committed) return now;
  return [now = std::move(now), uid = written.settles, &serving = serving_] {
    serving.whenSettled(uid, settleMs, now);
  };
}

/// R4, R20: what a password becomes is made on the cpu pool, between the two passes.
void WritePipeline::hash(const Pending& pending, std::vector<std::string> compare) {
  const WriteRequest& asked = pending->request;
  if (asked.dryRun) audit::passwordTried(events_, asked.caller, asked.endpoint->method, asked.path);
  const bool taken = serving_.onCpu([this, pending, compare = std::move(compare)] {
    if (Status made = hashed(*pending, compare); !made.ok()) return refuse(pending, made.error());
    queue(pending);
  });
  if (!taken) refuse(pending, {Code::overloaded, "too many passwords are being hashed; try again"});
}

Status WritePipeline::hashed(Waiting& waiting, const std::vector<std::string>& compare) {
  WriteRequest& request = waiting.request;
  Secret& password = request.task.password;
  if (!compare.empty()) {
    auto fits = serving_.fits(model::AuthMethod::regular, password, compare);
    if (!fits) return std::move(fits).error();
    if (fits->size() != compare.size()) return Error{Code::internal_error, "not all passwords were compared"};
    for (std::size_t i = 0; i < compare.size(); ++i)
      if ((*fits)[i]) waiting.fits.push_back(compare[i]);
    waiting.compared.insert(compare.begin(), compare.end());
  }
  if (request.dryRun) return {}; // it may be judged once more
  if (request.task.enrols) {
    auto verifier = serving_.enroll(model::AuthMethod::regular, password);
    if (!verifier) return std::move(verifier).error();
    if (verifier->empty()) return Error{Code::internal_error, "no verifier was made"};
    waiting.verifier = std::move(*verifier);
  }
  password.wipe();
  return {};
}

void WritePipeline::refuse(const Pending& pending, const Error& error, model::Revision at) {
  const WriteRequest& request = pending->request;
  const Caller& caller = request.caller;
  const std::string_view method = request.endpoint->method;
  if (error.code == Code::unauthenticated || error.code == Code::password_expired ||
      error.code == Code::unauthorized_action) {
    audit::accessRefused(events_, caller, method, request.path, error,
                         caller.refusal.empty() ? error.description : caller.refusal);
  } else if (!request.dryRun) {
    audit::changeRefused(events_, caller, method, request.path, error);
  }
  Answer answer = Answer::refusal(error);
  if (caller.somebody()) addStateId(answer, at > 0 ? at : request.seen);
  request.done(std::move(answer));
}

// ---- other changes

Status WritePipeline::commit(store::WriteConnection& connection, const Work& work) {
  Attempt attempted = attempt(connection, work, true);
  if (attempted.startsGroup) {
    (void)connection.makeDurable();
    attempted = attempt(connection, work, true);
  }
  Status durable = connection.makeDurable();
  if (!durable.ok()) latest_ = policy_;
  GH_TRY(std::move(durable));
  GH_TRY(std::move(attempted.refused));
  if (!attempted.committed) return {};
  policy_ = std::move(attempted.next);
  audit::changeCommitted(events_, work.who, 0, attempted.done, attempted.at);
  return {};
}

void WritePipeline::submit(Work work, std::function<void(Status)> done) {
  auto shared = std::make_shared<const Work>(std::move(work));
  if (!writer_.submit(
          [this, shared, done](store::WriteConnection& connection) { runWork(connection, shared, done); }))
    done(Error{Code::overloaded, "too many changes are waiting; try again"});
}

void WritePipeline::runWork(store::WriteConnection& connection, const std::shared_ptr<const Work>& work,
                            const std::function<void(Status)>& done) {
  auto attempted = std::make_shared<Attempt>(attempt(connection, *work, false));
  if (attempted->startsGroup) {
    (void)connection.makeDurable();
    *attempted = attempt(connection, *work, false);
  }
  connection.whenDurable([this, &connection, work, attempted, done](const Status& durable) {
    if (!durable.ok()) latest_ = policy_;
    const bool full = attempted->full || (!durable.ok() && connection.full());
    const auto again = [this, work, done](store::WriteConnection& c) { runWork(c, work, done); };
    if (full && attempted->takesAway && againFromReserve(again)) return;
    if (!durable.ok()) return done(durable);
    if (!attempted->refused.ok()) return done(attempted->refused);
    auto swept = [done, unlocks = attempted->unlocks, &serving = serving_] {
      for (const std::int64_t uid : unlocks) serving.unlock(uid);
      done({});
    };
    if (!attempted->committed) return swept();
    audit::changeCommitted(events_, work->who, 0, attempted->done, attempted->at);
    publish(connection, *attempted, std::move(swept));
  });
}

} // namespace gatehouse::control
