#include "host/Config.h"

#include "base/Text.h"
#include "host/ConfigSchema.h"
#include "host/Section.h"
#include "yaml/YamlReader.h"

#include <algorithm>
#include <arpa/inet.h>
#include <filesystem>
#include <set>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace gatehouse::host {

namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20; // bytes
constexpr const char* kNameRule = "must be 1 to 63 of a-z, 0-9, `_` and `-`, and begin with a letter";

bool isName(std::string_view text) {
  const auto inside = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 63 && text[0] >= 'a' && text[0] <= 'z' &&
         std::all_of(text.begin(), text.end(), inside);
}

bool isHostName(std::string_view text) {
  const auto inside = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= 253 && text[0] != '.' && text[0] != '-' &&
         std::all_of(text.begin(), text.end(), inside);
}

bool isAddress(const std::string& text) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

std::optional<Endpoint> endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  std::string_view address = text.substr(0, colon);
  const auto port = toInteger(text.substr(colon + 1));
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  const bool v6 = address.find(':') != std::string_view::npos;
  if (!port || *port < 0 || *port > 65535 || v6 != bracketed || !isAddress(std::string(address))) return {};
  return Endpoint{std::string(address), static_cast<std::uint16_t>(*port)};
}

std::string hostName() {
  char buffer[256] = {};
  if (::gethostname(buffer, sizeof buffer - 1) != 0 || !isHostName(buffer)) return "localhost";
  return buffer;
}

/// Reads one file: the sections of Config, and what they must agree on.
class Reader {
public:
  explicit Reader(const std::string& file) {
    reading_.config.file = file;
    mistakes_.file = file;
    folder_ = std::filesystem::absolute(file).parent_path();
  }

