#include "engine/Engine.h"

#include "base/Text.h"
#include "engine/EngineConfiguration.h"
#include "pki/Hash.h"

#include <csignal>
#include <utility>

namespace gatehouse::engine {
namespace {

constexpr std::uint64_t clearingMs = 100, mendingMs = 10, openingMs = 50, readyMs = 1'000, stoppingMs = 100;
constexpr std::uint32_t ownConnections = 16; // to an engine, beside its links

std::optional<char> processState(const EngineProcess& process) {
  const auto state = ProcessState::of(process.pid());
  return state ? std::optional(state->state) : std::nullopt;
}

} // namespace

Engine::Engine(const EngineHouse& house, EngineSpec spec, std::function<void()> onChange)
    : house_(house)
    , wanted_(std::move(spec))
    , onChange_(std::move(onChange))
    , log_(house.events, wanted_.name)
    , admin_(house.loop, [this](std::string_view why) { onAdminEnded(why); })
    , users_(house.loop, admin_, house.key,
             {wanted_.database, wanted_.engineId, wanted_.name, house.folders.socketPath(wanted_.engineId)},
             house.events, [this] { onChange_(); })
    , timer_(house.loop, [this] { tick(); }) {}

Engine::~Engine() = default;

// ---- the outside

void Engine::start() {
  leftover_.emplace(house_.folders, wanted_.engineId, now());
  enter(Phase::clearing, clearingMs);
  hurry();
}

void Engine::want(const EngineSpec& spec) {
  wanted_ = spec;
  running_.name = spec.name; // a name is nothing to an engine
  log_.rename(spec.name);
  users_.rename(spec.name);
  if (phase_ == Phase::ready) hurry();
}

void Engine::stop() {
  if (phase_ == Phase::over) return;
  if (process_) return beginStop(false);
  repair_.reset();
  users_.ended();
  phase_ = Phase::over;
  timer_.cancel();
  show(EngineStatus::gone, {});
}

void Engine::show(EngineStatus status, std::string reason) {
  state_ = {status, std::move(reason), process_ ? process_->pid() : 0};
  onChange_();
}

void Engine::showReady() {
  if (change_)
    show(EngineStatus::changing, "a change is being put in force");
  else
    show(EngineStatus::ready, {});
}

void Engine::say(Level level, std::string_view event, const std::string& text) {
  house_.events.say(level, event, text, {{"database", wanted_.name}, {"engine", wanted_.engineId}});
}

// ---- the clock

void Engine::enter(Phase phase, std::uint64_t tickMs) {
  phase_ = phase;
  tickMs_ = tickMs;
  timer_.arm(now() + tickMs);
}

void Engine::hurry() { timer_.arm(now()); }

/// Everything that ends or begins something happens here and nowhere else, so that no callback of the link,
/// the process or a change takes away what it is called from.
void Engine::tick() {
  changed_.reset();
  timer_.arm(now() + tickMs_);
  if (process_ && process_->ended()) return onProcessEnd();
  switch (phase_) {
  case Phase::clearing: return clear();
  case Phase::resting: return start();
  case Phase::mending: return mendStep();
  case Phase::opening: return openStep();
  case Phase::ready: return readyStep();
  case Phase::stopping: return stopStep();
  case Phase::over: return timer_.cancel();
  }
}

// ---- a process

void Engine::clear() {
  const std::string before = leftover_->account();
  const Leftover::Phase found = leftover_->step(now());
  if (leftover_->account() != before && !leftover_->account().empty()) {
    say(Level::information, "engine.leftover", "an engine of an earlier time: " + leftover_->account());
    show(state_.status, "waits for an engine of an earlier time: " + leftover_->account());
  }
  if (found == Leftover::Phase::gone) return launch();
  if (found == Leftover::Phase::gaveUp) fail(leftover_->account());
}

void Engine::launch() {
  leftover_.reset();
  running_ = wanted_;
  running_.persistence = startPersistence(house_.folders.dataOf(wanted_.engineId), wanted_.persistence);
  auto random = pki::randomBytes(32);
  if (!random) return fail(random.error().description);
  adminSecret_ = Secret(hex(*random));

  auto process = EngineProcess::start(
      launchOf(engineConfiguration(running_, hex(pki::view(pki::sha256(adminSecret_.reveal()))),
                                   house_.options.maxClients + ownConnections)),
      house_.folders);
  if (!process) return fail(process.error().description);

  process_ = std::move(process).value();
  run_ = ++house_.runs;
  aliveMs_ = now();
  readyMs_ = 0;
  silence_.answered();
  log_.begin();
  logWatch_ = std::make_unique<Watch>(house_.loop, process_->log(), [this] { onLog(); });
  endWatch_ = std::make_unique<Watch>(house_.loop, process_->pidfd(), [this] {
    endWatch_->stop();
    hurry();
  });
  const Status logWatched = logWatch_->start(), endWatched = endWatch_->start();
  if (!logWatched || !endWatched) process_->killGroup(); // no descriptors: it is seen to be gone by tick
  say(Level::information, "engine.started", "process " + std::to_string(process_->pid()));
  show(state_.status, state_.reason);
  enter(Phase::opening, openingMs);
}

Launch Engine::launchOf(std::string configuration) const {
  Launch launch;
  launch.database = wanted_.database;
  launch.engineId = wanted_.engineId;
  launch.program = house_.options.redisServer;
  launch.input = std::move(configuration);
  launch.descriptors = house_.options.maxClients + ownConnections + engineDescriptors;
  launch.sandbox = house_.sandbox;
  return launch;
}

/// Redis has found the file torn at its end, would have cut it, and was not let. What it says is only the
/// occasion, since a library in the file can write to the log, too: AofRepair looks for itself.
bool Engine::mayMend() const {
  return house_.sandbox && !house_.sandbox->truncates() && readyMs_ == 0 && !mended_ &&
         running_.persistence == model::Persistence::aof &&
         log_.last().find("Error truncating the AOF file") != std::string::npos;
}

void Engine::mendStep() {
  const AofRepair::Outcome outcome = repair_->step(now());
  if (outcome == AofRepair::Outcome::working) return;
  const std::string account = repair_->account();
  repair_.reset();
  if (outcome == AofRepair::Outcome::refused) return fail(tornEnd_ + "; it is not mended: " + account);
  mended_ = true;
  say(Level::warning, "engine.repaired", account);
  start();
}

void Engine::onLog() {
  aliveMs_ = now();
  if (log_.readFrom(process_->log(), now()) == EngineLog::Read::end) logWatch_->stop();
}

void Engine::onProcessEnd() {
  // A pipe holds 64 KiB; a fork that still writes there must not keep us.
  static_cast<void>(log_.readFrom(process_->log(), now()));
  std::string reason = "the engine has ended: " + *process_->ended();
  if (!log_.last().empty()) reason += "; it says: " + log_.last();
  const bool asked = phase_ == Phase::stopping;
  endWatch_.reset();
  logWatch_.reset();
  process_.reset();
  change_.reset();
  ladder_.reset();
  linked_ = asking_ = silent_ = false;
  users_.ended();
  admin_.close("the engine has ended");
  if (!asked && mayMend()) {
    tornEnd_ = reason;
    repair_ = std::make_unique<AofRepair>(house_.folders, launchOf({}), now());
    show(state_.status, "the torn end of its append-only file is being mended");
    return enter(Phase::mending, mendingMs);
  }
  if (!asked) return fail(reason);
  say(Level::information, "engine.stopped", "the engine has ended as it was told to");
  if (restart_) return start();
  phase_ = Phase::over;
  timer_.cancel();
  show(EngineStatus::gone, {});
}

void Engine::fail(std::string reason) {
  const std::uint64_t delay = backoff_.next(readyMs_ == 0 ? 0 : now() - readyMs_);
  readyMs_ = 0;
  mended_ = false;
  say(Level::error, "engine.failed", reason + "; tried again in " + std::to_string(delay) + " ms");
  leftover_.reset();
  show(everReady_ ? EngineStatus::recovering : EngineStatus::failed, std::move(reason));
  enter(Phase::resting, delay);
}

// ---- its link

void Engine::connect() {
  if (admin_.connected() || !admin_.connect(house_.folders.socketPath(wanted_.engineId))) return;
  admin_.send({"AUTH", std::string(adminName), std::string(adminSecret_.reveal())},
              [this](const resp::Reply* reply) {
                if (reply == nullptr) return;
                linked_ = reply->isStatus("OK");
                if (!linked_) admin_.close("the engine refuses its administrator: " + printable(reply->text));
              });
  // What its clients have not read must not evict the one who could help.
  admin_.send({"CLIENT", "NO-EVICT", "ON"}, [](const resp::Reply*) {});
}

void Engine::ping() {
  if (asking_ || !admin_.connected()) return;
  asking_ = true;
  silence_.asked(now());
  admin_.send({"PING"}, [this](const resp::Reply* reply) { afterPing(reply); });
}

void Engine::afterPing(const resp::Reply* reply) {
  asking_ = false;
  if (reply == nullptr || !linked_) return;
  // Any answer is life: BUSY (a script), MISCONF (a full disk), also where PING itself is refused.
  silence_.answered();
  aliveMs_ = now();
  if (silent_) {
    silent_ = false;
    say(Level::information, "engine.answers", "the engine answers again");
    showReady();
  }
  if (phase_ == Phase::opening && !reply->isError("LOADING")) return becomeReady();
  if (phase_ == Phase::ready && !reply->isError("LOADING")) users_.linked(run_);
}

void Engine::onAdminEnded(std::string_view why) {
  linked_ = asking_ = false;
  users_.unlinked();
  if (phase_ != Phase::ready || !process_) return;
  silence_.asked(now()); // until a new link answers
  say(Level::warning, "engine.link_lost", printable(why));
  hurry();
}

void Engine::openStep() {
  connect();
  ping();
  if (now() - aliveMs_ < openingCeilingMs) return;
  say(Level::error, "engine.silent", "the engine gives no sign of life: it is ended");
  process_->killGroup();
}

void Engine::becomeReady() {
  everReady_ = true;
  mended_ = false;
  readyMs_ = now();
  say(Level::information, "engine.ready", "process " + std::to_string(process_->pid()));
  enter(Phase::ready, readyMs);
  users_.linked(run_);
  if (running_ != wanted_) return change();
  showReady();
}

void Engine::readyStep() {
  if (!linked_) {
    tickMs_ = openingMs;
    connect();
  } else {
    tickMs_ = readyMs;
  }
  ping();
  if (silence_.toBeShown(now())) {
    const auto state = processState(*process_);
    const std::string text = "the engine has not answered for " +
                             std::to_string(silence_.lastedMs(now()) / 1000) + " s, process state " +
                             (state ? *state : '-');
    if (!silent_) say(Level::warning, "engine.silent", text);
    silent_ = true;
    show(EngineStatus::recovering, text);
    if (silence_.hopeless(state, now())) {
      say(Level::error, "engine.frozen", "the engine stays frozen: it is ended");
      process_->killGroup();
    }
    return;
  }
  if (linked_ && !change_ && running_ != wanted_) change();
}

// ---- another specification

void Engine::change() {
  change_ = std::make_unique<LiveChange>(
      house_.loop, admin_, running_, wanted_,
      [this] { return house_.folders.discard(wanted_.engineId, outdatedBy(change_->to().persistence)); },
      [this](LiveChange::Outcome outcome, const std::string& why) { afterChange(outcome, why); });
  showReady();
  change_->start();
}

void Engine::afterChange(LiveChange::Outcome outcome, const std::string& why) {
  if (!change_) return; // given up meanwhile
  changed_ = std::move(change_);
  if (outcome == LiveChange::Outcome::refused) {
    say(Level::warning, "engine.change_refused", "started anew, since it does not change as it runs: " + why);
    return beginStop(true);
  }
  if (!why.empty()) say(Level::warning, "engine.outdated_data", why);
  running_ = changed_->to();
  running_.name = wanted_.name;
  say(Level::information, "engine.changed", "a change is in force");
  if (running_ == wanted_) showReady();
  hurry();
}

// ---- the end

void Engine::beginStop(bool again) {
  restart_ = again;
  if (phase_ == Phase::stopping) return;
  if (change_) changed_ = std::move(change_);
  ladder_.emplace(running_.persistence, now());
  answer_ = StopLadder::Answer::none;
  saved_ = house_.folders.savedBytes(wanted_.engineId);
  show(EngineStatus::changing, again ? "is started anew" : "is being stopped");
  enter(Phase::stopping, stoppingMs);
  hurry();
}

void Engine::stopStep() {
  StopLadder::Seen seen;
  seen.linked = linked_;
  seen.answer = answer_;
  const auto state = processState(*process_);
  seen.frozen = state && (*state == 'T' || *state == 't');
  const std::uint64_t saved = house_.folders.savedBytes(wanted_.engineId);
  seen.grows = saved > saved_;
  saved_ = std::max(saved, saved_);
  switch (ladder_->next(now(), seen)) {
  case StopLadder::Act::nothing: return;
  case StopLadder::Act::shutdown:
    if (running_.persistence == model::Persistence::snapshot) return shutDown({"SHUTDOWN", "SAVE"});
    return shutDown({"SHUTDOWN"});
  case StopLadder::Act::shutdownNoSave: return shutDown({"SHUTDOWN", "NOSAVE"});
  case StopLadder::Act::killScript:
    return admin_.send({"SCRIPT", "KILL"}, [](const resp::Reply*) {}); // its word does not count: asked again
  case StopLadder::Act::wake: return process_->signal(SIGCONT);
  case StopLadder::Act::terminate: return process_->signal(SIGTERM);
  case StopLadder::Act::kill:
    say(Level::error, "engine.killed", "the engine does not end: it is killed");
    return process_->killGroup();
  }
}

void Engine::shutDown(std::vector<std::string> words) {
  answer_ = StopLadder::Answer::none;
  admin_.send(std::move(words), [this](const resp::Reply* reply) {
    if (reply == nullptr) return; // it is on its way
    answer_ = reply->isError("BUSY") ? StopLadder::Answer::busy : StopLadder::Answer::refused;
    if (answer_ == StopLadder::Answer::refused)
      say(Level::warning, "engine.not_saved", "the engine does not end: " + printable(reply->text));
  });
}

} // namespace gatehouse::engine
