// Protects: what stands between a plugin and the service. plugin-contract finds the shipped plugins fit, and
// says in words what is wrong with each hostile one; what the handshake can refuse, PluginSet refuses.
#include "plugin/PluginSet.h"
#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <cstdio>
#include <string>
#include <sys/wait.h>

using namespace gatehouse;
using namespace std::string_literals;

namespace {

struct Said {
  int exit = -1;
  std::string text;

  [[nodiscard]] bool has(const std::string& part) const { return text.find(part) != std::string::npos; }
};

/// What plugin-contract says of these arguments.
Said contract(const std::string& arguments) {
  Said said;
  FILE* out = ::popen(("\"" PLUGIN_CONTRACT "\" " + arguments + " 2>/dev/null").c_str(), "r");
  CPPUNIT_ASSERT(out != nullptr);
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), out)) > 0;)
    said.text.append(buffer.data(), n);
  const int status = ::pclose(out);
  said.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return said;
}

class Services final : public plugin::HostServices {
public:
  [[nodiscard]] std::span<const plugin::OfferedService> offered() const noexcept override {
    static constexpr std::array<plugin::OfferedService, 4> all = {
        {{GH_CORE, 1}, {GH_AUTHENTICATE, 1}, {GH_DIRECTORY, 1}, {GH_MANAGE, 1}}};
    return all;
  }
  [[nodiscard]] const void* service(std::string_view, std::uint32_t) const noexcept override {
    return nullptr;
  }
};

class Silence final : public EventSink {
public:
  void record(const Event&) noexcept override {}
  [[nodiscard]] bool wants(Level) const noexcept override { return false; }
};

} // namespace

class ContractTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ContractTest);
  CPPUNIT_TEST(testShippedPluginsAreFit);
  CPPUNIT_TEST(testHandshakeRefusesWhatADescriptorShows);
  CPPUNIT_TEST(testThrowsAreFoundWithoutEndingTheTool);
  CPPUNIT_TEST(testLiesOfAProtocolAreFound);
  CPPUNIT_TEST(testMisusedHandlesAndThreadsAreFound);
  CPPUNIT_TEST(testMemoryThatWasLentIsTakenBack);
  CPPUNIT_TEST(testAnAuthenticatorThatLetsAnybodyInIsFound);
  CPPUNIT_TEST(testACallThatNeverReturnsIsFound);
  CPPUNIT_TEST(testWrongUsageIs64AndHelpTeaches);
  CPPUNIT_TEST(testJsonSaysTheSame);
  CPPUNIT_TEST_SUITE_END();

  static void unfit(const std::string& sin, const std::string& sentence, const std::string& options = "") {
    const Said said = contract(HOSTILE_PLUGINS "/" + sin + ".so " + options);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(sin + " says: " + said.text, 1, said.exit);
    CPPUNIT_ASSERT_MESSAGE(sin + " says: " + said.text, said.has("FAIL " + sentence));
  }

