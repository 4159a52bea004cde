#include "control/rest/Manifests.h"

#include "base/Text.h"
#include "control/change/SnapshotBuilder.h"
#include "control/codec/Findings.h"
#include "control/manifest/Apply.h"
#include "control/manifest/Enrolment.h"
#include "control/manifest/Export.h"
#include "control/manifest/Impact.h"
#include "control/rest/WritePipeline.h"
#include "store/Transaction.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

namespace gatehouse::control::manifests {
namespace {

using Done = std::function<void(Answer)>;

constexpr std::size_t manyObjects = 10'000;

/// A body that was understood.
struct Request {
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  /// The allocator keeps what a large manifest was made of, in the arena of the thread that read it; the next
  /// one may come to another thread, and the memory of both would stay.
  ~Request() {
    const bool large = manifest && manifest->users.size() > manyObjects;
    manifest.reset();
    if (large) ::malloc_trim(0);
  }

  std::shared_ptr<Manifest> manifest;
  PlanOptions options;
  bool impact = false;
  model::Revision revision = -1;
  std::vector<LiveSession> sessions{};
  Verifiers verifiers{};
};
using Shared = std::shared_ptr<Request>;

Error wrong(std::string_view place, std::string_view text) {
  return {Code::invalid_schema, std::string(place) + ": " + std::string(text)};
}

Error unknown(std::string_view place, const std::string& key, const std::vector<std::string_view>& known) {
  return wrong(place, "`" + printable(key, 64) + "` is not known here" + didYouMean(key, known));
}

Result<bool> flag(const Node& node, std::string_view place) {
  const bool bare = node.kind == Node::Kind::scalar && node.style == Node::Style::bare;
  if (bare && node.text == "true") return true;
  if (bare && node.text == "false") return false;
  return wrong(place, "true or false is wanted");
}

Result<PlanOptions::NameSet> nameSet(const Node& node, const std::string& place) {
  PlanOptions::NameSet names;
  if (node.kind != Node::Kind::sequence) return wrong(place, "a list of names is wanted");
  for (const Node& item : node.items) {
    if (item.kind != Node::Kind::scalar || item.style != Node::Style::quoted || item.text.empty())
      return wrong(place, "a list of names is wanted, as `users/ada` or `ada`");
    names.insert(item.text);
  }
  return names;
}

Result<PlanOptions> optionsOf(const Node& node) {
  PlanOptions options;
  if (node.kind != Node::Kind::mapping) return wrong("options", "an object is wanted");
  for (const Node::Member& member : node.members) {
    const std::string place = "options." + printable(member.key, 64);
    if (member.key == "prune") {
      const bool text = member.value.kind == Node::Kind::scalar;
      if (!text || (member.value.text != "owned" && member.value.text != "off"))
        return wrong(place, "`owned` or `off` is wanted");
      options.prune = member.value.text == "owned";
      continue;
    }
    PlanOptions::NameSet* into = member.key == "adopt"     ? &options.adopt
                                 : member.key == "release" ? &options.release
                                 : member.key == "destroy" ? &options.destroy
                                                           : nullptr;
    if (!into) return unknown("options", member.key, {"prune", "adopt", "release", "destroy"});
    auto names = nameSet(member.value, place);
    if (!names) return std::move(names).error();
    *into = std::move(*names);
  }
  return options;
}

Result<Shared> requestOf(const Reading& reading, Node& body, bool applies) {
  if (!rightsOf(reading.caller, *reading.policy).administrator())
    return Error{Code::unauthorized_action, "only an administrator may plan and apply manifests"};
  auto request = std::make_shared<Request>();
  if (body.kind != Node::Kind::mapping)
    return Error{Code::invalid_schema, R"(an object is wanted: {"manifest":{...}})"};
  Node* document = nullptr;
  for (Node::Member& member : body.members) {
    if (member.key == "manifest") {
      document = &member.value;
    } else if (member.key == "options") {
      auto options = optionsOf(member.value);
      if (!options) return std::move(options).error();
      request->options = std::move(*options);
    } else if (member.key == "impact") {
      auto impact = flag(member.value, "impact");
      if (!impact) return std::move(impact).error();
      request->impact = *impact && !applies; // a client may send all that it sent for the plan
    } else if (member.key == "revision" && applies) {
      const bool bare = member.value.kind == Node::Kind::scalar && member.value.style == Node::Style::bare;
      const auto revision = bare ? toInteger(member.value.text) : std::nullopt;
      if (!revision || *revision < 0) return wrong("revision", "the revision of the plan is wanted");
      request->revision = *revision;
    } else {
      return unknown("body", member.key, {"manifest", "options", "impact", "revision"});
    }
  }
  if (!document) return Error{Code::missing_field, "manifest: is missing"};
  if (applies && request->revision < 0)
    return Error{Code::missing_field, "revision: is missing; POST /v1/plan tells it"};
  request->manifest = std::make_shared<Manifest>(readManifest(std::move(*document), *reading.policy));
  *document = {};
  return request;
}

const Endpoint* endpointOf(std::string_view path) {
  const auto all = endpoints();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const Endpoint& one) { return one.method == "POST" && one.path == path; });
  return found == all.end() ? nullptr : &*found;
}

