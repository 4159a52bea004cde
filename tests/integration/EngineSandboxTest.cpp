// R18: a redis-server that was taken over can neither read, change nor command the gateway, whose user it may
// share. A program put in its place tries what it can (engine/Intruder.cpp), once without the sandbox, which
// shows that the attempts are real ones, and then within.
#include "EngineHarness.h"

#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// Bound at `name` (abstract with a leading @), mode 0600 where it is a file.
UniqueFd bindSocket(const std::string& name, int type) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CPPUNIT_ASSERT(name.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name[0] == '@') address.sun_path[0] = 0;
  UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  CPPUNIT_ASSERT_EQUAL(0, ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())));
  if (type == SOCK_STREAM) CPPUNIT_ASSERT_EQUAL(0, ::listen(fd.get(), 16));
  if (name[0] != '@') CPPUNIT_ASSERT_EQUAL(0, ::chmod(name.c_str(), 0600));
  return fd;
}

/// What was tried, by how it came out.
struct Outcome {
  std::set<std::string> succeeded, refused;
  std::string text;
};

Outcome outcomeOf(engine::EngineProcess& process) {
  Outcome outcome;
  CPPUNIT_ASSERT(eventually(
      [&] {
        char chunk[4096];
        const bool over = process.ended().has_value();
        for (ssize_t size = 0; (size = ::read(process.log(), chunk, sizeof chunk)) > 0;)
          outcome.text.append(chunk, static_cast<std::size_t>(size));
        return over;
      },
      std::chrono::seconds(30)));
  std::istringstream lines(outcome.text);
  std::string word, name;
  bool done = false;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    words >> word >> name;
    if (word == "SUCCEEDED") outcome.succeeded.insert(name);
    if (word == "refused") outcome.refused.insert(name);
    done = word == "done";
  }
  CPPUNIT_ASSERT_MESSAGE(*process.ended() + "\n" + outcome.text, done);
  return outcome;
}

/// Its own files, as an engine needs them.
const std::set<std::string> mustWork{"own-write",  "own-rename", "own-unlink", "own-fork",
                                     "own-signal", "own-stat",   "own-listen"};
/// Real for a process of the gateway's own user, and so what the sandbox is for.
const std::array<const char*, 30> realThreats{
    "store-read",        "store-write",      "store-open-path",
    "store-chmod",       "store-utime",      "store-link",
    "store-truncate",    "store-rename",     "store-rename-in",
    "store-rename-over", "store-unlink",     "record-write",
    "record-unlink",     "sibling-read",     "passwd-read",
    "control-connect",   "abstract-connect", "control-by-descriptor",
    "sibling-connect",   "datagram-send",    "tcp",
    "signal-term",       "signal-usr1",      "signal-pidfd",
    "memory-read",       "proc-environ",     "limits",
    "exec-true",         "outlive-parent",   "signal-kill"};

} // namespace

class EngineSandboxTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineSandboxTest);
  CPPUNIT_TEST(attemptsAreRealWithoutIt);
  CPPUNIT_TEST(nothingSucceedsAsTheGatewaysOwnUser);
  CPPUNIT_TEST(nothingSucceedsAsAnotherUser);
  CPPUNIT_TEST(nothingButAKnownSignalSucceedsOnOlderKernels);
  CPPUNIT_TEST_SUITE_END();

  /// A folder with a store, a control socket and an engine's place, a process that stands for the gateway,
  /// and the program in redis's place. All of it as `user` of the house; the engine as `engineUser`.
  static Outcome intrude(const std::optional<engine::SandboxSupport>& sandbox, const std::string& folder,
                         engine::EngineUser engineUser) {
    EngineHarness harness(folder + "/engines", engineUser);
    const auto spec = specOf(model::Persistence::aof);
    const auto put = [](const std::string& path) {
      std::ofstream(path) << std::string(200, 'x');
      CPPUNIT_ASSERT_EQUAL(0, ::chmod(path.c_str(), 0600));
    };
    put(folder + "/store.db");
    put(folder + "/store.db-wal");
    const std::string sibling = harness.folders().path("8c");
    CPPUNIT_ASSERT(harness.folders().open("8c").ok());
    put(sibling + "/dump.rdb");
    const UniqueFd siblingSocket = bindSocket(sibling + "/s", SOCK_STREAM);
    const UniqueFd control = bindSocket(folder + "/control.sock", SOCK_STREAM);
    const std::string abstract = "@gatehouse-test-" + std::to_string(::getpid());
    const UniqueFd abstractSocket = bindSocket(abstract, SOCK_STREAM);
    const UniqueFd datagram = bindSocket(folder + "/notify", SOCK_DGRAM);

    // More open than the gateway is: dumpable, so that only the sandbox stands before its memory.
    static volatile long secret = 42;
    ChildOfTest gateway([]() -> std::string {
      for (const int number : {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) ::signal(number, SIG_IGN);
      ::setpgid(0, 0);
      ::prctl(PR_SET_DUMPABLE, 1);
      ChildOfTest::say("ready");
      for (;;) ::pause();
    });
    CPPUNIT_ASSERT_EQUAL(std::string("ready"), gateway.line());

    engine::Launch launch = harness.launch(spec);
    launch.program =
        std::filesystem::exists(folder + "/redis-server") ? folder + "/redis-server" : GATEHOUSE_INTRUDER;
    launch.sandbox = sandbox;
    std::ostringstream targets;
    targets << "store=" << folder << "/store.db\nrecord=" << folder
            << "/engines/processes/7a\nsibling=" << sibling << "\ncontrol=" << folder
            << "/control.sock\nabstract=" << abstract << "\ndatagram=" << folder
            << "/notify\npid=" << gateway.pid() << "\naddress=" << reinterpret_cast<std::uintptr_t>(&secret)
            << '\n';
    launch.input = targets.str();
    // Its own is written only once it runs, and it may be quicker.
    const auto record = engine::ProcessRecord::of(::getpid());
    CPPUNIT_ASSERT(record.has_value() && harness.folders().record(launch.engineId, *record).ok());
    auto started = engine::EngineProcess::start(launch, harness.folders());
    CPPUNIT_ASSERT_MESSAGE(started.ok() ? "" : started.error().description, started.ok());
    return outcomeOf(**started);
  }

  /// The same, with one user for both the gateway and the engine: in a child that is no longer root.
  static void asOneUser(const std::optional<engine::SandboxSupport>& sandbox,
                        const std::function<std::string(const Outcome&)>& judge) {
    const TempFolder folder;
    const engine::EngineUser user{engineUser().uid, engineUser().gid, false};
    // Where that user can execute it: a build directory may be closed to it.
    std::filesystem::copy_file(GATEHOUSE_INTRUDER, folder / "redis-server");
    std::filesystem::permissions(folder / "redis-server", std::filesystem::perms(0755));
    CPPUNIT_ASSERT_EQUAL(0, ::chown(folder.path().c_str(), user.uid, user.gid));
    ChildOfTest child([&] { return judge(intrude(sandbox, folder.path().string(), user)); }, user.uid);
    CPPUNIT_ASSERT_EQUAL(std::string(), child.result());
  }

  static std::string judgeSandboxed(const Outcome& outcome, const std::set<std::string>& harmless) {
    std::string wrong;
    for (const std::string& name : mustWork)
      if (!outcome.succeeded.contains(name)) wrong += name + " does not work\n";
    for (const std::string& name : outcome.succeeded)
      if (!mustWork.contains(name) && !harmless.contains(name)) wrong += name + " succeeded\n";
    if (outcome.refused.size() < 60) wrong += "too little was tried\n" + outcome.text;
    return wrong;
  }

  void attemptsAreRealWithoutIt() {
    asOneUser(std::nullopt, [](const Outcome& outcome) {
      std::string wrong;
      for (const char* name : realThreats)
        if (!outcome.succeeded.contains(name)) wrong += std::string(name) + " did not succeed\n";
      return wrong.empty() ? wrong : wrong + outcome.text;
    });
  }

  void nothingSucceedsAsTheGatewaysOwnUser() {
    const auto support = engine::SandboxSupport::probe();
    asOneUser(support, [&](const Outcome& outcome) { return judgeSandboxed(outcome, harmless(support)); });
  }

  void nothingSucceedsAsAnotherUser() {
    if (::geteuid() != 0) return;
    const TempFolder folder;
    const auto support = engine::SandboxSupport::probe();
    CPPUNIT_ASSERT_EQUAL(std::string(), judgeSandboxed(intrude(support, folder.path().string(), engineUser()),
                                                       harmless(support)));
  }

  /// With fewer of Landlock's rights, as Linux 5.19 to 6.11 have them, the list of calls still stands.
  void nothingButAKnownSignalSucceedsOnOlderKernels() {
    for (const int abi : {2, 3, 5}) {
      auto support = engine::SandboxSupport::probe();
      if (support.landlockAbi < abi) continue;
      support.landlockAbi = abi;
      CPPUNIT_ASSERT(!support.weakness().empty());
      asOneUser(support, [&](const Outcome& outcome) { return judgeSandboxed(outcome, harmless(support)); });
    }
  }

  /// SIGUSR1 and the question whether a process lives: the gateway ignores it, and engines need both for
  /// their own forks. Landlock keeps them inside from version 6 on.
  static std::set<std::string> harmless(const engine::SandboxSupport& support) {
    if (support.landlockAbi >= 6) return {};
    return {"signal-0", "signal-usr1"};
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineSandboxTest);
