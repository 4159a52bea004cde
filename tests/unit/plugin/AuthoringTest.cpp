// Protects: the barrier between C++ and C, so that whatever an author's code throws ends its session or
// refuses its login.
#include "sdk/Plugin.h"
#include "support/FakeHost.h"

#include <cppunit/extensions/HelperMacros.h>
#include <stdexcept>

using namespace gatehouse::test;

namespace {

/// Does what the client's bytes say.
class Puppet final : public gatehouse::Conversation {
public:
  struct Configuration {
    explicit Configuration(const gatehouse::Values& values)
        : greeting(values.text("greeting")) {
      if (greeting == "bad") throw gatehouse::Problem{"greeting", "is bad"};
      if (greeting == "boom") throw std::runtime_error("secret of somebody");
      if (greeting == "undeclared") (void)values.text("nothing");
      if (values.integer("times") != 2 || values.items("names") != 2 || values.item("names", 1) != "b")
        throw 1;
    }
    std::string greeting;
  };
  static constexpr gh_need needs[] = {gatehouse::require(GH_AUTHENTICATE), gatehouse::prefer(GH_MANAGE)};
  static constexpr gh_setting settings[] = {
      gatehouse::textSetting("greeting", "hello ", 64, "What is said first."),
      gatehouse::integerSetting("times", "2", nullptr, 1, 9, "How often."),
      gatehouse::listSetting("names", "[a, b]", 9, "Whose."),
  };
  explicit Puppet(const Configuration& configuration)
      : configuration_(configuration) {}
  ~Puppet() override { ++gone; }
  static int gone;

private:
  void opened() override {
    if (gatehouse::bytes(peer().sni) == "throw") throw std::runtime_error("no");
    emit(configuration_.greeting);
  }
  std::size_t fromClient(gatehouse::Bytes in, bool last) override {
    if (last) emit("bye");
    if (in == "throw") throw std::runtime_error("bytes of a peer");
    if (in == "int") throw 7;
    if (in == "close") close();
    if (in == "abort") abort();
    if (in == "ask") {
      authenticate().ask("ada", "pw", newToken());
      hold();
    }
    if (in == "manage") (void)manage().begin(GH_IDENTITY_CONNECTION, gh_request{});
    return in.size();
  }
  void completed(const gatehouse::Completion& done) override {
    emit(done.ok() ? "welcome" : "go away");
    next();
  }
  void closing(std::uint32_t) override {
    emit("!");
    throw std::runtime_error("even here");
  }
  const Configuration& configuration_;
};
int Puppet::gone = 0;

class Judge final : public gatehouse::Authenticator {
public:
  static constexpr std::uint32_t runsOn = GH_RUNS_ON_LOOP;
  static constexpr std::uint32_t evidence[] = {GH_EVIDENCE_PASSWORD};
  static constexpr const char* methods[] = {"regular"};
  [[nodiscard]] gatehouse::Answer verify(const gh_evidence& presented,
                                         const gatehouse::Directory& directory) const override {
    if (gatehouse::bytes(presented.login) == "throw") throw 7;
    gatehouse::User user;
    if (directory.lookup(GH_KEY_LOGIN, gatehouse::bytes(presented.login), user) != GH_OK)
      return {GH_VERDICT_UNKNOWN};
    return gatehouse::Answer::accept(user);
  }
};

} // namespace

class AuthoringTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AuthoringTest);
  CPPUNIT_TEST(testAConversationAnswersWithItsFlow);
  CPPUNIT_TEST(testWhatIsThrownEndsTheSession);
  CPPUNIT_TEST(testWhatIsThrownByAnAuthenticatorRefuses);
  CPPUNIT_TEST(testConfigurationReportsItsProblems);
  CPPUNIT_TEST(testAMissingServiceIsAFaultAndNoCrash);
  CPPUNIT_TEST(testAnEnrollThatIsNotWrittenIsNotOffered);
  CPPUNIT_TEST_SUITE_END();

  FakeHost host_;
  const gh_plugin* puppet_ = gatehouse::Barrier::protocol<Puppet>("puppet", "1", "Obeys.");

