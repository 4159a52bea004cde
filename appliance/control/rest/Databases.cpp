#include "control/rest/Databases.h"

#include "base/Text.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control::databases {
namespace {

using model::Database;

constexpr std::size_t pageRows = 100;

/// What no row says: how the database is now.
void fillState(Database& database, DatabaseState state, const model::CommandTable* installed) {
  database.ssl = database.tls_mode == model::TlsMode::enabled;
  database.status = state.status;
  database.status_reason.reset();
  if (!state.reason.empty()) database.status_reason = std::move(state.reason);
  database.endpoints = std::move(state.endpoints);
  database.version = installed ? installed->version : std::string();
  std::int64_t order = 0;
  for (model::RolePermission& entry : database.roles_permissions) entry.order = order++;
}

/// As a GET shows it: the action is told while it is under way.
Database present(const model::DatabasePolicy& policy, Serving& serving, const model::Snapshot& snapshot) {
  Database database = policy.database;
  fillState(database, serving.databaseState(database.uid), snapshot.commands.get());
  if (database.status != model::DatabaseStatus::active) database.action_uid = policy.action_uid;
  return database;
}

class DatabaseListing final : public Listing {
public:
  explicit DatabaseListing(const Reading& reading)
      : policy_(reading.policy)
      , serving_(reading.around.serving)
      , fields_(reading.fields) {}

  Result<bool> next(store::Reader&, std::string& out) override {
    const auto& all = policy_->databases;
    if (after_ == 0) out += '[';
    auto at = all.upper_bound(after_);
    for (std::size_t i = 0; i < pageRows && at != all.end(); ++i, ++at) {
      if (after_ != 0) out += ',';
      after_ = at->first;
      encode(model::View(present(at->second, serving_, *policy_)), out, fields_);
    }
    if (at != all.end()) return true;
    out += ']';
    return false;
  }

private:
  std::shared_ptr<const model::Snapshot> policy_;
  Serving& serving_;
  std::vector<std::string> fields_;
  std::int64_t after_ = 0; // uid of the last database written
};

/// The answer of a write: written once for a rehearsal, and again when the change is in force.
Written answerTo(const Draft& draft, const Outcome<Database>& outcome, std::string_view stateMachine,
                 Serving& serving) {
  Written written;
  written.revision = outcome.revision;
  Action action;
  action.name = stateMachine;
  action.objectName = "bdb:" + std::to_string(outcome.object.uid);
  action.database = outcome.object.uid;
  written.action = std::move(action);
  Database database = outcome.object;
  if (!draft.actionUid.empty()) database.action_uid = draft.actionUid;
  written.inForce = [database, commands = draft.next.commands, &serving] {
    Database now = database;
    fillState(now, serving.databaseState(now.uid), commands.get());
    return encode(model::View(now));
  };
  return written;
}

/// What a new database lacks, by the documented words. How much memory it may have must be said over REST; a
/// manifest's has a default.
std::vector<Finding> lacking(const Decoded& decoded) {
  std::vector<Finding> findings = decoded.findings;
  for (Finding& finding : findings)
    if (finding.code == Code::missing_field && finding.mistake.path == "name")
      finding.code = Code::missing_db_name;
  const bool tried = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.mistake.path == "memory_size";
  });
  if (!tried && !decoded.gave("memory_size"))
    findings.push_back({Code::missing_memory_size, {{}, {}, "memory_size", "is missing"}});
  return findings;
}

} // namespace

Result<Answer> list(const Reading& reading, store::Reader&) {
  Answer answer;
  answer.listing = std::make_unique<DatabaseListing>(reading);
  return answer;
}

Result<Answer> get(const Reading& reading, store::Reader&) {
  const model::DatabasePolicy* policy = reading.policy->database(uidOf(reading.parameter));
  if (!policy) return Error{Code::db_not_exist, "there is no database " + reading.parameter};
  Answer answer;
  answer.body =
      encode(model::View(present(*policy, reading.around.serving, *reading.policy)), reading.fields);
  answer.fields.emplace_back("ETag", entityTag(policy->revision));
  return answer;
}

Result<Task> create(const Reading& reading, store::Reader&, Node& body) {
  auto uid = takeUid(body);
  if (!uid) return std::move(uid).error();
  Database tried;
  Decoded decoded = decode(body, model::Edit(tried), {});
  if (const auto findings = lacking(decoded); !findings.empty()) return asError(findings);
  DatabaseRequest request{mergeOf<Database>(keepBody(std::move(body)), true), *uid};
  Task task;
  task.apply = [request = std::move(request),
                &serving = reading.around.serving](Draft& draft, const Enrolled&) -> Result<Written> {
    auto outcome = createDatabase(draft, request);
    if (!outcome) return std::move(outcome).error();
    Written written = answerTo(draft, *outcome, "SMCreateBDB", serving);
    fillState(outcome->object, {}, draft.next.commands.get());
    written.body = encode(model::View(outcome->object));
    written.settles = outcome->object.uid;
    return written;
  };
  return task;
}

Result<Task> createByPlan(const Reading& reading, store::Reader& reader, Node& body) {
  Node* database = nullptr;
  for (Node::Member& member : body.members) {
    if (member.key == "bdb") {
      database = &member.value;
      continue;
    }
    if (member.key != "recovery_plan")
      return Error{Code::invalid_schema,
                   '`' + printable(member.key, 64) + "`: only bdb and recovery_plan are known here"};
    if (!member.value.members.empty() || !member.value.items.empty() || !member.value.text.empty())
      return Error{Code::unsupported_value,
                   "recovery_plan: a new database is not made out of another's data"};
  }
  if (!database) return Error{Code::missing_field, "bdb: is missing; the body is {\"bdb\":{...}}"};
  Node inner = std::move(*database);
  return create(reading, reader, inner);
}

Result<Task> update(const Reading& reading, store::Reader&, Node& body) {
  Task task;
  task.apply = [request = DatabaseRequest{mergeOf<Database>(keepBody(std::move(body)), false), 0},
                uid = uidOf(reading.parameter),
                &serving = reading.around.serving](Draft& draft, const Enrolled&) -> Result<Written> {
    auto outcome = updateDatabase(draft, uid, request);
    if (!outcome) return std::move(outcome).error();
    Written written = answerTo(draft, *outcome, "SMUpdateBDB", serving);
    written.body = written.inForce();
    return written;
  };
  return task;
}

Result<Task> remove(const Reading& reading, store::Reader&, Node&) {
  Task task;
  task.apply = [uid = uidOf(reading.parameter),
                &serving = reading.around.serving](Draft& draft, const Enrolled&) -> Result<Written> {
    auto database = deleteDatabase(draft, uid);
    if (!database) return std::move(database).error();
    Written written = answerTo(draft, {*database, 0, true}, "SMDeleteBDB", serving);
    written.inForce = nullptr;
    DatabaseState going = serving.databaseState(uid);
    going.status = model::DatabaseStatus::delete_pending;
    going.reason.clear();
    fillState(*database, std::move(going), draft.next.commands.get());
    if (!draft.actionUid.empty()) database->action_uid = draft.actionUid;
    written.body = encode(model::View(*database));
    return written;
  };
  return task;
}

} // namespace gatehouse::control::databases
