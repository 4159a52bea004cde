// Protects: that a protocol which lies, stalls or misuses the host ends its own session and nothing else.
#include "plugin/ConversationRef.h"
#include "RoomHost.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::plugin;

namespace {

/// What the plugin below does next, and what was done to it.
struct Script {
  std::uint32_t flow = GH_FLOW_SAME;
  std::size_t consumes = 0;
  bool noConversation = false;
  gh_session emitsTo = 0;
  std::uint64_t takes = 0; // ms
  int closes = 0;
  std::uint32_t reason = 0;
} script;
const gh_core* core = nullptr;
test::ManualClock* watch = nullptr;

gh_instance* configure(const gh_host* host, gh_self self, const gh_value*, std::uint32_t,
                       std::uint32_t) noexcept {
  core = static_cast<const gh_core*>(host->service(self, GH_CORE, 1));
  return reinterpret_cast<gh_instance*>(&script);
}
void stop(gh_instance*) noexcept {}
std::uint32_t act() noexcept {
  watch->advance(script.takes);
  if (script.emitsTo != 0) (void)core->emit(script.emitsTo, {"hi", 2});
  return script.flow;
}
std::uint32_t open(gh_instance*, gh_session, const gh_peer*, gh_conversation** out) noexcept {
  if (!script.noConversation) *out = reinterpret_cast<gh_conversation*>(&script);
  return act();
}
std::uint32_t feed(gh_conversation*, std::uint64_t, gh_bytes, std::uint32_t, std::size_t* consumed) noexcept {
  *consumed = script.consumes;
  return act();
}
std::uint32_t completed(gh_conversation*, const gh_completion*) noexcept { return act(); }
std::uint32_t event(gh_conversation*, std::uint32_t) noexcept { return act(); }
void close(gh_conversation*, std::uint32_t reason) noexcept {
  ++script.closes;
  script.reason = reason;
  (void)act();
}

} // namespace

class ConversationRefTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ConversationRefTest);
  CPPUNIT_TEST(testFlowsAreGivenAsTheyAre);
  CPPUNIT_TEST(testAnUnknownFlowIsAFault);
  CPPUNIT_TEST(testConsumingMoreThanGivenIsAFault);
  CPPUNIT_TEST(testOpeningNothingWithoutClosingIsAFault);
  CPPUNIT_TEST(testAnotherSessionsHandleIsAFault);
  CPPUNIT_TEST(testAHandleOutsideOfACallIsGone);
  CPPUNIT_TEST(testAfterTheEndOnlyCloseReachesThePlugin);
  CPPUNIT_TEST(testASlowCallbackIsReported);
  CPPUNIT_TEST(testAnUnclosedConversationIsClosedByTheHost);
  CPPUNIT_TEST_SUITE_END();

  test::RoomHost host_;
  std::unique_ptr<PluginInstance> instance_;
  test::Owner owner_;
  const gh_peer peer_{};

