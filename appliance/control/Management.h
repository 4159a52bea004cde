#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "control/Operation.h"

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::store {
class Store;
class Writer;
} // namespace gatehouse::store

namespace gatehouse::control {

/// What the process knows of itself that the objects show (`name`, `cnm_https_port`).
struct NodeFacts {
  std::string name;              // node.name of gatehouse.yaml
  std::int64_t httpsPort = 9443; // of the first http_rest listener
};

/// The managed state: routes requests, authorises, validates, changes. Knows nothing of HTTP or sockets.
///
/// Threads: begin from any worker; start before any of them. Owns: the policy in force as the writer sees it.
class Management {
public:
  static constexpr std::size_t bodyLimit = 1 << 20; // bytes

  Management(store::Store&, store::Writer&, Serving&, const Clock&, EventSink&, NodeFacts);
  ~Management();
  Management(const Management&) = delete;
  Management& operator=(const Management&) = delete;

  /// Before any listener opens: makes the `api` and `proxy` certificates that are missing, seeds an empty
  /// store from the manifests (or says what differs), prepares. The policy to begin with, or why there is
  /// none (R11, R21).
  Result<Policy> start(const std::vector<std::string>& manifestFiles, bool seed);

  /// Judges route, right, length and content type of a request. Never blocks; never null.
  [[nodiscard]] std::unique_ptr<Operation> begin(const Caller&, const Head&, const Policy&);

  /// Whether anybody could administer this cluster over REST; the log says the way in when not.
  [[nodiscard]] bool hasAdministrator();

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace gatehouse::control
