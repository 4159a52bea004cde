#include "base/Json.h"
#include "host/Config.h"

#include <array>

namespace gatehouse::host {

namespace {

/// Writes members in order; commas are its business.
class Writer {
public:
  explicit Writer(std::string& out)
      : out_(out) {}

  void open(std::string_view key) { name(key), begin('{'); }
  void openList(std::string_view key) { name(key), begin('['); }
  void begin(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
  }
  void end(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void text(std::string_view key, std::string_view value) {
    name(key), json::text(out_, value), first_ = false;
  }
  void number(std::string_view key, std::int64_t value) {
    name(key), json::integer(out_, value), first_ = false;
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    openList(key);
    for (const std::string& value : values) separate(), json::text(out_, value), first_ = false;
    end(']');
  }
  /// A setting as it was written; types are the plugin's business.
  void tree(const Node& node) {
    if (node.kind == Node::Kind::mapping) {
      begin('{');
      for (const Node::Member& member : node.members) name(member.key), tree(member.value);
      end('}');
    } else if (node.kind == Node::Kind::sequence) {
      begin('[');
      for (const Node& item : node.items) tree(item);
      end(']');
    } else {
      separate(), json::text(out_, node.text), first_ = false;
    }
  }
  void name(std::string_view key) {
    separate();
    json::text(out_, key);
    out_ += ':';
    first_ = true; // no comma before the value
  }

private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = true;
  }

  std::string& out_;
  bool first_ = true;
};

std::string_view word(ClientCertificate policy) {
  constexpr std::array<std::string_view, 3> words = {"none", "request", "require"};
  return words[static_cast<std::size_t>(policy)];
}

std::string_view word(Level level) {
  constexpr std::array<std::string_view, 4> words = {"error", "warning", "information", "debug"};
  return words[static_cast<std::size_t>(level)];
}

std::string written(const Endpoint& endpoint) {
  const bool v6 = endpoint.address.find(':') != std::string::npos;
  return (v6 ? '[' + endpoint.address + ']' : endpoint.address) + ':' + std::to_string(endpoint.port);
}

} // namespace

std::string configJson(const Config& config) {
  std::string out;
  Writer json(out);
  json.begin('{');
  json.open("node"), json.text("name", config.nodeName), json.end('}');
  json.open("store"), json.text("path", config.storePath), json.end('}');
  json.open("plugins");
  json.text("directory", config.plugins.directory);
  json.texts("load", config.plugins.load);
  json.open("settings");
  for (const auto& [plugin, node] : config.plugins.settings) json.name(plugin), json.tree(node);
  json.end('}'), json.end('}');
  json.openList("listeners");
  for (const ListenerConfig& listener : config.listeners) {
    json.begin('{');
    json.text("name", listener.name);
    json.text("protocol", listener.protocol);
    json.text("address", written(listener.endpoint));
    json.text("certificate", listener.certificate);
    if (listener.clientCertificate) json.text("client_certificate", word(*listener.clientCertificate));
    json.texts("authenticate", listener.authenticate);
    json.end('}');
  }
  json.end(']');
  json.open("database_listeners");
  json.text("address", config.databaseAddress), json.text("certificate", config.databaseCertificate);
  json.end('}');
  json.open("engines");
  json.text("directory", config.enginesDirectory), json.text("redis_server", config.redisServer);
  json.text("user", config.enginesUser), json.text("sandbox", config.enginesSandbox ? "on" : "off");
  json.end('}');
  json.open("control"), json.text("socket", config.controlSocket), json.end('}');
  json.texts("authenticate", config.authenticate);
  json.open("provision");
  constexpr std::string_view modes[] = {"off", "seed", "reconcile"};
  json.text("mode", modes[static_cast<std::size_t>(config.provision.mode)]);
  json.text("prune", config.provision.prune ? "owned" : "off");
  json.texts("files", config.provision.files);
  json.end('}');
  json.open("log");
  json.text("level", word(config.logLevel));
  json.text("format", config.logFormat == LogFormat::text ? "text" : "json");
  json.end('}');
  json.number("workers", config.workers);
  json.open("limits");
  json.number("connections", config.limits.connections);
  json.number("connections_per_address", config.limits.connectionsPerAddress);
  json.number("unauthenticated_connections", config.limits.unauthenticatedConnections);
  json.number("body", static_cast<std::int64_t>(config.limits.bodyBytes));
  json.end('}');
  json.end('}');
  return out;
}

} // namespace gatehouse::host
