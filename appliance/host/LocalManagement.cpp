#include "host/LocalManagement.h"

#include "control/Management.h"
#include "gateway/Gateway.h"
#include "host/Composition.h"
#include "host/LogSink.h"
#include "host/TemporaryFolder.h"
#include "store/Reader.h"
#include "store/Store.h"
#include "store/Writer.h"

#include <unistd.h>

#include <future>
#include <memory>
#include <optional>

namespace gatehouse::host {
namespace {

/// Serves nobody: asks the gateway, which is never opened, for what must be built, proven or enrolled, and
/// keeps the policy for the next request.
class NobodyServed final : public control::Serving {
public:
  NobodyServed(control::Serving& gateway, store::Store& store, store::Writer& writer)
      : gateway_(gateway)
      , store_(store)
      , writer_(writer) {}

  /// What was published last; of the writer's thread until it has answered, then the asker's.
  control::Policy policy;

  Result<std::shared_ptr<const control::Prepared>>
  prepare(const model::Snapshot& next, const control::StoredCertificates& stored) override {
    return gateway_.prepare(next, stored);
  }
  void publish(control::Policy next, store::Change, std::function<void()> swept) override {
    policy = std::move(next);
    swept();
  }
  Result<std::string> enroll(model::AuthMethod method, const Secret& secret) override {
    return gateway_.enroll(method, secret);
  }
  Result<std::vector<bool>> fits(model::AuthMethod method, const Secret& secret,
                                 const std::vector<std::string>& verifiers) override {
    return gateway_.fits(method, secret, verifiers);
  }
  bool onCpu(std::function<void()> job) override { return gateway_.onCpu(std::move(job)); }

  bool loginLocked(std::int64_t user, std::int64_t now) override {
    bool locked = false;
    eachFailure(user, [&](const store::LoginFailures& row) { locked |= row.lockedUntil > now; });
    return locked;
  }
  void unlock(std::int64_t user) override {
    eachFailure(user, [this](const store::LoginFailures& row) {
      writer_.touchFailures({row.userUid, row.network, 0, row.lastFailure, 0});
    });
  }
  void liveSessions(std::function<void(std::vector<control::LiveSession>)> done) override { done({}); }

  void runCommand(std::int64_t, std::shared_ptr<const model::Admission>, std::vector<std::string>,
                  std::function<void(Result<std::string>)> done) override {
    done(Error{Code::bdb_unavailable, "no server runs, so no database does"});
  }
  std::shared_ptr<const model::CommandTable> commands() override { return gateway_.commands(); }
  bool portIsFree(std::int64_t port) override { return gateway_.portIsFree(port); }
  control::DatabaseState databaseState(std::int64_t) override {
    return {model::DatabaseStatus::pending, "no server runs", {}};
  }
  void whenSettled(std::int64_t, std::uint64_t, std::function<void()> done) override { done(); }

private:
  template <class F>
  void eachFailure(std::int64_t user, const F& act) {
    auto reader = store_.reader();
    if (!reader) return;
    auto rows = (*reader)->loginFailures();
    if (!rows) return;
    for (const store::LoginFailures& row : *rows)
      if (row.userUid == user) act(row);
  }

  control::Serving& gateway_;
  store::Store& store_;
  store::Writer& writer_;
};

std::string allOf(const std::vector<Mistake>& mistakes) {
  std::string out;
  for (const Mistake& mistake : mistakes) (out.empty() ? out : out += '\n') += mistake.line();
  return out;
}

/// Errors alone: the rest is what the command itself says, and what /v1/logs keeps.
Config quiet(const Config& config) {
  Config out = config;
  out.logLevel = Level::error;
  return out;
}

} // namespace

struct LocalManagement::State {
  explicit State(const Config& configuration)
      : config(quiet(configuration))
      , log(config, clock)
      , plugins(config, clock, log) {}
  ~State() {
    if (writer) writer->stop();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Config config;
  SystemClock clock;
  LogSink log;
  TemporaryFolder folder; // where a redis-server is asked what it knows
  LoadedPlugins plugins;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::Reader> reader;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<gateway::Gateway> gateway;
  std::unique_ptr<NobodyServed> serving;
  std::unique_ptr<control::Management> management;
};

LocalManagement::LocalManagement(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
LocalManagement::~LocalManagement() = default;

Result<std::unique_ptr<LocalManagement>> LocalManagement::open(const Config& config) {
  auto state = std::make_unique<State>(config);
  auto store = store::Store::open(config.storePath);
  if (!store) return std::move(store).error();
  state->store = std::move(*store);

  std::vector<Mistake> mistakes;
  gateway::GatewayOptions options;
  if (state->plugins.load(mistakes)) options = gatewayOptions(state->config, state->plugins.set(), mistakes);
  if (!mistakes.empty()) return Error{Code::unavailable, allOf(mistakes)};
  GH_TRY(state->plugins.set().start());
  options.databases.sockets = false;

  auto reader = state->store->reader();
  if (!reader) return std::move(reader).error();
  state->reader = std::move(*reader);
  auto writer = state->store->writer();
  if (!writer) return std::move(writer).error();
  state->writer = std::move(*writer);
  // Of engines only what the redis-server knows is asked: none is started.
  auto engines = engine::Engines::create(
      enginesOptions(state->config, (state->folder.path() / "engines").string()), state->clock, state->log);
  std::string noEngines = engines ? std::string() : engines.error().description;
  state->gateway = std::make_unique<gateway::Gateway>(
      std::move(options), state->plugins.set(), *state->store, engines ? std::move(*engines) : nullptr,
      std::move(noEngines), state->clock, state->log, state->plugins.counters());
  state->serving = std::make_unique<NobodyServed>(*state->gateway, *state->store, *state->writer);
  state->management = std::make_unique<control::Management>(
      *state->store, *state->writer, *state->serving, state->clock, state->log, nodeFacts(state->config));
  auto policy = state->management->start({}); // mode off: what a command does not say is not done
  if (!policy) return std::move(policy).error();
  state->serving->policy = std::move(*policy);
  return std::unique_ptr<LocalManagement>(new LocalManagement(std::move(state)));
}

Reply LocalManagement::answer(std::string_view method, std::string_view pathAndQuery, std::string_view body) {
  auto admission = std::make_shared<model::Admission>();
  admission->kind = model::EvidenceKind::local;
  admission->listener = "control";
  admission->control = true;
  admission->localUid = ::getuid();
  control::Caller caller;
  caller.admission = std::move(admission);
  caller.peer = "command";

  control::Head head;
  head.method = method;
  const std::size_t question = pathAndQuery.find('?');
  head.path = pathAndQuery.substr(0, question);
  if (question != std::string_view::npos) head.query = pathAndQuery.substr(question + 1);
  if (!body.empty()) head.contentType = "application/json";
  head.length = body.size();

  const auto operation = state_->management->begin(caller, head, state_->serving->policy);
  if (operation->wantsBody() && !body.empty())
    if (const Status taken = operation->body(body); !taken) {
    } // finish answers why
  auto promise = std::make_shared<std::promise<control::Answer>>();
  auto future = promise->get_future();
  operation->finish(*state_->reader,
                    [promise](control::Answer answer) { promise->set_value(std::move(answer)); });
  control::Answer answer = future.get();
  Reply reply{answer.status, std::move(answer.body)};
  while (answer.listing) {
    const auto more = answer.listing->next(*state_->reader, reply.body);
    if (!more) {
      control::Answer refusal = control::Answer::refusal(more.error());
      return {refusal.status, std::move(refusal.body)};
    }
    if (!*more) break;
  }
  return reply;
}

} // namespace gatehouse::host
