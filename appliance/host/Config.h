#pragma once
#include "base/Event.h"
#include "base/Node.h"
#include "control/Management.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// gatehouse.yaml as types: how to run, never what should exist. Each member's initialiser is its default;
/// conf/README.md explains each.
namespace gatehouse::host {

inline constexpr const char* kDefaultConfigFile = "/etc/gatehouse/gatehouse.yaml";

/// A literal IPv4 or IPv6 address and a port: nothing here is looked up by name. Port 0: the system chooses.
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
};

enum class ClientCertificate : std::uint8_t { none, request, require };

struct ListenerConfig {
  std::string name;
  std::string protocol;            // a plugin of plugins.load
  Endpoint endpoint;               // "0.0.0.0:9443", "[::]:9443"
  std::string certificate = "api"; // the ClusterCertificate that it shows
  std::optional<ClientCertificate>
      clientCertificate;                 // nothing: by the cluster's mtls_certificate_authentication
  std::vector<std::string> authenticate; // default: Config::authenticate
  Position at;                           // in gatehouse.yaml, for later mistakes
};

struct PluginsConfig {
  std::string directory = "/usr/lib/gatehouse/plugins";
  std::vector<std::string> load = {"certificate", "password", "http_rest", "resp"};
  std::vector<std::pair<std::string, Node>>
      settings; // by plugin, unread: the plugin's descriptor says what they are
};

enum class LogFormat : std::uint8_t { text, json };

struct LimitsConfig {
  std::uint32_t connections = 10'000;               // open at once, all listeners together
  std::uint32_t connectionsPerAddress = 1'000;      // an IPv6 /64 counts as one address
  std::uint32_t unauthenticatedConnections = 1'000; // the oldest goes when a newer one comes
  std::uint64_t bodyBytes = std::uint64_t{1} << 20; // of one request
};

struct Config {
  std::string file;                                            // where it was read
  std::string nodeName;                                        // node.name; default: the host's name
  std::string storePath = "/var/lib/gatehouse/gatehouse.db";   // store.path
  PluginsConfig plugins;                                       // plugins
  std::vector<ListenerConfig> listeners;                       // default: api, http_rest on 0.0.0.0:9443
  std::string databaseAddress = "0.0.0.0";                     // database_listeners.address
  std::string databaseCertificate = "proxy";                   // database_listeners.certificate
  std::string enginesDirectory = "/var/lib/gatehouse/engines"; // engines.directory
  std::string redisServer = "/usr/bin/redis-server";           // engines.redis_server
  std::string enginesUser = "redis";                           // engines.user
  bool enginesSandbox = true;                                  // engines.sandbox
  std::string controlSocket = "/run/gatehouse/control.sock";   // control.socket, at most 107 bytes
  std::vector<std::string> authenticate = {"certificate", "password"};
  control::Provisioning provision{
      control::Provisioning::Mode::seed, {}, false}; // files: absolute paths or globs
  Level logLevel = Level::information;               // log.level
  LogFormat logFormat = LogFormat::text;             // log.format
  unsigned workers = 2;                              // threads; default: cores, at least 2
  LimitsConfig limits;
};

/// A configuration, or why there is none: `config` is fit for use only while `mistakes` is empty.
struct ConfigReading {
  Config config;
  std::vector<Mistake> mistakes;

  [[nodiscard]] bool ok() const noexcept { return mistakes.empty(); }
};

/// Reads a text that stands in `file`; relative paths in it count from that file's folder.
/// Threads: any. Errors: all mistakes at once, unknown keys with the nearest known word.
[[nodiscard]] ConfigReading readConfig(const std::string& file, std::string_view text);

/// The same for a file; one that cannot be read is a mistake that names --config.
[[nodiscard]] ConfigReading readConfigFile(const std::string& path);

/// The whole configuration in use, defaults included, as one JSON object: what `check --json` shows.
[[nodiscard]] std::string configJson(const Config&);

} // namespace gatehouse::host
