#include "control/manifest/Manifest.h"

#include "control/codec/ValueReader.h"

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
template struct Wanted<model::ClusterPolicy>;
template struct Wanted<model::ClusterCertificate>;
template struct Wanted<model::RedisAcl>;
template struct Wanted<model::Role>;
template struct Wanted<model::Database>;
template struct Wanted<model::User>;

ObjectNames::ObjectNames(const model::Snapshot& present) {
  using model::ObjectKind;
  for (const auto& [uid, role] : present.roles) put(ObjectKind::role, role.name, uid);
  for (const auto& [uid, acl] : present.redisAcls) put(ObjectKind::redis_acl, acl.name, uid);
  for (const auto& [uid, policy] : present.databases) put(ObjectKind::bdb, policy.database.name, uid);
}

void ObjectNames::put(model::ObjectKind kind, const std::string& name, std::int64_t uid) {
  if (uids_[kind].emplace(name, uid).second) names_.insert_or_assign({kind, uid}, name);
}

void ObjectNames::add(model::ObjectKind kind, const std::string& name) {
  if (!uid(kind, name)) put(kind, name, --provisional_[kind]);
}

void ObjectNames::add(model::ObjectKind kind, const std::string& name, const std::string& former) {
  if (const auto known = former.empty() ? std::nullopt : uid(kind, former))
    put(kind, name, *known);
  else
    add(kind, name);
}

std::optional<std::int64_t> ObjectNames::uid(model::ObjectKind kind, std::string_view name) const {
  const auto names = uids_.find(kind);
  if (names == uids_.end()) return std::nullopt;
  const auto found = names->second.find(name);
  return found == names->second.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string_view> ObjectNames::all(model::ObjectKind kind) const {
  std::vector<std::string_view> names;
  if (const auto found = uids_.find(kind); found != uids_.end())
    for (const auto& [name, uid] : found->second) names.push_back(name);
  return names;
}

std::string ObjectNames::name(model::ObjectKind kind, std::int64_t uid) const {
  const auto found = names_.find({kind, uid});
  return found == names_.end() ? std::to_string(uid) : found->second;
}

} // namespace gatehouse::control
