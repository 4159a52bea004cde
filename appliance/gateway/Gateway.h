#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "base/WorkPool.h"
#include "control/Management.h"
#include "control/Ports.h"
#include "gateway/Counters.h"
#include "gateway/Listener.h"
#include "gateway/PolicyClock.h"
#include "gateway/Worker.h"
#include "plugin/PluginSet.h"
#include "store/Store.h"
#include "transport/ConnectionBudgets.h"
#include "transport/Deadlines.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::gateway {

struct GatewayOptions {
  std::vector<Listener> listeners; // the control socket among them
  std::size_t workers = 2;
  transport::BudgetLimits budgets;
  std::uint64_t bodyLimit = 1 << 20; // bytes
  transport::DeadlineTable deadlines = transport::defaultDeadlines;
};

/// The part that serves: listeners, workers, the cpu pool, and what control needs from them.
///
/// Threads: the host's main thread, but for Serving's functions (see Ports.h). Errors: open says which
/// address cannot be had. Owns: workers and their sessions. Management, store, plugins, clock, sink and
/// counters outlive it.
class Gateway final : public control::Serving {
public:
  static constexpr std::uint64_t drainCeilingMs = 10'000;

  Gateway(GatewayOptions options, const plugin::PluginSet& plugins, const store::Store& store,
          const Clock& clock, EventSink& events, Counters& counters);
  ~Gateway() override;
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// Binds every listener, then starts the workers with this policy. Nothing is accepted before all are
  /// bound.
  Status open(control::Management& management, const control::Policy& policy,
              std::function<void(std::int64_t, std::int64_t)> loggedIn);
  /// Stops accepting, lets sessions finish, ends the workers. Blocks for drainCeilingMs at most.
  void drain();

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
  std::shared_ptr<const model::CommandTable> commands() override;
  bool portIsFree(std::int64_t port) override;
  control::DatabaseState databaseState(std::int64_t uid) override;
  void whenSettled(std::int64_t uid, std::uint64_t mostMs, std::function<void()> done) override;

private:
  [[nodiscard]] bool onCpuWithReader(std::function<void(store::Reader*)> job);

  GatewayOptions options_;
  const plugin::PluginSet& plugins_;
  const store::Store& store_;
  PolicyClock clock_;
  EventSink& events_;
  Counters& counters_;
  transport::ConnectionBudgets budgets_, controlBudgets_;
  std::mutex readersMutex_;
  std::vector<std::unique_ptr<store::Reader>> readers_; // idle ones of the pool's threads
  std::vector<std::unique_ptr<Worker>> workers_;
  WorkPool pool_; // last: its jobs use all of the above
};

} // namespace gatehouse::gateway
