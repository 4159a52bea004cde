#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "control/Ports.h"
#include "control/change/ActionLog.h"
#include "control/rest/Resource.h"
#include "control/rest/Router.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::store {
class WriteConnection;
class Transaction;
class Writer;
} // namespace gatehouse::store

namespace gatehouse::control {

/// A write on its way: what was asked, by whom, and who waits for the answer.
struct WriteRequest {
  Caller caller;
  const Endpoint* endpoint = nullptr;
  std::string path, parameter;
  bool dryRun = false;
  bool forced = false;
  std::int64_t ifMatch = -1; // as Draft's
  std::int64_t stateId = -1; // CLUSTER-STATE-ID: the Revision that this must follow; -1: any
  model::Revision seen = 0;  // the worker's when it was asked
  Task task;
  std::function<void(Answer)> done;
};

/// The way of every write: judged again, applied, built, committed, published, answered (R6, R11, R16, R20).
///
/// A request that brings a password goes twice: first as a rehearsal that is rolled back, so that scrypt is
/// spent only on what would be done; then with what came of the password, judged and validated anew.
///
/// Writes that wait for the same COMMIT each see what their predecessors left, and are published together.
/// None is published or answered before it: a refusal too tells of what it saw. When it fails none of them
/// happened.
///
/// When the disk is full a write that only takes away is tried once more with space that was kept aside.
///
/// Threads: submit from any worker; the rest runs on the writer's thread and the cpu pool. Errors: all become
/// answers. Owns: the policy in force as the writer sees it. The Writer must have stopped, and the cpu pool
/// too, before this goes.
class WritePipeline {
public:
  static constexpr std::uint64_t settleMs = 5000; // that an answer waits for a new database at most

  WritePipeline(store::Writer&, Serving&, const Clock&, EventSink&, const NodeFacts&, ActionLog&);

  void submit(WriteRequest);

  /// The changes of one transaction, made outside a request (start, manifests).
  struct Work {
    std::string who;
    store::Origin origin = store::Origin::builtin;
    std::function<Status(Draft&)> apply;
  };
  /// Applies, prepares and commits, and takes the policy into force without publishing it: there is nobody
  /// yet. Where nothing is changed, the policy of what is stored. Thread: the writer's.
  Status commit(store::WriteConnection&, const Work&);
  /// The same beside requests: published like theirs. `done` is called once, on any thread, when it is in
  /// force or will not be.
  void submit(Work, std::function<void(Status)> done);

  /// Thread: the writer's, or any while no request can have come.
  [[nodiscard]] const Policy& inForce() const noexcept { return policy_; }

private:
  struct Attempt; // what one pass left
  struct Waiting; // a request between its passes
  using Pending = std::shared_ptr<Waiting>;

  void queue(const Pending&);
  void run(store::WriteConnection&, const Pending&);
  void settled(store::WriteConnection&, const Pending&, Attempt&, const Status& durable);
  void answer(store::WriteConnection&, const Pending&, Attempt&);
  [[nodiscard]] bool againFromReserve(const Pending&);
  [[nodiscard]] bool againFromReserve(std::function<void(store::WriteConnection&)>);
  void hash(const Pending&, std::vector<std::string> compare);
  Status hashed(Waiting&, const std::vector<std::string>& compare);
  void refuse(const Pending&, const Error&, model::Revision at = 0);
  std::function<void()> inForce(const Pending&, Answer, const Attempt&);
  void publish(store::WriteConnection&, Attempt&, std::function<void()> swept);
  void publishTogether();
  void runWork(store::WriteConnection&, const std::shared_ptr<const Work>&,
               const std::function<void(Status)>& done);

  // One pass (WriteAttempt.cpp).
  Attempt attempt(store::WriteConnection&, Waiting&);
  Status make(store::WriteConnection&, store::Transaction&, Waiting&, Attempt&);
  Status keep(store::WriteConnection&, store::Transaction&, Draft&, std::string_view peer, Attempt&);
  Attempt attempt(store::WriteConnection&, const Work&, bool starting);
  struct Judged {
    Rights rights;
    std::int64_t uid = 0;
    std::string who;
    std::shared_ptr<const model::Admission> admission; // null: nobody, where nobody may ask
    std::optional<store::UserRecord> user;             // as it was before the change
  };
  Result<Judged> judgeAgain(store::Transaction&, WriteRequest&, std::int64_t now);
  Status build(store::Transaction&, bool policyChanged, Policy& next);
  Result<std::shared_ptr<const model::Snapshot>> snapshotOf(const store::PolicyRows&);

  store::Writer& writer_;
  Serving& serving_;
  const Clock& clock_;
  EventSink& events_;
  const NodeFacts& facts_;
  ActionLog& actions_;
  // The writer's thread:
  Policy policy_;             // in force, and durable
  Policy latest_;             // what the last one that waits for its COMMIT left; else the same
  store::Change unpublished_; // what one COMMIT made durable, all of it ...
  std::vector<std::function<void()>> unpublishedFor_; // ... and who waits for it
};

} // namespace gatehouse::control