public:
  void testAConversationAnswersWithItsFlow() {
    FakePlugin plugin(host_, puppet_);
    CPPUNIT_ASSERT(plugin.configure() && plugin.start());
    {
      FakeSession session(plugin);
      CPPUNIT_ASSERT_EQUAL(std::string("hello "), session.take());
      session.holdCompletions = true;
      session.client("ask");
      session.client("throw"); // not fed while it holds
      CPPUNIT_ASSERT(session.flow() == GH_FLOW_HOLD && session.pending() == 1 &&
                     host_.asked[0].login == "ada");
    }
    FakeSession second(plugin);
    host_.authenticate = [](const FakeAsked& asked) { return asked.secret == "pw" ? GH_OK : GH_DENIED; };
    second.client("ask");
    CPPUNIT_ASSERT_EQUAL(std::string("hello welcome"), second.take());
    second.clientEnds();
    CPPUNIT_ASSERT(!second.open());
    CPPUNIT_ASSERT_EQUAL(std::string("bye!"), second.sent());
    CPPUNIT_ASSERT(host_.faults.empty());
  }
  void testWhatIsThrownEndsTheSession() {
    FakePlugin plugin(host_, puppet_);
    CPPUNIT_ASSERT(plugin.configure());
    Puppet::gone = 0;
    for (const char* bad : {"throw", "int"}) {
      FakeSession session(plugin);
      session.client(bad);
      CPPUNIT_ASSERT_MESSAGE(bad, session.aborted() && !session.open());
    }
    FakeSession::Peer peer;
    peer.sni = "throw";
    const FakeSession never(plugin, peer);
    CPPUNIT_ASSERT(never.aborted() && !never.open());
    CPPUNIT_ASSERT_EQUAL(3, Puppet::gone);
    for (const auto& line : host_.log) CPPUNIT_ASSERT(line.find("bytes of a peer") == std::string::npos);
    CPPUNIT_ASSERT(!host_.log.empty() && host_.faults.empty());
  }
  void testWhatIsThrownByAnAuthenticatorRefuses() {
    FakePlugin plugin(host_, gatehouse::Barrier::authenticator<Judge>("judge", "1", "Judges."));
    CPPUNIT_ASSERT(plugin.configure());
    host_.users = {{"ada", "", "regular", ""}};
    CPPUNIT_ASSERT_EQUAL(std::string("ada"), plugin.verifyPassword("ada", "x").login);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_VERDICT_UNKNOWN}, plugin.verifyPassword("bob", "x").verdict);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_VERDICT_FAILURE}, plugin.verifyPassword("throw", "x").verdict);
  }
  void testConfigurationReportsItsProblems() {
    for (const char* bad : {"bad", "boom", "undeclared"}) {
      host_.problems.clear();
      FakePlugin plugin(host_, puppet_);
      CPPUNIT_ASSERT_MESSAGE(bad, !plugin.configure({{"greeting", bad}}));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::size_t{1}, host_.problems.size());
      CPPUNIT_ASSERT(host_.problems[0].second.find("secret of somebody") == std::string::npos);
    }
    FakePlugin other(host_, puppet_);
    CPPUNIT_ASSERT(!other.configure({{"times", "3"}}));
  }
  void testAMissingServiceIsAFaultAndNoCrash() {
    host_.withheld[GH_MANAGE] = true;
    FakePlugin plugin(host_, puppet_);
    CPPUNIT_ASSERT(plugin.configure());
    FakeSession session(plugin);
    session.client("manage");
    CPPUNIT_ASSERT(session.aborted());
  }
  void testAnEnrollThatIsNotWrittenIsNotOffered() {
    CPPUNIT_ASSERT(gatehouse::Barrier::authenticator<Judge>("judge", "1", "Judges.")->authenticator->enroll ==
                   nullptr);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AuthoringTest);
