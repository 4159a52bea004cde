// An engine's life as the supervisor sees to it: it starts, ends, is killed, frozen, left behind by a gateway
// that died, changed while it runs and put aside; its data are there each time (R18, R19, R21).
#include "EngineHarness.h"
#include "EnginesHarness.h"
#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <filesystem>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::test;
using engine::EngineStatus;
using model::Persistence;

class EnginesLifeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EnginesLifeTest);
  CPPUNIT_TEST(startsAndTellsWhoWaits);
  CPPUNIT_TEST(knowsTheCommandsOfItsProgram);
  CPPUNIT_TEST(keepsItsDataThroughAStop);
  CPPUNIT_TEST(isStartedAgainAfterAKill);
  CPPUNIT_TEST(comesBackFromAFreezeAsItWas);
  CPPUNIT_TEST(changesWhileItRuns);
  CPPUNIT_TEST(aRenamedDatabaseIsLoggedByItsNewName);
  CPPUNIT_TEST(changesItsPersistenceWithoutLosingAnything);
  CPPUNIT_TEST(anOldKindOfDataIsReadBeforeTheNewOneIsMade);
  CPPUNIT_TEST(whatIsRemovedLiesAside);
  CPPUNIT_TEST(whatNoDatabaseNamesIsPutAsideAtTheStart);
  CPPUNIT_TEST(aDirectoryIsOneGatehouses);
  CPPUNIT_TEST(anEngineOfAKilledGatewayEndsBeforeAnotherStarts);
  CPPUNIT_TEST(saysWhyItDoesNotStart);
  CPPUNIT_TEST(aStuckScriptDoesNotHoldUpAStop);
  CPPUNIT_TEST(nothingIsLeftToWaitForAfterAStop);
  CPPUNIT_TEST_SUITE_END();

  static void put(EnginesHarness& harness, std::int64_t database, std::string_view value) {
    LinkOfTest link(harness.user(database, 7, "ada"));
    CPPUNIT_ASSERT_MESSAGE(link.why(), link.opens());
    CPPUNIT_ASSERT_EQUAL(std::string("OK"), link.ask({"SET", "key", value}));
  }

  static std::string got(EnginesHarness& harness, std::int64_t database) {
    LinkOfTest link(harness.user(database, 7, "ada"));
    CPPUNIT_ASSERT_MESSAGE(link.why(), link.opens());
    return link.ask({"GET", "key"});
  }

  static bool lies(const EnginesHarness& harness, const std::string& path) {
    return std::filesystem::exists(harness.directory() + '/' + path);
  }

  void startsAndTellsWhoWaits() {
    EnginesHarness harness;
    harness.engines().run({EnginesHarness::spec(1), EnginesHarness::spec(2)});
    CPPUNIT_ASSERT(harness.engines().state(1).status == EngineStatus::starting); // at once
    std::promise<void> settled;
    harness.engines().whenSettled(1, 20'000, [&settled] { settled.set_value(); });
    CPPUNIT_ASSERT(settled.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    CPPUNIT_ASSERT(harness.engines().state(1).status == EngineStatus::ready);
    CPPUNIT_ASSERT(harness.becomes(2, EngineStatus::ready));
    CPPUNIT_ASSERT(harness.pid(1) > 1);
    CPPUNIT_ASSERT(harness.engines().state(3).status == EngineStatus::gone);
  }

  void knowsTheCommandsOfItsProgram() {
    EnginesHarness harness;
    const auto table = harness.engines().commands();
    CPPUNIT_ASSERT(table);
    CPPUNIT_ASSERT(table->commands.count("config|get") == 1);
    CPPUNIT_ASSERT(table == harness.engines().commands()); // read once
  }

  void keepsItsDataThroughAStop() {
    EnginesHarness harness;
    const std::vector specs{EnginesHarness::spec(1, Persistence::aof),
                            EnginesHarness::spec(2, Persistence::snapshot)};
    harness.run(specs);
    put(harness, 1, "one");
    put(harness, 2, "two");
    harness.again();
    harness.run(specs);
    CPPUNIT_ASSERT_EQUAL(std::string("one"), got(harness, 1));
    CPPUNIT_ASSERT_EQUAL(std::string("two"), got(harness, 2));
  }

  void isStartedAgainAfterAKill() {
    EnginesHarness harness;
    engine::EngineSpec spec = EnginesHarness::spec(1);
    spec.aofPolicy = model::AofPolicy::always;
    harness.run({spec});
    put(harness, 1, "kept");
    const pid_t before = harness.pid(1);
    const auto user = harness.user(1, 7, "ada");
    LinkOfTest link(user);
    CPPUNIT_ASSERT(link.opens());
    ::kill(before, SIGKILL);
    CPPUNIT_ASSERT(link.ends());
    CPPUNIT_ASSERT(eventually([&] {
      const auto state = harness.engines().state(1);
      return state.status == EngineStatus::ready && state.processId != before;
    }));
    LinkOfTest old(user); // of a run that is over
    CPPUNIT_ASSERT(!old.opens());
    CPPUNIT_ASSERT_MESSAGE(old.why(), old.why().find("WRONGPASS") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string("kept"), got(harness, 1));
    CPPUNIT_ASSERT(harness.user(1, 7, "ada")->run > user->run);
  }

  void comesBackFromAFreezeAsItWas() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    LinkOfTest link(harness.user(1, 7, "ada"));
    CPPUNIT_ASSERT(link.opens());
    const pid_t process = harness.pid(1);
    ::kill(process, SIGSTOP);
    CPPUNIT_ASSERT_EQUAL(std::string("(silence)"), link.ask({"PING"}, std::chrono::seconds(2)));
    CPPUNIT_ASSERT(harness.becomes(1, EngineStatus::recovering)); // it is said
    auto meanwhile = harness.project({1, 8, "eve", fullRules(), 1});
    CPPUNIT_ASSERT(!meanwhile.ok());
    CPPUNIT_ASSERT(meanwhile.error().code == Code::unavailable);
    ::kill(process, SIGCONT);
    CPPUNIT_ASSERT(harness.becomes(1, EngineStatus::ready));
    CPPUNIT_ASSERT_EQUAL(process, harness.pid(1));
    CPPUNIT_ASSERT_EQUAL(std::string("PONG"), link.hear());
    CPPUNIT_ASSERT(harness.user(1, 8, "eve"));
  }

  void changesWhileItRuns() {
    EnginesHarness harness;
    engine::EngineSpec spec = EnginesHarness::spec(1);
    harness.run({spec});
    put(harness, 1, "here");
    const pid_t process = harness.pid(1);
    spec.memorySize = 3 * 1024 * 1024;
    spec.eviction = model::EvictionPolicy::noeviction;
    harness.engines().run({spec});
    CPPUNIT_ASSERT(eventually([&] { return harness.events().count("engine.changed") == 1; }));
    CPPUNIT_ASSERT(harness.becomes(1, EngineStatus::ready));
    CPPUNIT_ASSERT_EQUAL(process, harness.pid(1));
    LinkOfTest link(harness.user(1, 7, "ada"));
    CPPUNIT_ASSERT(link.opens());
    const std::string info = link.ask({"INFO", "memory"});
    CPPUNIT_ASSERT_MESSAGE(info, info.find("maxmemory:3145728") != std::string::npos);
    CPPUNIT_ASSERT(info.find("maxmemory_policy:noeviction") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string("here"), link.ask({"GET", "key"}));
  }

  void aRenamedDatabaseIsLoggedByItsNewName() {
    EnginesHarness harness;
    engine::EngineSpec spec = EnginesHarness::spec(1);
    harness.run({spec});
    const pid_t process = harness.pid(1);
    spec.name = "renamed";
    harness.engines().run({spec});
    CPPUNIT_ASSERT(harness.becomes(1, EngineStatus::ready));
    static_cast<void>(harness.user(1, 7, "ada")); // the rename is through
    const std::size_t before = harness.events().text().size();
    ::kill(process, SIGSTOP);
    const auto refused = harness.project({1, 8, "eve", fullRules(), 1});
    CPPUNIT_ASSERT(!refused.ok());
    CPPUNIT_ASSERT_MESSAGE(refused.error().description,
                           refused.error().description.find("database renamed ") != std::string::npos);
    ::kill(process, SIGKILL);
    CPPUNIT_ASSERT(eventually([&] {
      const auto state = harness.engines().state(1);
      return state.status == EngineStatus::ready && state.processId != process;
    }));
    const std::string after = harness.events().text().substr(before);
    CPPUNIT_ASSERT_MESSAGE(after, after.find("engine.log") != std::string::npos); // its lines, too
    CPPUNIT_ASSERT_MESSAGE(after, after.find("base-1") == std::string::npos);
  }

  void changesItsPersistenceWithoutLosingAnything() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1, Persistence::snapshot)});
    put(harness, 1, "kept");
    std::size_t changes = 0;
    for (const Persistence next : {Persistence::aof, Persistence::snapshot, Persistence::aof}) {
      harness.engines().run({EnginesHarness::spec(1, next)});
      ++changes;
      CPPUNIT_ASSERT(eventually([&] { return harness.events().count("engine.changed") == changes; }));
      CPPUNIT_ASSERT(harness.becomes(1, EngineStatus::ready));
      CPPUNIT_ASSERT_EQUAL(next == Persistence::aof,
                           lies(harness, "db1/appendonlydir/appendonly.aof.manifest"));
      const pid_t process = harness.pid(1);
      ::kill(process, SIGKILL); // no clean end: what is on the disk counts
      CPPUNIT_ASSERT(eventually([&] {
        const auto state = harness.engines().state(1);
        return state.status == EngineStatus::ready && state.processId != process;
      }));
      CPPUNIT_ASSERT_EQUAL(std::string("kept"), got(harness, 1));
    }
    harness.engines().run({EnginesHarness::spec(1, Persistence::disabled)});
    CPPUNIT_ASSERT(eventually([&] { return harness.events().count("engine.changed") == changes + 1; }));
    CPPUNIT_ASSERT_EQUAL(std::string("kept"), got(harness, 1));
    CPPUNIT_ASSERT(!lies(harness, "db1/dump.rdb"));
    CPPUNIT_ASSERT(!lies(harness, "db1/appendonlydir/appendonly.aof.manifest"));
  }

  void anOldKindOfDataIsReadBeforeTheNewOneIsMade() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1, Persistence::snapshot)});
    put(harness, 1, "kept");
    harness.again(); // the specification changes while nothing runs
    harness.run({EnginesHarness::spec(1, Persistence::aof)});
    CPPUNIT_ASSERT_EQUAL(std::string("kept"), got(harness, 1));
    CPPUNIT_ASSERT(lies(harness, "db1/appendonlydir/appendonly.aof.manifest"));
    harness.again();
    harness.run({EnginesHarness::spec(1, Persistence::snapshot)});
    CPPUNIT_ASSERT_EQUAL(std::string("kept"), got(harness, 1));
    CPPUNIT_ASSERT(!lies(harness, "db1/appendonlydir/appendonly.aof.manifest"));
  }

  void whatIsRemovedLiesAside() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1), EnginesHarness::spec(2)});
    put(harness, 2, "kept");
    const pid_t process = harness.pid(1), other = harness.pid(2);
    harness.engines().run({EnginesHarness::spec(2)});
    CPPUNIT_ASSERT(harness.becomes(1, EngineStatus::gone));
    CPPUNIT_ASSERT(eventually([&] { return lies(harness, "aside/db1.0"); }));
    CPPUNIT_ASSERT(!lies(harness, "db1"));
    CPPUNIT_ASSERT(!processLives(process));
    CPPUNIT_ASSERT_EQUAL(other, harness.pid(2)); // does not notice
    CPPUNIT_ASSERT_EQUAL(std::string("kept"), got(harness, 2));
  }

  void aDirectoryIsOneGatehouses() { // R19, R21: another store names none of these databases
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    const pid_t pid = harness.pid(1);
    engine::EnginesOptions options;
    options.directory = harness.directory();
    options.redisServer = redisServer;
    options.user = "redis";
    const SystemClock clock;
    KeptEvents events;
    const auto second = engine::Engines::create(options, clock, events);
    CPPUNIT_ASSERT(!second.ok());
    CPPUNIT_ASSERT_MESSAGE(second.error().description,
                           second.error().description.find("another Gatehouse") != std::string::npos);
    CPPUNIT_ASSERT(harness.pid(1) == pid && lies(harness, "db1"));
    harness.again(); // and it is free again when the first has gone
  }
  void whatNoDatabaseNamesIsPutAsideAtTheStart() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1), EnginesHarness::spec(2)});
    harness.again();
    CPPUNIT_ASSERT(lies(harness, "db1"));
    harness.run({EnginesHarness::spec(2)});
    CPPUNIT_ASSERT(eventually([&] { return lies(harness, "aside/db1.0"); }));
    CPPUNIT_ASSERT(lies(harness, "db2"));
  }

  void anEngineOfAKilledGatewayEndsBeforeAnotherStarts() {
    const TempFolder folder;
    const std::string directory = folder / "engines";
    ChildOfTest gateway([&directory] {
      EnginesHarness harness(directory);
      harness.run({EnginesHarness::spec(1), EnginesHarness::spec(2)});
      put(harness, 1, "acknowledged");
      ChildOfTest::say(std::to_string(harness.pid(1)));
      for (;;) ::pause();
      return std::string();
    });
    const pid_t engine = std::stoi(gateway.line());
    ::kill(engine, SIGSTOP); // it does not even see that it shall end
    gateway.kill9();
    EnginesHarness harness(directory);
    harness.engines().run({EnginesHarness::spec(1), EnginesHarness::spec(2)});
    CPPUNIT_ASSERT(harness.becomes(2, EngineStatus::ready)); // others open meanwhile
    CPPUNIT_ASSERT(harness.becomes(1, EngineStatus::ready));
    CPPUNIT_ASSERT(!processLives(engine));
    CPPUNIT_ASSERT_EQUAL(std::string("acknowledged"), got(harness, 1));
  }

  void saysWhyItDoesNotStart() {
    EnginesHarness harness;
    engine::EngineSpec spec = EnginesHarness::spec(1);
    spec.engineId = "Not An Id";
    harness.engines().run({spec, EnginesHarness::spec(2)});
    CPPUNIT_ASSERT(harness.becomes(1, EngineStatus::failed));
    CPPUNIT_ASSERT(!harness.engines().state(1).reason.empty());
    CPPUNIT_ASSERT(harness.becomes(2, EngineStatus::ready));
    CPPUNIT_ASSERT(!harness.project({1, 7, "ada", fullRules(), 1}).ok());
  }

  void aStuckScriptDoesNotHoldUpAStop() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    put(harness, 1, "kept");
    LinkOfTest link(harness.user(1, 7, "ada"));
    CPPUNIT_ASSERT(link.opens());
    link.tell(
        {"EVAL", "redis.call('SET', 'other', 'x') while true do end", "0"}); // cannot be killed any more
    link.turn(200);
    int calls = 0;
    harness.engines().stop([&calls] { ++calls; });
    CPPUNIT_ASSERT(calls >= 1);
    CPPUNIT_ASSERT(harness.engines().state(1).status == EngineStatus::gone);
    harness.again();
    harness.run({EnginesHarness::spec(1)});
    CPPUNIT_ASSERT_EQUAL(std::string("kept"), got(harness, 1));
  }

  void nothingIsLeftToWaitForAfterAStop() {
    EnginesHarness harness;
    harness.engines().run({EnginesHarness::spec(1)});
    std::promise<void> settled;
    harness.engines().whenSettled(1, 60'000, [&settled] { settled.set_value(); });
    harness.engines().stop({});
    CPPUNIT_ASSERT(settled.get_future().wait_for(std::chrono::seconds(1)) == std::future_status::ready);
    CPPUNIT_ASSERT(!harness.project({1, 7, "ada", fullRules(), 1}).ok());
    harness.engines().revoke(1, 7);
    bool told = false;
    harness.engines().whenSettled(1, 60'000, [&told] { told = true; });
    CPPUNIT_ASSERT(told);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EnginesLifeTest);
