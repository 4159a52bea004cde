// A real redis-server as our child: it serves, keeps what it was given, has nothing of ours, and goes when it
// is told to or when we do (R18, R19).
#include "EngineHarness.h"

#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::test;
using model::Persistence;

namespace {

std::string procFile(pid_t pid, const std::string& name) {
  std::ifstream in("/proc/" + std::to_string(pid) + '/' + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

class EngineProcessTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineProcessTest);
  CPPUNIT_TEST(servesAndEndsWhenTold);
  CPPUNIT_TEST(isLockedFromTheFirstByte);
  CPPUNIT_TEST(keepsAnAppendOnlyFileThroughAKill);
  CPPUNIT_TEST(mendsATornAppendOnlyFile);
  CPPUNIT_TEST(keepsASnapshotThroughAStop);
  CPPUNIT_TEST(takesItsSettingsWhileItRuns);
  CPPUNIT_TEST(hasNothingOfItsParent);
  CPPUNIT_TEST(doesNotWaitForAReaderOfItsLog);
  CPPUNIT_TEST(twoNeverShareADirectory);
  CPPUNIT_TEST(sweepsWhatAKilledOneLeft);
  CPPUNIT_TEST(takesItsForksWithIt);
  CPPUNIT_TEST(runsAsItsParentsUser);
  CPPUNIT_TEST(saysWhyItCannotStart);
  CPPUNIT_TEST_SUITE_END();

  /// Stops it and starts another on the same files.
  static std::unique_ptr<engine::EngineProcess> again(EngineHarness& harness,
                                                      std::unique_ptr<engine::EngineProcess> process,
                                                      const engine::EngineSpec& spec, int signal) {
    process->signal(signal);
    CPPUNIT_ASSERT(ends(*process));
    return harness.start(spec);
  }

  static bool has(EngineHarness& harness, const engine::EngineSpec& spec, const std::string& file) {
    return std::filesystem::exists(harness.folders().path(spec.engineId) + '/' + file);
  }

  void servesAndEndsWhenTold() {
    EngineHarness harness;
    const auto spec = specOf(Persistence::aof);
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(std::string("OK"), client.text({"SET", "a", "1"}));
    CPPUNIT_ASSERT_EQUAL(std::string("maxmemory 67108864"), client.text({"CONFIG", "GET", "maxmemory"}));
    CPPUNIT_ASSERT_EQUAL(std::string("maxmemory-policy volatile-lru"),
                         client.text({"CONFIG", "GET", "maxmemory-policy"}));
    CPPUNIT_ASSERT_EQUAL(std::string("maxclients 100"), client.text({"CONFIG", "GET", "maxclients"}));
    CPPUNIT_ASSERT(client.text({"CONFIG", "REWRITE"}).find("without a config file") != std::string::npos);
    CPPUNIT_ASSERT(client.text({"INFO", "memory"}).find("used_memory_rss:0\r") == std::string::npos);
    CPPUNIT_ASSERT(client.text({"INFO", "server"}).find("executable:/gatehouse-engine/3\r") !=
                   std::string::npos);
    CPPUNIT_ASSERT(!process->ended());
    process->signal(SIGTERM);
    CPPUNIT_ASSERT(ends(*process));
    CPPUNIT_ASSERT_EQUAL(std::string("exit code 0"), *process->ended());
    CPPUNIT_ASSERT(!harness.folders().inUse(spec.engineId));
    char log[4096];
    CPPUNIT_ASSERT(::read(process->log(), log, sizeof log) > 0);
  }

  void isLockedFromTheFirstByte() {
    EngineHarness harness;
    const auto spec = specOf(Persistence::disabled);
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId), EngineClient::Bare());
    CPPUNIT_ASSERT(client.ask({"PING"}).isError("NOAUTH"));
    CPPUNIT_ASSERT(client.ask({"AUTH", "default", ""}).isError("WRONGPASS"));
    CPPUNIT_ASSERT(client.ask({"AUTH", engine::adminName, "wrong"}).isError("WRONGPASS"));
    struct stat status {};
    CPPUNIT_ASSERT_EQUAL(0, ::stat(harness.folders().socketPath(spec.engineId).c_str(), &status));
    CPPUNIT_ASSERT_EQUAL(0U, status.st_mode & 077U);
  }

  void keepsAnAppendOnlyFileThroughAKill() {
    EngineHarness harness;
    auto spec = specOf(Persistence::aof);
    spec.aofPolicy = model::AofPolicy::always;
    auto process = harness.start(spec);
    {
      EngineClient client(harness.folders().socketPath(spec.engineId));
      CPPUNIT_ASSERT_EQUAL(std::string("appendfsync always"), client.text({"CONFIG", "GET", "appendfsync"}));
      CPPUNIT_ASSERT_EQUAL(std::string("OK"), client.text({"SET", "a", "1"}));
      (void)client.ask({"BGREWRITEAOF"});
      CPPUNIT_ASSERT(eventually([&] {
        const std::string info = client.text({"INFO", "persistence"});
        return info.find("aof_rewrite_in_progress:0") != std::string::npos &&
               info.find("aof_last_bgrewrite_status:ok") != std::string::npos;
      }));
      CPPUNIT_ASSERT_EQUAL(std::string("OK"), client.text({"SET", "b", "2"}));
    }
    process = again(harness, std::move(process), spec, SIGKILL);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(std::string("1 2"), client.text({"MGET", "a", "b"}));
  }

  /// Redis cuts it with truncate(2), which is allowed where Landlock covers it.
  void mendsATornAppendOnlyFile() {
    if (engine::SandboxSupport::probe().landlockAbi < 3) return;
    EngineHarness harness;
    const auto spec = specOf(Persistence::aof);
    auto process = harness.start(spec);
    CPPUNIT_ASSERT_EQUAL(std::string("OK"),
                         EngineClient(harness.folders().socketPath(spec.engineId)).text({"SET", "a", "1"}));
    process->signal(SIGTERM);
    CPPUNIT_ASSERT(ends(*process));
    std::ofstream(harness.folders().path(spec.engineId) + "/appendonlydir/appendonly.aof.1.incr.aof",
                  std::ios::app)
        << "*3\r\n$3\r\nSET\r\n$1\r\nb";
    process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(std::string("1"), client.text({"GET", "a"}));
  }

  void keepsASnapshotThroughAStop() {
    EngineHarness harness;
    const auto spec = specOf(Persistence::snapshot);
    auto process = harness.start(spec);
    {
      EngineClient client(harness.folders().socketPath(spec.engineId));
      CPPUNIT_ASSERT_EQUAL(std::string("save 3600 1 300 100 60 10000"),
                           client.text({"CONFIG", "GET", "save"}));
      CPPUNIT_ASSERT_EQUAL(std::string("appendonly no"), client.text({"CONFIG", "GET", "appendonly"}));
      CPPUNIT_ASSERT_EQUAL(std::string("OK"), client.text({"SET", "a", "1"}));
      CPPUNIT_ASSERT_EQUAL(std::string("Background saving started"), client.text({"BGSAVE"}));
      CPPUNIT_ASSERT(eventually([&] { return has(harness, spec, "dump.rdb"); }));
      CPPUNIT_ASSERT_EQUAL(std::string("OK"), client.text({"SET", "b", "2"}));
    }
    process = again(harness, std::move(process), spec, SIGTERM);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(std::string("1 2"), client.text({"MGET", "a", "b"}));
  }

  void takesItsSettingsWhileItRuns() {
    EngineHarness harness;
    auto spec = specOf(Persistence::snapshot);
    auto process = harness.start(spec);
    {
      EngineClient client(harness.folders().socketPath(spec.engineId));
      CPPUNIT_ASSERT_EQUAL(std::string("OK"), client.text({"SET", "a", "1"}));
      spec.persistence = Persistence::aof;
      spec.eviction = model::EvictionPolicy::allkeys_lfu;
      spec.memorySize = 32 << 20;
      for (const auto& [name, value] : engine::liveSettings(spec))
        CPPUNIT_ASSERT_EQUAL(std::string("OK"), client.text({"CONFIG", "SET", name, value}));
      CPPUNIT_ASSERT(eventually([&] { return has(harness, spec, "appendonlydir/appendonly.aof.manifest"); }));
    }
    process = again(harness, std::move(process), spec, SIGKILL);
    EngineClient later(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(std::string("1"), later.text({"GET", "a"}));
    CPPUNIT_ASSERT_EQUAL(std::string("maxmemory-policy allkeys-lfu"),
                         later.text({"CONFIG", "GET", "maxmemory-policy"}));
    CPPUNIT_ASSERT_EQUAL(std::string("save "), later.text({"CONFIG", "GET", "save"}));
    // All in one command, as a change is put in force: all or none.
    spec.persistence = Persistence::disabled;
    const auto settings = engine::liveSettings(spec);
    CPPUNIT_ASSERT_EQUAL(std::size_t{5}, settings.size());
    CPPUNIT_ASSERT_EQUAL(
        std::string("OK"),
        later.text({"CONFIG", "SET", settings[0].first, settings[0].second, settings[1].first,
                    settings[1].second, settings[2].first, settings[2].second, settings[3].first,
                    settings[3].second, settings[4].first, settings[4].second}));
    CPPUNIT_ASSERT_EQUAL(std::string("appendonly no"), later.text({"CONFIG", "GET", "appendonly"}));
  }

  void hasNothingOfItsParent() {
    EngineHarness harness;
    ::setenv("GATEHOUSE_TEST_SECRET", "x", 1);
    const UniqueFd inheritable(::open("/dev/null", O_RDONLY)); // not close-on-exec
    const auto spec = specOf(Persistence::aof);
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    ::unsetenv("GATEHOUSE_TEST_SECRET");
    CPPUNIT_ASSERT_EQUAL(std::string(), procFile(process->pid(), "environ"));
    CPPUNIT_ASSERT_EQUAL(std::string("/gatehouse-engine/3\0-\0", 22), procFile(process->pid(), "cmdline"));
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(process->pid()) + "/fd")) {
      const std::string target = std::filesystem::read_symlink(entry.path()).string();
      const bool own = target.find("memfd:") != std::string::npos || target.substr(0, 5) == "pipe:" ||
                       target.substr(0, 7) == "socket:" || target.substr(0, 10) == "anon_inode" ||
                       target.find("/stat") != std::string::npos ||
                       target.find("/engines/7a") != std::string::npos;
      CPPUNIT_ASSERT_MESSAGE(entry.path().filename().string() + " -> " + target, own);
    }
    const std::string status = procFile(process->pid(), "status");
    CPPUNIT_ASSERT(status.find("NoNewPrivs:\t1") != std::string::npos);
    CPPUNIT_ASSERT(status.find("Seccomp:\t2") != std::string::npos);
    CPPUNIT_ASSERT(status.find("SigBlk:\t0000000000000000") != std::string::npos);
    CPPUNIT_ASSERT(procFile(process->pid(), "limits").find("Max core file size        0 ") !=
                   std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string("200\n"), procFile(process->pid(), "oom_score_adj"));
    if (::geteuid() == 0) {
      const std::string uid = std::to_string(engineUser().uid);
      CPPUNIT_ASSERT(status.find("Uid:\t" + uid + '\t' + uid + '\t' + uid) != std::string::npos);
      CPPUNIT_ASSERT(status.find("CapEff:\t0000000000000000") != std::string::npos);
    }
  }

  /// Any user of a database can fill the log, by redis.log in a script.
  void doesNotWaitForAReaderOfItsLog() {
    EngineHarness harness;
    const auto spec = specOf(Persistence::disabled);
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT_EQUAL(
        std::string("done"),
        client.text({"EVAL",
                     "for i = 1, 2000 do redis.log(redis.LOG_WARNING, string.rep('x', 900)) end "
                     "return 'done'",
                     "0"}));
    CPPUNIT_ASSERT_EQUAL(std::string("PONG"), client.text({"PING"}));
  }

  void twoNeverShareADirectory() {
    EngineHarness harness;
    const auto spec = specOf(Persistence::aof);
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    CPPUNIT_ASSERT(harness.folders().inUse(spec.engineId));
    const auto second = engine::EngineProcess::start(harness.launch(spec), harness.folders());
    CPPUNIT_ASSERT(!second.ok());
    CPPUNIT_ASSERT(second.error().description.find("another engine runs in") != std::string::npos);
    CPPUNIT_ASSERT(!harness.folders().putAside(spec.engineId).ok());
    CPPUNIT_ASSERT_EQUAL(std::string("PONG"), client.text({"PING"}));
    CPPUNIT_ASSERT_EQUAL(process->pid(), harness.folders().recorded(spec.engineId)->pid);
  }

  void sweepsWhatAKilledOneLeft() {
    EngineHarness harness;
    const auto spec = specOf(Persistence::snapshot);
    auto process = harness.start(spec);
    { EngineClient client(harness.folders().socketPath(spec.engineId)); }
    const std::string half = harness.folders().path(spec.engineId) + "/temp-12.rdb";
    std::ofstream(half) << "REDIS";
    process = again(harness, std::move(process), spec, SIGKILL);
    CPPUNIT_ASSERT(!std::filesystem::exists(half));
    EngineClient client(harness.folders().socketPath(spec.engineId));
  }

  /// One that saves would otherwise hold the lock, and put its old snapshot in the place of a newer one.
  void takesItsForksWithIt() {
    EngineHarness harness;
    const auto spec = specOf(Persistence::snapshot);
    const auto process = harness.start(spec);
    EngineClient client(harness.folders().socketPath(spec.engineId));
    (void)client.text({"SET", "a", "1"});
    (void)client.text({"CONFIG", "SET", "rdb-key-save-delay", "60000000"}); // a minute for each key
    CPPUNIT_ASSERT_EQUAL(std::string("Background saving started"), client.text({"BGSAVE"}));
    const auto record = engine::ProcessRecord::of(process->pid());
    const std::string folder = harness.folders().path(spec.engineId);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, record->family(folder).size());
    process->signal(SIGKILL);
    CPPUNIT_ASSERT(ends(*process));
    CPPUNIT_ASSERT(eventually([&] { return record->family(folder).empty(); }));
    CPPUNIT_ASSERT(eventually([&] { return !harness.folders().inUse(spec.engineId); }));
  }

  /// As where Gatehouse does not run as root: one user for both.
  void runsAsItsParentsUser() {
    if (::geteuid() != 0) return; // then every test here does
    const TempFolder folder;
    const engine::EngineUser user{engineUser().uid, engineUser().gid, false};
    CPPUNIT_ASSERT_EQUAL(0, ::chown(folder.path().c_str(), user.uid, user.gid));
    ChildOfTest child(
        [&]() -> std::string {
          EngineHarness harness(folder / "engines", user);
          const auto spec = specOf(Persistence::aof);
          auto process = harness.start(spec);
          EngineClient client(harness.folders().socketPath(spec.engineId));
          if (client.text({"SET", "a", "1"}) != "OK") return "it does not serve";
          process = again(harness, std::move(process), spec, SIGTERM);
          EngineClient later(harness.folders().socketPath(spec.engineId));
          if (later.text({"GET", "a"}) != "1") return "it has forgotten";
          if (procFile(process->pid(), "oom_score_adj") != "200\n") return "no score";
          return {};
        },
        user.uid);
    CPPUNIT_ASSERT_EQUAL(std::string(), child.result());
  }

  void saysWhyItCannotStart() {
    EngineHarness harness;
    const auto spec = specOf(Persistence::aof);
    const auto why = [&](const engine::Launch& launch) {
      const auto process = engine::EngineProcess::start(launch, harness.folders());
      CPPUNIT_ASSERT(!process.ok());
      return process.error().description;
    };
    engine::Launch launch = harness.launch(spec);
    launch.program = "/nowhere/redis-server";
    CPPUNIT_ASSERT(why(launch).find("there is no redis-server at /nowhere/redis-server (No such file") == 0);

    // Executable for the kernel it is not.
    const std::string script = harness.directory() + "/not-a-program";
    std::ofstream(script) << "nothing\n";
    CPPUNIT_ASSERT_EQUAL(0, ::chmod(script.c_str(), 0755));
    launch.program = script;
    CPPUNIT_ASSERT(why(launch).find("cannot execute the program") != std::string::npos);

    launch = harness.launch(spec);
    launch.sandbox = engine::SandboxSupport{};
    CPPUNIT_ASSERT(why(launch).find("this kernel has no Landlock") != std::string::npos);

    launch = harness.launch(spec);
    launch.engineId = "9b";
    CPPUNIT_ASSERT_EQUAL(0, ::symlink("/tmp", harness.folders().path("9b").c_str()));
    CPPUNIT_ASSERT(why(launch).find("a symbolic link") != std::string::npos);
    launch.engineId = "../9b";
    CPPUNIT_ASSERT(why(launch).find("no engine can have the name") == 0);

    // It runs and ends at once: a configuration that it does not take.
    launch = harness.launch(spec);
    launch.input += "no-such-directive 1\n";
    const auto process = engine::EngineProcess::start(launch, harness.folders());
    CPPUNIT_ASSERT(process.ok());
    CPPUNIT_ASSERT(ends(**process));
    CPPUNIT_ASSERT_EQUAL(std::string("exit code 1"), *(*process)->ended());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineProcessTest);
