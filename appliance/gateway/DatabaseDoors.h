#pragma once
#include "gateway/Listener.h"
#include "model/Snapshot.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::gateway {

/// How databases' listeners are made: gatehouse.yaml's `database_listeners`.
struct DatabaseListening {
  std::string host = "0.0.0.0";               // a literal address
  std::string certificate = "proxy";          // name of the ClusterCertificate that they show
  plugin::PluginInstance* protocol = nullptr; // null: no plugin that speaks RESP is loaded
  std::vector<plugin::ListedAuthenticator> authenticators;
  bool sockets = true; // false: only what can be told without opening one (`check`)
};

/// The listener of one database, or why there is none.
struct DatabaseDoor {
  std::shared_ptr<const Listener> listener; // null while the port cannot be had
  /// Open, where the listener is: held by the doors alone, so that the port is free when they are gone,
  /// however long a session that came in by it takes to end.
  std::shared_ptr<const transport::ListeningSocket> socket;
  std::int64_t port = 0;
  std::string reason; // why not, for people
};
using DatabaseDoors = std::map<std::int64_t, DatabaseDoor>; // by uid

/// The doors for a Snapshot: those that stand already, with their open sockets, and new ones, bound here
/// (R11), or with the socket of a database that lets go of the port at the same moment.
///
/// Threads: the writer's. Errors: port_unavailable, naming the database, when a port that is new with this
/// Snapshot cannot be had. One that could not be had before is tried again, and its database stays without a
/// door: the others serve. `starting`: all are of that kind.
[[nodiscard]] Result<DatabaseDoors> openDoors(const DatabaseListening&, const DatabaseDoors& present,
                                              const model::Snapshot& next, bool starting);

/// Whether a socket can listen there at this moment. Threads: any.
[[nodiscard]] bool canBind(const std::string& host, std::int64_t port);

} // namespace gatehouse::gateway
