#include "engine/StopLadder.h"

namespace gatehouse::engine {

StopLadder::Act StopLadder::next(std::uint64_t nowMs, const Seen& seen) {
  if (seen.grows) sinceMs_ = nowMs;
  if (seen.frozen && nowMs - wokenMs_ >= againMs) {
    wokenMs_ = nowMs;
    return Act::wake; // it cannot save in its sleep
  }
  if (nowMs - sinceMs_ >= quietMs) {
    sinceMs_ = nowMs;
    if (terminated_ && nowMs - askedMs_ >= patienceMs) return Act::kill;
    if (!terminated_) {
      terminated_ = true;
      askedMs_ = nowMs;
      return Act::terminate;
    }
  }
  if (terminated_) return Act::nothing;
  if (!asked_) {
    asked_ = true;
    askedMs_ = nowMs;
    if (seen.linked) return Act::shutdown;
    terminated_ = true;
    return Act::terminate;
  }
  if (seen.answer == Answer::none || !seen.linked || nowMs - askedMs_ < againMs) return Act::nothing;
  askedMs_ = nowMs;
  if (seen.answer == Answer::refused) return Act::shutdown;
  if (busyMs_ == 0) busyMs_ = nowMs;
  if (persistence_ == model::Persistence::snapshot)
    return nowMs - busyMs_ < againMs ? Act::killScript : Act::shutdown;
  return nowMs - busyMs_ >= scriptMs ? Act::shutdownNoSave : Act::shutdown;
}

} // namespace gatehouse::engine
