#pragma once
#include "base/Event.h"
#include "host/Config.h"
#include "host/LogSink.h"
#include "host/Signals.h"

#include <iosfwd>
#include <vector>

/// What the binary can do, one function each. All answer an exit code; what they print for people or machines
/// goes to `out`, what went wrong to `err` or the log.
namespace gatehouse::host {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kWouldChange = 2, // plan
  kWrongUsage = 64, // sysexits(3)
  kWrongConfiguration = 78
};

struct ServeOptions {
  bool newStore = false; // start afresh although the store was lost (R23)
};

struct Streams {
  std::ostream& out;
  std::ostream& err;
};

/// Runs the server until a signal ends it. `signals` was made before the first thread.
[[nodiscard]] int serve(const Config&, const ServeOptions&, LogSink&, Signals& signals);
/// Proves all that `serve` would need and writes nothing: no lock, no migration, no seeding, no listener, no
/// engine. Says what engines would be run with.
[[nodiscard]] int check(const Config&, bool json, const Streams&);
/// For a pipeline: the form and references of manifests; the configuration, if there is one, was read before.
/// Needs no store, no secret and no root; lists the secrets that it did not open.
[[nodiscard]] int checkOffline(const Config* config, const std::vector<std::string>& files, const Streams&);
/// A Redis ACL file as a manifest.
[[nodiscard]] int importAclFile(const std::string& path, const Streams&);
/// Brings the store to this binary's schema; refuses while a server holds the store's lock.
[[nodiscard]] int migrate(const Config&, EventSink&, const Streams&);
/// Loads every plugin of plugins.load and says what it is and which settings it declares.
[[nodiscard]] int plugins(const Config&, bool json, const Streams&);
[[nodiscard]] int version(const Streams&);

/// What `check` proves beyond the configuration: plugins load and accept their settings, the store opens and
/// fits, manifests can be read and applied. Every mistake at once; none means that `serve` would start.
[[nodiscard]] std::vector<Mistake> checkComposition(const Config&);

} // namespace gatehouse::host
