// Protects: that nothing of a plugin runs before its descriptor was found fit, and that each refusal is a
// sentence that an operator can act on.
#include "plugin/Handshake.h"
#include "RoomHost.h"

#include <cppunit/extensions/HelperMacros.h>
#include <functional>

using namespace gatehouse;
using namespace gatehouse::plugin;

namespace {

std::uint32_t verify(const gh_instance*, gh_view, const gh_evidence*, gh_proposal*) noexcept { return 0; }
std::uint32_t open(gh_instance*, gh_session, const gh_peer*, gh_conversation**) noexcept { return 0; }
std::uint32_t feed(gh_conversation*, std::uint64_t, gh_bytes, std::uint32_t, std::size_t*) noexcept {
  return 0;
}
std::uint32_t completed(gh_conversation*, const gh_completion*) noexcept { return 0; }
std::uint32_t event(gh_conversation*, std::uint32_t) noexcept { return 0; }
void close(gh_conversation*, std::uint32_t) noexcept {}
gh_instance* configure(const gh_host*, gh_self, const gh_value*, std::uint32_t, std::uint32_t) noexcept {
  return nullptr;
}
void stop(gh_instance*) noexcept {}

/// A fit plugin of each kind, which a case then spoils.
struct Sample {
  std::uint32_t kinds[2] = {GH_EVIDENCE_PASSWORD, GH_EVIDENCE_CERTIFICATE};
  const char* methods[2] = {"regular", "certificate"};
  gh_need needs[2] = {{GH_DIRECTORY, 1, 0}, {"gatehouse.later", 2, 1}};
  gh_setting settings[2] = {{"limit", "10", "bytes", "How much.", GH_SETTING_INT, 0, 1, 100},
                            {"names", "[a, b]", nullptr, "Which.", GH_SETTING_LIST, 0, 0, 0}};
  gh_authenticator authenticator{};
  gh_protocol protocol{};
  gh_plugin plugin{};

  explicit Sample(bool isProtocol) {
    authenticator = {sizeof authenticator, GH_RUNS_ON_CPU, kinds, methods, 2, 2, &verify, nullptr};
    protocol = {sizeof protocol, 0, &open, &feed, &completed, &event, &close};
    plugin.size = sizeof plugin;
    plugin.abi_major = GH_ABI_MAJOR;
    plugin.abi_minor = GH_ABI_MINOR;
    plugin.name = "sample";
    plugin.version = "1.0";
    plugin.summary = "A sample.";
    plugin.needs = needs;
    plugin.need_count = 2;
    plugin.need_size = sizeof(gh_need);
    plugin.settings = settings;
    plugin.setting_count = 2;
    plugin.setting_size = sizeof(gh_setting);
    plugin.configure = &configure;
    plugin.stop = &stop;
    if (isProtocol)
      plugin.protocol = &protocol, needs[0].service = GH_MANAGE;
    else
      plugin.authenticator = &authenticator;
  }
  Sample(const Sample&) = delete;
};

struct Case {
  const char* expected; // part of the sentence
  bool protocol;
  std::function<void(Sample&)> spoil;
};

} // namespace

class HandshakeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(HandshakeTest);
  CPPUNIT_TEST(testFitPluginsAreTakenWhole);
  CPPUNIT_TEST(testEachUnfitPluginIsRefusedWithItsReason);
  CPPUNIT_TEST(testOfAnotherVersionOnlyTheFrozenHeadIsRead);
  CPPUNIT_TEST(testStructsThatGrewAreReadAsFarAsKnown);
  CPPUNIT_TEST_SUITE_END();

  test::RoomHost host_;

