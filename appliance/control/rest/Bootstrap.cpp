#include "control/rest/Bootstrap.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/change/ChangesRules.h"
#include "control/change/PasswordRules.h"
#include "control/codec/JsonReader.h"
#include "control/rest/Nodes.h"
#include "control/rest/RequestJudge.h"
#include "store/Reader.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace gatehouse::control::bootstrap {
namespace {

constexpr std::size_t mostClusterName = 64; // as documented

/// What was asked for, judged as far as it can be without the store.
struct Creation {
  std::string username;
  Secret password, token;
};

Error wrongType(std::string_view place, std::string_view wanted) {
  return at(Code::invalid_schema, place, std::string(wanted) + " is wanted");
}

/// Nothing where the member is not there.
Result<std::optional<std::string>> textIn(const Node& object, std::string_view member,
                                          const std::string& place) {
  const Node* node = object.find(member);
  if (!node) return std::optional<std::string>();
  if (node->kind != Node::Kind::scalar || node->style != Node::Style::quoted)
    return wrongType(place + std::string(member), "a text");
  return std::optional(node->text);
}

Status knows(const Node& object, std::initializer_list<std::string_view> members, const std::string& place) {
  if (object.kind != Node::Kind::mapping)
    return wrongType(place.empty() ? "the body" : place.substr(0, place.size() - 1), "an object");
  for (const Node::Member& member : object.members)
    if (std::find(members.begin(), members.end(), member.key) == members.end())
      return at(Code::invalid_schema, place + printable(member.key, 64), "there is no such field");
  return {};
}

Status checkCluster(const Node& body, const NodeFacts& facts) {
  const Node* cluster = body.find("cluster");
  if (!cluster) return at(Code::missing_field, "cluster", "is missing");
  GH_TRY(knows(*cluster, {"name", "nodes"}, "cluster."));
  auto name = textIn(*cluster, "name", "cluster.");
  if (!name) return std::move(name).error();
  if (!*name) return at(Code::missing_field, "cluster.name", "is missing");
  if ((*name)->empty() || (*name)->size() > mostClusterName)
    return at(Code::invalid_param, "cluster.name", "must have 1 to 64 bytes");
  if (**name != facts.name)
    return at(Code::not_acceptable, "cluster.name",
              "this cluster is called `" + facts.name + "`; set node.name in gatehouse.yaml to change it");
  const Node* nodes = cluster->find("nodes");
  if (nodes && nodes->kind != Node::Kind::sequence) return wrongType("cluster.nodes", "a list");
  if (nodes && !nodes->items.empty())
    return at(Code::not_acceptable, "cluster.nodes", "there is one node here; leave the list empty");
  return {};
}

Status checkRest(const Node& body) {
  const Node* node = body.find("node");
  if (node && node->kind != Node::Kind::mapping) return wrongType("node", "an object");
  auto license = textIn(body, "license", {});
  if (!license) return std::move(license).error();
  if (*license && !(*license)->empty())
    return at(Code::unsupported_value, "license", "there are no licenses here; leave it out");
  return {};
}

Result<Creation> credentialsIn(const Node& body) {
  const Node* credentials = body.find("credentials");
  if (!credentials) return at(Code::missing_field, "credentials", "is missing");
  GH_TRY(knows(*credentials, {"username", "password", "client_cert", "client_key", "trusted_ca"},
               "credentials."));
  for (const std::string_view member : {"client_cert", "client_key", "trusted_ca"})
    if (credentials->find(member))
      return at(Code::unsupported_value, "credentials." + std::string(member),
                "the first administrator is made with username and password");
  auto username = textIn(*credentials, "username", "credentials.");
  if (!username) return std::move(username).error();
  auto password = textIn(*credentials, "password", "credentials.");
  if (!password) return std::move(password).error();
  if (!*username) return at(Code::missing_field, "credentials.username", "is missing");
  if (!*password) return at(Code::missing_field, "credentials.password", "is missing");
  Creation creation;
  creation.password = Secret(std::move(**password));
  creation.username = std::move(**username);
  if (creation.username.empty() || creation.username.size() > 254 || !model::fitsUserName(creation.username))
    return at(Code::invalid_param, "credentials.username",
              "must have 1 to 254 printable characters, without \" & < >");
  const std::size_t size = creation.password.reveal().size();
  if (size < 1 || size > 1024)
    return at(Code::invalid_param, "credentials.password", "must have 1 to 1024 bytes");
  return creation;
}

Result<Creation> read(const Node& body, const NodeFacts& facts) {
  GH_TRY(knows(body, {"action", "cluster", "node", "credentials", "license", "token"}, {}));
  auto action = textIn(body, "action", {});
  if (!action) return std::move(action).error();
  if (*action && **action != "create_cluster")
    return at(Code::invalid_param, "action", "is create_cluster on this path");
  GH_TRY(checkCluster(body, facts));
  GH_TRY(checkRest(body));
  auto creation = credentialsIn(body);
  if (!creation) return std::move(creation).error();
  auto token = textIn(body, "token", {});
  if (!token) return std::move(token).error();
  if (*token) creation->token = Secret(std::move(**token));
  return creation;
}

/// The same for all who may not, so that nobody learns which of the reasons it was.
Error tooLate() {
  return {Code::conflict, "a cluster is created once, on the control socket or with the one-time token that "
                          "`gatehouse serve` writes while there is no administrator"};
}

model::User firstUser(const Creation& creation) {
  model::User user;
  user.name = creation.username;
  if (creation.username.find('@') != std::string::npos && model::fitsEmail(creation.username))
    user.email = creation.username;
  user.role_uids = {model::builtinRoleUid(model::Management::admin)};
  return user;
}

std::string statusOf(const Reading& reading, bool completed) {
  std::string out = "{\"bootstrap_status\":{\"state\":";
  json::text(out, completed ? "completed" : "idle");
  if (const std::string& created = reading.policy->settings.created_time; completed && !created.empty()) {
    for (const std::string_view member : {",\"start_time\":", ",\"end_time\":"}) {
      out += member;
      json::text(out, created);
    }
  }
  out += "},\"local_node_info\":";
  // Of the machine a stranger learns no more than that it is one.
  const std::vector<std::string> little = {"uid", "status"};
  encode(model::View(nodes::thisNode(*reading.policy)), out,
         reading.caller.somebody() ? std::vector<std::string>{} : little);
  out += '}';
  return out;
}

} // namespace

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  auto administrators = reader.administrators();
  if (!administrators) return std::move(administrators).error();
  if (*administrators > 0 && !reading.caller.somebody()) return unauthenticated({});
  Answer answer;
  answer.body = statusOf(reading, *administrators > 0);
  return answer;
}

