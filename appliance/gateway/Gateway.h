#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "base/WorkPool.h"
#include "control/Management.h"
#include "control/Ports.h"
#include "engine/Engines.h"
#include "gateway/Counters.h"
#include "gateway/DatabaseDoors.h"
#include "gateway/DatabaseStates.h"
#include "gateway/Listener.h"
#include "gateway/Lockouts.h"
#include "gateway/PolicyClock.h"
#include "gateway/ServingContexts.h"
#include "gateway/Worker.h"
#include "plugin/PluginSet.h"
#include "store/Store.h"
#include "transport/ConnectionBudgets.h"
#include "transport/Deadlines.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// Clients of databases stay connected for hours, and send values of 512 MiB; strangers are as limited as
/// anywhere.
inline constexpr transport::DeadlineTable databaseDeadlines = [] {
  transport::DeadlineTable table = transport::defaultDeadlines;
  table[transport::Phase::betweenMessages].idleMs = 0;
  table[transport::Phase::insideMessage].ceilingMs = 0;
  return table;
}();

struct GatewayOptions {
  std::vector<Listener> listeners; // the control socket among them
  DatabaseListening databases;
  std::string nodeName; // what endpoints are called
  std::size_t workers = 2;
  transport::BudgetLimits budgets;
  std::uint64_t bodyLimit = 1 << 20; // bytes
  transport::DeadlineTable deadlines = transport::defaultDeadlines;
  transport::DeadlineTable databaseDeadlines = gateway::databaseDeadlines;
};

/// The part that serves: listeners, workers, the cpu pool, and what control needs from them.
///
/// Threads: the host's main thread, but for Serving's functions (see Ports.h). Errors: open says which
/// address cannot be had. Owns: workers and their sessions, the engines. Management, store, plugins, clock,
/// sink and counters outlive it.
class Gateway final : public control::Serving {
public:
  static constexpr std::uint64_t drainCeilingMs = 10'000;

  /// `engines` null: no engine can be run here, and `noEngines` says why.
  Gateway(GatewayOptions options, const plugin::PluginSet& plugins, const store::Store& store,
          std::unique_ptr<engine::Engines> engines, std::string noEngines, const Clock& clock,
          EventSink& events, Counters& counters);
  ~Gateway() override;
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// Binds every listener, then starts the workers with this policy. Nothing is accepted before all are
  /// bound. `loggedIn` and `failuresNoted` note a login's time and failed logins in the store
  /// (store::Writer::touchLogin, touchFailures).
  Status open(control::Management& management, const control::Policy& policy,
              std::function<void(std::int64_t, std::int64_t)> loggedIn,
              Lockouts::Noted failuresNoted = nullptr);
  /// Stops accepting, lets sessions finish, ends the workers, for drainCeilingMs at most; then the engines,
  /// which save: `saving` is called about once a second while one still does.
  void drain(const std::function<void()>& saving);

  /// For connections that come from now on. Any thread.
  void setBudgets(transport::BudgetLimits limits) { budgets_.setLimits(limits); }

  /// As bound: ports are the real ones. For logs and tests.
  [[nodiscard]] const std::vector<Listener>& listeners() const noexcept { return options_.listeners; }

  // ---- control::Serving
  Result<std::shared_ptr<const control::Prepared>>
  prepare(const model::Snapshot& next, const control::StoredCertificates& stored) override;
  void publish(control::Policy policy, store::Change change, std::function<void()> swept) override;
  Result<std::string> enroll(model::AuthMethod method, const Secret& secret) override;
  [[nodiscard]] bool onCpu(std::function<void()> job) override;
  Result<std::vector<bool>> fits(model::AuthMethod method, const Secret& secret,
                                 const std::vector<std::string>& verifiers) override;
  bool loginLocked(std::int64_t userUid, std::int64_t nowSeconds) override;
  void unlock(std::int64_t userUid) override;
  void liveSessions(std::function<void(std::vector<control::LiveSession>)> done) override;
  void runCommand(std::int64_t database, std::shared_ptr<const model::Admission> proven,
                  std::vector<std::string> words, std::function<void(Result<std::string>)> done) override;
  std::shared_ptr<const model::CommandTable> commands() override;
  bool portIsFree(std::int64_t port) override;
  control::DatabaseState databaseState(std::int64_t uid) override;
  void whenSettled(std::int64_t uid, std::uint64_t mostMs, std::function<void()> done) override;

private:
  void runEngines(const model::Snapshot& snapshot);
  [[nodiscard]] bool onCpuWithReader(std::function<void(store::Reader*)> job);

  GatewayOptions options_;
  const plugin::PluginSet& plugins_;
  const store::Store& store_;
  PolicyClock clock_;
  EventSink& events_;
  Counters& counters_;
  std::unique_ptr<engine::Engines> engines_;
  DatabaseStates states_;
  Lockouts lockouts_;
  std::atomic<std::size_t> turn_{0};               // the worker that runs the next command
  std::shared_ptr<const ServingContexts> serving_; // in force; the writer's thread
  std::weak_ptr<const ServingContexts> starting_;  // prepared last before there is any in force
  transport::ConnectionBudgets budgets_, controlBudgets_;
  std::mutex readersMutex_;
  std::vector<std::unique_ptr<store::Reader>> readers_; // idle ones of the pool's threads
  std::vector<std::unique_ptr<Worker>> workers_;
  WorkPool pool_; // last: its jobs use all of the above
};

} // namespace gatehouse::gateway
