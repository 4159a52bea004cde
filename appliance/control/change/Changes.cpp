#include "control/change/Changes.h"

#include "control/change/ChangesRules.h"
#include "store/Transaction.h"

#include <map>
#include <string>
#include <utility>

namespace gatehouse::control {

Error at(Code code, std::string_view place, std::string_view sentence) {
  return at(place, Error{code, std::string(sentence)});
}

Error at(std::string_view place, Error error) {
  if (!place.empty()) error.description = std::string(place) + ": " + error.description;
  return error;
}

Status checkMatch(const Draft& draft, model::Revision ofObject) {
  if (draft.ifMatch < 0 || draft.ifMatch == ofObject) return {};
  return Error{Code::precondition_failed, "If-Match names revision " + std::to_string(draft.ifMatch) +
                                              ", but the object is at revision " + std::to_string(ofObject) +
                                              "; read it again"};
}

Status needsRedisServer(const Draft& draft) {
  if (draft.next.commands) return {};
  return Error{Code::redis_acl_unsupported,
               "no redis-server is installed that could be asked, and databases and their ACLs need one; "
               "install Debian's package redis-server, or set engines.redis_server in gatehouse.yaml"};
}

store::Origin ownerAfter(const Draft& draft, store::Origin before) noexcept {
  return before == store::Origin::manifest ? store::Origin::manifest : draft.origin;
}

Status holdRow(Draft& draft, store::Origin ofRow, store::Hold keys) {
  draft.takesAway = true;
  if (ofRow != store::Origin::manifest || draft.origin == store::Origin::manifest) return {};
  keys.field.clear();
  return draft.transaction.hold(keys);
}

Status holdFields(Draft& draft, store::Origin ofRow, const store::Hold& keys,
                  const std::vector<FieldChange>& changes) {
  for (const FieldChange& change : changes) (change.narrows ? draft.takesAway : draft.gives) = true;
  if (ofRow != store::Origin::manifest || draft.origin == store::Origin::manifest) return {};
  for (const FieldChange& change : changes) {
    if (!change.narrows) continue;
    store::Hold hold = keys;
    hold.field = change.field;
    GH_TRY(draft.transaction.hold(hold));
  }
  return {};
}

Status carryHolds(Draft& draft, store::Origin ofRow, const store::Hold& before, const store::Hold& after) {
  if (ofRow != store::Origin::manifest) return {};
  if (before.name == after.name && before.email == after.email && before.subjectKey == after.subjectKey)
    return {};
  auto holds = draft.transaction.holdsMeeting(before.kind, before.name, before.email, before.subjectKey);
  if (!holds) return std::move(holds).error();
  std::map<std::string, const store::Hold*> byField; // the latest of each
  for (const store::Hold& hold : *holds)
    if (!hold.field.empty()) byField.insert_or_assign(hold.field, &hold);
  for (const auto& [field, hold] : byField) {
    store::Hold carried = after;
    carried.field = field;
    carried.who = hold->who;
    carried.revision = hold->revision;
    GH_TRY(draft.transaction.hold(carried));
  }
  return {};
}

Status mayTouch(const Draft& draft, Rights before, Rights after) {
  if (draft.rights.administrator() || (!before.administrator() && !after.administrator())) return {};
  return Error{Code::unauthorized_action,
               "only an administrator may make, change or remove what has the management word admin"};
}

Result<bool> hasAdministrator(Draft& draft) {
  auto count = draft.transaction.administrators();
  if (!count) return std::move(count).error();
  return *count > 0;
}

Status keepsAdministrator(Draft& draft) {
  if (!draft.administratorsTouched) return {};
  auto someone = hasAdministrator(draft);
  if (!someone) return std::move(someone).error();
  if (*someone) return {};
  // R21: a manifest cannot insist.
  if (draft.forced && draft.origin != store::Origin::manifest) return {};
  return Error{
      Code::change_last_admin_role_not_allowed,
      "this would leave no active user with the management word admin, and the control socket as the only "
      "way in; make another one first" +
          std::string(draft.origin == store::Origin::manifest ? "" : ", or insist with `force`")};
}

} // namespace gatehouse::control
