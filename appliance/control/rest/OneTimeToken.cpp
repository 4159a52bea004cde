#include "control/rest/OneTimeToken.h"

#include <utility>

namespace gatehouse::control {

void OneTimeToken::arm(Secret word, std::function<void()> spent) {
  const std::lock_guard lock(mutex_);
  word_ = std::move(word);
  spent_ = std::move(spent);
}

bool OneTimeToken::is(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  return !word_.empty() && equal(word_.reveal(), text);
}

void OneTimeToken::spend() {
  std::function<void()> spent;
  {
    const std::lock_guard lock(mutex_);
    word_.wipe();
    spent = std::exchange(spent_, nullptr);
  }
  if (spent) spent();
}

} // namespace gatehouse::control