  ConfigReading read(yaml::Document document) {
    mistakes_.all = std::move(document.mistakes);
    if (document.empty && mistakes_.all.empty())
      mistakes_.add({1, 1}, {}, "the file is empty; conf/README.md explains every key");
    Section root(&document.root, {}, mistakes_);
    all(root);
    std::stable_sort(mistakes_.all.begin(), mistakes_.all.end(), [](const Mistake& a, const Mistake& b) {
      return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
    reading_.mistakes = std::move(mistakes_.all);
    return std::move(reading_);
  }

  /// What would be asked for.
  KeyShape shape() {
    KeyShape out;
    mistakes_.record = &out;
    Section root(nullptr, {}, mistakes_);
    all(root);
    return out;
  }

private:
  void all(Section& root) {
    node(root);
    plugins(root);
    authenticate(root);
    listeners(root);
    engines(root);
    provision(root);
    logging(root);
    limits(root);
    root.finish();
  }

  void path(Section& section, std::string_view key, std::string& out) {
    if (const auto text = section.text(key)) out = absolute(*text);
  }
  [[nodiscard]] std::string absolute(const std::string& path) const {
    return (folder_ / path).lexically_normal().string(); // an absolute path replaces the folder
  }
  static void name(Section& section, std::string_view key, std::string& out) {
    const auto text = section.text(key);
    if (!text) return;
    if (!isName(*text)) return section.wrong(key, kNameRule);
    out = *text;
  }
  [[nodiscard]] bool loaded(std::string_view plugin) const {
    const auto& load = reading_.config.plugins.load;
    return std::find(load.begin(), load.end(), plugin) != load.end();
  }
  [[nodiscard]] std::string notLoaded(std::string_view plugin) const {
    const auto& load = reading_.config.plugins.load;
    const std::vector<std::string_view> words(load.begin(), load.end());
    const std::string_view near = nearest(plugin, words);
    return '`' + printable(plugin, 64) + "` is not among plugins.load" +
           (near.empty() ? std::string() : "; did you mean `" + std::string(near) + "`?");
  }

  void node(Section& root) {
    Config& config = reading_.config;
    Section node = root.section("node");
    config.nodeName = hostName();
    if (const auto name = node.text("name")) {
      if (isHostName(*name)) {
        config.nodeName = *name;
      } else {
        node.wrong("name", "must be a host name of letters, digits, `.` and `-`");
      }
    }
    node.finish();

    Section store = root.section("store");
    path(store, "path", config.storePath);
    store.finish();

    Section control = root.section("control");
    path(control, "socket", config.controlSocket);
    if (config.controlSocket.size() >= sizeof(sockaddr_un::sun_path))
      control.wrong("socket", "is longer than the " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                                  " bytes that a socket's path may have");
    control.finish();
  }

  void plugins(Section& root) {
    PluginsConfig& out = reading_.config.plugins;
    Section plugins = root.section("plugins");
    path(plugins, "directory", out.directory);
    if (auto load = plugins.texts("load")) {
      std::set<std::string> seen;
      for (const std::string& plugin : *load) {
        if (!isName(plugin)) plugins.wrong("load", '`' + printable(plugin, 64) + "` " + kNameRule);
        if (!seen.insert(plugin).second) plugins.wrong("load", '`' + plugin + "` stands there twice");
      }
      out.load = std::move(*load);
    }
    if (const Node* settings = plugins.mapping("settings", "from a plugin's name to its settings")) {
      for (const Node::Member& member : settings->members) {
        const std::string where = "plugins.settings." + printable(member.key, 64);
        if (!loaded(member.key)) {
          mistakes_.add(member.at, where, notLoaded(member.key));
        } else if (member.value.kind != Node::Kind::mapping) {
          mistakes_.add(member.value.at, where, "must be a mapping: `setting: value`");
        } else {
          out.settings.emplace_back(member.key, member.value);
        }
      }
    }
    plugins.finish();
  }

  void authenticators(Section& section, std::vector<std::string>& out) {
    auto names = section.texts("authenticate");
    if (!names) return;
    std::set<std::string> seen;
    for (const std::string& plugin : *names) {
      if (!loaded(plugin)) section.wrong("authenticate", notLoaded(plugin));
      if (!seen.insert(plugin).second)
        section.wrong("authenticate", '`' + printable(plugin, 64) + "` stands there twice");
    }
    out = std::move(*names);
  }

  void authenticate(Section& root) {
    auto& out = reading_.config.authenticate;
    std::erase_if(out, [this](const std::string& plugin) { return !loaded(plugin); }); // of the default
    authenticators(root, out);
  }

  void listeners(Section& root) {
    Config& config = reading_.config;
    if (auto items = root.sections("listeners")) {
      for (Section& item : *items) listener(item);
    } else {
      ListenerConfig standard;
      standard.name = "api";
      standard.protocol = "http_rest";
      standard.endpoint = {"0.0.0.0", 9443};
      standard.authenticate = config.authenticate;
      if (!loaded(standard.protocol))
        mistakes_.add(root.at(), "listeners",
                      "the default listener speaks http_rest, which is not among plugins.load; write "
                      "`listeners: []` to have none");
      config.listeners.push_back(std::move(standard));
    }
    Section databases = root.section("database_listeners");
    if (const auto address = databases.text("address")) {
      if (isAddress(*address)) {
        config.databaseAddress = *address;
      } else {
        databases.wrong("address",
                        "must be an IPv4 or IPv6 address without a port, such as `0.0.0.0` or `::`");
      }
    }
    name(databases, "certificate", config.databaseCertificate);
    databases.finish();
  }

  void listener(Section& section) {
    Config& config = reading_.config;
    ListenerConfig out;
    out.at = section.at();
    out.authenticate = config.authenticate;
    for (const char* key : {"name", "protocol", "address"}) section.require(key);
    name(section, "name", out.name);
    for (const ListenerConfig& other : config.listeners)
      if (!out.name.empty() && other.name == out.name)
        section.wrong("name",
                      "the listener on line " + std::to_string(other.at.line) + " has this name already");
    if (const auto protocol = section.text("protocol")) {
      out.protocol = *protocol;
      if (!loaded(out.protocol)) section.wrong("protocol", notLoaded(out.protocol));
    }
    if (const auto address = section.text("address")) {
      if (const auto parsed = endpoint(*address)) {
        out.endpoint = *parsed;
        for (const ListenerConfig& other : config.listeners)
          if (other.endpoint.port != 0 && other.endpoint.port == parsed->port &&
              other.endpoint.address == parsed->address)
            section.wrong("address", "the listener on line " + std::to_string(other.at.line) +
                                         " has this address already");
      } else {
        section.wrong(
            "address",
            "must be an address and a port, such as `0.0.0.0:9443` or `[::1]:9443`; names are not looked up");
      }
    }
    name(section, "certificate", out.certificate);
    if (const auto policy = section.choice("client_certificate", {"none", "request", "require"}))
      out.clientCertificate = static_cast<ClientCertificate>(*policy);
    authenticators(section, out.authenticate);
    section.refused("proxy_protocol", "is not available yet; remove the key");
    section.finish();
    config.listeners.push_back(std::move(out));
  }

  void engines(Section& root) {
    Config& config = reading_.config;
    Section engines = root.section("engines");
    path(engines, "directory", config.enginesDirectory);
    path(engines, "redis_server", config.redisServer);
    if (const auto user = engines.text("user")) {
      if (isName(*user)) {
        config.enginesUser = *user;
      } else {
        engines.wrong("user", kNameRule);
      }
    }
    if (const auto sandbox = engines.choice("sandbox", {"off", "on"})) config.enginesSandbox = *sandbox == 1;
    engines.finish();
  }

  void provision(Section& root) {
    Config& config = reading_.config;
    Section provision = root.section("provision");
    if (const auto mode = provision.choice("mode", {"off", "seed", "reconcile"}))
      config.provision.mode = static_cast<control::Provisioning::Mode>(*mode);
    if (const auto prune = provision.choice("prune", {"off", "owned"})) config.provision.prune = *prune == 1;
    if (const auto files = provision.texts("files"))
      for (const std::string& file : *files) config.provision.files.push_back(absolute(file));
    provision.finish();
  }

  void logging(Section& root) {
    Config& config = reading_.config;
    Section log = root.section("log");
    if (const auto level = log.choice("level", {"error", "warning", "information", "debug"}))
      config.logLevel = static_cast<Level>(*level);
    if (const auto format = log.choice("format", {"text", "json"}))
      config.logFormat = static_cast<LogFormat>(*format);
    log.finish();
  }

  void limits(Section& root) {
    Config& config = reading_.config;
    config.workers = static_cast<unsigned>(root.integer("workers", 0, 256).value_or(0));
    if (config.workers == 0) config.workers = std::clamp(std::thread::hardware_concurrency(), 2U, 256U);

    LimitsConfig& out = config.limits;
    Section limits = root.section("limits");
    out.connections =
        static_cast<std::uint32_t>(limits.integer("connections", 16, 1'000'000).value_or(out.connections));
    const auto part = [&](std::string_view key, std::uint32_t& value, std::uint32_t most) {
      value = std::min(value, most); // a default never exceeds the total that was chosen
      value = static_cast<std::uint32_t>(limits.integer(key, 1, out.connections).value_or(value));
    };
    part("connections_per_address", out.connectionsPerAddress, out.connections);
    // Half at most by default: strangers who fill the total keep everybody out, and none of them is evicted.
    part("unauthenticated_connections", out.unauthenticatedConnections, out.connections / 2);
    out.bodyBytes = static_cast<std::uint64_t>(
        limits.bytes("body", 1 << 10, 1 << 20).value_or(static_cast<std::int64_t>(out.bodyBytes)));
    limits.finish();
  }

  ConfigReading reading_;
  MistakeList mistakes_;
  std::filesystem::path folder_;
};

} // namespace

KeyShape configShape() { return Reader("gatehouse.yaml").shape(); }

ConfigReading readConfig(const std::string& file, std::string_view text) {
  yaml::Limits limits;
  limits.bytes = kLargestFile;
  return Reader(file).read(yaml::readYaml(file, text, limits));
}

ConfigReading readConfigFile(const std::string& path) {
  yaml::Limits limits;
  limits.bytes = kLargestFile;
  yaml::Document document = yaml::readYamlFile(path, limits);
  if (document.mistakes.size() == 1 && document.mistakes[0].at.line == 0) { // the file, not its text
    document.mistakes[0].text += "; name another configuration with --config FILE";
    ConfigReading reading;
    reading.mistakes = std::move(document.mistakes);
    return reading;
  }
  return Reader(path).read(std::move(document));
}

} // namespace gatehouse::host
