// import aclfile: reads a file and prints a manifest; asks nobody.
#include "host/Commands.h"

#include "base/Text.h"
#include "control/manifest/AclFile.h"
#include "control/manifest/SecretSource.h"

#include <ostream>

namespace gatehouse::host {

int importAclFile(const std::string& path, const Streams& streams) {
  control::SourceReference reference;
  reference.name = path;
  const auto text = control::SecretSource().open(reference, control::aclFileLimit);
  if (!text) {
    streams.err << "gatehouse: " << text.error().description << '\n';
    return kFailed;
  }
  const auto import = control::importAclFile(text->reveal());
  if (!import) {
    streams.err << "gatehouse: " << printable(path) << ": " << import.error().description << '\n';
    return kFailed;
  }
  streams.out << import->manifest;
  for (const std::string& note : import->notes) streams.err << printable(path) << ": " << note << '\n';
  streams.err << import->users << (import->users == 1 ? " user" : " users") << " carried over\n";
  return kDone;
}

} // namespace gatehouse::host
