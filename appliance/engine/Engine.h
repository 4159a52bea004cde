#pragma once
#include "base/Event.h"
#include "base/Secret.h"
#include "engine/AdminLink.h"
#include "engine/AofRepair.h"
#include "engine/Backoff.h"
#include "engine/EngineFolders.h"
#include "engine/EngineLog.h"
#include "engine/EngineProcess.h"
#include "engine/Engines.h"
#include "engine/Leftover.h"
#include "engine/LiveChange.h"
#include "engine/Projection.h"
#include "engine/Silence.h"
#include "engine/StopLadder.h"
#include "engine/Watch.h"
#include "transport/Timer.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::engine {

/// What all engines share. Each member outlives every Engine.
struct EngineHouse {
  transport::EventLoop& loop;
  EventSink& events;
  EngineFolders& folders;
  const EnginesOptions& options;
  const std::optional<SandboxSupport>& sandbox; // nothing: switched off
  const Secret& key;                            // of the secrets of projected users
  std::uint64_t& runs;                          // how many processes were started
};

/// One database's engine, from its first start until it is stopped for good:
///
///   clearing -> opening -> ready -> stopping -> over
///      ^           |         |         |
///      +- resting <+---------+---------+ (another start)
///      +- mending <+ (AofRepair, once before another start)
///
/// *clearing* waits for or ends what an earlier process left (R19); *opening* has a process whose socket or
/// data are not there yet; *resting* lets some time pass after a failure.
///
/// Threads: the engines'. `onChange` is called inside its functions and callbacks; the Engine is destroyed in
/// none of them. Errors: stand in its state. Owns: the process, the admin link, the users.
class Engine {
public:
  Engine(const EngineHouse& house, EngineSpec spec, std::function<void()> onChange);
  ~Engine();

  void start();
  /// Another specification of the same database.
  void want(const EngineSpec& spec);
  /// For good, with a save. Over at once where nothing runs.
  void stop();
  [[nodiscard]] bool over() const noexcept { return phase_ == Phase::over; }

  [[nodiscard]] const EngineSpec& spec() const noexcept { return wanted_; }
  [[nodiscard]] const EngineState& state() const noexcept { return state_; }
  [[nodiscard]] Projection& users() noexcept { return users_; }

  static constexpr std::uint64_t openingCeilingMs = 120'000; // without any sign of life

private:
  enum class Phase : std::uint8_t { clearing, resting, mending, opening, ready, stopping, over };

  void tick();
  void clear();
  void launch();
  [[nodiscard]] Launch launchOf(std::string configuration) const;
  [[nodiscard]] bool mayMend() const;
  void mendStep();
  void openStep();
  void readyStep();
  void connect();
  void ping();
  void afterPing(const resp::Reply* reply);
  void becomeReady();
  void change();
  void afterChange(LiveChange::Outcome outcome, const std::string& why);
  void beginStop(bool again);
  void stopStep();
  void shutDown(std::vector<std::string> words);
  void onAdminEnded(std::string_view why);
  void onLog();
  void onProcessEnd();
  void fail(std::string reason);
  void enter(Phase phase, std::uint64_t tickMs);
  void hurry();
  void show(EngineStatus status, std::string reason);
  void showReady();
  void say(Level level, std::string_view event, const std::string& text);
  [[nodiscard]] std::uint64_t now() const noexcept { return house_.loop.nowMs(); }

  const EngineHouse& house_;
  EngineSpec wanted_;
  EngineSpec running_; // what the process was told
  std::function<void()> onChange_;
  EngineState state_{EngineStatus::starting, {}, 0};
  EngineLog log_;
  AdminLink admin_;
  Projection users_;
  Phase phase_ = Phase::clearing;
  bool everReady_ = false;
  bool linked_ = false;       // the admin link is logged in
  bool asking_ = false;       // a PING is on its way
  bool restart_ = false;      // after this stop
  bool mended_ = false;       // since it was ready last
  std::uint64_t run_ = 0;     // of the process
  std::uint64_t readyMs_ = 0; // since when; 0: it was not, in this run
  std::uint64_t aliveMs_ = 0; // last sign of life while opening
  std::uint64_t saved_ = 0;   // EngineFolders::savedBytes, at most so far in this stop
  Silence silence_;
  bool silent_ = false; // is shown as such
  Secret adminSecret_;
  Backoff backoff_;
  std::optional<Leftover> leftover_;
  std::unique_ptr<AofRepair> repair_;
  std::string tornEnd_; // how the process ended, whose file is being mended
  std::unique_ptr<EngineProcess> process_;
  std::unique_ptr<Watch> endWatch_, logWatch_;
  std::unique_ptr<LiveChange> change_, changed_; // changed_: has told its end, and goes at the next tick
  std::optional<StopLadder> ladder_;
  StopLadder::Answer answer_ = StopLadder::Answer::none;
  std::uint64_t tickMs_ = 0;
  transport::Timer timer_;
};

} // namespace gatehouse::engine
