// Engines' files lie where nobody else can reach them, by names that lead nowhere else (R18), and what is
// removed lies aside for seven days of running (R21).
#include "engine/EngineFolders.h"

#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::engine;
using gatehouse::test::TempFolder;

class EngineFoldersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineFoldersTest);
  CPPUNIT_TEST(makesItsDirectoryForItselfAlone);
  CPPUNIT_TEST(refusesADirectoryThatOthersReach);
  CPPUNIT_TEST(saysBeforehandWhatItWouldRefuse);
  CPPUNIT_TEST(refusesNamesThatLeadElsewhere);
  CPPUNIT_TEST(givesAFolderToTheEnginesUser);
  CPPUNIT_TEST(sweepsUnderTheLockOnly);
  CPPUNIT_TEST(remembersProcesses);
  CPPUNIT_TEST(listsWhatLiesThere);
  CPPUNIT_TEST(keepsWhatIsRemovedForSevenDaysOfRunning);
  CPPUNIT_TEST(knowsAndDiscardsKindsOfData);
  CPPUNIT_TEST(neverFollowsALinkWhenItRemoves);
  CPPUNIT_TEST_SUITE_END();

  std::unique_ptr<TempFolder> folder_; // of one test: fixtures live longer
  EngineUser user_{::geteuid(), ::getegid(), false};

public:
  void setUp() override { folder_ = std::make_unique<TempFolder>(); }
  void tearDown() override { folder_.reset(); }

