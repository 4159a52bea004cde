#include "control/manifest/Effective.h"

#include "control/codec/ValueReader.h"

#include <algorithm>

namespace gatehouse::control {
namespace {

/// The ObjectKind that a list's entry refers to by this member; none.
model::ObjectKind kindOf(const model::Field& list, std::string_view member) {
  if (list.shape.kind != model::Kind::object) return model::ObjectKind::none;
  const model::Field* field = findWord(*list.shape.table, member, Dialect::yaml);
  return field ? field->shape.refersTo : model::ObjectKind::none;
}

bool refersToHeld(const model::Field& list, const Node& entry, const HeldObjects& held) {
  if (entry.kind == Node::Kind::scalar) return held.contains({list.shape.refersTo, entry.text});
  return std::any_of(entry.members.begin(), entry.members.end(), [&](const Node::Member& member) {
    return held.contains({kindOf(list, member.key), member.value.text});
  });
}

} // namespace

std::optional<Node> effective(const Node& wanted, const model::Table& table,
                              const std::set<std::string, std::less<>>& withheld, const HeldObjects& held,
                              std::set<std::string, std::less<>>* dropped) {
  if (withheld.empty() && held.empty()) return std::nullopt;
  std::optional<Node> out;
  const auto copy = [&]() -> Node& { return out ? *out : out.emplace(wanted); };
  for (const Node::Member& member : wanted.members) {
    const model::Field* field = findWord(table, member.key, Dialect::yaml);
    if (!field) continue;
    const auto place = [&] {
      auto& members = copy().members;
      return std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.key == member.key; });
    };
    if (withheld.contains(field->name)) {
      copy().members.erase(place());
      continue;
    }
    const auto isHeld = [&](const Node& entry) { return refersToHeld(*field, entry, held); };
    if (std::none_of(member.value.items.begin(), member.value.items.end(), isHeld)) continue;
    std::erase_if(place()->value.items, isHeld);
    if (dropped) dropped->emplace(field->name);
  }
  return out;
}

} // namespace gatehouse::control
