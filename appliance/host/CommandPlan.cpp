// plan and apply: manifests are read and their secrets opened here; the server compares and changes.
#include "host/CommandsOverApi.h"

#include "base/Json.h"
#include "base/Text.h"
#include "host/ManifestDocument.h"
#include "host/PlanText.h"
#include "host/PresentNames.h"
#include "host/Terminal.h"

#include <ostream>
#include <sstream>

namespace gatehouse::host {
namespace {

void names(std::string& out, std::string_view key, const std::vector<std::string>& values) {
  out += ",\"";
  out += key;
  out += "\":[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    json::text(out, values[i]);
  }
  out += ']';
}

/// The body of a request: the manifest, what the command line decides, and the revision that was planned.
Secret requestOf(const Secret& document, const CommandLine& line, bool prune, std::int64_t revision) {
  std::string out = "{\"manifest\":";
  out.reserve(document.reveal().size() + 1024);
  out += document.reveal();
  out += std::string(",\"options\":{\"prune\":") + (prune ? "\"owned\"" : "\"off\"");
  names(out, "adopt", line.adopt);
  names(out, "release", line.release);
  names(out, "destroy", line.destroy);
  out += std::string("},\"impact\":") + (line.impact ? "true" : "false");
  if (revision > 0) out += ",\"revision\":" + std::to_string(revision);
  out += '}';
  return Secret(std::move(out));
}

/// What plan and apply have in common: from files to the server's plan of them.
class Planning {
public:
  Planning(const CommandLine& line, const Config* config, const Streams& streams)
      : line_(line)
      , config_(config)
      , streams_(streams) {}

  /// An exit code where it ends here.
  std::optional<int> plan(bool mayMake) {
    const std::vector<std::string>& files =
        line_.arguments.empty() && config_ ? config_->provision.files : line_.arguments;
    if (files.empty()) {
      streams_.err
          << "gatehouse: there is no manifest: name FILEs, or provision.files in the configuration\n";
      return kWrongUsage;
    }
    prune_ = line_.prune || (line_.arguments.empty() && config_ && config_->provision.prune);
    auto api = openApi(line_, config_, mayMake);
    if (!api) return failed(streams_, api.error());
    api_ = std::move(*api);
    auto present = presentNames(*api_);
    if (!present) return failed(streams_, present.error());
    manifest_ = control::readManifest(files, **present);
    if (manifest_.ok()) control::reveal(manifest_, control::SecretSource());
    if (!manifest_.ok()) {
      for (const Mistake& mistake : manifest_.mistakes) streams_.err << mistake.line() << '\n';
      return kFailed;
    }
    document_ = manifestDocument(manifest_);
    auto answer = ask("/v1/plan", "planning", 0);
    if (!answer) return failedAtPlace(answer.error());
    auto summary = writePlan(text_, *answer,
                             [this](std::string_view sentence) { return atItsPlace(manifest_, sentence); });
    if (!summary) return failed(streams_, summary.error());
    summary_ = *summary;
    answer_ = std::move(*answer);
    if (summary_.mistakes > 0) {
      streams_.err << text_;
      return kFailed;
    }
    return std::nullopt;
  }

  /// On the planned revision, or not at all.
  Result<std::string> apply() { return ask("/v1/apply", "applying", summary_.revision); }

  int failedAtPlace(const Error& error) {
    std::istringstream lines(error.description);
    for (std::string sentence; std::getline(lines, sentence);)
      streams_.err << atItsPlace(manifest_, sentence) << '\n';
    return kFailed;
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] const std::string& answer() const noexcept { return answer_; }
  [[nodiscard]] const PlanSummary& summary() const noexcept { return summary_; }

private:
  Result<std::string> ask(std::string_view path, const std::string& what, std::int64_t revision) {
    const Secret body = requestOf(document_, line_, prune_, revision);
    Progress progress(streams_.err, what + ' ' + sizeText(body.reveal().size()) + " at " + api_->who());
    return api_->call("POST", std::string(path) + (line_.force ? "?force=true" : ""), body.reveal(),
                      progress.waiting());
  }

  const CommandLine& line_;
  const Config* config_;
  const Streams& streams_;
  std::unique_ptr<Api> api_;
  control::Manifest manifest_;
  Secret document_;
  bool prune_ = false;
  std::string text_, answer_;
  PlanSummary summary_;
};

} // namespace

int failed(const Streams& streams, const Error& error) {
  streams.err << "gatehouse: " << error.description << '\n';
  return kFailed;
}

Result<std::unique_ptr<Api>> openApi(const CommandLine& line, const Config* config, bool mayMake) {
  return line.server.url.empty() && config ? openHere(*config, mayMake) : openServer(line.server);
}

int plan(const CommandLine& line, const Config* config, const Streams& streams) {
  Planning planning(line, config, streams);
  if (const auto ended = planning.plan(false)) return *ended;
  if (line.json)
    streams.out << planning.answer() << '\n';
  else
    streams.out << planning.text();
  return planning.summary().changes > 0 ? kWouldChange : kDone;
}

int apply(const CommandLine& line, const Config* config, const Streams& streams) {
  Planning planning(line, config, streams);
  if (const auto ended = planning.plan(true)) return *ended;
  if (!line.json) streams.out << planning.text() << std::flush;
  if (planning.summary().changes == 0 && line.release.empty()) { // a hold ends though nothing waits for it
    if (line.json) streams.out << planning.answer() << '\n';
    return kDone;
  }
  if (!line.yes) {
    if (!canAsk()) {
      streams.err
          << "gatehouse: nothing was changed: there is no terminal to ask on; --yes applies without asking\n";
      return kFailed;
    }
    if (!askYes(streams.err, "Apply this?")) {
      streams.err << "gatehouse: nothing was changed\n";
      return kFailed;
    }
  }
  auto answer = planning.apply();
  if (!answer) return planning.failedAtPlace(answer.error());
  if (line.json)
    streams.out << *answer << '\n';
  else
    streams.out << "Applied.\n";
  return kDone;
}

} // namespace gatehouse::host
