#include "control/manifest/HoldsInForce.h"

#include "base/Text.h"
#include "control/manifest/Kinds.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

std::string key(std::string_view kind, std::string_view value) {
  return std::string(kind) + '\n' + std::string(value);
}

/// "users" of "user".
std::string_view listOf(std::string_view kind) {
  for (const KindWords& words : allKinds)
    if (words.row == kind) return words.list;
  return kind;
}

bool isReleased(const store::Hold& hold, const PlanOptions::NameSet& released) {
  const std::string_view list = listOf(hold.kind);
  const bool settings = list == hold.kind; // "cluster": held under a name that nobody gave
  return PlanOptions::names(released, list, settings ? std::string_view() : hold.name) ||
         (!hold.email.empty() && PlanOptions::names(released, list, hold.email));
}

} // namespace

void HoldKeys::add(std::string_view name) {
  if (!name.empty()) names.push_back(folded(name));
}

HoldsInForce::HoldsInForce(std::vector<store::Hold> holds, const PlanOptions::NameSet& released) {
  for (store::Hold& hold : holds) {
    kinds_.insert(hold.kind);
    (isReleased(hold, released) ? released_ : holds_).push_back(std::move(hold));
  }
  for (std::size_t i = 0; i < holds_.size(); ++i) {
    const store::Hold& hold = holds_[i];
    const std::string name = folded(hold.name), email = folded(hold.email);
    if (listOf(hold.kind) == hold.kind) {
      byKey_.emplace(key(hold.kind, {}), i);
      continue;
    }
    if (!name.empty()) byKey_.emplace(key(hold.kind, name), i);
    if (!email.empty() && email != name) byKey_.emplace(key(hold.kind, email), i);
    if (!hold.subjectKey.empty()) byKey_.emplace(key(hold.kind, "\n" + hold.subjectKey), i);
  }
}

HoldsInForce::Verdict HoldsInForce::on(std::string_view kind, const HoldKeys& wanted, const HoldKeys& present,
                                       bool there) const {
  Verdict verdict;
  // A certificate is one thing with its key: there is no half of it to leave alone.
  const bool whole = kind == kindWords<model::ClusterCertificate>.row;
  std::vector<const store::Hold*> met = meeting(kind, wanted);
  for (const store::Hold* hold : meeting(kind, present)) {
    if (std::find(met.begin(), met.end(), hold) == met.end()) met.push_back(hold);
    if (!there || whole || hold->field.empty()) continue;
    verdict.fields.insert(hold->field);
    verdict.ofField = hold;
  }
  for (const store::Hold* hold : met)
    if (!verdict.stops && !verdict.fields.contains(hold->field)) verdict.stops = hold;
  return verdict;
}

bool HoldsInForce::meets(const store::Hold& hold, const HoldKeys& keys) {
  if (listOf(hold.kind) == hold.kind) return true; // there is one cluster
  if (!hold.subjectKey.empty() && hold.subjectKey == keys.subjectKey) return true;
  const std::string name = folded(hold.name), email = folded(hold.email);
  return std::any_of(keys.names.begin(), keys.names.end(),
                     [&](const std::string& one) { return !one.empty() && (one == name || one == email); });
}

std::vector<const store::Hold*> HoldsInForce::meeting(std::string_view kind, const HoldKeys& keys) const {
  std::set<std::size_t> found;
  const auto look = [&](const std::string& value) {
    const auto [begin, end] = byKey_.equal_range(key(kind, value));
    for (auto at = begin; at != end; ++at) found.insert(at->second);
  };
  look({});
  for (const std::string& name : keys.names) look(name);
  if (!keys.subjectKey.empty()) look("\n" + keys.subjectKey);
  std::vector<const store::Hold*> out;
  for (const std::size_t index : found) out.push_back(&holds_[index]);
  return out;
}

bool HoldsInForce::released(std::string_view kind, const HoldKeys& keys, std::string_view field) const {
  return std::any_of(released_.begin(), released_.end(), [&](const store::Hold& hold) {
    return hold.kind == kind && (hold.field.empty() || hold.field == field) && meets(hold, keys);
  });
}

} // namespace gatehouse::control
