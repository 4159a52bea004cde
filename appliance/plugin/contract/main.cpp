// plugin-contract: is this plugin fit to be loaded?
#include "base/Json.h"
#include "plugin/contract/CommandLine.h"
#include "plugin/contract/Stages.h"

#include <cstdio>
#include <set>

namespace gatehouse::plugin::contract {
namespace {

constexpr int fit = 0, unfit = 1, wrongUsage = 64;

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

bool concerns(const Stage& stage, const std::string& kind) {
  return stage.plugins == Stage::For::all ||
         (stage.plugins == Stage::For::authenticators) == (kind == "authenticator");
}

std::string line(const Finding& finding) {
  return "FAIL " + finding.rule + ": " + finding.text +
         (finding.during.empty() ? "" : " (" + finding.during + ")") + "\n";
}

std::string json(const std::vector<StageReport>& reports, const CommandLine& asked, bool good) {
  const auto member = [](std::string& out, const char* name, std::string_view value) {
    json::text(out, name);
    out += ':';
    json::text(out, value);
  };
  std::string out = "{\"fit\":";
  json::boolean(out, good);
  out += ',';
  member(out, "file", asked.task.file);
  out += ',';
  member(out, "name", reports.front().name);
  out += ',';
  member(out, "version", reports.front().version);
  out += ',';
  member(out, "kind", reports.front().kind);
  out += ",\"stages\":[";
  for (const StageReport& report : reports) {
    if (&report != &reports.front()) out += ',';
    out += '{';
    member(out, "name", report.stage);
    out += ",\"findings\":[";
    for (const Finding& finding : report.findings) {
      if (&finding != &report.findings.front()) out += ',';
      out += '{';
      member(out, "rule", finding.rule);
      out += ',';
      member(out, "text", finding.text);
      out += ',';
      member(out, "during", finding.during);
      out += '}';
    }
    out += "]}";
  }
  return out + "]}\n";
}

int run(const CommandLine& asked) {
  std::vector<StageReport> reports;
  std::set<std::pair<std::string, std::string>> said; // the same sin in several stages is one line
  std::string kind;
  for (const Stage& stage : stages()) {
    if (!reports.empty() && !concerns(stage, kind)) continue;
    StageReport report = runApart(stage, asked.task);
    std::string text;
    for (const Finding& finding : report.findings)
      if (said.emplace(finding.rule, finding.text).second) text += line(finding);
    if (report.findings.empty()) text = "ok   " + report.stage + "\n";
    if (!asked.json) print(text);
    kind = report.kind;
    const bool loaded = !kind.empty();
    reports.push_back(std::move(report));
    if (!loaded) break; // refused at the handshake: nothing else of it ever runs
    kind = reports.front().kind;
  }
  if (asked.json) {
    print(json(reports, asked, said.empty()));
  } else {
    const StageReport& first = reports.front();
    print(
        (first.name.empty() ? asked.task.file : first.name + " " + first.version + " (" + first.kind + ")") +
        (said.empty() ? ": fit\n"
                      : ": not fit, " + std::to_string(said.size()) + " finding" +
                            (said.size() == 1 ? "" : "s") + "\n"));
  }
  return said.empty() ? fit : unfit;
}

} // namespace
} // namespace gatehouse::plugin::contract

int main(int argc, char** argv) {
  using namespace gatehouse::plugin::contract;
  const auto asked = readCommandLine({argv + 1, argv + argc});
  if (!asked) {
    std::fprintf(stderr, "plugin-contract: %s\nTry: plugin-contract --help\n",
                 asked.error().description.c_str());
    return wrongUsage;
  }
  if (asked->help || asked->version) {
    print(asked->help ? helpText() : versionText());
    return fit;
  }
  constexpr int reportDescriptor = 3; // as Runner.cpp has it
  if (!asked->stage.empty())
    return runStage(asked->stage, asked->task.file, asked->task.settings, reportDescriptor);
  return run(*asked);
}
