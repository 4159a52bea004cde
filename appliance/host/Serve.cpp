#include "host/BootstrapFile.h"
#include "host/Commands.h"
#include "host/Composition.h"
#include "host/ServiceNotify.h"

#include "control/Management.h"
#include "engine/Engines.h"
#include "gateway/Gateway.h"
#include "store/Reader.h"
#include "store/Store.h"
#include "store/Writer.h"

#include <sstream>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace gatehouse::host {
namespace {

/// As many descriptors as the system allows, and a warning where the budgets promise more than that.
void raiseDescriptors(const Config& config, EventSink& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t beside = 256; // store, loops, control socket
  if (limit.rlim_cur < config.limits.connections + beside)
    log.say(
        Level::warning, "descriptors.few",
        "limits.connections is more than the system lets this process open",
        {{"limit", static_cast<std::uint64_t>(limit.rlim_cur)}, {"connections", config.limits.connections}});
}

void sayCounters(const gateway::Counters& counters, EventSink& log) {
  Event event{Level::information, "gateway.counters", "counted since the start", {}};
  const auto all = counters.all();
  for (const auto& [name, value] : all) event.fields.emplace_back(std::string_view(name), value);
  log.record(event);
}

void sayWaysIn(const Config& config, const gateway::Gateway& gateway, const control::Policy& policy,
               control::Management& management, EventSink& log) {
  for (const gateway::Listener& listener : gateway.listeners())
    log.say(Level::information, "listener.open", "listens",
            {{"listener", listener.name}, {"address", listener.socket->text()}});
  for (const gateway::Listener& listener : gateway.listeners())
    if (listener.clientCertificate == transport::ClientCertificate::require &&
        !policy.snapshot->certificates.contains("mtls_trusted_ca"))
      log.say(Level::warning, "listener.closed",
              "nobody can come in by this listener: it requires client certificates, and there is no "
              "mtls_trusted_ca; put it over "
              "the control socket",
              {{"listener", listener.name}});
  log.say(Level::information, "serve.certificate",
          "the certificate that clients need for --cacert: curl --unix-socket " + config.controlSocket +
              " http://localhost/v1/cluster/certificates");
  if (!management.hasAdministrator())
    log.say(Level::warning, "serve.no_administrator",
            "nobody can administer this cluster over REST yet; make the first administrator with: curl "
            "--unix-socket " +
                config.controlSocket +
                " --json '{\"name\":\"admin\",\"password\":\"...\",\"role_uids\":[1]}' "
                "http://localhost/v1/users");
}

/// Where the one-time word for POST /v1/bootstrap/create_cluster is, while there is one.
void sayBootstrap(const BootstrapFile& file, control::Management& management, EventSink& log) {
  const std::string token = management.bootstrapToken([&file] { file.remove(); });
  if (token.empty()) return;
  if (const Status written = file.write(token); !written) {
    log.say(Level::error, "serve.no_bootstrap_token", written.error().description);
    return;
  }
  log.say(Level::information, "serve.bootstrap_token",
          "POST /v1/bootstrap/create_cluster takes the one-time word of this file until there is an "
          "administrator",
          {{"file", file.path()}});
}

} // namespace

int serve(const Config& config, const ServeOptions& options, LogSink& log, Signals& signals) {
  const SystemClock clock;
  const ServiceNotify notify = ServiceNotify::fromEnvironment();
  const auto refuse = [&](std::string_view event, const std::string& text, int code) {
    std::istringstream lines(text); // a manifest's mistakes come together; each is a line of its own
    for (std::string line; std::getline(lines, line);) log.say(Level::error, event, line);
    return code;
  };
  // R18: engines may share our user; none shall read our memory. Nor does a core file of it lie about.
  if (::prctl(PR_SET_DUMPABLE, 0) != 0)
    log.say(Level::warning, "serve.dumpable", "this process can be read by others of its user");
  raiseDescriptors(config, log);

  // The order of a start (design §2): configuration, lock and migrations, plugins, seed, prepare, bind,
  // READY.
  store::StoreOptions storeOptions;
  storeOptions.newStore = options.newStore;
  auto store = store::Store::open(config.storePath, storeOptions);
  if (!store) return refuse("store.refused", store.error().description, kFailed);

  const BootstrapFile bootstrap(config.storePath); // under the lock: no other server's

  std::vector<Mistake> mistakes;
  LoadedPlugins plugins(config, clock, log);
  gateway::GatewayOptions gatewayWishes;
  if (plugins.load(mistakes)) gatewayWishes = gatewayOptions(config, plugins.set(), mistakes);
  for (const Mistake& mistake : mistakes) log.say(Level::error, "configuration.wrong", mistake.line());
  if (!mistakes.empty()) return kWrongConfiguration;
  if (const Status started = plugins.set().start(); !started)
    return refuse("plugin.refused", started.error().description, kFailed);

  auto writer = (*store)->writer();
  if (!writer) return refuse("store.refused", writer.error().description, kFailed);
  // Where no engine can be run, the REST API is open still, and says why databases are not.
  auto engines = engine::Engines::create(enginesOptions(config, config.enginesDirectory), clock, log);
  if (!engines) log.say(Level::error, "engines.refused", engines.error().description);
  std::string noEngines = engines ? std::string() : engines.error().description;
  gateway::Gateway gateway(std::move(gatewayWishes), plugins.set(), **store,
                           engines ? std::move(*engines) : nullptr, std::move(noEngines), clock, log,
                           plugins.counters());
  control::Management management(**store, **writer, gateway, clock, log, nodeFacts(config));
  auto policy = management.start(config.provision);
  if (!policy) return refuse("serve.refused", policy.error().description, kWrongConfiguration);
  sayBootstrap(bootstrap, management, log); // before anybody could spend it
  const Status open = gateway.open(
      management, *policy, [&writer](std::int64_t uid, std::int64_t at) { (*writer)->touchLogin(uid, at); },
      [&writer](store::LoginFailures failures) { (*writer)->touchFailures(std::move(failures)); });
  if (!open) return refuse("serve.refused", open.error().description, kFailed);

  sayWaysIn(config, gateway, *policy, management, log);
  *policy = {}; // what it holds open, databases' ports among it, is the gateway's to close
  notify.ready("serving");
  for (;;) {
    const auto word = signals.wait(-1);
    if (!word) continue;
    if (*word == Signals::Word::stop) break;
    notify.reloading();
    const ConfigReading reading = readConfigFile(config.file);
    for (const Mistake& mistake : reading.mistakes)
      log.say(Level::error, "configuration.wrong", mistake.line());
    if (reading.ok()) { // what can change while it runs: conf/README.md
      log.setLevel(reading.config.logLevel);
      gateway.setBudgets(budgetsOf(reading.config));
      if (reading.config.provision.mode == control::Provisioning::Mode::reconcile)
        management.reconcile(reading.config.provision); // says in the log what it did, or why not
    }
    sayCounters(plugins.counters(), log);
    notify.ready("serving");
  }
  notify.stopping("draining");
  log.say(Level::information, "serve.stopping", "no new connections; present ones finish what is at hand");
  constexpr std::uint64_t moreMs = 15'000; // each time that an engine is seen to be saving still
  gateway.drain([&notify] {
    notify.extend(moreMs);
    notify.status("databases are being saved");
  });
  (*writer)->stop();
  sayCounters(plugins.counters(), log);
  return kDone;
}

} // namespace gatehouse::host
