#pragma once
#include "host/Config.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::host {

/// What engines would be run with, as `check` finds it.
struct EnginesFound {
  bool asked = false;           // false: no listed plugin opens databases, and nothing was looked at
  std::string program, version; // version: empty where the program could not be asked
  std::uint64_t commands = 0;   // that it knows
  std::string directory;        // `usable`, `to be made`; empty where it is neither
  std::string user;             // whom engines run as
  bool sandbox = true, seccomp = false;
  int landlock = 0;                    // its version; 0: none
  std::vector<std::string> warnings{}; // what works less well, or cannot be said from here
  std::vector<Mistake> mistakes{};     // what keeps engines from running
};

/// Looks at all that engines need: the program, asked by a short-lived one in a temporary folder; the
/// directory, in which nothing is made; the user; the kernel's walls. Blocks for two seconds at the most.
///
/// Threads: the main thread. Errors: stand in it. A missing redis-server is a warning, since a gateway
/// without databases runs; one that is there and cannot be run is a mistake.
[[nodiscard]] EnginesFound checkEngines(const Config& config);

/// Lines for people, one for each fact and warning.
[[nodiscard]] std::string enginesText(const EnginesFound& found);
/// One JSON object.
[[nodiscard]] std::string enginesJson(const EnginesFound& found);

} // namespace gatehouse::host
