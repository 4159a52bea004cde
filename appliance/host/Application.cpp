#include "host/Application.h"

#include "base/Clock.h"
#include "host/CommandLine.h"
#include "host/CommandsOverApi.h"
#include "host/LogSink.h"

#include <exception>
#include <optional>
#include <ostream>

namespace gatehouse::host {

namespace {

/// Whether a command reads gatehouse.yaml: not where it goes to a server elsewhere with files that it was
/// given.
bool wantsConfig(const CommandLine& line) {
  if (line.command == "version" || line.command == "import") return false;
  if (line.command == "check" && line.offline) return line.configGiven;
  const bool files = line.command == "plan" || line.command == "apply";
  return line.server.url.empty() || (files && line.arguments.empty());
}

int withConfig(const CommandLine& line, const Config& config, const Streams& streams) {
  if (line.command == "check") return check(config, line.json, streams);
  if (line.command == "plugins") return plugins(config, line.json, streams);
  const SystemClock clock;
  LogSink log(config, clock);
  if (line.command == "migrate") return migrate(config, log, streams);
  Signals signals; // before serve makes the first thread
  return serve(config, {line.newStore}, log, signals);
}

int command(const CommandLine& line, const Streams& streams) {
  std::optional<ConfigReading> reading;
  if (wantsConfig(line)) {
    reading = readConfigFile(line.config);
    for (const Mistake& mistake : reading->mistakes) streams.err << mistake.line() << '\n';
    if (!reading->ok()) return kWrongConfiguration;
  }
  const Config* config = reading ? &reading->config : nullptr;
  if (line.command == "version") return version(streams);
  if (line.command == "import") return importAclFile(line.arguments[1], streams);
  if (line.command == "check" && line.offline) return checkOffline(config, line.arguments, streams);
  if (line.command == "plan") return plan(line, config, streams);
  if (line.command == "apply") return apply(line, config, streams);
  if (line.command == "export") return exportState(line, config, streams);
  if (line.command == "user") return user(line, config, streams);
  if (line.command == "cluster") return cluster(line, config, streams);
  return withConfig(line, *config, streams);
}

} // namespace

int run(const std::vector<std::string>& arguments, const Streams& streams) noexcept {
  try {
    const Result<CommandLine> line = readCommandLine(arguments);
    if (!line) {
      streams.err << "gatehouse: " << line.error().description
                  << "\n`gatehouse --help` shows what there is.\n";
      return kWrongUsage;
    }
    if (line->help) {
      streams.out << helpText(line->command);
      return kDone;
    }
    const int code = command(*line, streams);
    streams.out.flush();
    return (code == kDone || code == kWouldChange) && !streams.out ? kFailed
                                                                   : code; // a full disk is no success
  } catch (const std::exception& e) {
    streams.err << "gatehouse: internal error: " << e.what() << '\n';
    return kFailed;
  }
}

} // namespace gatehouse::host
