#include "control/rest/DatabaseAccess.h"

#include "base/Text.h"
#include "control/codec/JsonReader.h"

#include <utility>

namespace gatehouse::control::database_access {
namespace {

constexpr std::size_t longestPassword = 1024; // bytes, as a user's

/// {"password":"..."} and nothing else; taken out of the body.
Result<Secret> readPassword(Node& body) {
  if (body.kind != Node::Kind::mapping || body.members.size() != 1 || body.members.front().key != "password")
    return Error{Code::invalid_schema, "the body is {\"password\":\"...\"} and nothing else"};
  Node& value = body.members.front().value;
  if (value.kind != Node::Kind::scalar || value.style != Node::Style::quoted)
    return Error{Code::invalid_schema, "password: a text is wanted"};
  if (value.text.empty() || value.text.size() > longestPassword)
    return Error{Code::invalid_param,
                 "password: must have 1 to " + std::to_string(longestPassword) + " bytes"};
  return Secret(std::move(value.text));
}

Result<Task> change(const Reading& reading, Node& body, PasswordChange what) {
  auto password = readPassword(body);
  if (!password) return std::move(password).error();
  Task task;
  task.password = std::move(*password);
  task.enrols = what != PasswordChange::remove;
  task.compares = !task.enrols;
  task.apply = [uid = uidOf(reading.parameter), what](Draft& draft,
                                                      const Enrolled& enrolled) -> Result<Written> {
    auto revision = changeDatabasePasswords(draft, uid, what, enrolled);
    if (!revision) return std::move(revision).error();
    Written written;
    written.revision = *revision;
    return written;
  };
  return task;
}

Error notByName(std::string_view sentence) { return {Code::unsupported_value, std::string(sentence)}; }

Status isThere(const Reading& reading) {
  if (reading.policy->database(uidOf(reading.parameter))) return {};
  return Error{Code::db_not_exist, "there is no database " + reading.parameter};
}

/// Numbers are taken for what they look like: clients send them as they have them.
Result<std::vector<std::string>> wordsOf(Node& body) {
  if (body.kind != Node::Kind::mapping)
    return Error{Code::invalid_schema, "the body is {\"command\":\"GET\",\"args\":[\"key\"]}"};
  std::vector<std::string> words(1);
  for (Node::Member& member : body.members) {
    Node& value = member.value;
    if (member.key == "command") {
      if (value.kind != Node::Kind::scalar || value.style != Node::Style::quoted)
        return Error{Code::invalid_schema, "command: a text is wanted"};
      words.front() = std::move(value.text);
    } else if (member.key == "args") {
      if (value.kind != Node::Kind::sequence)
        return Error{Code::invalid_schema, "args: a list of texts and numbers is wanted"};
      for (Node& item : value.items) {
        if (item.kind != Node::Kind::scalar)
          return Error{Code::invalid_schema,
                       "args[" + std::to_string(words.size() - 1) + "]: a text or a number is wanted"};
        words.push_back(std::move(item.text));
      }
    } else {
      return Error{Code::invalid_schema,
                   '`' + printable(member.key, 64) + "`: only command and args are known"};
    }
  }
  if (words.front().empty()) return Error{Code::missing_field, "command: is missing"};
  return words;
}

} // namespace

Result<Task> putPasswords(const Reading& reading, store::Reader&, Node& body) {
  return change(reading, body, PasswordChange::replace);
}
Result<Task> addPassword(const Reading& reading, store::Reader&, Node& body) {
  return change(reading, body, PasswordChange::add);
}
Result<Task> removePassword(const Reading& reading, store::Reader&, Node& body) {
  return change(reading, body, PasswordChange::remove);
}

Result<Answer> availability(const Reading& reading, store::Reader&) {
  const auto& query = reading.query.others;
  if (const auto check = query.find("extend_check"); check != query.end() && check->second != "lag")
    return Error{Code::invalid_schema, "extend_check: lag, or left out"};
  if (const auto most = query.find("availability_lag_tolerance_ms");
      most != query.end() && toInteger(most->second).value_or(-1) < 0)
    return Error{Code::invalid_schema, "availability_lag_tolerance_ms: a number of milliseconds is wanted"};
  const std::int64_t uid = uidOf(reading.parameter);
  if (!reading.policy->database(uid))
    return Error{Code::db_not_found, "there is no database " + reading.parameter};
  // There is one engine and no replica: nothing can lag.
  const DatabaseState state = reading.around.serving.databaseState(uid);
  if (state.status == model::DatabaseStatus::active ||
      state.status == model::DatabaseStatus::active_change_pending)
    return Answer{};
  const std::string_view status = model::databaseStatuses[static_cast<std::size_t>(state.status)];
  return Error{Code::bdb_unavailable, "database " + reading.parameter + " is " + std::string(status) +
                                          (state.reason.empty() ? "" : ": " + state.reason)};
}

Result<Task> flush(const Reading& reading, store::Reader&, Node&) {
  GH_TRY(isThere(reading));
  return notByName("flush is not offered here, where nobody's rights in the database would be asked; connect "
                   "as a user whose ACL allows FLUSHALL, or POST {\"command\":\"FLUSHALL\"} to /command");
}

Result<Task> resetAdminPass(const Reading& reading, store::Reader&, Node&) {
  GH_TRY(isThere(reading));
  return notByName("there is no admin password: Gatehouse's own user at the engine has a secret that is made "
                   "anew with each of its starts and that nobody is told");
}

void command(const Reading& reading, store::Reader&, Node& body, std::function<void(Answer)> done) {
  const auto refuse = [&](const Error& error) { done(Answer::refusal(error)); };
  if (reading.query.dryRun)
    return refuse({Code::invalid_param, "dry_run: what a command would do cannot be tried"});
  if (!reading.caller.user)
    return refuse(
        {Code::unauthorized_action,
         "commands run with the rights of the user that asks, and the local administrator is none"});
  auto words = wordsOf(body);
  if (!words) return refuse(words.error());
  if (Status there = isThere(reading); !there) return refuse(there.error());
  reading.around.serving.runCommand(uidOf(reading.parameter), reading.caller.admission, std::move(*words),
                                    [done = std::move(done)](Result<std::string> reply) {
                                      if (!reply) return done(Answer::refusal(reply.error()));
                                      Answer answer;
                                      answer.body = R"({"response":)" + *reply + '}';
                                      done(std::move(answer));
                                    });
}

} // namespace gatehouse::control::database_access
