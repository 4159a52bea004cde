#include "engine/EngineConfiguration.h"

namespace gatehouse::engine {
namespace {

/// redis's own default: after an hour with one change, five minutes with a hundred, a minute with ten
/// thousand.
constexpr std::string_view snapshots = "3600 1 300 100 60 10000";

std::string_view word(model::EvictionPolicy policy) {
  return model::evictionPolicies[static_cast<std::size_t>(policy)]; // Redis's own words
}

} // namespace

std::vector<std::pair<std::string, std::string>> liveSettings(const EngineSpec& spec) {
  const bool log = spec.persistence == model::Persistence::aof;
  return {
      {"maxmemory", std::to_string(spec.memorySize)},
      {"maxmemory-policy", std::string(word(spec.eviction))},
      {"appendfsync", spec.aofPolicy == model::AofPolicy::always ? "always" : "everysec"},
      {"save", spec.persistence == model::Persistence::snapshot ? std::string(snapshots) : std::string()},
      {"appendonly", log ? "yes" : "no"},
  };
}

std::string engineConfiguration(const EngineSpec& spec, std::string_view adminSecretSha256Hex,
                                std::uint32_t maxClients) {
  std::string text;
  const auto line = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(1, ' ').append(value).append(1, '\n');
  };
  // No TCP; a relative name, so that CLIENT LIST shows no path.
  line("port", "0");
  line("unixsocket", engineSocket);
  // Locked from the first byte; `default` is otherwise on, without a password, after each start. It has its
  // rights all the same: while the AOF is loaded redis runs a MULTI's commands as `default`, and drops those
  // that it may not run (measured with 7.0.15: acknowledged transactions were gone after a restart).
  line("user", "default off ~* &* +@all");
  line("user", std::string(adminName) + " on #" + std::string(adminSecretSha256Hex) + " ~* &* +@all");

  // A user begins without channels, whatever a build's default is: an ACL grants them with `&`.
  line("acl-pubsub-default", "resetchannels");

  for (const auto& [name, value] : liveSettings(spec)) line(name, value.empty() ? "\"\"" : value);

  // What slow readers have not taken counts as memory and evicts keys; above one reply of 512 MB.
  line("client-output-buffer-limit", "normal 1gb 256mb 60");
  line("maxclients", std::to_string(maxClients));
  line("busy-reply-threshold", "1000"); // ms until a long script answers BUSY

  // Commands that reach out of the database stay switched off whatever a build's defaults are (R14).
  line("enable-debug-command", "no");
  line("enable-module-command", "no");
  line("enable-protected-configs", "no");

  line("io-threads", "1");
  line("loglevel", "notice");
  line("logfile", "\"\""); // standard output
  line("always-show-logo", "no");
  line("daemonize", "no");
  line("supervised", "no");
  // A crash report prints arguments that are being worked on, and users, and takes seconds.
  line("crash-log-enabled", "no");
  line("crash-memcheck-enabled", "no");
  line("set-proc-title", "no"); // Gatehouse names it
  line("oom-score-adj", "no");  // likewise
  line("disable-thp", "yes");
  return text;
}

} // namespace gatehouse::engine
