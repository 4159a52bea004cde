#include "control/manifest/Plan.h"

#include "base/Text.h"

#include <algorithm>

namespace gatehouse::control {

std::string inKind(std::string_view kind, std::string_view name) {
  return name.empty() ? std::string(kind) : std::string(kind) + '/' + std::string(name);
}

bool PlanOptions::names(const NameSet& set, std::string_view kind, std::string_view name) {
  const std::string plain = folded(name), whole = folded(inKind(kind, name));
  return std::any_of(set.begin(), set.end(), [&](const std::string& entry) {
    const std::string given = folded(entry);
    return given == whole || (!plain.empty() && given == plain);
  });
}

std::string_view word(PlannedChange::Action action) noexcept {
  switch (action) {
  case PlannedChange::Action::create: return "create";
  case PlannedChange::Action::update: return "update";
  case PlannedChange::Action::remove: return "remove";
  case PlannedChange::Action::adopt: return "adopt";
  case PlannedChange::Action::rename: return "rename";
  }
  return "update";
}

} // namespace gatehouse::control
