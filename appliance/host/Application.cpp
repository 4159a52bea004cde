#include "host/Application.h"

#include "base/Clock.h"
#include "host/CommandLine.h"
#include "host/LogSink.h"

#include <exception>
#include <ostream>

namespace gatehouse::host {

namespace {

int command(const CommandLine& line, const Streams& streams) {
  if (line.command == "version") return version(streams);

  const ConfigReading reading = readConfigFile(line.config);
  for (const Mistake& mistake : reading.mistakes) streams.err << mistake.line() << '\n';
  if (!reading.ok()) return kWrongConfiguration;
  const Config& config = reading.config;

  if (line.command == "check") return check(config, line.json, streams);
  if (line.command == "plugins") return plugins(config, line.json, streams);
  const SystemClock clock;
  LogSink log(config, clock);
  if (line.command == "migrate") return migrate(config, log, streams);
  Signals signals; // before serve makes the first thread
  return serve(config, {line.newStore}, log, signals);
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
    return code == kDone && !streams.out ? kFailed : code; // a full disk must not look like success
  } catch (const std::exception& e) {
    streams.err << "gatehouse: internal error: " << e.what() << '\n';
    return kFailed;
  }
}

} // namespace gatehouse::host
