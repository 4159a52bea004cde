#include "control/rest/Actions.h"

#include "base/Json.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace gatehouse::control::actions {
namespace {

constexpr std::string_view deletion = "SMDeleteBDB";

enum class Progress : std::uint8_t { running, completed, failed };
constexpr std::string_view words[] = {"running", "completed", "failed"};

struct State {
  Progress progress = Progress::completed;
  std::string reason; // of a failure
};

State stateOf(const Action& action, const Reading& reading) {
  if (action.database == 0) return {}; // done when its answer came
  // This worker may not have taken up yet what the action made.
  if (action.revision > reading.policy->revision) return {Progress::running, {}};
  const model::DatabasePolicy* policy = reading.policy->database(action.database);
  const bool deletes = action.name == deletion;
  if (!policy && !deletes) return {};
  if (policy && policy->action_uid != action.uid) return {}; // a later one has taken its place
  DatabaseState state = reading.around.serving.databaseState(action.database);
  switch (state.status) {
  case model::DatabaseStatus::delete_pending: return {Progress::running, {}};
  case model::DatabaseStatus::creation_failed:
    if (!deletes) return {Progress::failed, std::move(state.reason)};
    break;
  case model::DatabaseStatus::pending:
  case model::DatabaseStatus::active_change_pending:
  case model::DatabaseStatus::recovery:
    if (!deletes) return {Progress::running, {}};
    break;
  case model::DatabaseStatus::active: break;
  }
  return {};
}

/// State machines count progress as a number, tasks as a text: facts §9.6.
void write(const Action& action, const Reading& reading, std::string& out) {
  const State state = stateOf(action, reading);
  const auto member = [&](std::string_view name) {
    if (out.back() != '{') out += ',';
    json::text(out, name);
    out += ':';
  };
  out += '{';
  member("action_uid");
  json::text(out, action.uid);
  member("name");
  json::text(out, action.name);
  member("object_name");
  json::text(out, action.objectName);
  member("status");
  json::text(out, words[static_cast<std::size_t>(state.progress)]);
  member("progress");
  const std::int64_t percent = state.progress == Progress::completed ? 100 : 0;
  if (action.database != 0)
    json::integer(out, percent);
  else
    json::text(out, std::to_string(percent));
  member("creation_time");
  json::integer(out, action.at);
  if (state.progress == Progress::failed) {
    member("error_message");
    json::text(out, state.reason);
  }
  out += '}';
}

/// The last action of a database as its row tells it: what is left of one after a restart.
Action lastOf(const model::DatabasePolicy& policy) {
  Action action;
  action.uid = policy.action_uid;
  action.name =
      policy.database.created_time == policy.database.last_changed_time ? "SMCreateBDB" : "SMUpdateBDB";
  action.objectName = "bdb:" + std::to_string(policy.database.uid);
  action.database = policy.database.uid;
  action.revision = policy.revision;
  return action;
}

/// All that were handed out, and the last one of each database that is not among them.
std::vector<Action> known(const Reading& reading) {
  std::vector<Action> all = reading.around.actions.all();
  std::set<std::string, std::less<>> uids;
  for (const Action& action : all) uids.insert(action.uid);
  for (const auto& [uid, policy] : reading.policy->databases)
    if (!uids.contains(policy.action_uid)) all.push_back(lastOf(policy));
  return all;
}

void writeList(const std::vector<Action>& all, const Reading& reading,
               const std::function<bool(const Action&)>& wanted, std::string& out) {
  out += '[';
  for (const Action& action : all) {
    if (!wanted(action)) continue;
    if (out.back() != '[') out += ',';
    write(action, reading, out);
  }
  out += ']';
}

} // namespace

Result<Answer> list(const Reading& reading, store::Reader&) {
  const std::vector<Action> all = known(reading);
  Answer answer;
  answer.body = R"({"actions":)";
  writeList(
      all, reading, [](const Action& action) { return action.database == 0; }, answer.body);
  answer.body += R"(,"state-machines":)";
  writeList(
      all, reading, [](const Action& action) { return action.database != 0; }, answer.body);
  answer.body += '}';
  return answer;
}

Result<Answer> get(const Reading& reading, store::Reader&) {
  std::optional<Action> action = reading.around.actions.find(reading.parameter);
  if (!action)
    for (const auto& [uid, policy] : reading.policy->databases)
      if (policy.action_uid == reading.parameter) action = lastOf(policy);
  if (!action)
    return Error{Code::action_not_found, "there is no action of that uid; only the last " +
                                             std::to_string(ActionLog::most) + " since the start are known"};
  Answer answer;
  write(*action, reading, answer.body);
  return answer;
}

Result<Answer> ofDatabase(const Reading& reading, store::Reader&) {
  const std::int64_t uid = uidOf(reading.parameter);
  const std::vector<Action> all = known(reading);
  const auto itsOwn = [uid](const Action& action) { return action.database == uid; };
  if (std::none_of(all.begin(), all.end(), itsOwn))
    return Error{Code::db_not_exist, "there is no database " + reading.parameter};
  Answer answer;
  writeList(all, reading, itsOwn, answer.body);
  return answer;
}

Result<Answer> ofCluster(const Reading&, store::Reader&) {
  Answer answer;
  answer.body = R"({"actions":[]})";
  return answer;
}

Result<Answer> ofClusterByName(const Reading&, store::Reader&) {
  return Error{Code::action_not_found, "no action of the cluster is under way, and none can be started"};
}

} // namespace gatehouse::control::actions