/// Whose row, roles or ACLs a Draft has changed.
Result<std::set<std::int64_t>> concerned(Draft& draft, const FormerUsers& former,
                                         const model::Snapshot& before) {
  const store::Change& change = draft.transaction.change();
  std::set<std::int64_t> users = change.users, roles = change.roles;
  for (const auto& [uid, row] : former) users.insert(uid);
  const auto ofDatabases = [&](const model::Snapshot& policy) {
    for (const auto& [uid, database] : policy.databases)
      for (const model::RolePermission& entry : database.database.roles_permissions)
        if (change.databases.contains(uid) || change.redisAcls.contains(entry.redis_acl_uid))
          roles.insert(entry.role_uid);
  };
  ofDatabases(before);
  ofDatabases(draft.next);
  for (const std::int64_t role : roles) {
    auto have = draft.transaction.usersWithRole(role);
    if (!have) return std::move(have).error();
    users.insert(have->begin(), have->end());
  }
  return users;
}

Result<std::string> impactIn(Draft& draft, const Request& request, const FormerUsers& former,
                             const model::Snapshot& before, const NodeFacts& facts) {
  auto rows = draft.transaction.policy();
  if (!rows) return std::move(rows).error();
  auto after = buildSnapshot(*rows, facts, &before, draft.next.commands);
  if (!after) return std::move(after).error();
  auto users = concerned(draft, former, before);
  if (!users) return std::move(users).error();
  const auto userAfter = [&](std::int64_t uid) { return draft.transaction.user(uid); };
  const auto userBefore = [&](std::int64_t uid) -> Result<std::optional<store::UserRecord>> {
    if (const auto found = former.find(uid); found != former.end()) return std::optional(found->second);
    if (draft.transaction.change().users.contains(uid)) return std::optional<store::UserRecord>{}; // made
    return draft.transaction.user(uid);
  };
  return impactOf({before, **after, userBefore, userAfter, std::move(*users), request.sessions, draft.now});
}

/// One pass over the writer: a rehearsal, or the real thing with verifiers. `planned` is told what came of
/// it.
Task taskOf(const Shared& request, bool real, const Surroundings& around,
            std::function<void(const ManifestPlan&)> planned) {
  Task task;
  task.apply = [request, real, &around, planned = std::move(planned)](Draft& draft,
                                                                      const Enrolled&) -> Result<Written> {
    if (!draft.rights.administrator())
      return Error{Code::unauthorized_action, "only an administrator may plan and apply manifests"};
    FormerUsers former;
    std::optional<model::Snapshot> before;
    if (request->impact) before.emplace(draft.next);
    auto plan = control::apply(
        draft, *request->manifest, request->options,
        {real ? &request->verifiers : nullptr, request->revision, request->impact ? &former : nullptr});
    if (!plan) return std::move(plan).error();
    if (real && !plan->mistakes.empty()) return asError(plan->mistakes);
    std::string more;
    if (before) {
      auto impact = impactIn(draft, *request, former, *before, around.facts);
      if (!impact) return std::move(impact).error();
      more = ",\"impact\":" + *impact;
    }
    if (real && draft.transaction.changed()) plan->revision = draft.transaction.change().revision;
    if (planned) planned(*plan);
    Written written;
    written.body = planJson(*plan, more);
    if (!real) return written;
    // Once somebody can administer, the one-time word of the bootstrap no longer counts.
    const auto administrators = draft.transaction.administrators();
    if (!administrators) return Error(administrators.error());
    if (*administrators > 0)
      written.inForce = [body = written.body, &bootstrap = around.bootstrap] {
        bootstrap.spend();
        return body;
      };
    return written;
  };
  return task;
}