public:
  void setUp() override {
    script = {};
    watch = &host_.clock;
    Descriptor descriptor;
    descriptor.name = "hostile";
    descriptor.functions.configure = &configure;
    descriptor.functions.stop = &stop;
    descriptor.protocol = gh_protocol{sizeof(gh_protocol), 0, &open, &feed, &completed, &event, &close};
    instance_ = std::make_unique<PluginInstance>(descriptor, 1, host_.surroundings);
    std::vector<Mistake> mistakes;
    CPPUNIT_ASSERT(instance_->configure(nullptr, "", mistakes) && instance_->start());
  }
  void testFlowsAreGivenAsTheyAre() {
    ConversationRef ref(*instance_, 11, owner_);
    CPPUNIT_ASSERT(ref.open(peer_) == Flow::next); // SAME after open means NEXT
    script.consumes = 3;
    for (const auto flow : {GH_FLOW_SAME, GH_FLOW_NEXT, GH_FLOW_MORE, GH_FLOW_HOLD}) {
      script.flow = flow;
      const Fed fed = ref.feed("abc", false);
      CPPUNIT_ASSERT(fed.consumed == 3 && fed.flow == static_cast<Flow>(flow));
    }
    script.emitsTo = 11;
    CPPUNIT_ASSERT(ref.completed(gh_completion{}) == Flow::hold && owner_.sent == "hi");
    CPPUNIT_ASSERT(ref.alive() && ref.fault().empty());
    ref.close(GH_CLOSED_BY_PEER);
    CPPUNIT_ASSERT(script.closes == 1 && script.reason == GH_CLOSED_BY_PEER &&
                   owner_.sent == "hihi"); // last words
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, instance_->faults());
  }
  void testAnUnknownFlowIsAFault() {
    for (const std::uint32_t flow : {6U, 99U, 0xFFFFFFFFU}) {
      script = {};
      ConversationRef ref(*instance_, 11, owner_);
      (void)ref.open(peer_);
      script.flow = flow;
      CPPUNIT_ASSERT(ref.event(GH_EVENT_DRAIN) == Flow::abort && !ref.alive());
      CPPUNIT_ASSERT(ref.fault().find("unknown flow") != std::string::npos);
    }
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, instance_->faults());
    CPPUNIT_ASSERT(host_.events.has("hostile"));
  }
  void testConsumingMoreThanGivenIsAFault() {
    ConversationRef ref(*instance_, 11, owner_);
    (void)ref.open(peer_);
    script.consumes = 4;
    const Fed fed = ref.feed("abc", false);
    CPPUNIT_ASSERT(fed.flow == Flow::abort && fed.consumed == 3 && instance_->faults() == 1);
  }
  void testOpeningNothingWithoutClosingIsAFault() {
    script.noConversation = true;
    ConversationRef first(*instance_, 11, owner_);
    CPPUNIT_ASSERT(first.open(peer_) == Flow::abort && instance_->faults() == 1);
    script.flow = GH_FLOW_CLOSE;
    ConversationRef second(*instance_, 12, owner_);
    CPPUNIT_ASSERT(second.open(peer_) == Flow::close && instance_->faults() == 1);
    second.close(GH_CLOSED_BY_PLUGIN);
    CPPUNIT_ASSERT_EQUAL(0, script.closes);
  }
  void testAnotherSessionsHandleIsAFault() {
    test::Owner other;
    ConversationRef ref(*instance_, 11, owner_), bystander(*instance_, 12, other);
    (void)ref.open(peer_);
    (void)bystander.open(peer_);
    script.emitsTo = 12;
    CPPUNIT_ASSERT(ref.feed("abc", false).flow == Flow::abort && !ref.alive() && !ref.fault().empty());
    CPPUNIT_ASSERT(other.sent.empty() && owner_.sent.empty() && instance_->faults() == 1);
    CPPUNIT_ASSERT(bystander.alive());
    script.emitsTo = 0;
  }
  void testAHandleOutsideOfACallIsGone() {
    CPPUNIT_ASSERT(currentCall() == nullptr);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_GONE}, core->emit(11, {"hi", 2}));
  }
  void testAfterTheEndOnlyCloseReachesThePlugin() {
    for (const auto flow : {GH_FLOW_CLOSE, GH_FLOW_ABORT}) {
      script = {};
      ConversationRef ref(*instance_, 11, owner_);
      (void)ref.open(peer_);
      script.flow = flow;
      CPPUNIT_ASSERT(ref.feed("", false).flow == static_cast<Flow>(flow));
      script.flow = GH_FLOW_NEXT;
      CPPUNIT_ASSERT(ref.feed("abc", false).flow == Flow::abort && ref.event(1) == Flow::abort);
      CPPUNIT_ASSERT(ref.completed(gh_completion{}) == Flow::abort);
      ref.close(GH_CLOSED_BY_PLUGIN);
      ref.close(GH_CLOSED_BY_PLUGIN);
      CPPUNIT_ASSERT_EQUAL(1, script.closes);
    }
  }
  void testASlowCallbackIsReported() {
    ConversationRef ref(*instance_, 11, owner_);
    script.takes = 5;
    (void)ref.open(peer_);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, instance_->slowCalls());
    script.takes = 6;
    (void)ref.event(GH_EVENT_DRAIN);
    CPPUNIT_ASSERT(instance_->slowCalls() == 1 && host_.events.has("plugin.slow") && ref.alive());
  }
  void testAnUnclosedConversationIsClosedByTheHost() {
    {
      ConversationRef ref(*instance_, 11, owner_);
      (void)ref.open(peer_);
    }
    CPPUNIT_ASSERT(script.closes == 1 && script.reason == GH_CLOSED_BY_HOST);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConversationRefTest);
