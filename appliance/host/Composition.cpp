#include "host/Composition.h"

#include "plugin/PluginInstance.h"
#include "transport/Address.h"

namespace gatehouse::host {
namespace {

/// `plugins.settings` as the one mapping that it was.
Node settingsOf(const Config& config) {
  Node out;
  out.kind = Node::Kind::mapping;
  for (const auto& [name, node] : config.plugins.settings) out.members.push_back({name, node.at, node});
  return out;
}

std::vector<plugin::ListedAuthenticator> authenticatorsOf(const std::vector<std::string>& names, Position at,
                                                          const Config& config,
                                                          const plugin::PluginSet& plugins,
                                                          std::vector<Mistake>& mistakes) {
  std::vector<plugin::ListedAuthenticator> out;
  for (const std::string& name : names) {
    if (plugin::PluginInstance* instance = plugins.authenticator(name))
      out.push_back(plugin::ListedAuthenticator::of(*instance));
    else
      mistakes.push_back({config.file, at, "authenticate",
                          "'" + name + "' is no authenticator that is loaded; see plugins.load"});
  }
  return out;
}

std::optional<transport::ClientCertificate> policyOf(const std::optional<ClientCertificate>& wish) {
  if (!wish) return std::nullopt;
  switch (*wish) {
  case ClientCertificate::none: return transport::ClientCertificate::none;
  case ClientCertificate::request: return transport::ClientCertificate::request;
  case ClientCertificate::require: return transport::ClientCertificate::require;
  }
  return std::nullopt;
}

} // namespace

LoadedPlugins::LoadedPlugins(const Config& config, const Clock& clock, EventSink& events)
    : config_(config)
    , tables_(clock, events, counters_)
    , plugins_(config.plugins.directory, plugin::Surroundings{tables_, events, clock}) {}

bool LoadedPlugins::load(std::vector<Mistake>& mistakes) {
  const std::size_t before = mistakes.size();
  if (!plugins_.load(config_.plugins.load).ok()) {
    for (const plugin::PluginReport& report : plugins_.reports())
      if (!report.refusal.empty())
        mistakes.push_back({config_.file, {}, "plugins.load", report.name + ": " + report.refusal});
    return false;
  }
  const Node settings = settingsOf(config_);
  return plugins_.configure(&settings, config_.file, mistakes) && mistakes.size() == before;
}

control::NodeFacts nodeFacts(const Config& config) {
  control::NodeFacts out;
  out.name = config.nodeName;
  for (const ListenerConfig& listener : config.listeners)
    if (listener.protocol == "http_rest") {
      out.httpsPort = listener.endpoint.port;
      break;
    }
  return out;
}

engine::EnginesOptions enginesOptions(const Config& config, std::string directory) {
  engine::EnginesOptions out;
  out.directory = std::move(directory);
  out.redisServer = config.redisServer;
  out.user = config.enginesUser;
  out.sandbox = config.enginesSandbox;
  out.maxClients = config.limits.connections;
  return out;
}

transport::BudgetLimits budgetsOf(const Config& config) {
  transport::BudgetLimits out;
  out.total = config.limits.connections;
  out.perAddress = config.limits.connectionsPerAddress;
  out.unauthenticated = config.limits.unauthenticatedConnections;
  return out;
}

gateway::GatewayOptions gatewayOptions(const Config& config, const plugin::PluginSet& plugins,
                                       std::vector<Mistake>& mistakes) {
  gateway::GatewayOptions out;
  for (const ListenerConfig& wish : config.listeners) {
    gateway::Listener listener;
    listener.name = wish.name;
    listener.protocol = plugins.protocol(wish.protocol);
    if (!listener.protocol)
      mistakes.push_back({config.file, wish.at, "listeners." + wish.name + ".protocol",
                          "'" + wish.protocol + "' is no protocol that is loaded; see plugins.load"});
    listener.authenticators = authenticatorsOf(wish.authenticate, wish.at, config, plugins, mistakes);
    listener.certificate = wish.certificate;
    listener.clientCertificate = policyOf(wish.clientCertificate);
    const bool six = wish.endpoint.address.find(':') != std::string::npos;
    auto address =
        transport::Address::parse((six ? '[' + wish.endpoint.address + ']' : wish.endpoint.address) + ':' +
                                  std::to_string(wish.endpoint.port));
    if (address)
      listener.address = *address;
    else
      mistakes.push_back(
          {config.file, wish.at, "listeners." + wish.name + ".address", address.error().description});
    out.listeners.push_back(std::move(listener));
  }

  gateway::Listener control;
  control.name = "control";
  control.control = true;
  control.path = config.controlSocket;
  control.protocol = plugins.protocol("http_rest");
  if (!control.protocol)
    mistakes.push_back({config.file,
                        {},
                        "control.socket",
                        "the control socket speaks http_rest, which plugins.load does not list"});
  control.authenticators = authenticatorsOf(config.authenticate, {}, config, plugins, mistakes);
  out.listeners.push_back(std::move(control));

  out.databases.host = config.databaseAddress;
  out.databases.certificate = config.databaseCertificate;
  out.databases.protocol = plugins.protocol("resp");
  out.databases.authenticators = authenticatorsOf(config.authenticate, {}, config, plugins, mistakes);
  out.nodeName = config.nodeName;

  out.workers = config.workers;
  out.budgets = budgetsOf(config);
  out.bodyLimit = config.limits.bodyBytes;
  return out;
}

} // namespace gatehouse::host
