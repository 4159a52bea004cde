// Protects: what a peer of the management API sees, byte for byte, whatever the size of the pieces in which
// its own bytes arrive. Each file of transcripts/http is one conversation; README.md has their grammar.
#include "Transcript.h"
#include "ScriptedHost.h"
#include "http_rest/RestConversation.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>
#include <string>
#include <vector>

using transcript::shown;
using transcript::Step;

namespace {

const gh_plugin& plugin() {
  return *gatehouse::Barrier::protocol<gatehouse::http_rest::RestConversation>("http_rest", "0", "");
}

void script(ScriptedHost& host, const std::string& text) {
  std::istringstream words(text);
  std::string verb, first, second;
  words >> verb >> first >> second;
  if (verb == "certificate")
    host.provesByCertificate(first);
  else if (verb == "password")
    host.addPassword(first, second);
  else if (verb == "token")
    host.addToken(first, second);
  else if (verb == "unavailable")
    host.passwordsUnavailable();
  else if (verb == "hold")
    host.holdCompletions(true);
  else
    throw std::runtime_error("not a word of the script: " + text);
}

void happen(ScriptedHost& host, const std::string& text, std::size_t size) {
  if (text == "drain")
    host.event(GH_EVENT_DRAIN);
  else if (text == "strange")
    host.event(4711);
  else if (text == "half-close")
    host.halfClose();
  else if (text == "deadline")
    host.end(GH_CLOSED_BY_DEADLINE);
  else if (text == "policy")
    host.end(GH_CLOSED_BY_POLICY);
  else if (text == "complete")
    host.completeOne();
  else if (text == "release")
    host.holdCompletions(false);
  else
    throw std::runtime_error("not an event: " + text);
  host.settle(size);
}

void replay(const std::string& name, const std::vector<Step>& steps, std::size_t size) {
  const std::string at = name + " in pieces of " + std::to_string(size);
  ScriptedHost host(plugin());
  std::string expected;
  std::string_view state = "open";
  try {
    for (const Step& step : steps) {
      if (step.kind == 'C') host.feed(step.text, size);
      if (step.kind == 'H') script(host, step.text);
      if (step.kind == 'E') happen(host, step.text, size);
      if (step.kind == 'X') state = step.text;
      if (step.kind != 'S') continue;
      expected += step.text;
      CPPUNIT_ASSERT_EQUAL_MESSAGE(at, shown(expected), shown(host.output()));
    }
  } catch (const ScriptedHost::Broken& broken) {
    CPPUNIT_FAIL(at + ": the plugin broke a rule: " + broken.what());
  }
  CPPUNIT_ASSERT_EQUAL_MESSAGE(at, shown(expected), shown(host.output()));
  CPPUNIT_ASSERT_EQUAL_MESSAGE(at, std::string(state), std::string(host.state()));
}

} // namespace

class TranscriptTest {
public:
  static CppUnit::Test* suite() {
    return transcript::suiteOf("TranscriptTest", GATEHOUSE_TRANSCRIPTS, replay);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TranscriptTest);
