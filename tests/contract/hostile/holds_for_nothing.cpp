// Sin: it holds, with no completion to come.
#include "Honest.h"

static uint32_t feedHolds(gh_conversation*, uint64_t, gh_bytes in, uint32_t, size_t* consumed) noexcept {
  *consumed = in.size;
  return GH_FLOW_HOLD;
}
static void sin() { protocol.feed = feedHolds; }
