// R19: an engine never outlives its gateway for long, and where one has, the next gateway waits for a save,
// ends what is frozen or busy, and never starts a second one beside it.
#include "EngineHarness.h"

#include "engine/Leftover.h"
#include "support/ManualClock.h"
#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <fstream>
#include <sys/file.h>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::test;
using Phase = engine::Leftover::Phase;

class EngineLeftoverTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineLeftoverTest);
  CPPUNIT_TEST(anEngineEndsWithItsGateway);
  CPPUNIT_TEST(aFrozenOneIsWokenAndEnded);
  CPPUNIT_TEST(aBusyOneIsKilledInTheEnd);
  CPPUNIT_TEST(oneThatSavesIsWaitedFor);
  CPPUNIT_TEST(aForkAloneIsEnded);
  CPPUNIT_TEST(aStrangerWithItsNumberIsLeftAlone);
  CPPUNIT_TEST(anUnknownHolderOfTheLockIsNotTouched);
  CPPUNIT_TEST_SUITE_END();

  using Prepare = std::function<void(EngineClient&)>;

  /// An engine whose gateway was killed. `prepare` is done before, by the gateway.
  static pid_t orphan(EngineHarness& harness, const engine::EngineSpec& spec, const Prepare& prepare,
                      bool freeze = false) {
    ChildOfTest gateway([&]() -> std::string {
      const auto process = harness.start(spec);
      EngineClient client(harness.folders().socketPath(spec.engineId));
      prepare(client);
      if (freeze) process->signal(SIGSTOP);
      ChildOfTest::say(std::to_string(process->pid()));
      for (;;) ::pause();
    });
    const std::string line = gateway.line();
    CPPUNIT_ASSERT_MESSAGE(line, !line.empty() && line.find_first_not_of("0123456789") == std::string::npos);
    const auto pid = static_cast<pid_t>(std::stol(line));
    if (freeze) CPPUNIT_ASSERT(eventually([&] { return engine::ProcessState::of(pid)->state == 'T'; }));
    gateway.kill9();
    return pid;
  }

  /// Steps in real time until it says so.
  static bool reaches(engine::Leftover& leftover, std::uint64_t nowMs, Phase wanted) {
    return eventually([&] { return leftover.step(nowMs) == wanted; }, std::chrono::seconds(20));
  }

  void anEngineEndsWithItsGateway() {
    EngineHarness harness;
    const auto spec = specOf(model::Persistence::aof);
    const pid_t pid = orphan(harness, spec, [](EngineClient& client) {
      (void)client.text({"SET", "a", "1"});
    });
    CPPUNIT_ASSERT(eventually([&] { return !processLives(pid); }));
    engine::Leftover leftover(harness.folders(), spec.engineId, 0);
    CPPUNIT_ASSERT(reaches(leftover, 0, Phase::gone));
    CPPUNIT_ASSERT(!harness.folders().recorded(spec.engineId));
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(std::string("1"), client.text({"GET", "a"}));
  }

  void aFrozenOneIsWokenAndEnded() {
    EngineHarness harness;
    const auto spec = specOf(model::Persistence::snapshot);
    const pid_t pid = orphan(
        harness, spec,
        [](EngineClient& client) {
          (void)client.text({"SET", "a", "1"});
        },
        true);
    CPPUNIT_ASSERT(processLives(pid));
    CPPUNIT_ASSERT(!engine::EngineProcess::start(harness.launch(spec), harness.folders()).ok());
    engine::Leftover leftover(harness.folders(), spec.engineId, 0);
    CPPUNIT_ASSERT(leftover.step(0) == Phase::ending);
    CPPUNIT_ASSERT(leftover.account().find("was frozen") != std::string::npos);
    CPPUNIT_ASSERT(reaches(leftover, 1, Phase::gone));
    CPPUNIT_ASSERT(!processLives(pid));
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(std::string("1"), client.text({"GET", "a"})); // it could still save
  }

  void aBusyOneIsKilledInTheEnd() {
    EngineHarness harness;
    const auto spec = specOf(model::Persistence::aof);
    const pid_t pid = orphan(harness, spec, [&](EngineClient& client) {
      (void)client.text({"SET", "a", "1"});
      client.tell({"EVAL", "while true do end", "0"});
      EngineClient other(harness.folders().socketPath(spec.engineId), EngineClient::Bare());
      (void)other.text({"AUTH", engine::adminName, adminSecret});
      while (other.text({"PING"}).find("BUSY") == std::string::npos) {
      } // until it is in the script
    });
    engine::Leftover leftover(harness.folders(), spec.engineId, 0);
    CPPUNIT_ASSERT(leftover.step(0) == Phase::ending);
    CPPUNIT_ASSERT(leftover.step(engine::Leftover::quietCeilingMs - 1) == Phase::ending);
    CPPUNIT_ASSERT(leftover.step(engine::Leftover::quietCeilingMs) == Phase::ending);
    const std::uint64_t asked = engine::Leftover::quietCeilingMs;
    CPPUNIT_ASSERT(leftover.step(asked + engine::Leftover::endingCeilingMs - 1) == Phase::ending);
    CPPUNIT_ASSERT(processLives(pid));
    CPPUNIT_ASSERT(leftover.step(asked + engine::Leftover::endingCeilingMs) == Phase::killing);
    CPPUNIT_ASSERT(reaches(leftover, asked + engine::Leftover::endingCeilingMs + 1, Phase::gone));
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(std::string("1"), client.text({"GET", "a"}));
  }

  /// However long it takes, as long as its file grows.
  void oneThatSavesIsWaitedFor() {
    EngineHarness harness;
    const auto spec = specOf(model::Persistence::snapshot);
    const pid_t pid = orphan(harness, spec, [](EngineClient& client) {
      (void)client.text({"SET", "a", "1"});
      (void)client.text({"CONFIG", "SET", "rdb-key-save-delay", "3000000"}); // microseconds a key
    });
    engine::Leftover leftover(harness.folders(), spec.engineId, 0);
    const std::string half = harness.folders().path(spec.engineId) + "/temp-1.rdb";
    std::uint64_t now = 0;
    for (int i = 1; i < 10; ++i) {
      std::ofstream(half, std::ios::app) << "REDIS";
      now += engine::Leftover::endingCeilingMs;
      CPPUNIT_ASSERT(leftover.step(now) == Phase::saving);
    }
    CPPUNIT_ASSERT(processLives(pid));
    CPPUNIT_ASSERT(reaches(leftover, now + 1, Phase::gone));
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(std::string("1"), client.text({"GET", "a"}));
  }

  /// Its engine was killed while a child of it saved, and holds the lock.
  void aForkAloneIsEnded() {
    EngineHarness harness;
    const auto spec = specOf(model::Persistence::snapshot);
    const pid_t pid = orphan(
        harness, spec,
        [](EngineClient& client) {
          (void)client.text({"SET", "a", "1"});
          (void)client.text({"CONFIG", "SET", "rdb-key-save-delay", "60000000"});
          (void)client.text({"BGSAVE"});
        },
        true);
    ::kill(pid, SIGKILL);
    CPPUNIT_ASSERT(eventually([&] { return !processLives(pid); }));
    CPPUNIT_ASSERT(harness.folders().inUse(spec.engineId));
    engine::Leftover leftover(harness.folders(), spec.engineId, 0);
    CPPUNIT_ASSERT(leftover.step(0) == Phase::killing);
    CPPUNIT_ASSERT(reaches(leftover, 1, Phase::gone));
    CPPUNIT_ASSERT(!harness.folders().inUse(spec.engineId));
  }

  void aStrangerWithItsNumberIsLeftAlone() {
    EngineHarness harness;
    const auto spec = specOf(model::Persistence::aof);
    CPPUNIT_ASSERT(harness.folders().open(spec.engineId).ok());
    ChildOfTest stranger([]() -> std::string {
      ::setsid();
      ChildOfTest::say("ready");
      for (;;) ::pause();
    });
    CPPUNIT_ASSERT_EQUAL(std::string("ready"), stranger.line());
    auto record = engine::ProcessRecord::of(stranger.pid());
    CPPUNIT_ASSERT(record.has_value());
    record->startTicks -= 1; // the engine that had this number before
    CPPUNIT_ASSERT(harness.folders().record(spec.engineId, *record).ok());
    engine::Leftover leftover(harness.folders(), spec.engineId, 0);
    CPPUNIT_ASSERT(leftover.step(0) == Phase::gone);
    CPPUNIT_ASSERT(processLives(stranger.pid()));
  }

  void anUnknownHolderOfTheLockIsNotTouched() {
    EngineHarness harness;
    const auto spec = specOf(model::Persistence::aof);
    const auto folder = harness.folders().open(spec.engineId);
    CPPUNIT_ASSERT(folder.ok());
    CPPUNIT_ASSERT_EQUAL(0, ::flock(folder.value().get(), LOCK_EX | LOCK_NB));
    engine::Leftover leftover(harness.folders(), spec.engineId, 0);
    CPPUNIT_ASSERT(leftover.step(0) == Phase::ending);
    CPPUNIT_ASSERT(leftover.step(engine::Leftover::endingCeilingMs) == Phase::gaveUp);
    CPPUNIT_ASSERT(leftover.account().find("does not know has locked") != std::string::npos);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineLeftoverTest);
