// What `check` proves of a start without touching the store: that what is stored can be served, or that what
// would be seeded can be.
#include "host/CheckStart.h"

#include "control/Management.h"
#include "control/change/SnapshotBuilder.h"
#include "engine/Engines.h"
#include "gateway/ServingContexts.h"
#include "host/TemporaryFolder.h"
#include "store/Reader.h"
#include "store/Store.h"
#include "store/Writer.h"

#include <sys/stat.h>

#include <filesystem>

namespace gatehouse::host {
namespace {

/// The store as it is, read-only: can its certificates and settings be served? Tells whether it is empty.
Result<bool> serveStored(const Config& config, const gateway::GatewayOptions& options,
                         const control::NodeFacts& facts, const Clock& clock) {
  store::StoreOptions storeOptions;
  storeOptions.readOnly = true;
  auto store = store::Store::open(config.storePath, storeOptions);
  if (!store) return std::move(store).error();
  auto reader = (*store)->reader();
  if (!reader) return std::move(reader).error();
  auto empty = (*reader)->empty();
  if (!empty || *empty) return empty;
  auto rows = (*reader)->policy();
  if (!rows) return std::move(rows).error();
  auto snapshot = control::buildSnapshot(*rows, facts, nullptr);
  if (!snapshot) return std::move(snapshot).error();
  control::StoredCertificates stored;
  for (const store::CertificateRow& row : rows->certificates)
    stored.cluster.emplace(row.certificate.name, &row);
  for (const store::DatabaseKeyRow& row : rows->databaseKeys) stored.databaseKeys.emplace(row.uid, &row.key);
  auto doors = gateway::openDoors(options.databases, {}, **snapshot, true);
  if (!doors) return std::move(doors).error();
  auto contexts =
      gateway::ServingContexts::build(options.listeners, std::move(*doors), **snapshot, stored, clock);
  if (!contexts) return std::move(contexts).error();
  return false;
}

/// A start on a store that is thrown away: seeds the manifests, and builds what would serve them.
Status rehearse(const Config& config, gateway::GatewayOptions options, LoadedPlugins& plugins,
                const control::NodeFacts& facts, const Clock& clock, EventSink& events) {
  const TemporaryFolder folder;
  if (folder.path().empty())
    return Error{Code::unavailable, "no temporary folder can be made to try the manifests in"};
  auto store = store::Store::open((folder.path() / "try.db").string());
  if (!store) return std::move(store).error();
  auto writer = (*store)->writer();
  if (!writer) return std::move(writer).error();
  // Of engines only what the redis-server knows is asked: none is started.
  auto engines =
      engine::Engines::create(enginesOptions(config, (folder.path() / "engines").string()), clock, events);
  if (!engines) return std::move(engines).error();
  gateway::Gateway gateway(std::move(options), plugins.set(), **store, std::move(*engines), {}, clock, events,
                           plugins.counters());
  control::Management management(**store, **writer, gateway, clock, events, facts);
  auto policy = management.start(config.provision);
  (*writer)->stop();
  if (!policy) return std::move(policy).error();
  return {};
}

} // namespace

Status checkStart(const Config& config, gateway::GatewayOptions options, LoadedPlugins& plugins,
                  const Clock& clock, EventSink& events) {
  const control::NodeFacts facts = nodeFacts(config);
  options.databases.sockets = false;
  struct stat about {};
  bool empty = true;
  if (::stat(config.storePath.c_str(), &about) == 0) {
    auto stored = serveStored(config, options, facts, clock);
    if (!stored) return std::move(stored).error();
    empty = *stored;
  }
  if (!empty)
    return {}; // what is stored rules; a manifest that has become bad is logged by serve and keeps nobody
               // down
  GH_TRY(plugins.set().start());
  return rehearse(config, std::move(options), plugins, facts, clock, events);
}

} // namespace gatehouse::host