/// What a pass needs of the request that asked for it.
struct Way {
  Caller caller;
  std::string path;
  const Surroundings& around;
  bool forced = false; // `?force`: what would lock everyone out is wanted all the same
};

void submit(const Way& way, Task task, bool real, Done done) {
  WriteRequest write;
  write.caller = way.caller;
  write.endpoint = endpointOf(way.path);
  write.path = way.path;
  write.dryRun = !real;
  write.forced = way.forced;
  write.task = std::move(task);
  write.done = std::move(done);
  way.around.writes.submit(std::move(write));
}

void applyWith(const Way& way, const Shared& request, Result<Verifiers> verifiers, Done done) {
  if (!verifiers) return done(Answer::refusal(verifiers.error()));
  request->verifiers = std::move(*verifiers);
  submit(way, taskOf(request, true, way.around, {}), true, std::move(done));
}

} // namespace

void plan(const Reading& reading, Node& body, Done done) {
  auto request = requestOf(reading, body, false);
  if (!request) return done(Answer::refusal(request.error()));
  // What was not understood cannot be compared, and a reference is refused as a request (R23).
  if (!(*request)->manifest->ok()) return done(Answer::refusal(asError((*request)->manifest->mistakes)));
  const Way way{reading.caller, "/v1/plan", reading.around, reading.query.force};
  if (!(*request)->impact)
    return submit(way, taskOf(*request, false, way.around, {}), false, std::move(done));
  reading.around.serving.liveSessions(
      [way, request = *request, done = std::move(done)](std::vector<LiveSession> sessions) {
        request->sessions = std::move(sessions);
        submit(way, taskOf(request, false, way.around, {}), false, done);
      });
}

void apply(const Reading& reading, Node& body, Done done) {
  auto asked = requestOf(reading, body, true);
  if (!asked) return done(Answer::refusal(asked.error()));
  const Shared request = std::move(*asked);
  if (!request->manifest->ok()) return done(Answer::refusal(asError(request->manifest->mistakes)));
  const Way way{reading.caller, "/v1/apply", reading.around, reading.query.force};
  const auto& users = request->manifest->users;
  if (std::none_of(users.begin(), users.end(),
                   [](const auto& user) { return user.given.contains("password"); }))
    return applyWith(way, request, Verifiers{}, std::move(done));

  // Hashing is spent only on what would be done: first a rehearsal says which passwords are new.
  auto needed = std::make_shared<std::vector<std::size_t>>();
  auto mistakes = std::make_shared<std::vector<Mistake>>();
  Task rehearsal = taskOf(request, false, way.around, [needed, mistakes](const ManifestPlan& plan) {
    *needed = toEnrol(plan);
    *mistakes = plan.mistakes;
  });
  submit(way, std::move(rehearsal), false,
         [way, request, needed, mistakes, done = std::move(done)](Answer answer) {
           if (!answer.errorCode.empty()) return done(std::move(answer));
           if (!mistakes->empty()) return done(Answer::refusal(asError(*mistakes)));
           enrolAll(way.around.serving, request->manifest, std::move(*needed),
                    [way, request, done](Result<Verifiers> verifiers) {
                      applyWith(way, request, std::move(verifiers), done);
                    });
         });
}

Result<Answer> get(const Reading& reading, store::Reader&) {
  if (!rightsOf(reading.caller, *reading.policy).administrator())
    return Error{Code::unauthorized_action, "only an administrator may read the whole state"};
  Answer answer;
  answer.listing = exportManifest();
  return answer;
}

} // namespace gatehouse::control::manifests
