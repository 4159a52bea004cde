#include "gateway/DatabaseDoors.h"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

Result<transport::Address> addressOf(const std::string& host, std::int64_t port) {
  const bool six = host.find(':') != std::string::npos;
  return transport::Address::parse((six ? '[' + host + ']' : host) + ':' + std::to_string(port));
}

using Socket = std::shared_ptr<const transport::ListeningSocket>;

/// The open socket of a database that lets go of this port; null: there is none.
Socket leftBy(const DatabaseDoors& present, const model::Snapshot& next, std::int64_t port) {
  const auto found = std::find_if(present.begin(), present.end(), [&](const auto& entry) {
    const auto still = next.databases.find(entry.first);
    return entry.second.socket && entry.second.port == port &&
           (still == next.databases.end() || still->second.database.port != port);
  });
  return found == present.end() ? nullptr : found->second.socket;
}

/// `open`: its socket, where there is one already.
Result<DatabaseDoor> bind(const DatabaseListening& how, const model::Database& database, Socket open) {
  if (!how.protocol)
    return Error{Code::unavailable, "no plugin that speaks RESP is loaded: add resp to plugins.load"};
  auto listener = std::make_shared<Listener>();
  listener->name = "bdb:" + std::to_string(database.uid);
  listener->database = database.uid;
  listener->protocol = how.protocol;
  listener->authenticators = how.authenticators;
  listener->certificate = how.certificate;
  auto address = addressOf(how.host, database.port);
  if (!address) return std::move(address).error();
  listener->address = *address;
  DatabaseDoor door;
  door.port = database.port;
  door.listener = std::move(listener);
  if (!how.sockets) return door;
  if (open) {
    door.socket = std::move(open);
    return door;
  }
  auto socket = transport::listenTcp(*address);
  if (!socket) return std::move(socket).error();
  door.socket = std::make_shared<const transport::ListeningSocket>(std::move(*socket));
  return door;
}

} // namespace

bool canBind(const std::string& host, std::int64_t port) {
  const auto address = addressOf(host, port);
  return address.ok() && transport::listenTcp(*address).ok();
}

Result<DatabaseDoors> openDoors(const DatabaseListening& how, const DatabaseDoors& present,
                                const model::Snapshot& next, bool starting) {
  DatabaseDoors doors;
  for (const auto& [uid, policy] : next.databases) {
    const auto before = present.find(uid);
    const bool same = before != present.end() && before->second.port == policy.database.port;
    if (same && before->second.listener) {
      doors.emplace(uid, before->second);
      continue;
    }
    auto door = bind(how, policy.database, leftBy(present, next, policy.database.port));
    if (!door && !starting && !same)
      return Error{Code::port_unavailable,
                   "database " + policy.database.name + ": " + door.error().description};
    doors.emplace(uid, door ? std::move(*door)
                            : DatabaseDoor{nullptr, nullptr, policy.database.port, door.error().description});
  }
  return doors;
}

} // namespace gatehouse::gateway
