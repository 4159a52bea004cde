// Protects: which files become part of the process, the order of their lives, and what `gatehouse plugins`
// says of them.
#include "plugin/PluginSet.h"
#include "RoomHost.h"
#include "plugin/Library.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>
#include <filesystem>
#include <sys/stat.h>

using namespace gatehouse;
using namespace gatehouse::plugin;
namespace fs = std::filesystem;

class PluginSetTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PluginSetTest);
  CPPUNIT_TEST(testEchoLivesFromLoadToStop);
  CPPUNIT_TEST(testEachRefusalIsKeptAndTheOthersAreTried);
  CPPUNIT_TEST(testAFileThatOthersMayWriteIsRefused);
  CPPUNIT_TEST(testAFolderThatOthersMayWriteIsRefused);
  CPPUNIT_TEST(testSettingsOfUnlistedPluginsAreMistakes);
  CPPUNIT_TEST(testLifecycleHappensOnceAndInOrder);
  CPPUNIT_TEST(testProblemsOfThePluginGetTheirPlace);
  CPPUNIT_TEST_SUITE_END();

  test::RoomHost host_;
  test::TempFolder folder_;

  std::string place(const char* from, const std::string& name) {
    const std::string to = folder_ / name;
    fs::copy_file(from, to);
    ::chmod(to.c_str(), 0755);
    return to;
  }
  std::string directory() const { return folder_.path().string(); }

