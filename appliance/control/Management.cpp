#include "control/Management.h"

#include "base/Text.h"
#include "control/Audit.h"
#include "control/manifest/Seed.h"
#include "control/rest/Operations.h"
#include "pki/Hash.h"
#include "pki/SelfSigned.h"
#include "store/Reader.h"
#include "store/Store.h"
#include "store/Transaction.h"
#include "store/Writer.h"

#include <utility>

namespace gatehouse::control {

struct Management::State {
  store::Store& store;
  store::Writer& writer;
  Serving& serving;
  const Clock& clock;
  EventSink& events;
  const NodeFacts facts;
  ActionLog actions;
  std::unique_ptr<const Tokens> tokens; // written by start alone
  OneTimeToken bootstrap;
  const Surroundings around;
  WritePipeline pipeline;

  State(store::Store& s, store::Writer& w, Serving& v, const Clock& c, EventSink& e, NodeFacts f)
      : store(s)
      , writer(w)
      , serving(v)
      , clock(c)
      , events(e)
      , facts(std::move(f))
      , around{facts, v, actions, c, tokens, bootstrap, pipeline}
      , pipeline(w, v, c, e, facts, actions) {}

  Status onWriter(const std::function<Status(store::WriteConnection&)>& job);
  Status makeCertificates(store::WriteConnection&);
  Status openTokens(store::WriteConnection&);
  Status seedFrom(const Manifest&);
  Status compareWith(const Manifest&, store::Reader&);
  Status provision(const std::vector<std::string>& files);
  std::unique_ptr<Operation> refuse(const Caller&, const Head&, const Policy&, const Error&,
                                    const std::string& allow);
};

Management::Management(store::Store& store, store::Writer& writer, Serving& serving, const Clock& clock,
                       EventSink& events, NodeFacts facts)
    : state_(std::make_unique<State>(store, writer, serving, clock, events, std::move(facts))) {}

Management::~Management() = default;

// ---- requests

std::unique_ptr<Operation> Management::State::refuse(const Caller& caller, const Head& head,
                                                     const Policy& policy, const Error& error,
                                                     const std::string& allow) {
  const bool ofStranger = refusesStranger(caller, error);
  const bool access = error.code == Code::unauthorized_action || error.code == Code::cross_site_request ||
                      error.code == Code::unauthenticated || error.code == Code::unavailable;
  if (ofStranger) {
    // One record for one refusal: whoever judged has it, with the address and the reason.
  } else if (access) {
    audit::accessRefused(events, caller, head.method, head.path, error, error.description);
  } else if (head.method != "GET" && head.method != "OPTIONS") {
    audit::changeRefused(events, caller, head.method, head.path, error);
  }
  Answer answer = Answer::refusal(error);
  if (error.code == Code::method_not_allowed) answer.fields.emplace_back("Allow", allow);
  if (caller.somebody()) addStateId(answer, policy.snapshot->revision);
  return std::make_unique<Refusal>(std::move(answer), ofStranger);
}

std::unique_ptr<Operation> Management::begin(const Caller& caller, const Head& head, const Policy& policy) {
  State& state = *state_;
  std::string allow;
  auto asked = judgeRequest(caller, head, policy, allow);
  if (!asked) {
    if (asked.error().code == Code::method_not_allowed && head.method == "OPTIONS") {
      Answer answer;
      answer.fields.emplace_back("Allow", allow);
      addStateId(answer, policy.snapshot->revision);
      return std::make_unique<Refusal>(std::move(answer), false);
    }
    return state.refuse(caller, head, policy, asked.error(), allow);
  }
  const std::uint64_t expected = head.length.value_or(0);
  const Endpoint& endpoint = *asked->endpoint;
  if (endpoint.read) return std::make_unique<ReadOperation>(std::move(*asked), state.around);
  if (endpoint.work)
    return std::make_unique<WorkOperation>(std::move(*asked), state.around, state.events, expected);
  return std::make_unique<WriteOperation>(std::move(*asked), state.around, state.pipeline, state.events,
                                          expected);
}

bool Management::hasAdministrator() {
  auto reader = state_->store.reader();
  if (!reader) return false;
  auto count = (*reader)->administrators();
  return count && *count > 0;
}

// ---- the start

Status Management::State::onWriter(const std::function<Status(store::WriteConnection&)>& job) {
  Status status;
  if (!writer.run([&](store::WriteConnection& connection) { status = job(connection); }))
    return Error{Code::unavailable, "the store's writer takes no work"};
  return status;
}

Status Management::State::makeCertificates(store::WriteConnection& connection) {
  WritePipeline::Work work;
  work.who = "gatehouse";
  work.apply = [this](Draft& draft) -> Status {
    std::vector<CertificateRequest> requests;
    for (const std::string_view name : {"api", "proxy"}) {
      if (draft.next.certificates.contains(name)) continue;
      auto pair = pki::generateSelfSigned(facts.name, draft.now);
      if (!pair) return std::move(pair).error();
      CertificateRequest request;
      request.name = name;
      request.certificate = std::move(pair->certificatePem);
      request.key = std::move(pair->keyPem);
      request.generated = true;
      requests.push_back(std::move(request));
    }
    return putCertificates(draft, requests);
  };
  return pipeline.commit(connection, work);
}

/// The secret that signs tokens stays the store's own; a restored store has made itself another.
Status Management::State::openTokens(store::WriteConnection& connection) {
  auto transaction = connection.begin("gatehouse", clock.wallSeconds());
  if (!transaction) return std::move(transaction).error();
  auto key = transaction->key("token");
  if (!key) return std::move(key).error();
  if (!*key) {
    auto bytes = pki::randomBytes(32);
    if (!bytes) return std::move(bytes).error();
    *key = Secret(std::move(*bytes));
    GH_TRY(transaction->putKey("token", **key));
    store::Change change;
    GH_TRY(transaction->commit(change));
  }
  tokens = std::make_unique<const Tokens>(std::move(**key));
  return {};
}

Status Management::State::seedFrom(const Manifest& manifest) {
  if (!manifest.ok()) return asError(manifest.mistakes);
  const OpenedSecrets opened =
      openSecrets(manifest, SecretSource(), [this](model::AuthMethod method, const Secret& password) {
        return serving.enroll(method, password);
      });
  WritePipeline::Work work;
  work.who = "manifest";
  work.origin = store::Origin::manifest;
  work.apply = [&](Draft& draft) -> Status {
    auto mistakes = seed(draft, manifest, opened);
    if (!mistakes) return std::move(mistakes).error();
    if (!mistakes->empty()) return asError(*mistakes);
    auto someone = control::hasAdministrator(draft);
    if (!someone) return std::move(someone).error();
    if (!*someone)
      events.say(Level::warning, "provision.no_administrator",
                 "the manifests make no administrator; " + howToMakeAnAdministrator());
    return {};
  };
  return onWriter([&](store::WriteConnection& connection) { return pipeline.commit(connection, work); });
}

Status Management::State::compareWith(const Manifest& manifest, store::Reader& reader) {
  // The store is the truth now: a manifest that has become unreadable must not keep a server down.
  for (const Mistake& mistake : manifest.mistakes)
    events.say(Level::error, "provision.mistake", mistake.line());
  if (!manifest.ok()) return {};
  auto found = differences(manifest, *pipeline.inForce().snapshot, reader);
  if (!found) return std::move(found).error();
  for (const std::string& difference : *found)
    events.say(Level::information, "provision.differs", difference);
  return {};
}

Status Management::State::provision(const std::vector<std::string>& files) {
  auto reader = store.reader();
  if (!reader) return std::move(reader).error();
  auto empty = (*reader)->empty();
  if (!empty) return std::move(empty).error();
  const Manifest manifest = readManifest(files, *pipeline.inForce().snapshot);
  return *empty ? seedFrom(manifest) : compareWith(manifest, **reader);
}

void Management::reconcile(const Provisioning&) {}

Result<TokenClaims> Management::readToken(std::string_view token) const {
  if (!state_->tokens) return Error{Code::unavailable, "the management has not started"};
  return state_->tokens->read(token);
}

std::string Management::bootstrapToken(std::function<void()> spent) {
  auto reader = state_->store.reader();
  if (!reader) return {};
  auto count = (*reader)->administrators();
  if (!count || *count > 0) return {};
  auto bytes = pki::randomBytes(32);
  if (!bytes) return {};
  std::string word = gatehouse::hex(*bytes);
  state_->bootstrap.arm(Secret(word), std::move(spent));
  return word;
}

Result<Policy> Management::start(const Provisioning& provisioning) {
  State& state = *state_;
  GH_TRY(
      state.onWriter([&](store::WriteConnection& connection) { return state.makeCertificates(connection); }));
  GH_TRY(state.onWriter([&](store::WriteConnection& connection) { return state.openTokens(connection); }));
  if (provisioning.mode != Provisioning::Mode::off && !provisioning.files.empty())
    GH_TRY(state.provision(provisioning.files));
  return state.pipeline.inForce();
}

} // namespace gatehouse::control
