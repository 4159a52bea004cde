#include "engine/Departure.h"

namespace gatehouse::engine {

bool Departure::step(std::uint64_t nowMs) {
  if (nowMs < nextMs_) return false;
  if (!leftover_) leftover_.emplace(folders_, engineId_, nowMs);
  const Leftover::Phase found = leftover_->step(nowMs);
  if (found == Leftover::Phase::gone) {
    const Status aside = folders_.putAside(engineId_);
    if (aside) return true;
    account_ = aside.error().description;
  } else if (found == Leftover::Phase::gaveUp) {
    account_ = leftover_->account();
  } else {
    return false;
  }
  leftover_.reset();
  nextMs_ = nowMs + againMs;
  return false;
}

} // namespace gatehouse::engine
