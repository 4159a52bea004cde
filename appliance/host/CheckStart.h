#pragma once
#include "host/Composition.h"

namespace gatehouse::host {

/// Proves the rest of a start without writing to the store: a filled one is opened read-only and its contexts
/// are built; where it is empty or absent, the manifests are seeded into a store that is thrown away.
///
/// Threads: the main thread. Errors: what would keep `serve` from starting.
[[nodiscard]] Status checkStart(const Config& config, gateway::GatewayOptions options, LoadedPlugins& plugins,
                                const Clock& clock, EventSink& events);

} // namespace gatehouse::host
