// The commands that need the other rooms, without serving: check's second half, migrate and plugins.
#include "host/CheckStart.h"
#include "host/Commands.h"
#include "host/Composition.h"

#include "store/Store.h"

#include <ostream>

namespace gatehouse::host {
namespace {

/// Loading must say nothing: what is wrong is printed as a list.
class Silence final : public EventSink {
public:
  void record(const Event&) noexcept override {}
  [[nodiscard]] bool wants(Level) const noexcept override { return false; }
};

} // namespace

std::vector<Mistake> checkComposition(const Config& config) {
  std::vector<Mistake> mistakes;
  const SystemClock clock;
  Silence silence;
  LoadedPlugins plugins(config, clock, silence);
  if (!plugins.load(mistakes)) return mistakes;
  gateway::GatewayOptions options = gatewayOptions(config, plugins.set(), mistakes);
  if (!mistakes.empty()) return mistakes;
  if (const Status start = checkStart(config, std::move(options), plugins, clock, silence); !start)
    mistakes.push_back({config.file, {}, {}, start.error().description});
  return mistakes;
}

int migrate(const Config& config, EventSink& log, const Streams& streams) {
  auto store = store::Store::open(config.storePath);
  if (!store) {
    log.say(Level::error, "store.refused", store.error().description);
    return kFailed;
  }
  streams.out << config.storePath << ": has this version's schema\n";
  return kDone;
}

int plugins(const Config& config, bool json, const Streams& streams) {
  const SystemClock clock;
  Silence silence;
  LoadedPlugins loaded(config, clock, silence);
  std::vector<Mistake> mistakes;
  const bool good = loaded.load(mistakes);
  streams.out << (json ? loaded.set().json() : loaded.set().text());
  if (json) streams.out << '\n';
  for (const Mistake& mistake : mistakes)
    if (mistake.at.line > 0) streams.err << mistake.line() << '\n';
  return good ? kDone : kFailed;
}

} // namespace gatehouse::host