public:
  void testFitPluginsAreTakenWhole() {
    Sample sample(false);
    const auto taken = shake(&sample.plugin, "sample", host_.offered());
    CPPUNIT_ASSERT_MESSAGE(taken ? "" : taken.error().description, taken.ok());
    CPPUNIT_ASSERT(taken->reads(GH_EVIDENCE_PASSWORD) && !taken->reads(GH_EVIDENCE_TOKEN));
    CPPUNIT_ASSERT(taken->serves("regular") && !taken->serves("ldap"));
    CPPUNIT_ASSERT(taken->declares(GH_DIRECTORY, 1) && !taken->declares(GH_DIRECTORY, 2));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, taken->settings.size());
    CPPUNIT_ASSERT(taken->authenticator && !taken->protocol);
    Sample other(true);
    CPPUNIT_ASSERT(shake(&other.plugin, "sample", host_.offered())->protocol.has_value());
  }
  void testEachUnfitPluginIsRefusedWithItsReason() {
    const Case cases[] = {
        {"built for plugin ABI 1.1", false, [](Sample& s) { s.plugin.abi_major = 1; }},
        {"built for plugin ABI 0.2", false, [](Sample& s) { s.plugin.abi_minor = 2; }},
        {"descriptor is shorter", false, [](Sample& s) { s.plugin.size = sizeof s.plugin - 8; }},
        {"name is not of the form", false, [](Sample& s) { s.plugin.name = "../etc"; }},
        {"name is not of the form", false, [](Sample& s) { s.plugin.name = nullptr; }},
        {"calls itself \"other\"", false, [](Sample& s) { s.plugin.name = "other"; }},
        {"no readable version", false, [](Sample& s) { s.plugin.version = nullptr; }},
        {"no readable version", false, [](Sample& s) { s.plugin.summary = "a\nb"; }},
        {"no configure", false, [](Sample& s) { s.plugin.configure = nullptr; }},
        {"no stop", false, [](Sample& s) { s.plugin.stop = nullptr; }},
        {"neither", false, [](Sample& s) { s.plugin.authenticator = nullptr; }},
        {"is both", false, [](Sample& s) { s.plugin.protocol = &s.protocol; }},
        {"needs the service gatehouse.engine/1", false,
         [](Sample& s) { s.needs[0].service = "gatehouse.engine"; }},
        {"needs the service gatehouse.directory/9", false, [](Sample& s) { s.needs[0].version = 9; }},
        {"for protocols alone", false, [](Sample& s) { s.needs[0].service = GH_MANAGE; }},
        {"for authenticators alone", true, [](Sample& s) { s.needs[0].service = GH_DIRECTORY; }},
        {"without a readable name", false, [](Sample& s) { s.needs[0].service = nullptr; }},
        {"needed services is malformed", false, [](Sample& s) { s.plugin.needs = nullptr; }},
        {"needed services is malformed", false, [](Sample& s) { s.plugin.need_size = 4; }},
        {"settings is malformed", false, [](Sample& s) { s.plugin.setting_count = 1000000; }},
        {"declares a setting whose name", false, [](Sample& s) { s.settings[0].name = "Limit"; }},
        {"no readable description", false, [](Sample& s) { s.settings[0].sentence = nullptr; }},
        {"of a type", false, [](Sample& s) { s.settings[0].type = 77; }},
        {"unfit default", false, [](Sample& s) { s.settings[0].preset = "many"; }},
        {"unfit default", false, [](Sample& s) { s.settings[0].preset = "1000"; }},
        {"unfit default", false, [](Sample& s) { s.settings[1].preset = "a, b"; }},
        {"lower limit above", false, [](Sample& s) { s.settings[0].min = 200; }},
        {"declared twice", false, [](Sample& s) { s.settings[1] = s.settings[0]; }},
        {"authenticator table is shorter", false, [](Sample& s) { s.authenticator.size = 16; }},
        {"without a verify function", false, [](Sample& s) { s.authenticator.verify = nullptr; }},
        {"io pool", false, [](Sample& s) { s.authenticator.runs_on = GH_RUNS_ON_IO; }},
        {"where it runs", false, [](Sample& s) { s.authenticator.runs_on = 0; }},
        {"reads no kind of evidence", false, [](Sample& s) { s.authenticator.kind_count = 0; }},
        {"does not know (9)", false, [](Sample& s) { s.kinds[1] = 9; }},
        {"the host alone judges", false, [](Sample& s) { s.kinds[1] = GH_EVIDENCE_LOCAL; }},
        {"evidence twice", false, [](Sample& s) { s.kinds[1] = s.kinds[0]; }},
        {"serves no auth_method", false, [](Sample& s) { s.authenticator.method_count = 0; }},
        {"no readable name", false, [](Sample& s) { s.methods[1] = nullptr; }},
        {"regular twice", false, [](Sample& s) { s.methods[1] = "regular"; }},
        {"protocol table is shorter", true, [](Sample& s) { s.protocol.size = 8; }},
        {"without the function open", true, [](Sample& s) { s.protocol.open = nullptr; }},
        {"without the function feed", true, [](Sample& s) { s.protocol.feed = nullptr; }},
        {"without the function completed", true, [](Sample& s) { s.protocol.completed = nullptr; }},
        {"without the function event", true, [](Sample& s) { s.protocol.event = nullptr; }},
        {"without the function close", true, [](Sample& s) { s.protocol.close = nullptr; }},
    };
    CPPUNIT_ASSERT(!shake(nullptr, "sample", host_.offered()));
    for (const auto& one : cases) {
      Sample sample(one.protocol);
      one.spoil(sample);
      const auto taken = shake(&sample.plugin, "sample", host_.offered());
      CPPUNIT_ASSERT_MESSAGE(one.expected, !taken);
      CPPUNIT_ASSERT_MESSAGE(std::string(one.expected) + " / " + taken.error().description,
                             taken.error().description.find(one.expected) != std::string::npos);
    }
  }
  void testOfAnotherVersionOnlyTheFrozenHeadIsRead() {
    struct Head {
      std::uint32_t size = 16, major = 7, minor = 0, reserved = 0;
    };
    const auto head = std::make_unique<Head>(); // a sanitizer sees a read beyond it
    CPPUNIT_ASSERT(!shake(reinterpret_cast<const gh_plugin*>(head.get()), "sample", host_.offered()));
  }
  void testStructsThatGrewAreReadAsFarAsKnown() {
    Sample sample(false);
    struct Grown {
      gh_need need;
      std::uint64_t more;
    } needs[2] = {{{GH_DIRECTORY, 1, 0}, 1}, {{GH_CORE, 1, 0}, 2}};
    sample.plugin.needs = &needs[0].need;
    sample.plugin.need_size = sizeof(Grown);
    const auto taken = shake(&sample.plugin, "sample", host_.offered());
    CPPUNIT_ASSERT(taken && taken->needs[1].service == GH_CORE);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(HandshakeTest);
