#include "host/CheckEngines.h"
#include "host/Commands.h"

#include <ostream>

namespace gatehouse::host {

int check(const Config& config, bool json, const Streams& streams) {
  std::vector<Mistake> mistakes = checkComposition(config);
  const EnginesFound engines = checkEngines(config);
  mistakes.insert(mistakes.end(), engines.mistakes.begin(), engines.mistakes.end());
  for (const Mistake& mistake : mistakes) streams.err << mistake.line() << '\n';
  if (json) {
    std::string text = configJson(config);
    text.back() = ',';
    streams.out << text << "\"found\":{\"engines\":" << enginesJson(engines) << "}}\n";
  } else {
    streams.out << enginesText(engines);
    if (mistakes.empty()) streams.out << config.file << ": good; `gatehouse serve` would start\n";
  }
  return mistakes.empty() ? kDone : kWrongConfiguration;
}

} // namespace gatehouse::host
