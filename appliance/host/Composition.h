#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "base/Result.h"
#include "control/Management.h"
#include "engine/Engines.h"
#include "gateway/Counters.h"
#include "gateway/Gateway.h"
#include "gateway/ServiceTables.h"
#include "host/Config.h"
#include "plugin/PluginSet.h"

#include <memory>
#include <vector>

namespace gatehouse::host {

/// The plugins of a configuration, loaded, handshaken and configured, and the tables that they find. What
/// `serve`, `check` and `plugins` begin with.
///
/// Threads: the main thread. Errors: mistakes, with file:line:column where they have one.
class LoadedPlugins {
public:
  LoadedPlugins(const Config& config, const Clock& clock, EventSink& events);

  /// False: mistakes were added.
  [[nodiscard]] bool load(std::vector<Mistake>& mistakes);
  [[nodiscard]] plugin::PluginSet& set() noexcept { return plugins_; }
  [[nodiscard]] gateway::Counters& counters() noexcept { return counters_; }

private:
  const Config& config_;
  gateway::Counters counters_;
  gateway::ServiceTables tables_;
  plugin::PluginSet plugins_;
};

/// What gatehouse.yaml says about listening, in the gateway's terms. Mistakes are added for protocols and
/// authenticators that are not loaded, and addresses that are none.
[[nodiscard]] gateway::GatewayOptions gatewayOptions(const Config& config, const plugin::PluginSet& plugins,
                                                     std::vector<Mistake>& mistakes);

/// How engines are run, below `directory`.
[[nodiscard]] engine::EnginesOptions enginesOptions(const Config& config, std::string directory);

[[nodiscard]] control::NodeFacts nodeFacts(const Config& config);
[[nodiscard]] transport::BudgetLimits budgetsOf(const Config& config);

} // namespace gatehouse::host
