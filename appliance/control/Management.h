#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "control/Operation.h"
#include "control/change/Tokens.h"

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

/// What a start, and each SIGHUP, does with the manifests (provision of gatehouse.yaml).
struct Provisioning {
  enum class Mode : std::uint8_t { off, seed, reconcile } mode = Mode::off;
  std::vector<std::string> files; // patterns
  bool prune = false;             // `prune: owned`: what a manifest made and no manifest names any more goes
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
  Result<Policy> start(const Provisioning&);
  /// What SIGHUP asks for, in mode reconcile: reads the manifests and makes what they say so, or says in the
  /// log why not. Blocks the caller until it is in force. Not on a worker.
  void reconcile(const Provisioning&);

  /// Judges route, right, length and content type of a request. Never blocks; never null.
  [[nodiscard]] std::unique_ptr<Operation> begin(const Caller&, const Head&, const Policy&);

  /// Whose token this is; for Session's logins. Never blocks. Errors: unauthenticated.
  [[nodiscard]] Result<TokenClaims> readToken(std::string_view token) const;

  /// The one-time word that POST /v1/bootstrap/create_cluster takes on a network listener, made anew at each
  /// start; empty once there is an administrator. `spent` is called once, on any thread, when it no longer
  /// counts.
  [[nodiscard]] std::string bootstrapToken(std::function<void()> spent);

  /// Whether anybody could administer this cluster over REST; the log says the way in when not.
  [[nodiscard]] bool hasAdministrator();

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace gatehouse::control
