// Protects: what a client of a database sees, and what its engine gets, byte for byte, whatever the size of
// the pieces in which the client's bytes and a draining link's arrive (R3, R13, R15). Each file of
// transcripts/resp is one connection; README.md has their grammar.
#include "Transcript.h"
#include "resp/RespConversation.h"
#include "support/FakeHost.h"
#include "support/MiniRedis.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

using namespace gatehouse;
using transcript::shown;
using transcript::Step;

namespace {

const gh_plugin* plugin() { return Barrier::protocol<resp::RespConversation>("resp", "0", ""); }

/// One connection and all that stands around it.
class Scene {
  static constexpr std::uint32_t strange = 4711; // an event that nobody knows: SAME

public:
  explicit Scene(std::size_t size)
      : size_(size)
      , plugin_(host_, plugin()) {
    host_.linkChunk = size;
    host_.authenticate = [this](const test::FakeAsked& asked) -> std::uint32_t {
      if (unavailable_) return GH_UNAVAILABLE;
      if (elsewhere_.count(asked.login) != 0 && elsewhere_[asked.login] == asked.secret) return GH_REFUSED;
      const auto known = passwords_.find(asked.login);
      return known != passwords_.end() && known->second == asked.secret ? GH_OK : GH_DENIED;
    };
    host_.openLink = [this](const std::string&) { return engine_; };
    host_.engine = [this](const std::string& user) {
      return redis_ = std::make_shared<test::MiniRedis>(store_, user);
    };
    CPPUNIT_ASSERT(plugin_.configure() && plugin_.start());
  }

  void script(const std::string& text) {
    std::istringstream words(text);
    std::string verb, first, second;
    words >> verb >> first >> second;
    if (verb == "certificate" || verb == "default") {
      peer_.proof = verb == "default" ? GH_PROOF_DEFAULT : GH_PROOF_CERTIFICATE;
      host_.connectionUser = first;
    } else if (verb == "refused")
      peer_.proof = GH_PROOF_REFUSED;
    else if (verb == "gone") // the certificate's user, since
      host_.connectionUser.clear();
    else if (verb == "password")
      passwords_[first] = second;
    else if (verb == "elsewhere")
      elsewhere_[first] = second;
    else if (verb == "unavailable")
      unavailable_ = true;
    else if (verb == "engine")
      engine_ = first == "up" ? GH_OK : first == "down" ? GH_UNAVAILABLE : GH_DENIED;
    else if (verb == "hold")
      session().holdCompletions = true;
    else
      throw std::runtime_error("not a word of the script: " + text);
  }

  void happen(const std::string& text) {
    if (text == "half-close")
      session().clientEnds();
    else if (text == "drain")
      session().event(GH_EVENT_DRAIN);
    else if (text == "policy")
      session().close(GH_CLOSED_BY_POLICY);
    else if (text == "engine-ends")
      session().engineEnds(host_.links.rbegin()->first);
    else if (text == "complete") {
      session().deliver();
      session().event(strange); // what it made possible
    } else if (text == "release") {
      session().holdCompletions = false;
      session().event(strange);
    } else
      throw std::runtime_error("not an event: " + text);
  }

  void client(const std::string& bytes) { session().client(bytes, size_); }
  [[nodiscard]] const std::string& sent() { return session().sent(); }
  [[nodiscard]] std::string got() const {
    return host_.links.empty() ? std::string() : host_.links.rbegin()->second.sent;
  }
  [[nodiscard]] std::string state() {
    if (session().open()) return session().flow() == GH_FLOW_NEXT ? "open" : "busy";
    return session().aborted() ? "aborted" : "closed";
  }
  void check(const std::string& at) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(at, std::string(), host_.faults.empty() ? "" : host_.faults.front());
    if (redis_) CPPUNIT_ASSERT_EQUAL_MESSAGE(at, std::string(), redis_->broken());
    CPPUNIT_ASSERT_MESSAGE(at + ": a secret came out",
                           session().sent().find("secret-of-") == std::string::npos);
    for (const auto& line : host_.log) CPPUNIT_ASSERT_MESSAGE(at + ": logged " + line, line.empty());
  }

private:
  test::FakeSession& session() {
    if (!session_) session_.emplace(plugin_, peer_);
    return *session_;
  }

  const std::size_t size_;
  test::FakeHost host_;
  test::FakePlugin plugin_;
  test::FakeSession::Peer peer_;
  std::map<std::string, std::string> passwords_, elsewhere_;
  bool unavailable_ = false;
  std::uint32_t engine_ = GH_OK;
  std::shared_ptr<test::MiniStore> store_ = std::make_shared<test::MiniStore>();
  std::shared_ptr<test::MiniRedis> redis_; // the last one
  std::optional<test::FakeSession> session_;
};

void replay(const std::string& name, const std::vector<Step>& steps, std::size_t size) {
  const std::string at = name + " in pieces of " + std::to_string(size);
  Scene scene(size);
  std::string expected, got, state = "open";
  for (const Step& step : steps) {
    if (step.kind == 'C') scene.client(step.text);
    if (step.kind == 'H') scene.script(step.text);
    if (step.kind == 'E') scene.happen(step.text);
    if (step.kind == 'X') state = step.text;
    if (step.kind == 'S') {
      expected += step.text;
      CPPUNIT_ASSERT_EQUAL_MESSAGE(at, shown(expected), shown(scene.sent()));
    }
    if (step.kind == 'L') CPPUNIT_ASSERT_EQUAL_MESSAGE(at, shown(step.text), shown(scene.got()));
  }
  CPPUNIT_ASSERT_EQUAL_MESSAGE(at, shown(expected), shown(scene.sent()));
  CPPUNIT_ASSERT_EQUAL_MESSAGE(at, state, scene.state());
  scene.check(at);
}

} // namespace

class RespTranscriptTest {
public:
  static CppUnit::Test* suite() {
    return transcript::suiteOf("RespTranscriptTest", GATEHOUSE_RESP_TRANSCRIPTS, replay);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RespTranscriptTest);
