// An append-only file that a power cut has torn, on a kernel whose Landlock does not see truncate(2) (version
// 2, Debian 12's): the database comes up again with all that was acknowledged, and what is damaged in another
// way is left as it is for people to look at. Tried over real engines behind a sandbox of that version.
#include "EngineHarness.h"
#include "EnginesHarness.h"
#include "support/ServerProcess.h"

#include "engine/Engine.h"
#include "pki/Hash.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::test;
using engine::EngineStatus;

namespace {

/// One database's engine whose loop turns only while the test waits: a file can be torn while nothing runs.
class TornHouse {
public:
  explicit TornHouse(int landlockAbi)
      : support_(supportOf(landlockAbi))
      , house_{*loop_, events_, harness_.folders(), options_, support_, key_, runs_} {
    options_.redisServer = redisServer;
    options_.maxClients = 100;
    engine::EngineSpec spec = EnginesHarness::spec(1);
    spec.aofPolicy = model::AofPolicy::always;
    engine_ = std::make_unique<engine::Engine>(house_, spec, [] {});
    loop_->turn(0);
    engine_->start();
  }
  ~TornHouse() {
    engine_->stop();
    static_cast<void>(turnUntil([this] { return engine_->over(); }));
  }

  [[nodiscard]] bool turnUntil(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      loop_->turn(10);
    }
    return true;
  }
  void comesUp() {
    CPPUNIT_ASSERT_MESSAGE(events_.text(), turnUntil([this] {
                             return engine_->state().status == EngineStatus::ready &&
                                    engine_->state().processId != dead_;
                           }));
  }
  /// kill -9, seen by nobody yet.
  void dies() {
    dead_ = engine_->state().processId;
    const auto process = static_cast<pid_t>(dead_);
    CPPUNIT_ASSERT(process > 1);
    ::kill(process, SIGKILL);
    CPPUNIT_ASSERT(eventually([&] { return !processLives(process); }));
  }

  [[nodiscard]] std::string ask(std::initializer_list<std::string_view> words) {
    std::shared_ptr<const engine::Projected> user;
    engine_->users().project({1, 7, "ada", fullRules(), 1}, [&user](const auto& result) {
      CPPUNIT_ASSERT_MESSAGE(result.ok() ? "" : result.error().description, result.ok());
      user = *result;
    });
    CPPUNIT_ASSERT(turnUntil([&user] { return user != nullptr; }));
    LinkOfTest link(user);
    CPPUNIT_ASSERT_MESSAGE(link.why(), link.opens());
    return link.ask(words);
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return harness_.directory() + "/db1/" + name;
  }
  /// The only increment.
  [[nodiscard]] std::string increment() const {
    for (const auto& entry : std::filesystem::directory_iterator(path("appendonlydir")))
      if (entry.path().string().find(".incr.aof") != std::string::npos) return entry.path().string();
    return {};
  }
  [[nodiscard]] static std::string read(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }
  static void append(const std::string& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::app) << bytes;
  }

  [[nodiscard]] engine::Engine& engine() { return *engine_; }
  [[nodiscard]] const KeptEvents& events() const { return events_; }

private:
  static engine::SandboxSupport supportOf(int landlockAbi) {
    engine::SandboxSupport support = engine::SandboxSupport::probe();
    support.landlockAbi = std::min(support.landlockAbi, landlockAbi);
    return support;
  }

  SystemClock clock_;
  std::unique_ptr<transport::EventLoop> loop_ = transport::EventLoop::create(clock_).value();
  KeptEvents events_;
  EngineHarness harness_;
  engine::EnginesOptions options_;
  const std::optional<engine::SandboxSupport> support_;
  const Secret key_{std::string(32, 'k')};
  std::uint64_t runs_ = 0;
  std::int64_t dead_ = 0;
  engine::EngineHouse house_;
  std::unique_ptr<engine::Engine> engine_;
};

const std::string tornSet = "*3\r\n$3\r\nSET\r\n$4\r\ntorn\r\n$100\r\nno more of it";

} // namespace

class EngineTornTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineTornTest);
  CPPUNIT_TEST(aTornEndIsMendedAndNothingAcknowledgedIsLost);
  CPPUNIT_TEST(anUnfinishedTransactionIsCutOffAsAWhole);
  CPPUNIT_TEST(aDamagedMiddleIsLeftAlone);
  CPPUNIT_TEST(aLengthThatSwallowsCommandsIsLeftAlone);
  CPPUNIT_TEST(anotherTornEndIsMendedAgain);
  CPPUNIT_TEST(aNewerKernelsEngineMendsItself);
  CPPUNIT_TEST(aFileThatIsWholeIsNoOccasion);
  CPPUNIT_TEST_SUITE_END();

  static void writeAndDie(TornHouse& house) {
    house.comesUp();
    for (int i = 0; i < 20; ++i)
      CPPUNIT_ASSERT_EQUAL(std::string("OK"), house.ask({"SET", "key" + std::to_string(i), "value"}));
    house.dies();
  }
  static void hasAll(TornHouse& house) {
    for (int i = 0; i < 20; ++i)
      CPPUNIT_ASSERT_EQUAL(std::string("value"), house.ask({"GET", "key" + std::to_string(i)}));
  }

  void aTornEndIsMendedAndNothingAcknowledgedIsLost() {
    TornHouse house(2);
    writeAndDie(house);
    const std::string file = house.increment(), before = TornHouse::read(file);
    TornHouse::append(file, tornSet);
    house.comesUp();
    hasAll(house);
    CPPUNIT_ASSERT_EQUAL(std::string(), house.ask({"GET", "torn"}));
    CPPUNIT_ASSERT_EQUAL_MESSAGE(house.events().text(), std::size_t{1},
                                 house.events().count("engine.repaired"));
    CPPUNIT_ASSERT_EQUAL(tornSet, TornHouse::read(house.path("cut-off.aof")));
    CPPUNIT_ASSERT_EQUAL(before, TornHouse::read(file).substr(0, before.size()));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.events().count("engine.failed")); // the kill; no start failed
  }

  void anUnfinishedTransactionIsCutOffAsAWhole() {
    TornHouse house(2);
    writeAndDie(house);
    TornHouse::append(house.increment(),
                      "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$4\r\nkey1\r\n$5\r\nother\r\n");
    house.comesUp();
    hasAll(house);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.events().count("engine.repaired"));
  }

  void staysDown(TornHouse& house, const std::string& file) {
    const std::string before = TornHouse::read(file);
    CPPUNIT_ASSERT(house.turnUntil([&] { return house.events().count("engine.failed") > 0; }));
    CPPUNIT_ASSERT(house.engine().state().status == EngineStatus::recovering);
    CPPUNIT_ASSERT(
        house.turnUntil([&] { return house.events().count("engine.failed") > 2; })); // not later, either
    CPPUNIT_ASSERT_EQUAL(before, TornHouse::read(file));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, house.events().count("engine.repaired"));
    CPPUNIT_ASSERT(!std::filesystem::exists(house.path("cut-off.aof")));
    CPPUNIT_ASSERT(!std::filesystem::exists(house.path("cut-off.aof.part")));
  }

  void aDamagedMiddleIsLeftAlone() {
    TornHouse house(2);
    writeAndDie(house);
    const std::string file = house.increment();
    std::string text = TornHouse::read(file);
    const std::size_t at = text.find("key10");
    CPPUNIT_ASSERT(at != std::string::npos);
    text[at - 1] = 'x'; // of a line's end
    std::ofstream(file, std::ios::binary) << text << tornSet;
    staysDown(house, file);
    const std::string reason = house.engine().state().reason;
    CPPUNIT_ASSERT_MESSAGE(reason, reason.find("Bad file format") != std::string::npos);
  }

  void aLengthThatSwallowsCommandsIsLeftAlone() {
    TornHouse house(2);
    writeAndDie(house);
    const std::string file = house.increment();
    std::string text = TornHouse::read(file);
    const std::size_t at = text.find("$5\r\nvalue", text.find("key10"));
    CPPUNIT_ASSERT(at != std::string::npos);
    std::ofstream(file, std::ios::binary) << text.replace(at, 2, "$5000");
    staysDown(house, file);
    const std::string reason = house.engine().state().reason;
    CPPUNIT_ASSERT_MESSAGE(reason, reason.find("it is not mended") != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(reason, reason.find("not only torn at its end") != std::string::npos);
  }

  void anotherTornEndIsMendedAgain() {
    TornHouse house(2);
    writeAndDie(house);
    TornHouse::append(house.increment(), tornSet);
    house.comesUp();
    house.dies();
    TornHouse::append(house.increment(), "*2\r\n$3\r");
    house.comesUp();
    hasAll(house);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, house.events().count("engine.repaired"));
    CPPUNIT_ASSERT_EQUAL(std::string("*2\r\n$3\r"), TornHouse::read(house.path("cut-off.aof"))); // the latest
  }

  void aNewerKernelsEngineMendsItself() {
    if (engine::SandboxSupport::probe().landlockAbi < 3) return;
    TornHouse house(100);
    writeAndDie(house);
    TornHouse::append(house.increment(), tornSet);
    house.comesUp();
    hasAll(house);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, house.events().count("engine.repaired"));
  }

  void aFileThatIsWholeIsNoOccasion() {
    TornHouse house(2);
    writeAndDie(house);
    house.comesUp();
    hasAll(house);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, house.events().count("engine.repaired"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EngineTornTest);
