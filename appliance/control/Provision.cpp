#include "control/Provision.h"

#include "control/manifest/Enrolment.h"
#include "store/Reader.h"
#include "store/Store.h"
#include "store/Transaction.h"
#include "store/Writer.h"

#include <future>
#include <optional>
#include <utility>

namespace gatehouse::control {
namespace {

constexpr std::size_t mostSaid = 100; // differences, one event each
constexpr std::size_t mostNames = 20; // in one event
constexpr std::string_view who = "manifest";

std::string placeOf(std::string_view kind, const std::string& name) {
  return name.empty() ? std::string(kind) : std::string(kind) + '[' + name + ']';
}

std::string namesOf(const std::vector<Notice>& notices) {
  std::string out;
  for (std::size_t i = 0; i < notices.size() && i < mostNames; ++i)
    out += (out.empty() ? "" : ", ") + placeOf(notices[i].kind, notices[i].name);
  if (notices.size() > mostNames) out += ", ...";
  return out;
}

std::string orNothing(const std::string& value) { return value.empty() ? "nothing" : value; }

/// One sentence for each difference.
std::vector<std::string> sentences(const ManifestPlan& plan) {
  std::vector<std::string> out;
  for (const PlannedChange& change : plan.changes) {
    const std::string place = placeOf(change.kind, change.name);
    if (change.action == PlannedChange::Action::create)
      out.push_back(place + " is in the manifest, not in the store");
    else
      for (const PlannedField& field : change.fields)
        out.push_back(place + '.' + field.name + ": manifest " + orNothing(field.after) + ", store " +
                      orNothing(field.before));
  }
  for (const Notice& notice : plan.left)
    out.push_back(placeOf(notice.kind, notice.name) +
                  " came from a manifest, but is in none any more; it stays");
  for (const Notice& notice : plan.notOwned)
    if (!notice.fields.empty()) out.push_back(placeOf(notice.kind, notice.name) + ' ' + notice.text);
  for (const Mistake& mistake : plan.mistakes) out.push_back(mistake.line());
  return out;
}

bool refersToSomething(const Manifest& manifest) {
  const auto any = [](const auto& all) {
    for (const auto& wanted : all)
      if (!wanted.references.empty()) return true;
    return false;
  };
  return any(manifest.certificates) || any(manifest.databases) || any(manifest.users);
}

} // namespace

Provision::Provision(store::Store& store, store::Writer& writer, Serving& serving, EventSink& events,
                     WritePipeline& pipeline)
    : store_(store)
    , writer_(writer)
    , serving_(serving)
    , events_(events)
    , pipeline_(pipeline) {}

Result<bool> Provision::isEmpty() const {
  auto reader = store_.reader();
  if (!reader) return std::move(reader).error();
  return (*reader)->empty();
}

Status Provision::start(const Provisioning& provisioning) {
  if (provisioning.mode == Provisioning::Mode::off || provisioning.files.empty()) return {};
  auto empty = isEmpty();
  if (!empty) return std::move(empty).error();
  auto manifest = std::make_shared<Manifest>(readManifest(provisioning.files, *pipeline_.inForce().snapshot));
  if (*empty) {
    if (!manifest->ok()) return asError(manifest->mistakes);
    reveal(*manifest, SecretSource());
    auto made = make(manifest, {}, Stage::starting);
    if (!made) return std::move(made).error();
    sayNotices(*made);
    return {};
  }
  if (provisioning.mode == Provisioning::Mode::seed) return tell(manifest);
  makeOrSay(manifest, provisioning, Stage::starting);
  return {};
}

void Provision::reconcile(const Provisioning& provisioning) {
  if (provisioning.mode != Provisioning::Mode::reconcile || provisioning.files.empty()) return;
  std::shared_ptr<const model::Snapshot> present;
  if (!writer_.run([&](store::WriteConnection&) { present = pipeline_.inForce().snapshot; })) return;
  makeOrSay(std::make_shared<Manifest>(readManifest(provisioning.files, *present)), provisioning,
            Stage::serving);
}

/// The store is the truth: a manifest that has become unreadable, or asks for what must not be, must not keep
/// a server down.
void Provision::makeOrSay(const std::shared_ptr<Manifest>& manifest, const Provisioning& provisioning,
                          Stage stage) {
  if (manifest->ok()) reveal(*manifest, SecretSource());
  if (!manifest->ok()) {
    for (const Mistake& mistake : manifest->mistakes)
      events_.say(Level::error, "provision.mistake", mistake.line());
    return;
  }
  PlanOptions options;
  options.prune = provisioning.prune;
  auto made = make(manifest, options, stage);
  // Somebody wrote while passwords were hashed: compare again.
  for (int again = 0; again < 3 && !made && made.error().code == Code::precondition_failed; ++again)
    made = make(manifest, options, stage);
  if (!made)
    return events_.say(Level::error, "provision.failed",
                       "nothing of the manifests was made: " + made.error().description);
  sayNotices(*made);
  events_.say(Level::information, "provision.reconciled",
              std::to_string(made->changes.size()) + " objects were made what the manifests say");
}

Status Provision::tell(const std::shared_ptr<Manifest>& manifest) {
  for (const Mistake& mistake : manifest->mistakes)
    events_.say(Level::error, "provision.mistake", mistake.line());
  if (!manifest->ok()) return {};
  auto plan = rehearse(manifest, {}, false, Stage::starting);
  if (!plan) return std::move(plan).error();
  const std::vector<std::string> said = sentences(*plan);
  for (std::size_t i = 0; i < said.size() && i < mostSaid; ++i)
    events_.say(Level::information, "provision.differs", said[i]);
  if (said.size() > mostSaid)
    events_.say(Level::information, "provision.differs",
                "and " + std::to_string(said.size() - mostSaid) + " more; `gatehouse plan` shows all");
  if (refersToSomething(*manifest))
    events_.say(Level::information, "provision.differs",
                "secrets and files that the manifest refers to were not compared");
  sayNotices(*plan);
  return {};
}

void Provision::sayNotices(const ManifestPlan& plan) {
  if (!plan.drift.empty())
    events_.say(Level::warning, "provision.drift",
                "changed over REST since a manifest wrote them: " + std::to_string(plan.drift.size()) + ": " +
                    namesOf(plan.drift),
                {{"count", plan.drift.size()}});
  for (std::size_t i = 0; i < plan.held.size() && i < mostSaid; ++i)
    events_.say(Level::warning, "provision.held",
                placeOf(plan.held[i].kind, plan.held[i].name) + ' ' + plan.held[i].text);
  if (!plan.destroys.empty())
    events_.say(Level::warning, "provision.destroys",
                "the manifests would lose data of " + namesOf(plan.destroys) +
                    ", which stays; `gatehouse apply --destroy NAME` is the only way");
}

/// Compares on the writer's thread, in a transaction that is rolled back; `whole`: and tries the changes.
Result<ManifestPlan> Provision::rehearse(const std::shared_ptr<const Manifest>& manifest,
                                         const PlanOptions& options, bool whole, Stage stage) {
  std::optional<Result<ManifestPlan>> plan;
  WritePipeline::Work work;
  work.who = who;
  work.origin = store::Origin::manifest;
  work.apply = [&](Draft& draft) -> Status {
    plan = whole ? apply(draft, *manifest, options, {}) : compare(draft, *manifest, options);
    return Error{Code::conflict, "only a rehearsal"}; // so it is rolled back
  };
  const Status status = run(std::move(work), stage);
  if (!plan) return status.error();
  return std::move(*plan);
}

Result<Verifiers> Provision::enrol(const std::shared_ptr<const Manifest>& manifest,
                                   const ManifestPlan& plan) {
  std::promise<Result<Verifiers>> promise;
  auto future = promise.get_future();
  enrolAll(serving_, manifest, toEnrol(plan),
           [&](Result<Verifiers> verifiers) { promise.set_value(std::move(verifiers)); });
  return future.get();
}

Result<ManifestPlan> Provision::make(const std::shared_ptr<Manifest>& manifest, const PlanOptions& options,
                                     Stage stage) {
  Verifiers verifiers;
  model::Revision planned = -1;
  bool passwords = !manifest->ok(); // a rehearsal finds the other mistakes too
  for (const auto& user : manifest->users) passwords = passwords || user.given.contains("password");
  if (passwords) { // hashing is spent only on what would be done
    auto plan = rehearse(manifest, options, true, stage);
    if (!plan) return std::move(plan).error();
    if (!plan->mistakes.empty()) return asError(plan->mistakes);
    auto enrolled = enrol(manifest, *plan);
    if (!enrolled) return std::move(enrolled).error();
    verifiers = std::move(*enrolled);
    planned = plan->revision;
  }
  std::optional<ManifestPlan> made;
  WritePipeline::Work work;
  work.who = who;
  work.origin = store::Origin::manifest;
  work.apply = [&](Draft& draft) -> Status {
    auto plan = apply(draft, *manifest, options, {&verifiers, planned, nullptr});
    if (!plan) return std::move(plan).error();
    if (!plan->mistakes.empty()) return asError(plan->mistakes);
    auto someone = control::hasAdministrator(draft);
    if (!someone) return std::move(someone).error();
    if (!*someone)
      events_.say(Level::warning, "provision.no_administrator",
                  "the manifests make no administrator; " + howToMakeAnAdministrator());
    made = std::move(*plan);
    return {};
  };
  GH_TRY(run(std::move(work), stage));
  return std::move(*made);
}

Status Provision::run(WritePipeline::Work work, Stage stage) {
  std::promise<Status> promise;
  auto future = promise.get_future();
  if (stage == Stage::starting) { // there is nobody to publish to
    if (!writer_.run([&](store::WriteConnection& connection) {
          promise.set_value(pipeline_.commit(connection, work));
        }))
      return Error{Code::unavailable, "the store's writer takes no work"};
  } else {
    pipeline_.submit(std::move(work), [&](Status status) { promise.set_value(std::move(status)); });
  }
  return future.get();
}

std::string howToMakeAnAdministrator() {
  return "nobody can administer this cluster over REST; make a user whose role has `management: admin`: in a "
         "manifest before the first start, or over the control socket with `curl --unix-socket` and POST "
         "/v1/users";
}

} // namespace gatehouse::control
