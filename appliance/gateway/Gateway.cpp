#include "gateway/Gateway.h"

#include "gateway/ServingContexts.h"
#include "pki/Hash.h"
#include "plugin/AuthenticatorCall.h"
#include "store/Reader.h"

#include <algorithm>
#include <atomic>
#include <latch>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t poolQueue = 64; // logins that wait for a scrypt; more are told to come again
constexpr transport::BudgetLimits controlLimits{
    .total = 64, .perAddress = 0, .unauthenticated = 0}; // its own: a flood locks nobody out

} // namespace

Gateway::Gateway(GatewayOptions options, const plugin::PluginSet& plugins, const store::Store& store,
                 std::unique_ptr<engine::Engines> engines, std::string noEngines, const Clock& clock,
                 EventSink& events, Counters& counters)
    : options_(std::move(options))
    , plugins_(plugins)
    , store_(store)
    , clock_(clock)
    , events_(events)
    , counters_(counters)
    , engines_(std::move(engines))
    , states_(options_.nodeName, std::move(noEngines))
    , budgets_(options_.budgets)
    , controlBudgets_(controlLimits)
    , pool_(std::max<std::size_t>(1, options_.workers / 2), poolQueue) {}

Gateway::~Gateway() {
  pool_.stop();
  for (const auto& worker : workers_) worker->stop();
  engines_.reset(); // before the workers that its answers go to
}

Status Gateway::open(control::Management& management, const control::Policy& policy,
                     std::function<void(std::int64_t, std::int64_t)> loggedIn,
                     Lockouts::Noted failuresNoted) {
  clock_.passed(policy.snapshot->committedAt);
  auto key = pki::randomBytes(32);
  if (!key) return std::move(key).error();
  for (Listener& listener : options_.listeners) {
    auto socket =
        listener.control ? transport::listenUnix(listener.path) : transport::listenTcp(listener.address);
    if (!socket)
      return Error{socket.error().code, "listener " + listener.name + ": " + socket.error().description};
    listener.socket = std::make_shared<const transport::ListeningSocket>(std::move(*socket));
  }
  {
    auto reader = store_.reader();
    if (!reader) return std::move(reader).error();
    auto failures = (*reader)->loginFailures();
    if (!failures) return std::move(failures).error();
    lockouts_.setPolicy(policy.snapshot->clusterPolicy);
    lockouts_.load(*failures, clock_.wallSeconds(), std::move(failuresNoted));
  }
  serving_ = std::static_pointer_cast<const ServingContexts>(policy.prepared);
  states_.take(*policy.snapshot, serving_->doors());
  for (const auto& [uid, door] : serving_->doors())
    if (!door.listener)
      events_.say(Level::error, "listener.refused",
                  "database " + policy.snapshot->databases.at(uid).database.name + ": " + door.reason,
                  {{"database", uid}, {"port", door.port}});
  runEngines(*policy.snapshot);
  const Shared shared{
      clock_,
      events_,
      counters_,
      management,
      budgets_,
      controlBudgets_,
      options_.deadlines,
      options_.databaseDeadlines,
      engines_.get(),
      options_.bodyLimit,
      [this](std::function<void(store::Reader*)> job) { return onCpuWithReader(std::move(job)); },
      std::move(loggedIn),
      std::move(*key),
      lockouts_};
  for (std::size_t i = 0; i < std::max<std::size_t>(1, options_.workers); ++i) {
    auto reader = store_.reader();
    if (!reader) return std::move(reader).error();
    auto worker = Worker::create(shared, std::move(*reader), policy);
    if (!worker) return std::move(worker).error();
    GH_TRY((*worker)->listen(options_.listeners));
    workers_.push_back(std::move(*worker));
  }
  for (const auto& worker : workers_) worker->start();
  return {};
}

void Gateway::drain(const std::function<void()>& saving) {
  std::latch empty(static_cast<std::ptrdiff_t>(workers_.size()));
  for (const auto& worker : workers_) worker->drain(drainCeilingMs, [&empty] { empty.count_down(); });
  empty.wait();
  pool_.stop();
  for (const auto& worker : workers_) worker->stop();
  if (engines_) engines_->stop(saving);
}

