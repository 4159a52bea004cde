#include "control/change/ActionLog.h"

#include "base/Text.h"
#include "pki/Hash.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {

void ActionLog::remember(Action action) {
  const std::lock_guard lock(mutex_);
  if (actions_.size() == most) actions_.pop_front();
  actions_.push_back(std::move(action));
}

std::optional<Action> ActionLog::find(std::string_view uid) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(actions_.begin(), actions_.end(), [&](const Action& a) { return a.uid == uid; });
  return found == actions_.end() ? std::nullopt : std::optional(*found);
}

std::vector<Action> ActionLog::all() const {
  const std::lock_guard lock(mutex_);
  return {actions_.begin(), actions_.end()};
}

Result<std::string> newActionUid() {
  auto bytes = pki::randomBytes(16);
  if (!bytes) return std::move(bytes).error();
  (*bytes)[6] = static_cast<char>((static_cast<unsigned char>((*bytes)[6]) & 0x0FU) | 0x40U);
  (*bytes)[8] = static_cast<char>((static_cast<unsigned char>((*bytes)[8]) & 0x3FU) | 0x80U);
  std::string text = hex(*bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

} // namespace gatehouse::control
