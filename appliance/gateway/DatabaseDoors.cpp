#include "gateway/DatabaseDoors.h"

#include <utility>

namespace gatehouse::gateway {
namespace {

Result<transport::Address> addressOf(const std::string& host, std::int64_t port) {
  const bool six = host.find(':') != std::string::npos;
  return transport::Address::parse((six ? '[' + host + ']' : host) + ':' + std::to_string(port));
}

Result<DatabaseDoor> bind(const DatabaseListening& how, const model::Database& database) {
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
    auto door = bind(how, policy.database);
    if (!door && !starting && !same)
      return Error{Code::port_unavailable,
                   "database " + policy.database.name + ": " + door.error().description};
    doors.emplace(uid, door ? std::move(*door)
                            : DatabaseDoor{nullptr, nullptr, policy.database.port, door.error().description});
  }
  return doors;
}

} // namespace gatehouse::gateway
