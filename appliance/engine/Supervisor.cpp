#include "engine/Supervisor.h"

#include "base/Text.h"
#include "engine/CommandTableReader.h"
#include "engine/EngineConfiguration.h"
#include "pki/Hash.h"

#include <algorithm>
#include <csignal>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <utility>

namespace gatehouse::engine {
namespace {

constexpr std::uint64_t tickMs = 100, hourMs = 3'600'000;
constexpr std::uint64_t readAgainMs = 5'000; // a program that could not be asked

/// What tells one program at a path from another that was installed over it.
std::string identityOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino) + ':' +
         std::to_string(status.st_size) + ':' + std::to_string(status.st_mtim.tv_sec) + '.' +
         std::to_string(status.st_mtim.tv_nsec);
}

/// redis lowers its number of clients in silence.
void sayFewClients(const EnginesOptions& options, EventSink& events) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max >= options.maxClients + engineDescriptors)
    return;
  const std::uint64_t most = limit.rlim_max - std::min<std::uint64_t>(limit.rlim_max, engineDescriptors);
  events.say(Level::warning, "engine.clients_few",
             "an engine takes fewer clients than limits.connections, since the system lets it open no more "
             "descriptors: raise the hard limit (LimitNOFILE)",
             {{"clients", most}, {"connections", options.maxClients}});
}

} // namespace

Result<std::unique_ptr<Engines::Supervisor>>
Engines::Supervisor::create(EnginesOptions options, const Clock& clock, EventSink& events) {
  std::optional<SandboxSupport> sandbox;
  if (options.sandbox) {
    sandbox = SandboxSupport::probe();
    if (!sandbox->enough())
      return Error{Code::unavailable, sandbox->weakness() + ". No engine is run without a sandbox, unless "
                                                            "the configuration says engines: {sandbox: off}"};
    if (const std::string weakness = sandbox->weakness(); !weakness.empty())
      events.say(Level::warning, "engine.sandbox_weak", weakness);
  } else {
    events.say(Level::warning, "engine.sandbox_off",
               "engines run without a sandbox: whoever breaks into one has this user's rights");
  }
  sayFewClients(options, events);
  auto user = EngineUser::find(options.user);
  if (!user) return std::move(user).error();
  auto folders = EngineFolders::create(options.directory, *user);
  if (!folders) return std::move(folders).error();
  GH_TRY(folders->hold());
  auto readersFolders = EngineFolders::create(options.directory, *user);
  if (!readersFolders) return std::move(readersFolders).error();
  auto loop = transport::EventLoop::create(clock);
  if (!loop) return std::move(loop).error();
  auto key = pki::randomBytes(32);
  if (!key) return std::move(key).error();
  return std::unique_ptr<Supervisor>(
      new Supervisor(std::move(options), events, std::move(loop).value(), std::move(folders).value(),
                     std::move(readersFolders).value(), std::move(sandbox), Secret(std::move(key).value())));
}

Engines::Supervisor::Supervisor(EnginesOptions options, EventSink& events,
                                std::unique_ptr<transport::EventLoop> loop, EngineFolders folders,
                                EngineFolders readersFolders, std::optional<SandboxSupport> sandbox,
                                Secret key)
    : options_(std::move(options))
    , events_(events)
    , loop_(std::move(loop))
    , folders_(std::move(folders))
    , sandbox_(std::move(sandbox))
    , key_(std::move(key))
    , house_{*loop_, events_, folders_, options_, sandbox_, key_, runs_}
    , nextAgeMs_(loop_->clock().steadyMs() + hourMs)
    , timer_(*loop_, [this] { tick(); })
    , readersFolders_(std::move(readersFolders))
    , thread_([this] {
      sigset_t all;
      sigfillset(&all);
      ::pthread_sigmask(SIG_SETMASK, &all, nullptr); // signals are the host's
      ::pthread_setname_np(::pthread_self(), "engines");
      timer_.arm(nextAgeMs_);
      loop_->run();
    }) {}

Engines::Supervisor::~Supervisor() { stop({}); }

bool Engines::Supervisor::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  loop_->post(std::move(work));
  return true;
}

// ---- any thread

std::shared_ptr<const model::CommandTable> Engines::Supervisor::commands() {
  const std::lock_guard lock(readerMutex_);
  const std::string identity = identityOf(options_.redisServer);
  const std::uint64_t now = loop_->clock().steadyMs();
  if (identity == readIdentity_ && (read_ || now < readAgainAtMs_)) return read_;
  readIdentity_ = identity;
  read_.reset();
  auto table = readCommandTable(options_.redisServer, readersFolders_, sandbox_);
  if (table) {
    read_ = std::make_shared<const model::CommandTable>(std::move(table).value());
  } else {
    readAgainAtMs_ = now + readAgainMs;
    events_.say(Level::warning, "engine.commands_unknown", table.error().description);
  }
  return read_;
}

