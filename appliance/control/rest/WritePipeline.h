#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "control/Ports.h"
#include "control/change/ActionLog.h"
#include "control/rest/Resource.h"
#include "control/rest/Router.h"

#include <functional>
#include <memory>
#include <string>

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
/// spent only on what would be done; then with the verifier, judged and validated anew.
///
/// Threads: submit from any worker; the rest runs on the writer's thread and the cpu pool. Errors: all become
/// answers. Owns: the policy in force as the writer sees it. The Writer must have stopped, and the cpu pool
/// too, before this goes.
class WritePipeline {
public:
  static constexpr std::uint64_t settleMs = 5000; // that an answer waits for a new database at most

  WritePipeline(store::Writer&, Serving&, const Clock&, EventSink&, const NodeFacts&, ActionLog&);

  void submit(WriteRequest);

  /// The changes of one transaction, made outside a request (start). Thread: the writer's.
  struct Work {
    std::string who;
    store::Origin origin = store::Origin::builtin;
    std::function<Status(Draft&)> apply;
  };
  /// Applies, prepares and commits, and takes the policy into force without publishing it: there is nobody
  /// yet. Where nothing is changed, the policy of what is stored.
  Status commit(store::WriteConnection&, const Work&);

  /// Thread: the writer's, or any while no request can have come.
  [[nodiscard]] const Policy& inForce() const noexcept { return policy_; }

private:
  using Pending = std::shared_ptr<WriteRequest>;
  struct Attempt; // what one pass left

  void queue(const Pending&, bool rehearsal, std::string verifier);
  void run(store::WriteConnection&, const Pending&, bool rehearsal, const std::string& verifier);
  Result<Attempt> attempt(store::WriteConnection&, WriteRequest&, bool rehearsal,
                          const std::string& verifier);
  Result<Rights> judgeAgain(store::Transaction&, WriteRequest&, std::int64_t now);
  Result<Policy> build(store::Transaction&, bool policyChanged);
  void enrol(const Pending&);
  void refuse(const Pending&, const Error&);
  std::function<void()> inForce(const Pending&, Answer, const Written&);
  void remember(const Draft&, const Written&, model::Revision);

  store::Writer& writer_;
  Serving& serving_;
  const Clock& clock_;
  EventSink& events_;
  const NodeFacts& facts_;
  ActionLog& actions_;
  Policy policy_; // the writer's thread
};

} // namespace gatehouse::control
