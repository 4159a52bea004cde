#include "Transcript.h"

#include <cppunit/TestCase.h>
#include <cppunit/TestSuite.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

namespace transcript {
namespace {

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
      const std::string unit = unescaped(text.substr(i + 1, star - i - 1));
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
    const bool bytes = kind == 'C' || kind == 'S' || kind == 'L';
    if (line.size() < 2 || std::string("CSLHEX").find(kind) == std::string::npos ||
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

/// One transcript: a test of its own, named after its file.
class Transcript final : public CppUnit::TestCase {
public:
  Transcript(std::filesystem::path path, const Replay& replay)
      : TestCase("transcript " + path.stem().string())
      , path_(std::move(path))
      , replay_(replay) {}

  void runTest() override {
    const std::vector<Step> steps = read(path_);
    std::size_t longest = 1;
    for (const Step& step : steps)
      if (step.kind == 'C') longest = std::max(longest, step.text.size());
    const std::size_t stride = longest <= 1000 ? 1 : longest / 50;
    replay_(path_.stem().string(), steps, longest);
    for (std::size_t size = 1; size < longest; size += size < 40 ? 1 : stride)
      replay_(path_.stem().string(), steps, size);
  }

private:
  const std::filesystem::path path_;
  const Replay replay_;
};

} // namespace

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

CppUnit::Test* suiteOf(const std::string& name, const std::string& folder, const Replay& replay) {
  auto* suite = new CppUnit::TestSuite(name);
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path());
  for (const auto& path : files) suite->addTest(new Transcript(path, replay));
  return suite;
}

} // namespace transcript