void Engines::Supervisor::run(std::vector<EngineSpec> wanted) {
  {
    const std::lock_guard lock(mutex_);
    for (const EngineSpec& spec : wanted) {
      const auto [published, fresh] = published_.try_emplace(spec.database);
      published->second.name = spec.name;
      if (fresh) published->second.state.status = EngineStatus::starting;
    }
    ++announced_;
  }
  static_cast<void>(post([this, wanted = std::move(wanted)] {
    {
      const std::lock_guard lock(mutex_);
      --announced_;
    }
    wanted_.clear();
    for (const EngineSpec& spec : wanted) wanted_.emplace(spec.database, spec);
    reconcile();
  }));
}

EngineState Engines::Supervisor::state(std::int64_t database) {
  const std::lock_guard lock(mutex_);
  const auto found = published_.find(database);
  return found == published_.end() ? EngineState() : found->second.state;
}

void Engines::Supervisor::whenSettled(std::int64_t database, std::uint64_t mostMs,
                                      std::function<void()> done) {
  const bool posted = post([this, database, mostMs, done] {
    settling_.push_back({database, loop_->nowMs() + mostMs, done});
    settle();
    watchTheClock();
  });
  if (!posted) done();
}

void Engines::Supervisor::project(ProjectionRequest request, Projection::Done done) {
  const bool posted = post([this, request = std::move(request), done]() mutable {
    const auto found = engines_.find(request.database);
    if (found == engines_.end())
      return done(Error{Code::unavailable, "there is no engine for this database"});
    found->second->users().project(std::move(request), std::move(done));
  });
  if (!posted) done(Error{Code::unavailable, "the engines have been stopped"});
}

void Engines::Supervisor::revoke(std::int64_t database, std::int64_t userUid) {
  const std::lock_guard lock(mutex_);
  const auto found = published_.find(database);
  if (closed_ || found == published_.end()) return;
  ++found->second.posted;
  loop_->post([this, database, userUid] {
    if (const auto engine = engines_.find(database); engine != engines_.end())
      engine->second->users().revoke(userUid);
    const std::lock_guard again(mutex_);
    if (const auto published = published_.find(database); published != published_.end())
      published->second.posted -= std::min<std::size_t>(published->second.posted, 1);
  });
}

std::vector<std::string> Engines::Supervisor::behind() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [database, published] : published_)
    if (published.posted + published.unconfirmed > 0) names.push_back(published.name);
  return names;
}

void Engines::Supervisor::stop(const std::function<void()>& saving) {
  if (!thread_.joinable()) return;
  static_cast<void>(post([this] {
    stopping_ = true;
    for (auto& [database, engine] : engines_) engine->stop();
    timer_.arm(loop_->nowMs());
  }));
  {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, std::chrono::seconds(1), [this] { return allOver_; })) {
      lock.unlock();
      if (saving) saving();
      lock.lock();
    }
    closed_ = true;
  }
  loop_->stop(); // what was posted before still runs
  thread_.join();
}

// ---- the engines' thread

void Engines::Supervisor::reconcile() {
  if (stopping_) return;
  std::vector<std::int64_t> superfluous;
  for (const auto& [database, engine] : engines_) {
    const auto wanted = wanted_.find(database);
    if (wanted == wanted_.end() || wanted->second.engineId != engine->spec().engineId)
      superfluous.push_back(database);
  }
  for (const std::int64_t database : superfluous) leave(database);
  if (!ran_) {
    ran_ = true;
    for (const std::string& engineId : folders_.list()) {
      const bool named = std::any_of(wanted_.begin(), wanted_.end(), [&engineId](const auto& each) {
        return each.second.engineId == engineId;
      });
      if (!named) departures_.emplace_back(folders_, engineId);
    }
  }
  for (const auto& [database, spec] : wanted_) {
    const auto found = engines_.find(database);
    if (found != engines_.end())
      found->second->want(spec);
    else if (!departing(spec.engineId)) // else when its files have left
      arrive(spec);
  }
  forgetUnknown();
  settle();
  watchTheClock();
}

