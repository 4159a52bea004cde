// Protects: what a peer of the management API sees, byte for byte, whatever the size of the pieces in which
// its own bytes arrive. Each file of transcripts/ is one conversation; README.md has their grammar.
#include "ScriptedHost.h"
#include "http_rest/RestConversation.h"

#include <cppunit/TestCase.h>
#include <cppunit/TestSuite.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

const gh_plugin& plugin() {
  return *gatehouse::Barrier::protocol<gatehouse::http_rest::RestConversation>("http_rest", "0", "");
}

struct Step {
  char kind; // C: bytes of the client; S: bytes of the server; H: the script; E: an event; X: the state at
             // the end
  std::string text;
};

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char c = text.at(++i);
    if (c == 'r')
      out += '\r';
    else if (c == 'n')
      out += '\n';
    else if (c == 't')
      out += '\t';
    else if (c == '\\')
      out += '\\';
    else if (c == 'x') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else if (c == '{') { // \{text*count}
      const std::size_t star = text.find('*', i), end = text.find('}', i);
      const std::string unit = text.substr(i + 1, star - i - 1);
      for (int n = std::stoi(text.substr(star + 1, end - star - 1)); n > 0; --n) out += unit;
      i = end;
    } else
      throw std::runtime_error("an escape that the grammar does not have: " + text);
  }
  return out;
}

std::vector<Step> read(const std::filesystem::path& path) {
  std::vector<Step> steps;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const char kind = line[0];
    const bool bytes = kind == 'C' || kind == 'S';
    if (line.size() < 2 || std::string("CSHEX").find(kind) == std::string::npos ||
        (line[1] != ':' && !(bytes && line[1] == '|')))
      throw std::runtime_error(path.filename().string() + ": not a line of a transcript: " + line);
    std::string text = line.size() > 3 ? line.substr(3) : "";
    if (bytes) text = unescaped(text) + (line[1] == ':' ? "\r\n" : "");
    if (bytes && !steps.empty() && steps.back().kind == kind)
      steps.back().text += text;
    else
      steps.push_back({kind, text});
  }
  return steps;
}

void script(ScriptedHost& host, const std::string& text) {
  std::istringstream words(text);
  std::string verb, first, second;
  words >> verb >> first >> second;
  if (verb == "certificate")
    host.provesByCertificate(first);
  else if (verb == "password")
    host.addPassword(first, second);
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

/// As lines of a transcript, to be read by whoever mends one.
std::string shown(const std::string& bytes) {
  std::string out = "S| ";
  for (const char c : bytes) {
    if (c == '\r')
      out += "\\r";
    else if (c == '\n')
      out += "\\n\nS| ";
    else
      out += c;
  }
  return out;
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

/// One transcript: a test of its own, named after its file.
class Transcript final : public CppUnit::TestCase {
public:
  explicit Transcript(std::filesystem::path path)
      : TestCase("transcript " + path.stem().string())
      , path_(std::move(path)) {}

  void runTest() override {
    const std::vector<Step> steps = read(path_);
    std::size_t longest = 1;
    for (const Step& step : steps)
      if (step.kind == 'C') longest = std::max(longest, step.text.size());
    const std::size_t stride = longest <= 1000 ? 1 : longest / 50;
    replay(path_.stem().string(), steps, longest);
    for (std::size_t size = 1; size < longest; size += size < 40 ? 1 : stride)
      replay(path_.stem().string(), steps, size);
  }

private:
  const std::filesystem::path path_;
};

class TranscriptTest {
public:
  static CppUnit::Test* suite() {
    auto* suite = new CppUnit::TestSuite("TranscriptTest");
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(GATEHOUSE_TRANSCRIPTS))
      files.insert(entry.path());
    for (const auto& path : files) suite->addTest(new Transcript(path));
    return suite;
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TranscriptTest);
