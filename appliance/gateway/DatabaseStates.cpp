#include "gateway/DatabaseStates.h"

#include "transport/Address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <utility>

namespace gatehouse::gateway {
namespace {

using model::DatabaseStatus;

/// Addresses by which this machine is reached, where a listener is bound to all of them.
std::vector<std::string> ownAddresses(int family) {
  std::vector<std::string> out;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return out;
  for (const ifaddrs* at = first; at; at = at->ifa_next) {
    if (!at->ifa_addr || (at->ifa_flags & IFF_UP) == 0 || (at->ifa_flags & IFF_LOOPBACK) != 0) continue;
    if (at->ifa_addr->sa_family != AF_INET && (family != AF_INET6 || at->ifa_addr->sa_family != AF_INET6))
      continue;
    const socklen_t length = at->ifa_addr->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    out.push_back(transport::Address::fromSockaddr(at->ifa_addr, length).host());
  }
  ::freeifaddrs(first);
  return out;
}

std::vector<std::string> addressesOf(const Listener& listener) {
  const std::string host = listener.address.host();
  std::vector<std::string> out;
  if (host == "0.0.0.0" || host == "::") out = ownAddresses(listener.address.family());
  if (out.empty()) out.push_back(host);
  return out;
}

DatabaseStatus wordOf(engine::EngineStatus status) noexcept {
  switch (status) {
  case engine::EngineStatus::starting: return DatabaseStatus::pending;
  case engine::EngineStatus::ready: return DatabaseStatus::active;
  case engine::EngineStatus::changing: return DatabaseStatus::active_change_pending;
  case engine::EngineStatus::recovering: return DatabaseStatus::recovery;
  case engine::EngineStatus::failed:
  case engine::EngineStatus::gone: break;
  }
  return DatabaseStatus::creation_failed;
}

} // namespace

DatabaseStates::DatabaseStates(std::string nodeName, std::string noEngines)
    : nodeName_(std::move(nodeName))
    , noEngines_(std::move(noEngines)) {}

void DatabaseStates::take(const model::Snapshot& snapshot, const DatabaseDoors& doors) {
  std::map<std::int64_t, Seen> seen;
  for (const auto& [uid, policy] : snapshot.databases) {
    Seen one;
    one.port = policy.database.port;
    if (const auto door = doors.find(uid); door == doors.end())
      one.noDoor = "its port has not been opened";
    else if (!door->second.listener)
      one.noDoor = door->second.reason;
    else
      one.addresses = addressesOf(*door->second.listener);
    seen.emplace(uid, std::move(one));
  }
  const std::lock_guard lock(mutex_);
  seen_ = std::move(seen);
}

control::DatabaseState DatabaseStates::of(std::int64_t uid, engine::Engines* engines) {
  Seen seen;
  {
    const std::lock_guard lock(mutex_);
    const auto found = seen_.find(uid);
    if (found == seen_.end()) { // deleted: until its engine has ended and its files are put aside
      if (engines && engines->state(uid).status != engine::EngineStatus::gone)
        return {DatabaseStatus::delete_pending, "it is being deleted", {}};
      return {DatabaseStatus::creation_failed, "there is no such database", {}};
    }
    seen = found->second;
  }
  control::DatabaseState state;
  model::Endpoint endpoint;
  endpoint.uid = std::to_string(uid) + ":1";
  endpoint.dns_name = nodeName_;
  endpoint.port = seen.port;
  endpoint.addr = std::move(seen.addresses);
  state.endpoints.push_back(std::move(endpoint));
  if (!engines) {
    state.status = DatabaseStatus::creation_failed;
    state.reason = noEngines_;
    return state;
  }
  engine::EngineState engine = engines->state(uid);
  state.status = wordOf(engine.status);
  state.reason = std::move(engine.reason);
  if (state.status == DatabaseStatus::active && !seen.noDoor.empty()) {
    state.status = DatabaseStatus::creation_failed;
    state.reason = std::move(seen.noDoor);
  }
  return state;
}

} // namespace gatehouse::gateway
