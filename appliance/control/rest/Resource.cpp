#include "control/rest/Resource.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/codec/JsonReader.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {

Body keepBody(Node node) {
  return Body(new Node(std::move(node)), [](const Node* body) {
    Node* mine = const_cast<Node*>(body); // made by the line above, not const
    wipe(*mine);
    delete mine;
  });
}

Result<std::int64_t> takeUid(Node& body) {
  if (body.kind != Node::Kind::mapping) return std::int64_t{0};
  const auto member = std::find_if(body.members.begin(), body.members.end(),
                                   [](const Node::Member& m) { return m.key == "uid"; });
  if (member == body.members.end()) return std::int64_t{0};
  const Node& value = member->value;
  const auto uid = value.kind == Node::Kind::scalar && value.style == Node::Style::bare
                       ? toInteger(value.text)
                       : std::nullopt;
  if (!uid) return Error{Code::invalid_schema, "uid: an integer is wanted; leave it out to get the next"};
  if (*uid < 1) return Error{Code::invalid_param, "uid: must be at least 1; leave it out to get the next"};
  body.members.erase(member);
  return *uid;
}

Rights rightsOf(const Caller& caller, const model::Snapshot& policy) noexcept {
  if (caller.localAdministrator()) return Rights::everything();
  return caller.somebody() && caller.user ? Rights::of(caller.user->judged.user.role_uids, policy) : Rights{};
}

std::int64_t uidOf(const std::string& parameter) { return toInteger(parameter).value_or(0); }

Action actionOf(std::string_view verb, const model::Table& table, std::int64_t uid) {
  Action action;
  action.name = std::string(verb) + '_' + std::string(table.word);
  action.objectName = std::string(table.word) + ':' + std::to_string(uid);
  return action;
}

Written deletionAnswer(const Draft& draft, const model::Table& table, std::int64_t uid) {
  Written written;
  written.action = actionOf("delete", table, uid);
  written.body = "{";
  if (!draft.actionUid.empty()) {
    written.body += "\"action_uid\":";
    json::text(written.body, draft.actionUid);
  }
  written.body += '}';
  return written;
}

std::string entityTag(model::Revision revision) { return '"' + std::to_string(revision) + '"'; }

} // namespace gatehouse::control
