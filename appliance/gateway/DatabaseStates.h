#pragma once
#include "control/Ports.h"
#include "engine/Engines.h"
#include "gateway/DatabaseDoors.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What each database looks like from outside: its engine's state in the documented words, and where clients
/// connect.
///
/// Threads: any; a short mutex. Owns: a copy of what it needs of the policy.
class DatabaseStates {
public:
  /// `noEngines`: why no engine can be run here, where that is so.
  DatabaseStates(std::string nodeName, std::string noEngines);

  /// A policy is in force.
  void take(const model::Snapshot&, const DatabaseDoors&);
  /// `engines` may be null. A database that is not in the policy is one that is being deleted, for as long as
  /// it has an engine.
  [[nodiscard]] control::DatabaseState of(std::int64_t uid, engine::Engines* engines);

private:
  struct Seen {
    std::int64_t port = 0;
    std::vector<std::string> addresses;
    std::string noDoor; // why its port is not open; empty when it is
  };
  const std::string nodeName_, noEngines_;
  std::mutex mutex_;
  std::map<std::int64_t, Seen> seen_;
};

} // namespace gatehouse::gateway