/// What was announced, and was unwanted again before it could begin. Not what a call of run() has announced
/// that is still on its way: that one's turn comes, and tells.
void Engines::Supervisor::forgetUnknown() {
  const std::lock_guard lock(mutex_);
  if (announced_ > 0) return;
  for (auto each = published_.begin(); each != published_.end();) {
    const std::int64_t database = each->first;
    const bool known = wanted_.count(database) != 0 ||
                       std::any_of(leaving_.begin(), leaving_.end(),
                                   [&](const auto& engine) { return engine->spec().database == database; });
    each = known ? std::next(each) : published_.erase(each);
  }
}

void Engines::Supervisor::arrive(const EngineSpec& spec) {
  auto engine =
      std::make_unique<Engine>(house_, spec, [this, database = spec.database] { publish(database); });
  engines_.emplace(spec.database, std::move(engine)).first->second->start();
}

void Engines::Supervisor::leave(std::int64_t database) {
  const auto found = engines_.find(database);
  leaving_.push_back(std::move(found->second));
  engines_.erase(found);
  leaving_.back()->stop();
}

bool Engines::Supervisor::departing(const std::string& engineId) const {
  return std::any_of(leaving_.begin(), leaving_.end(),
                     [&](const auto& each) { return each->spec().engineId == engineId; }) ||
         std::any_of(departures_.begin(), departures_.end(),
                     [&](const Departure& each) { return each.engineId() == engineId; });
}

void Engines::Supervisor::publish(std::int64_t database) {
  Engine* engine = nullptr;
  for (const auto& each : leaving_)
    if (each->spec().database == database) engine = each.get();
  if (const auto found = engines_.find(database); found != engines_.end()) engine = found->second.get();
  {
    const std::lock_guard lock(mutex_);
    const auto found = published_.find(database);
    if (engine == nullptr || found == published_.end()) return;
    found->second.state = engine->state();
    found->second.unconfirmed = engine->users().unconfirmed();
    if (engine->over() && wanted_.count(database) == 0) published_.erase(found);
  }
  if (engine->over()) timer_.arm(loop_->nowMs());
  settle();
}

void Engines::Supervisor::settle() {
  std::vector<std::function<void()>> settled;
  for (auto each = settling_.begin(); each != settling_.end();) {
    const EngineStatus status = state(each->database).status;
    if (status != EngineStatus::ready && status != EngineStatus::failed && status != EngineStatus::gone &&
        each->deadlineMs > loop_->nowMs()) {
      ++each;
      continue;
    }
    settled.push_back(std::move(each->done));
    each = settling_.erase(each);
  }
  for (const auto& done : settled) done();
}

void Engines::Supervisor::tick() {
  const std::uint64_t now = loop_->nowMs();
  bool left = false;
  if (!stopping_) {
    for (auto each = departures_.begin(); each != departures_.end();) {
      const std::string before = each->account();
      const bool gone = each->step(now);
      if (gone)
        events_.say(Level::information, "engine.put_aside",
                    "the files of a database that is no more lie aside for 7 days of running",
                    {{"engine", each->engineId()}});
      else if (each->account() != before)
        events_.say(Level::warning, "engine.not_put_aside", each->account(), {{"engine", each->engineId()}});
      left = left || gone;
      each = gone ? departures_.erase(each) : std::next(each);
    }
    if (now >= nextAgeMs_) {
      nextAgeMs_ = now + hourMs;
      for (const std::string& engineId : folders_.ageAside())
        events_.say(Level::information, "engine.removed", "files that lay aside were removed",
                    {{"engine", engineId}});
    }
  }
  for (auto each = leaving_.begin(); each != leaving_.end();) {
    if (!(*each)->over()) {
      ++each;
      continue;
    }
    if (fitsEngineId((*each)->spec().engineId)) departures_.emplace_back(folders_, (*each)->spec().engineId);
    left = true; // its database may be wanted again already
    each = leaving_.erase(each);
  }
  if (left) reconcile();
  settle();
  watchTheClock();
  if (!stopping_ || !leaving_.empty() ||
      !std::all_of(engines_.begin(), engines_.end(), [](const auto& each) { return each.second->over(); }))
    return;
  for (Settling& each : std::exchange(settling_, {})) each.done();
  const std::lock_guard lock(mutex_);
  allOver_ = true;
  ended_.notify_all();
}

void Engines::Supervisor::watchTheClock() {
  const std::uint64_t now = loop_->nowMs();
  const bool busy = !departures_.empty() || !leaving_.empty() || !settling_.empty() || stopping_;
  const std::uint64_t next = busy ? std::min(now + tickMs, nextAgeMs_) : nextAgeMs_;
  if (!timer_.armed() || next < timer_.deadlineMs()) timer_.arm(next);
}

} // namespace gatehouse::engine
