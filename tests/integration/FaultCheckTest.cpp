// Protects: what `gatehouse check` tells about engines before a start: the program and its version, the
// folder, the user and the walls. It finds what would keep databases down, and makes nothing where they keep
// their data.
#include "FaultProgram.h"

#include <fstream>
#include <memory>

using namespace gatehouse::test;
namespace fs = std::filesystem;

class FaultCheckTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FaultCheckTest);
  CPPUNIT_TEST(testAGoodInstallationIsDescribed);
  CPPUNIT_TEST(testAFolderThatCannotServeIsNamed);
  CPPUNIT_TEST(testAProgramThatIsNoRedisIsNamed);
  CPPUNIT_TEST(testTheUserAndTheWallsAreSaid);
  CPPUNIT_TEST(testWithoutDatabasesEnginesAreNotLookedAt);
  CPPUNIT_TEST_SUITE_END();

  std::unique_ptr<FaultProgram> program_; // of one test: fixtures live longer

  FaultProgram::Run check(const std::string& engines, bool json = false,
                          const std::string& load = "certificate, password, http_rest, resp") {
    program_->folder().write(
        "gatehouse.yaml",
        "node: {name: localhost}\nstore: {path: state/gatehouse.db}\nplugins: {directory: " +
            FaultProgram::built("lib/gatehouse/plugins") + ", load: [" + load +
            "]}\nlisteners: []\ncontrol: {socket: control.sock}\nengines: {directory: state/engines" +
            engines + "}\n");
    return json ? program_->run({"check", "--json"}) : program_->run({"check"});
  }
  [[nodiscard]] std::string folder() const { return program_->folder() / "state/engines"; }
  static void good(const FaultProgram::Run& run) { CPPUNIT_ASSERT_EQUAL_MESSAGE(run.said, 0, run.code); }
  static void bad(const FaultProgram::Run& run, std::string_view says) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(run.said, 78, run.code);
    CPPUNIT_ASSERT_MESSAGE(run.said, run.says(says));
  }
  static bool absent() { return !fs::exists("/usr/bin/redis-server"); }

public:
  void setUp() override { program_ = std::make_unique<FaultProgram>(); }
  void tearDown() override { program_.reset(); }

  void testAGoodInstallationIsDescribed() {
    if (absent()) return;
    const auto run = check("");
    good(run);
    CPPUNIT_ASSERT_MESSAGE(run.said, run.says("engines: /usr/bin/redis-server is version "));
    CPPUNIT_ASSERT_MESSAGE(run.said, run.says("engines: the directory is to be made\n"));
    CPPUNIT_ASSERT_MESSAGE(run.said, run.says("engines: run behind Landlock "));
    CPPUNIT_ASSERT_MESSAGE(run.said, run.says("good; `gatehouse serve` would start"));
    CPPUNIT_ASSERT(!fs::exists(folder())); // nothing is made
    fs::create_directory(folder());
    fs::permissions(folder(), fs::perms::owner_all);
    const auto json = check("", true);
    good(json);
    for (const char* part :
         {R"("engines":{"directory":")", R"("found":{"engines":{"asked":true,"redis_server":)",
          R"("directory":"usable")", R"("seccomp":true,"warnings":[)"})
      CPPUNIT_ASSERT_MESSAGE(part + ("\n" + json.said), json.says(part));
    CPPUNIT_ASSERT(!json.says(R"("version":"")"));
    CPPUNIT_ASSERT(fs::is_empty(folder()));
  }

  void testAFolderThatCannotServeIsNamed() {
    fs::create_directory(folder());
    fs::permissions(folder(), fs::perms::owner_all | fs::perms::group_read);
    bad(check(""), "engines.directory: the engines' directory ");
    fs::remove(folder());
    fs::create_directory(program_->folder() / "state/elsewhere");
    fs::create_directory_symlink(program_->folder() / "state/elsewhere", folder());
    bad(check(""), "a symbolic link");
    fs::remove(folder());
    std::ofstream(folder()) << "a file";
    bad(check(""), "engines.directory");
    fs::remove(folder());
    CPPUNIT_ASSERT(fs::is_empty(program_->folder() / "state/elsewhere"));
    const auto run = check("/no/such/folder");
    CPPUNIT_ASSERT_MESSAGE(run.said, run.says("must be there first"));
  }

  void testAProgramThatIsNoRedisIsNamed() {
    bad(check(", redis_server: /bin/true"),
        "engines.redis_server: /bin/true does not answer as a redis-server does");
    const auto none = check(", redis_server: /usr/bin/no-such-redis");
    good(none); // everything else works
    CPPUNIT_ASSERT_MESSAGE(none.said,
                           none.says("engines: warning: there is no redis-server at /usr/bin/no-such-redis"));
  }

  void testTheUserAndTheWallsAreSaid() {
    if (absent()) return;
    if (::geteuid() == 0) {
      bad(check(", user: nobody-of-that-name"), "engines.user");
      bad(check(", user: root"), "engines never run as root");
    }
    const auto off = check(", sandbox: off");
    good(off);
    CPPUNIT_ASSERT_MESSAGE(off.said, off.says("engines: warning: engines.sandbox is off"));
    CPPUNIT_ASSERT_MESSAGE(off.said, !off.says("run behind"));
  }

  void testWithoutDatabasesEnginesAreNotLookedAt() {
    const auto run = check(", redis_server: /bin/true", false, "certificate, password, http_rest");
    good(run);
    CPPUNIT_ASSERT_MESSAGE(run.said, !run.says("engines: "));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FaultCheckTest);