public:
  void testEchoLivesFromLoadToStop() {
    place(GATEHOUSE_ECHO, "echo.so");
    place(GATEHOUSE_PASSWORD, "password.so");
    PluginSet set(directory(), host_.surroundings);
    const std::vector<std::string> names = {"echo", "password"};
    const auto loaded = set.load(names);
    CPPUNIT_ASSERT_MESSAGE(loaded ? "" : loaded.error().description, loaded.ok());
    CPPUNIT_ASSERT(set.protocol("echo") != nullptr && set.authenticator("echo") == nullptr);
    CPPUNIT_ASSERT(set.authenticator("password") != nullptr && set.protocol("http_rest") == nullptr);
    CPPUNIT_ASSERT(set.enroller("regular") == set.authenticator("password") &&
                   set.enroller("certificate") == nullptr);
    std::vector<Mistake> mistakes;
    CPPUNIT_ASSERT(set.configure(nullptr, "gatehouse.yaml", mistakes) && set.start());

    test::Owner owner;
    ConversationRef ref(*set.protocol("echo"), 11, owner);
    gh_peer peer{};
    peer.size = sizeof peer;
    CPPUNIT_ASSERT(ref.open(peer) == Flow::next);
    const Fed fed = ref.feed("hello", false);
    CPPUNIT_ASSERT(fed.flow == Flow::same && fed.consumed == 5);
    CPPUNIT_ASSERT_EQUAL(std::string("hello"), owner.sent);
    ref.close(GH_CLOSED_BY_PEER);

    CPPUNIT_ASSERT_EQUAL(std::string("echo 1.0  protocol  Sends back what it receives.\n"),
                         set.text().substr(0, 49));
    CPPUNIT_ASSERT(set.json().find(R"("name":"echo","path":)") != std::string::npos);
    set.stop();
    CPPUNIT_ASSERT(set.protocol("echo")->handle() == nullptr);
  }
  void testEachRefusalIsKeptAndTheOthersAreTried() {
    place(GATEHOUSE_ECHO, "echo.so");
    place(GATEHOUSE_ECHO, "renamed.so");
    folder_.write("text.so", "no library");
    fs::create_directory(folder_.path() / "folder.so");
    PluginSet set(directory(), host_.surroundings);
    const std::vector<std::string> names = {"missing", "text", "folder", "renamed",
                                            "../echo", "echo", "echo",   "Echo"};
    const char* reasons[] = {"can't be read",         "can't be loaded", "no regular file",
                             "calls itself \"echo\"", "no plugin name",  "",
                             "listed twice",          "no plugin name"};
    CPPUNIT_ASSERT(!set.load(names));
    CPPUNIT_ASSERT_EQUAL(names.size(), set.reports().size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto& report = set.reports()[i];
      CPPUNIT_ASSERT_MESSAGE(names[i] + " / " + report.refusal,
                             report.refusal.find(reasons[i]) != std::string::npos);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(names[i], names[i] == "echo" && i == 5, report.instance != nullptr);
    }
    CPPUNIT_ASSERT(set.text().find("missing  REFUSED: ") == 0);
    CPPUNIT_ASSERT(set.json().find(R"("loaded":false,"refusal":)") != std::string::npos);
    CPPUNIT_ASSERT(set.protocol("echo") != nullptr);
  }
  void testAFileThatOthersMayWriteIsRefused() {
    const std::string path = place(GATEHOUSE_ECHO, "echo.so");
    CPPUNIT_ASSERT(Library::examine(path));
    for (const ::mode_t mode : {0775, 0757, 0777}) {
      ::chmod(path.c_str(), mode);
      CPPUNIT_ASSERT(!Library::examine(path) && !Library::open(path));
    }
  }
  void testAFolderThatOthersMayWriteIsRefused() {
    const std::string path = place(GATEHOUSE_ECHO, "echo.so");
    ::chmod(directory().c_str(), 0777);
    const auto opened = Library::open(path);
    ::chmod(directory().c_str(), 0700);
    CPPUNIT_ASSERT(!opened && opened.error().description.find(directory() + " may be written") == 0);
  }
  void testSettingsOfUnlistedPluginsAreMistakes() {
    place(GATEHOUSE_ECHO, "echo.so");
    PluginSet set(directory(), host_.surroundings);
    const std::vector<std::string> names = {"echo"};
    CPPUNIT_ASSERT(set.load(names));
    Node empty;
    empty.kind = Node::Kind::mapping;
    Node settings = empty;
    settings.members.push_back({"ecko", {3, 5}, empty});
    std::vector<Mistake> mistakes;
    CPPUNIT_ASSERT(!set.configure(&settings, "gatehouse.yaml", mistakes));
    CPPUNIT_ASSERT(mistakes.size() == 1 && mistakes[0].line().find("gatehouse.yaml:3:5") == 0);
  }
  void testLifecycleHappensOnceAndInOrder() {
    static std::string lived;
    lived.clear();
    Descriptor descriptor;
    descriptor.name = "once";
    descriptor.functions.configure = [](const gh_host*, gh_self, const gh_value*, std::uint32_t,
                                        std::uint32_t) noexcept {
      lived += "configure ";
      return reinterpret_cast<gh_instance*>(&lived);
    };
    descriptor.functions.start = [](gh_instance*) noexcept {
      lived += "start ";
      return std::uint32_t{GH_UNAVAILABLE};
    };
    descriptor.functions.stop = [](gh_instance*) noexcept { lived += "stop "; };
    {
      PluginInstance instance(descriptor, 1, host_.surroundings);
      std::vector<Mistake> mistakes;
      CPPUNIT_ASSERT(!instance.start()); // not configured yet
      CPPUNIT_ASSERT(instance.configure(nullptr, "", mistakes));
      CPPUNIT_ASSERT(!instance.configure(nullptr, "", mistakes));
      CPPUNIT_ASSERT(!instance.start() && !instance.running()); // it would not
      instance.stop();
      instance.stop();
      CPPUNIT_ASSERT(!instance.start());
    }
    CPPUNIT_ASSERT_EQUAL(std::string("configure start stop "), lived);
  }
  void testProblemsOfThePluginGetTheirPlace() {
    Descriptor descriptor;
    descriptor.name = "picky";
    descriptor.settings.resize(1);
    descriptor.settings[0] = {"word", "", "A word.", "x", GH_SETTING_TEXT, 0, 0};
    descriptor.functions.stop = [](gh_instance*) noexcept {};
    descriptor.functions.configure = [](const gh_host* host, gh_self self, const gh_value*, std::uint32_t,
                                        std::uint32_t) noexcept -> gh_instance* {
      host->problem(self, "word", {"is no\nword", 10});
      host->problem(self, nullptr, {"nothing fits", 12});
      return nullptr;
    };
    Node word;
    word.kind = Node::Kind::scalar;
    word.text = "?";
    word.at = {9, 12};
    Node given;
    given.kind = Node::Kind::mapping;
    given.at = {8, 7};
    given.members.push_back({"word", {9, 5}, word});
    PluginInstance instance(descriptor, 1, host_.surroundings);
    std::vector<Mistake> mistakes;
    CPPUNIT_ASSERT(!instance.configure(&given, "gatehouse.yaml", mistakes));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, mistakes.size());
    CPPUNIT_ASSERT_EQUAL(std::string("gatehouse.yaml:9:12: plugins.settings.picky.word: is no\\x0aword"),
                         mistakes[0].line());
    CPPUNIT_ASSERT_EQUAL(std::string("gatehouse.yaml:8:7: plugins.settings.picky: nothing fits"),
                         mistakes[1].line());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, instance.faults());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PluginSetTest);
