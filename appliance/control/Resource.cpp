#include "control/Resource.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/JsonReader.h"
#include "pki/Hash.h"

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

Result<std::string> newActionUid() {
  auto bytes = pki::randomBytes(16);
  if (!bytes) return std::move(bytes).error();
  (*bytes)[6] = static_cast<char>((static_cast<unsigned char>((*bytes)[6]) & 0x0FU) | 0x40U); // RFC 9562: 4
  (*bytes)[8] = static_cast<char>((static_cast<unsigned char>((*bytes)[8]) & 0x3FU) | 0x80U);
  std::string text = hex(*bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

Result<Written> actionAnswer() {
  auto uid = newActionUid();
  if (!uid) return std::move(uid).error();
  Written written{"{\"action_uid\":", 0};
  json::text(written.body, *uid);
  written.body += '}';
  return written;
}

std::string entityTag(model::Revision revision) { return '"' + std::to_string(revision) + '"'; }

} // namespace gatehouse::control
