#pragma once
#include "base/Clock.h"
#include "control/Management.h"
#include "control/Ports.h"
#include "engine/Engines.h"
#include "gateway/Audit.h"
#include "gateway/Counters.h"
#include "gateway/Listener.h"
#include "gateway/Lockouts.h"
#include "gateway/ServingContexts.h"
#include "gateway/SessionRegistry.h"
#include "gateway/VerifiedPasswords.h"
#include "pki/RememberedChains.h"
#include "store/Reader.h"
#include "transport/Acceptor.h"
#include "transport/Deadlines.h"
#include "transport/EventLoop.h"
#include "transport/UnauthenticatedList.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace gatehouse::gateway {

class EngineCommand;
class Session;

/// What all workers of one gateway share. Outlives them.
struct Shared {
  const Clock& clock;
  EventSink& events;
  Counters& counters;
  control::Management& management;
  transport::ConnectionBudgets& budgets;        // of the network listeners
  transport::ConnectionBudgets& controlBudgets; // of the control socket
  const transport::DeadlineTable& deadlines;
  const transport::DeadlineTable& databaseDeadlines; // at databases' listeners: a client may wait for hours
  engine::Engines* engines;                          // null: no engine can be run
  std::uint64_t bodyLimit;                           // bytes of a request's body
  /// Runs on the cpu pool with a reader of its own, null when the store could not be opened; false when the
  /// pool is full.
  std::function<bool(std::function<void(store::Reader*)>)> onCpu;
  /// Notes a login's time (store::Writer::touchLogin).
  std::function<void(std::int64_t uid, std::int64_t atSeconds)> loggedIn;
  std::string processKey; // of VerifiedPasswords
  Lockouts& lockouts;
};

/// One thread with its loop, its reader and its sessions: a session stays here from accept to close.
///
/// Threads: start, post, adopt, drain and stop from the gateway's side; everything else on the worker's own.
/// Errors: create says what the system refuses. Owns: its sessions.
class Worker {
public:
  static Result<std::unique_ptr<Worker>> create(const Shared& shared, std::unique_ptr<store::Reader> reader,
                                                control::Policy policy);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Takes its share of the listeners, which outlive it. Before start.
  Status listen(std::span<const Listener> listeners);
  void start();
  /// Any thread.
  void post(std::function<void()> work) { loop_->post(std::move(work)); }
  /// Takes up a policy and closes what no longer stands; then calls `swept` on the worker. Any thread.
  void adopt(control::Policy policy, store::Change change, std::function<void()> swept);
  /// Calls `take` once, on the worker, with what its sessions have proven. Any thread.
  void liveSessions(std::function<void(std::vector<control::LiveSession>)> take);
  /// control::Serving::runCommand. Any thread.
  void runCommand(std::int64_t database, std::shared_ptr<const model::Admission> proven,
                  std::vector<std::string> words, std::function<void(Result<std::string>)> done);
  /// No new sessions; present ones finish what is at hand, and are cut after `ceilingMs`; then `empty` is
  /// called on the worker. It goes on taking up policies until stop: a write that another worker's session
  /// waits for is published to all. Any thread.
  void drain(std::uint64_t ceilingMs, std::function<void()> empty);
  /// Ends the thread, whatever it has.
  void stop();

  // ---- for its sessions, on its thread
  [[nodiscard]] transport::EventLoop& loop() noexcept { return *loop_; }
  [[nodiscard]] const Clock& clock() const noexcept { return shared_.clock; }
  [[nodiscard]] store::Reader& reader() noexcept { return *reader_; }
  [[nodiscard]] const control::Policy& policy() const noexcept { return policy_; }
  [[nodiscard]] const model::Snapshot& snapshot() const noexcept { return *policy_.snapshot; }
  [[nodiscard]] Audit& audit() noexcept { return audit_; }
  [[nodiscard]] Counters& counters() noexcept { return shared_.counters; }
  [[nodiscard]] VerifiedPasswords& passwords() noexcept { return passwords_; }
  [[nodiscard]] pki::RememberedChains& chains() noexcept { return chains_; }
  [[nodiscard]] SessionRegistry& registry() noexcept { return registry_; }
  [[nodiscard]] transport::UnauthenticatedList& strangers() noexcept { return strangers_; }
  [[nodiscard]] const Shared& shared() const noexcept { return shared_; }
  [[nodiscard]] bool draining() const noexcept { return draining_; }
  [[nodiscard]] bool onOwnThread() const noexcept;
  [[nodiscard]] bool onCpu(std::function<void(store::Reader*)> job) { return shared_.onCpu(std::move(job)); }
  /// Null once the session has ended.
  [[nodiscard]] Session* session(std::uint64_t id) noexcept;
  /// Null once the command is over.
  [[nodiscard]] EngineCommand* command(std::uint64_t id) noexcept;
  /// Called by a command as its last act: destroys it.
  void commandOver(std::uint64_t id) noexcept;
  /// Runs `again` when this worker's policy is at least of `revision` (R6): a row that is newer than the
  /// policy is not judged by it.
  void park(model::Revision revision, std::function<void()> again);
  /// Called by a session as its last act: destroys it.
  void gone(Session& session) noexcept;

private:
  class Door; // an Acceptor and what comes through it

  Worker(const Shared& shared, std::unique_ptr<transport::EventLoop> loop,
         std::unique_ptr<store::Reader> reader, control::Policy policy);
  void accepted(const std::shared_ptr<const Listener>& listener, UniqueFd socket,
                const transport::Address& peer);
  void takeUp(control::Policy policy, const store::Change& change);
  void hangDoors();
  void tick();
  void beginDrain(std::uint64_t ceilingMs, std::function<void()> empty);
  void drainTick();

  Shared shared_;
  std::unique_ptr<transport::EventLoop> loop_;
  std::unique_ptr<store::Reader> reader_;
  control::Policy policy_;
  Audit audit_;
  VerifiedPasswords passwords_;
  pki::RememberedChains chains_;
  transport::UnauthenticatedList strangers_, controlStrangers_;
  SessionRegistry registry_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;
  std::unordered_map<std::uint64_t, std::unique_ptr<EngineCommand>> commands_;
  std::uint64_t lastCommand_ = 0;
  std::vector<std::unique_ptr<Door>> doors_;                    // of the fixed listeners
  std::map<std::int64_t, std::unique_ptr<Door>> databaseDoors_; // by the database's uid
  struct Parked {
    model::Revision revision;
    std::function<void()> again;
  };
  std::vector<Parked> parked_;
  transport::RepeatingTimer tick_, drainTick_;
  bool draining_ = false;
  std::uint64_t drainCeilingMs_ = 0; // steady
  std::function<void()> drained_;
  std::thread thread_;
};

} // namespace gatehouse::gateway