Result<Task> create(const Reading& reading, store::Reader& reader, Node& body) {
  auto administrators = reader.administrators();
  if (!administrators) return std::move(administrators).error();
  const Node* given = body.kind == Node::Kind::mapping ? body.find("token") : nullptr;
  const bool proven =
      reading.caller.localAdministrator() || (given && reading.around.bootstrap.is(given->text));
  if (*administrators > 0 || !proven) return tooLate();
  auto creation = read(body, reading.around.facts);
  if (!creation) return std::move(creation).error();

  Task task;
  task.password = std::move(creation->password);
  task.enrols = true;
  UserRequest request;
  request.password = true;
  request.merge = [user = firstUser(*creation)](model::User& into) -> Result<Given> {
    into = user;
    return Given{"name", "email", "role_uids"};
  };
  const bool local = reading.caller.localAdministrator();
  task.apply = [request, local, token = std::make_shared<const Secret>(std::move(creation->token)),
                &around = reading.around](Draft& draft, const Enrolled& enrolled) -> Result<Written> {
    auto someone = hasAdministrator(draft); // asked again: two may have come at once
    if (!someone) return std::move(someone).error();
    if (*someone || (!local && !around.bootstrap.is(token->reveal()))) return tooLate();
    draft.rights = Rights::everything();
    UserRequest now = request;
    now.enrolled = enrolled;
    auto outcome = createUser(draft, now);
    if (!outcome) return std::move(outcome).error();
    Written written;
    written.body = R"({"bootstrap_status":{"state":"completed"}})";
    written.action = actionOf("create", model::table<model::User>(), outcome->object.uid);
    written.inForce = [body = written.body, &bootstrap = around.bootstrap] {
      bootstrap.spend();
      return body;
    };
    return written;
  };
  return task;
}

void validate(const Reading& reading, store::Reader& reader, Node& body, std::function<void(Answer)> done) {
  auto administrators = reader.administrators();
  if (!administrators) return done(Answer::refusal(administrators.error()));
  if (*administrators > 0)
    return done(Answer::refusal(reading.caller.somebody() ? tooLate() : unauthenticated({})));
  auto creation = read(body, reading.around.facts);
  Status fit = creation ? checkComplexity(creation->password, reading.policy->settings, firstUser(*creation))
                        : Status(creation.error());
  if (!fit) return done(Answer::refusal({Code::not_acceptable, fit.error().description}));
  done(Answer{});
}

void refuse(const Reading&, store::Reader&, Node&, std::function<void(Answer)> done) {
  done(Answer::refusal({Code::not_acceptable, "this cluster has one node, which joins and recovers nothing; "
                                              "restore a backup of its store instead"}));
}

} // namespace gatehouse::control::bootstrap
