#include "host/Commands.h"

#include <ostream>

namespace gatehouse::host {

int check(const Config& config, bool json, const Streams& streams) {
  const std::vector<Mistake> mistakes = checkComposition(config);
  for (const Mistake& mistake : mistakes) streams.err << mistake.line() << '\n';
  if (json) {
    streams.out << configJson(config) << '\n';
  } else if (mistakes.empty()) {
    streams.out << config.file << ": good; `gatehouse serve` would start\n";
  }
  return mistakes.empty() ? kDone : kWrongConfiguration;
}

} // namespace gatehouse::host
