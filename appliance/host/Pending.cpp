// What the commands answer until the rooms that they need are composed: they refuse, never pretend.
#include "host/Commands.h"

#include <ostream>

namespace gatehouse::host {

int serve(const Config&, const ServeOptions&, EventSink& log, Signals&) {
  log.say(Level::error, "serve.unavailable", "this build has no server");
  return kFailed;
}

int migrate(const Config&, EventSink& log, const Streams&) {
  log.say(Level::error, "migrate.unavailable", "this build has no store");
  return kFailed;
}

int plugins(const Config&, bool, const Streams& streams) {
  streams.err << "this build loads no plugins\n";
  return kFailed;
}

std::vector<Mistake> checkComposition(const Config& config) {
  return {{config.file, {}, {}, "the configuration is well-formed; this build can prove no more"}};
}

} // namespace gatehouse::host
