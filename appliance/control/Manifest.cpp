#include "control/Manifest.h"

#include "control/ValueReader.h"

#include <algorithm>

namespace gatehouse::control {
namespace {

/// The member of a tree that a text's leading word names: "role_uids[1]: there is no role 5".
const Node::Member* leading(const Node& node, const model::Table& table, std::string_view text) {
  const std::string_view first = text.substr(0, text.find_first_of(":[."));
  const model::Field* field = table.find(first);
  if (!field) field = findWord(table, first, Dialect::yaml);
  if (!field) return nullptr;
  const std::string_view word = wordOf(*field, Dialect::yaml);
  for (const Node::Member& member : node.members)
    if (member.key == word) return &member;
  return nullptr;
}

} // namespace

template <class T>
Mistake Wanted<T>::mistake(std::string text) const {
  const Node::Member* member = leading(node, model::table<T>(), text);
  return {file, member ? member->at : node.at, path, std::move(text)};
}

template struct Wanted<model::ClusterSettings>;
template struct Wanted<model::ClusterCertificate>;
template struct Wanted<model::Role>;
template struct Wanted<model::User>;

RoleNames::RoleNames(const model::Snapshot& present) {
  for (const auto& [uid, role] : present.roles) uids_.emplace(role.name, uid);
}

void RoleNames::add(const std::string& name) {
  if (uids_.emplace(name, provisional_ - 1).second) --provisional_;
}

std::optional<std::int64_t> RoleNames::uid(model::ObjectKind kind, std::string_view name) const {
  const auto found = kind == model::ObjectKind::role ? uids_.find(name) : uids_.end();
  return found == uids_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string_view> RoleNames::all(model::ObjectKind kind) const {
  std::vector<std::string_view> names;
  if (kind == model::ObjectKind::role)
    for (const auto& [name, uid] : uids_) names.push_back(name);
  return names;
}

std::string RoleNames::name(std::int64_t uid) const {
  for (const auto& [name, number] : uids_)
    if (number == uid) return name;
  return std::to_string(uid);
}

} // namespace gatehouse::control