private:
  Result<EngineFolders> make(const std::string& name = "engines") {
    return EngineFolders::create(*folder_ / name, user_);
  }
  EngineFolders folders() {
    auto made = make();
    CPPUNIT_ASSERT_MESSAGE(made.ok() ? "" : made.error().description, made.ok());
    return std::move(made).value();
  }
  std::string in(const std::string& name) { return *folder_ / ("engines/" + name); }
  static void put(const std::string& path) { std::ofstream(path) << "x"; }
  static unsigned mode(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
  }

  void makesItsDirectoryForItselfAlone() {
    EngineFolders made = folders();
    CPPUNIT_ASSERT_EQUAL(0700U, mode(in("")));
    CPPUNIT_ASSERT(made.open("7a").ok());
    CPPUNIT_ASSERT_EQUAL(0700U, mode(in("7a")));
    CPPUNIT_ASSERT_EQUAL(in("7a") + "/s", made.socketPath("7a"));
    CPPUNIT_ASSERT(make().ok()); // it may be there
  }

  void refusesADirectoryThatOthersReach() {
    const auto why = [this](const std::string& name) {
      const auto made = make(name);
      CPPUNIT_ASSERT_MESSAGE(name, !made.ok());
      return made.error().description;
    };
    std::filesystem::create_directory(*folder_ / "open");
    CPPUNIT_ASSERT_EQUAL(0, ::chmod((*folder_ / "open").c_str(), 0750));
    CPPUNIT_ASSERT(why("open").find("is open to others: chmod 700") != std::string::npos);
    std::filesystem::create_directory_symlink("/tmp", *folder_ / "link");
    CPPUNIT_ASSERT(why("link").find("a symbolic link") != std::string::npos);
    put(*folder_ / "file");
    CPPUNIT_ASSERT(why("file").find("is no directory") != std::string::npos);
    CPPUNIT_ASSERT(why("missing/below").find("cannot be made: No such file") != std::string::npos);
    CPPUNIT_ASSERT(why(std::string(100, 'x')).find("too long a path") != std::string::npos);
    if (::geteuid() == 0) {
      std::filesystem::create_directory(*folder_ / "theirs");
      CPPUNIT_ASSERT_EQUAL(0, ::chown((*folder_ / "theirs").c_str(), 65534, 65534));
      CPPUNIT_ASSERT(why("theirs").find("belongs to another user") != std::string::npos);
    }
  }

  void saysBeforehandWhatItWouldRefuse() {
    const std::string path = *folder_ / "engines";
    CPPUNIT_ASSERT(EngineFolders::usable(path, ::geteuid()).ok());
    CPPUNIT_ASSERT(!std::filesystem::exists(path)); // and makes nothing
    CPPUNIT_ASSERT(make().ok());
    CPPUNIT_ASSERT(EngineFolders::usable(path, ::geteuid()).ok());
    CPPUNIT_ASSERT(!EngineFolders::usable(path, ::geteuid() + 1).ok());
    CPPUNIT_ASSERT_EQUAL(0, ::chmod(path.c_str(), 0750));
    CPPUNIT_ASSERT(!EngineFolders::usable(path, ::geteuid()).ok());
    CPPUNIT_ASSERT(!EngineFolders::usable(*folder_ / std::string(100, 'x'), ::geteuid()).ok());
  }

  void refusesNamesThatLeadElsewhere() {
    EngineFolders made = folders();
    for (const char* name : {"", ".", "..", "../7a", "7a/b", "A", "7-a", "processes", "aside", ".7a", "7a.0",
                             "0123456789abcdef0123456789abcdef0", "scratch-", "scratch-x"}) {
      CPPUNIT_ASSERT_MESSAGE(name, !fitsEngineId(name));
      if (std::string_view(name) != "scratch-") CPPUNIT_ASSERT_MESSAGE(name, !made.open(name).ok());
      CPPUNIT_ASSERT_MESSAGE(name, !made.putAside(name).ok());
    }
    CPPUNIT_ASSERT(fitsEngineId("0123456789abcdef0123456789abcdef"));
    std::filesystem::create_directory_symlink("/tmp", in("7a"));
    CPPUNIT_ASSERT(made.open("7a").error().description.find("a symbolic link") != std::string::npos);
    CPPUNIT_ASSERT(!made.sweep("7a").ok());
  }

  void givesAFolderToTheEnginesUser() {
    if (::geteuid() != 0) return;
    user_ = {65534, 65534, true};
    EngineFolders made = folders();
    CPPUNIT_ASSERT(made.open("7a").ok());
    struct stat status {};
    CPPUNIT_ASSERT_EQUAL(0, ::stat(in("7a").c_str(), &status));
    CPPUNIT_ASSERT_EQUAL(uid_t{65534}, status.st_uid);
    CPPUNIT_ASSERT_EQUAL(0, ::stat(in("").c_str(), &status));
    CPPUNIT_ASSERT_EQUAL(uid_t{0}, status.st_uid);
    // A kill between making and giving leaves an empty one; one with root's data in it is no engine's.
    std::filesystem::create_directory(in("7b"));
    CPPUNIT_ASSERT(made.open("7b").ok());
    std::filesystem::create_directory(in("7c"));
    put(in("7c/dump.rdb"));
    CPPUNIT_ASSERT(made.open("7c").error().description.find("chown -R it") != std::string::npos);
  }

  void sweepsUnderTheLockOnly() {
    EngineFolders made = folders();
    const auto held = made.open("7a");
    CPPUNIT_ASSERT(held.ok());
    for (const char* name : {"s", "temp-9.rdb", "temp-rewriteaof-bg-9.aof", "dump.rdb", "temp-x"})
      put(in("7a/") + name);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, made.savedBytes("7a"));
    CPPUNIT_ASSERT(!made.inUse("7a"));
    CPPUNIT_ASSERT_EQUAL(0, ::flock(held.value().get(), LOCK_EX | LOCK_NB));
    CPPUNIT_ASSERT(made.inUse("7a"));
    CPPUNIT_ASSERT(made.sweep("7a").error().description.find("another engine runs in") == 0);
    CPPUNIT_ASSERT(std::filesystem::exists(in("7a/s")));
    CPPUNIT_ASSERT_EQUAL(0, ::flock(held.value().get(), LOCK_UN));
    CPPUNIT_ASSERT(made.sweep("7a").ok());
    for (const char* name : {"s", "temp-9.rdb", "temp-rewriteaof-bg-9.aof"})
      CPPUNIT_ASSERT_MESSAGE(name, !std::filesystem::exists(in("7a/") + name));
    CPPUNIT_ASSERT(std::filesystem::exists(in("7a/dump.rdb")));
    CPPUNIT_ASSERT(std::filesystem::exists(in("7a/temp-x")));
    CPPUNIT_ASSERT(!made.inUse("7a"));
    CPPUNIT_ASSERT(!made.inUse("none"));
  }

  void remembersProcesses() {
    EngineFolders made = folders();
    CPPUNIT_ASSERT(!made.recorded("7a"));
    const ProcessRecord record{812, 5, "0b"};
    CPPUNIT_ASSERT(made.record("7a", record).ok());
    CPPUNIT_ASSERT(made.record("7a", ProcessRecord{813, 6, "0b"}).ok());
    CPPUNIT_ASSERT_EQUAL(pid_t{813}, made.recorded("7a")->pid);
    CPPUNIT_ASSERT_EQUAL(0600U, mode(in("processes/7a")));
    put(in("processes/7b"));
    CPPUNIT_ASSERT(!made.recorded("7b"));
    made.forget("7a");
    CPPUNIT_ASSERT(!made.recorded("7a"));
  }

  void listsWhatLiesThere() {
    EngineFolders made = folders();
    CPPUNIT_ASSERT(made.list().empty());
    CPPUNIT_ASSERT(made.open("7b").ok());
    CPPUNIT_ASSERT(made.open("7a").ok());
    CPPUNIT_ASSERT(made.open("scratch-0f").ok());
    CPPUNIT_ASSERT(made.record("7a", {812, 5, "0b"}).ok());
    CPPUNIT_ASSERT(made.record("7c", {812, 5, "0b"}).ok());
    const std::vector<std::string> expected{"7a", "7b", "7c"};
    CPPUNIT_ASSERT(made.list() == expected);
  }

  void keepsWhatIsRemovedForSevenDaysOfRunning() {
    EngineFolders made = folders();
    CPPUNIT_ASSERT(made.open("7a").ok());
    put(in("7a/dump.rdb"));
    std::filesystem::create_directory(in("7a/appendonlydir"));
    put(in("7a/appendonlydir/appendonly.aof.manifest"));
    CPPUNIT_ASSERT(made.record("7a", {812, 5, "0b"}).ok());
    CPPUNIT_ASSERT(made.putAside("7a").ok());
    CPPUNIT_ASSERT(made.list().empty());
    CPPUNIT_ASSERT(std::filesystem::exists(in("aside/7a.0/dump.rdb")));
    CPPUNIT_ASSERT(made.putAside("7a").ok()); // nothing is there any more
    put(in("aside/readme"));
    for (int hour = 1; hour <= EngineFolders::hoursAside; ++hour) {
      CPPUNIT_ASSERT(made.ageAside().empty());
      CPPUNIT_ASSERT(std::filesystem::exists(in("aside/7a." + std::to_string(hour) + "/dump.rdb")));
    }
    const auto removed = made.ageAside();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, removed.size());
    CPPUNIT_ASSERT_EQUAL(std::string("7a"), removed[0]);
    CPPUNIT_ASSERT(!std::filesystem::exists(in("aside/7a.168")));
    CPPUNIT_ASSERT(std::filesystem::exists(in("aside/readme")));
  }

  void knowsAndDiscardsKindsOfData() {
    EngineFolders made = folders();
    CPPUNIT_ASSERT(!made.dataOf("7a").appendOnly && !made.dataOf("7a").snapshot);
    CPPUNIT_ASSERT(made.discard("7a", {true, true}).ok());
    CPPUNIT_ASSERT(made.open("7a").ok());
    std::filesystem::create_directory(in("7a/appendonlydir"));
    CPPUNIT_ASSERT(!made.dataOf("7a").appendOnly); // not whole without its manifest
    put(in("7a/appendonlydir/appendonly.aof.manifest"));
    put(in("7a/appendonlydir/appendonly.aof.1.incr.aof"));
    put(in("7a/dump.rdb"));
    CPPUNIT_ASSERT(made.dataOf("7a").appendOnly && made.dataOf("7a").snapshot);
    CPPUNIT_ASSERT(made.discard("7a", {true, false}).ok());
    CPPUNIT_ASSERT(!std::filesystem::exists(in("7a/appendonlydir")));
    CPPUNIT_ASSERT(!made.dataOf("7a").appendOnly && made.dataOf("7a").snapshot);
    CPPUNIT_ASSERT(made.discard("7a", {false, true}).ok());
    CPPUNIT_ASSERT(!made.dataOf("7a").snapshot);
  }

  void neverFollowsALinkWhenItRemoves() {
    EngineFolders made = folders();
    std::filesystem::create_directory(*folder_ / "outside");
    put(*folder_ / "outside/kept");
    CPPUNIT_ASSERT(made.open("7a").ok());
    std::filesystem::create_directory_symlink(*folder_ / "outside", in("7a/way"));
    made.remove("7a");
    CPPUNIT_ASSERT(!std::filesystem::exists(in("7a")));
    CPPUNIT_ASSERT(std::filesystem::exists(*folder_ / "outside/kept"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineFoldersTest);
