#include "gateway/DatabaseDoors.h"

#include <utility>

namespace gatehouse::gateway {
namespace {

Result<transport::Address> addressOf(const std::string& host, std::int64_t port) {
  const bool six = host.find(':') != std::string::npos;
  return transport::Address::parse((six ? '[' + host + ']' : host) + ':' + std::to_string(port));
}

Result<std::shared_ptr<const Listener>> bind(const DatabaseListening& how, const model::Database& database) {
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
  if (!how.sockets) return std::shared_ptr<const Listener>(std::move(listener));
  auto socket = transport::listenTcp(*address);
  if (!socket) return std::move(socket).error();
  listener->socket = std::make_shared<const transport::ListeningSocket>(std::move(*socket));
  return std::shared_ptr<const Listener>(std::move(listener));
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
    DatabaseDoor door;
    door.port = policy.database.port;
    auto listener = bind(how, policy.database);
    if (listener) {
      door.listener = std::move(*listener);
    } else {
      door.reason = listener.error().description;
      if (!starting && !same)
        return Error{Code::port_unavailable, "database " + policy.database.name + ": " + door.reason};
    }
    doors.emplace(uid, std::move(door));
  }
  return doors;
}

} // namespace gatehouse::gateway