public:
  void testShippedPluginsAreFit() {
    for (const char* name : {"echo", "certificate", "password", "http_rest", "resp"}) {
      const Said said = contract(SHIPPED_PLUGINS "/"s + name + ".so --time-limit 240");
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name + " says: "s + said.text, 0, said.exit);
      CPPUNIT_ASSERT_MESSAGE(said.text, said.has("): fit") && !said.has("FAIL"));
    }
  }

  void testHandshakeRefusesWhatADescriptorShows() {
    const std::pair<const char*, const char*> refused[] = {
        {"wrong_major", "it is built for plugin ABI 1.1"},
        {"short_struct", "its descriptor is shorter than that of ABI 0.1"},
        {"null_function", "it is a protocol without the function feed"},
        {"two_kinds", "it is both an authenticator and a protocol"}};
    for (const auto& [sin, sentence] : refused) {
      unfit(sin, "handshake: "s + sentence);

      const Services services;
      Silence silence;
      const test::ManualClock clock;
      plugin::PluginSet set(HOSTILE_PLUGINS, {services, silence, clock});
      const std::array names = {std::string(sin)};
      CPPUNIT_ASSERT(!set.load(names));
      CPPUNIT_ASSERT_MESSAGE(set.reports().front().refusal,
                             set.reports().front().refusal.find(sentence) != std::string::npos);
      CPPUNIT_ASSERT(set.instances().empty());
    }
  }

  void testThrowsAreFoundWithoutEndingTheTool() {
    unfit("throws_in_entry", "exceptions: it threw through the C boundary: the host would have ended");
    unfit("throws_in_callback", "exceptions: it threw through the C boundary: the host would have ended");
  }

  void testLiesOfAProtocolAreFound() {
    unfit("lies_about_consumed", "consumed: feed consumed more than it was given");
    unfit("never_consumes", "progress: it consumes nothing of a full buffer");
    unfit("emits_a_gibibyte", "output: it emitted more than a session may queue");
    unfit("unknown_value", "values: feed answered an unknown flow, 42");
    unfit("counts_its_calls", "chunking: output differs when the input comes byte by byte");
    unfit("holds_for_nothing", "hold: it answers HOLD with nothing to wait for");
  }

  void testMisusedHandlesAndThreadsAreFound() {
    unfit("dead_handle", "handles: it called emit with a session that is not that of the present call");
    unfit("other_thread", "threads: it called emit from another thread");
    // By a null pointer; where a sanitizer watches, it is the sanitizer that ends the process.
    unfit("undeclared_need", "crash: it ");
    CPPUNIT_ASSERT(
        contract(HOSTILE_PLUGINS "/undeclared_need.so")
            .has("the host would have ended; it had looked for services that are not among its needs and was "
                 "not given them: gatehouse.manage"));
  }

  void testMemoryThatWasLentIsTakenBack() {
    unfit("keeps_what_was_lent", "borrowed: it touched memory that was lent to it for a call");
  }

  // R1, R2
  void testAnAuthenticatorThatLetsAnybodyInIsFound() {
    unfit("accepts_anybody",
          "accepts: it accepted, and proposed a user whom no lookup of that verify had given");
    unfit("unknown_verdict", "values: verify answered an unknown verdict, 42");
  }

  void testACallThatNeverReturnsIsFound() {
    unfit("never_returns", "time: it did not come back within 1 seconds", "--time-limit 1");
  }

  void testWrongUsageIs64AndHelpTeaches() {
    CPPUNIT_ASSERT_EQUAL(64, contract("").exit);
    CPPUNIT_ASSERT_EQUAL(64, contract("--no-such-option").exit);
    CPPUNIT_ASSERT_EQUAL(64, contract("a.so b.so").exit);
    CPPUNIT_ASSERT_EQUAL(64, contract("a.so --settings nothing").exit);
    const Said help = contract("--help");
    CPPUNIT_ASSERT_EQUAL(0, help.exit);
    CPPUNIT_ASSERT(help.has("Examples") && help.has("chunking") && help.has("Exit:"));
    const Said missing = contract("/no/such/file.so");
    CPPUNIT_ASSERT_EQUAL(1, missing.exit);
    CPPUNIT_ASSERT_MESSAGE(missing.text, missing.has("FAIL handshake: /no/such/file.so can't be read"));
    const Said unknown = contract(SHIPPED_PLUGINS "/echo.so --settings loud=true");
    CPPUNIT_ASSERT_MESSAGE(unknown.text,
                           unknown.has("FAIL settings: settings.loud: this plugin has no such setting"));
  }

  void testJsonSaysTheSame() {
    const Said fit = contract(SHIPPED_PLUGINS "/certificate.so --json");
    CPPUNIT_ASSERT_EQUAL(0, fit.exit);
    CPPUNIT_ASSERT_MESSAGE(fit.text, fit.text.rfind("{\"fit\":true,", 0) == 0);
    const Said unfit = contract(HOSTILE_PLUGINS "/two_kinds.so --json");
    CPPUNIT_ASSERT_EQUAL(1, unfit.exit);
    CPPUNIT_ASSERT_MESSAGE(unfit.text, unfit.has("\"fit\":false") && unfit.has("\"rule\":\"handshake\""));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ContractTest);
