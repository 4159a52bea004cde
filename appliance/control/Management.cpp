#include "control/Management.h"

#include "base/Text.h"
#include "control/Audit.h"
#include "control/Provision.h"
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
  Provision provision;

  State(store::Store& s, store::Writer& w, Serving& v, const Clock& c, EventSink& e, NodeFacts f)
      : store(s)
      , writer(w)
      , serving(v)
      , clock(c)
      , events(e)
      , facts(std::move(f))
      , around{facts, v, actions, c, tokens, bootstrap, pipeline}
      , pipeline(w, v, c, e, facts, actions)
      , provision(s, w, v, e, pipeline) {}

  Status onWriter(const std::function<Status(store::WriteConnection&)>& job);
  Status makeCertificates(store::WriteConnection&);
  Status openTokens(store::WriteConnection&);
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
  } else if (head.method != "GET" && head.method != "HEAD" && head.method != "OPTIONS") {
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
  if (endpoint.work || endpoint.bulk)
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

void Management::reconcile(const Provisioning& provisioning) { state_->provision.reconcile(provisioning); }

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
  GH_TRY(state.provision.start(provisioning));
  return state.pipeline.inForce();
}

} // namespace gatehouse::control
