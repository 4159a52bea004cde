#include "control/rest/Resource.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/codec/JsonReader.h"

#include <utility>

namespace gatehouse::control {

Body keepBody(Node node) {
  return Body(new Node(std::move(node)), [](const Node* body) {
    Node* mine = const_cast<Node*>(body); // made by the line above, not const
    wipe(*mine);
    delete mine;
  });
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
