#include "control/Management.h"

#include "base/Text.h"
#include "control/Audit.h"
#include "control/manifest/Seed.h"
#include "control/rest/Operations.h"
#include "pki/SelfSigned.h"
#include "store/Reader.h"
#include "store/Store.h"
#include "store/Transaction.h"
#include "store/Writer.h"

#include <algorithm>
#include <array>
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
  const Surroundings around;
  WritePipeline pipeline;

  State(store::Store& s, store::Writer& w, Serving& v, const Clock& c, EventSink& e, NodeFacts f)
      : store(s)
      , writer(w)
      , serving(v)
      , clock(c)
      , events(e)
      , facts(std::move(f))
      , around{facts, v, actions}
      , pipeline(w, v, c, e, facts, actions) {}

  Status onWriter(const std::function<Status(store::WriteConnection&)>& job);
  Status makeCertificates(store::WriteConnection&);
  Status seedFrom(const Manifest&);
  Status compareWith(const Manifest&, store::Reader&);
  Status provision(const std::vector<std::string>& files);
  Result<Asked> judge(const Caller&, const Head&, const Policy&, std::string& allow);
  std::unique_ptr<Operation> refuse(const Caller&, const Head&, const Error&, const std::string& allow);
};

namespace {

constexpr std::array<std::string_view, 2> knownVersions = {"1", "v1"};

/// `application/json`, with or without parameters of which only charset=utf-8 has a meaning.
bool isJson(std::string_view type) {
  const auto trim = [](std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
  };
  const std::size_t semicolon = std::min(type.find(';'), type.size());
  if (folded(trim(type.substr(0, semicolon))) != "application/json") return false;
  const std::string parameter = folded(trim(type.substr(std::min(semicolon + 1, type.size()))));
  return parameter.empty() || parameter == "charset=utf-8" || parameter == "charset=\"utf-8\"";
}

/// -1: any; 0: what no object has.
std::int64_t revisionOf(std::string_view ifMatch) {
  if (ifMatch.empty() || ifMatch == "*") return -1;
  if (ifMatch.size() < 3 || ifMatch.front() != '"' || ifMatch.back() != '"') return 0;
  return std::max<std::int64_t>(0, toInteger(ifMatch.substr(1, ifMatch.size() - 2)).value_or(0));
}

} // namespace

Management::Management(store::Store& store, store::Writer& writer, Serving& serving, const Clock& clock,
                       EventSink& events, NodeFacts facts)
    : state_(std::make_unique<State>(store, writer, serving, clock, events, std::move(facts))) {}

Management::~Management() = default;

// ---- requests

Result<Asked> Management::State::judge(const Caller& caller, const Head& head, const Policy& policy,
                                       std::string& allow) {
  // Who has no identity learns nothing, not even which paths there are.
  if (!caller.somebody() || (!caller.user && !caller.localAdministrator())) {
    if (caller.refusedAs != Code::unauthenticated)
      return Error{caller.refusedAs, "nobody can be authenticated now; try again"};
    return Error{Code::unauthenticated, std::string(unauthenticatedText)};
  }
  if (!head.apiVersion.empty() &&
      std::find(knownVersions.begin(), knownVersions.end(), head.apiVersion) == knownVersions.end())
    return Error{Code::unsupported_api_version,
                 "x-api-version `" + printable(head.apiVersion, 32) + "` is not known; there is 1"};

  auto route = control::route(head.method, head.path);
  if (!route) return std::move(route).error();
  allow = route->allow;
  if (!route->endpoint) return Error{Code::method_not_allowed, "this path knows the methods " + route->allow};
  const Endpoint& endpoint = *route->endpoint;

  const Rights rights = rightsOf(caller, *policy.snapshot);
  const bool oneself =
      endpoint.orOneself && caller.user && caller.user->judged.user.uid == uidOf(route->parameter);
  if (!allows(rights, endpoint.permission) && !oneself) return notAllowed(endpoint.permission);

  if (endpoint.body && !isJson(head.contentType))
    return Error{Code::invalid_header,
                 "Content-Type: must be application/json, which `curl --json` sends by itself"};
  if (endpoint.body && head.length.value_or(0) > Management::bodyLimit) return bodyTooLarge();
  auto query = parseQuery(head.query);
  if (!query) return std::move(query).error();
  if (!head.ifMatch.empty() && !endpoint.tagged && head.ifMatch != "*")
    return Error{Code::precondition_failed, "If-Match: what this path writes has no ETag"};

  Asked asked;
  asked.caller = caller;
  asked.policy = policy.snapshot;
  asked.endpoint = &endpoint;
  asked.path = head.path;
  asked.parameter = std::move(route->parameter);
  asked.query = std::move(*query);
  asked.ifMatch = endpoint.plan ? revisionOf(head.ifMatch) : -1;
  return asked;
}

std::unique_ptr<Operation> Management::State::refuse(const Caller& caller, const Head& head,
                                                     const Error& error, const std::string& allow) {
  const bool access = error.code == Code::unauthorized_action || error.code == Code::unauthenticated ||
                      error.code == Code::unavailable;
  if (!caller.somebody()) {
    // One record for one refusal: whoever judged has made it, with the address and the reason.
  } else if (access) {
    audit::accessRefused(events, caller, head.method, head.path, error, error.description);
  } else if (head.method != "GET" && head.method != "OPTIONS") {
    audit::changeRefused(events, caller, head.method, head.path, error);
  }
  Answer answer = Answer::refusal(error);
  if (error.code == Code::method_not_allowed) answer.fields.emplace_back("Allow", allow);
  return std::make_unique<Refusal>(std::move(answer));
}

std::unique_ptr<Operation> Management::begin(const Caller& caller, const Head& head, const Policy& policy) {
  std::string allow;
  auto asked = state_->judge(caller, head, policy, allow);
  if (!asked) {
    if (asked.error().code == Code::method_not_allowed && head.method == "OPTIONS") {
      Answer answer;
      answer.fields.emplace_back("Allow", allow);
      return std::make_unique<Refusal>(std::move(answer));
    }
    return state_->refuse(caller, head, asked.error(), allow);
  }
  if (asked->endpoint->read) return std::make_unique<ReadOperation>(std::move(*asked), state_->around);
  return std::make_unique<WriteOperation>(std::move(*asked), state_->around, state_->pipeline, state_->events,
                                          static_cast<std::size_t>(head.length.value_or(0)));
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

Result<TokenClaims> Management::readToken(std::string_view) const {
  return Error{Code::unauthenticated, "no tokens yet"};
}

std::string Management::bootstrapToken(std::function<void()>) { return {}; }

Result<Policy> Management::start(const Provisioning& provisioning) {
  State& state = *state_;
  GH_TRY(
      state.onWriter([&](store::WriteConnection& connection) { return state.makeCertificates(connection); }));
  if (provisioning.mode != Provisioning::Mode::off && !provisioning.files.empty())
    GH_TRY(state.provision(provisioning.files));
  return state.pipeline.inForce();
}

} // namespace gatehouse::control
