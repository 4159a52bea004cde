#pragma once
#include "plugin/Handshake.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::plugin::contract {

/// What a stage has to work with.
struct Trial {
  const Descriptor& plugin;
  const std::map<std::string, std::string>& settings; // as given on the command line
};

/// One part of the contract, tried in a process of its own.
struct Stage {
  enum class For : std::uint8_t { all, authenticators, protocols };

  std::string_view name, sentence;
  For plugins;
  void (*run)(const Trial&);
};

/// In the order in which they are run. The first, handshake, comes before there is a Descriptor and has no
/// function: every stage begins with it.
[[nodiscard]] std::span<const Stage> stages() noexcept;

void tryLifecycle(const Trial&);
void tryEvidence(const Trial&);
void tryEnrolment(const Trial&);
void tryParallelVerify(const Trial&);
void tryChunking(const Trial&);
void tryHost(const Trial&);
void tryLimits(const Trial&);
void tryEnds(const Trial&);
void trySessions(const Trial&);
void tryGrowth(const Trial&);

/// Loads the plugin, and runs the stage of that name in this process; what it finds goes to `descriptor`
/// (Findings.h). Returns what the process shall exit with.
int runStage(std::string_view name, const std::string& file,
             const std::map<std::string, std::string>& settings, int descriptor);

} // namespace gatehouse::plugin::contract