Result<std::shared_ptr<const control::Prepared>> Gateway::prepare(const model::Snapshot& next,
                                                                  const control::StoredCertificates& stored) {
  static const DatabaseDoors none;
  const bool starting = workers_.empty();
  // A start may change the state several times before it serves: the ports that it has already are its own.
  const auto present = serving_ ? serving_ : starting_.lock();
  auto doors = openDoors(options_.databases, present ? present->doors() : none, next, starting);
  if (!doors) return std::move(doors).error();
  auto contexts = ServingContexts::build(options_.listeners, std::move(*doors), next, stored, clock_);
  if (!contexts) return std::move(contexts).error();
  std::shared_ptr<const ServingContexts> prepared = std::move(*contexts);
  if (!serving_) starting_ = prepared;
  return std::shared_ptr<const control::Prepared>(std::move(prepared));
}

void Gateway::publish(control::Policy policy, store::Change change, std::function<void()> swept) {
  if (workers_.empty()) {
    swept();
    return;
  }
  clock_.passed(policy.snapshot->committedAt);
  serving_ = std::static_pointer_cast<const ServingContexts>(policy.prepared);
  states_.take(*policy.snapshot, serving_->doors());
  lockouts_.setPolicy(policy.snapshot->clusterPolicy);
  if (!change.databases.empty()) runEngines(*policy.snapshot);
  auto left = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  auto told = std::make_shared<std::function<void()>>(std::move(swept));
  for (const auto& worker : workers_)
    worker->adopt(policy, change, [left, told] {
      if (left->fetch_sub(1) == 1) (*told)(); // the last worker: nobody is served by the old policy any more
    });
}

Result<std::string> Gateway::enroll(model::AuthMethod method, const Secret& secret) {
  const std::string_view word = model::authMethods[static_cast<std::size_t>(method)];
  plugin::PluginInstance* enroller = plugins_.enroller(word);
  if (!enroller)
    return Error{Code::unsupported_value,
                 "no plugin is loaded that keeps passwords of auth_method '" + std::string(word) + "'"};
  return plugin::callEnroll(*enroller, word, secret.reveal());
}

bool Gateway::onCpu(std::function<void()> job) { return pool_.submit(std::move(job)); }

void Gateway::runEngines(const model::Snapshot& snapshot) {
  if (!engines_) return;
  std::vector<engine::EngineSpec> wanted;
  for (const auto& [uid, policy] : snapshot.databases) {
    const model::Database& database = policy.database;
    wanted.push_back({uid, policy.engineId, database.name, database.memory_size, database.data_persistence,
                      database.aof_policy, database.eviction_policy});
  }
  engines_->run(std::move(wanted));
}

std::shared_ptr<const model::CommandTable> Gateway::commands() {
  return engines_ ? engines_->commands() : nullptr;
}

bool Gateway::portIsFree(std::int64_t port) { return canBind(options_.databases.host, port); }

control::DatabaseState Gateway::databaseState(std::int64_t uid) { return states_.of(uid, engines_.get()); }

void Gateway::whenSettled(std::int64_t uid, std::uint64_t mostMs, std::function<void()> done) {
  if (engines_)
    engines_->whenSettled(uid, mostMs, std::move(done));
  else
    done();
}

bool Gateway::onCpuWithReader(std::function<void(store::Reader*)> job) {
  return pool_.submit([this, job = std::move(job)] {
    std::unique_ptr<store::Reader> reader;
    {
      const std::lock_guard lock(readersMutex_);
      if (!readers_.empty()) {
        reader = std::move(readers_.back());
        readers_.pop_back();
      }
    }
    if (!reader) {
      auto made = store_.reader();
      if (!made) {
        events_.say(Level::error, "store.unreadable", made.error().description);
        job(nullptr);
        return;
      }
      reader = std::move(*made);
    }
    job(reader.get());
    const std::lock_guard lock(readersMutex_);
    readers_.push_back(std::move(reader));
  });
}

} // namespace gatehouse::gateway
