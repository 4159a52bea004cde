#pragma once
#include "plugin/AuthenticatorChain.h"
#include "transport/ConnectionBudgets.h"
#include "transport/ListeningSocket.h"
#include "transport/TlsPolicy.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::plugin {
class PluginInstance;
}

namespace gatehouse::gateway {

/// An address, a protocol, and who may say who is there. The host makes the fixed ones from gatehouse.yaml;
/// each database has one of its own (DatabaseDoors).
///
/// Threads: immutable once its socket is open.
struct Listener {
  std::string name;          // "api", "control"; "bdb:12" of a database
  std::int64_t database = 0; // uid; 0: the management API
  bool control = false;      // the control socket: no TLS; the peer's uid is the proof
  plugin::PluginInstance* protocol = nullptr;
  std::vector<plugin::ListedAuthenticator> authenticators; // in the order they are asked
  std::string certificate;                                 // name of the ClusterCertificate that it shows
  /// Nothing: `request` while mtls_certificate_authentication is on, `none` while it is off.
  std::optional<transport::ClientCertificate> clientCertificate;
  transport::Address address;                               // of a network listener
  std::string path;                                         // of the control socket
  std::shared_ptr<const transport::ListeningSocket> socket; // a fixed one's, once it is open
};

} // namespace gatehouse::gateway
