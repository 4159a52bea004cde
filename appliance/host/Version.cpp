#include "host/Commands.h"

#include <ostream>

namespace gatehouse::host {

int version(const Streams& streams) {
  streams.out << "gatehouse " << GATEHOUSE_VERSION << '\n';
  return kDone;
}

} // namespace gatehouse::host
