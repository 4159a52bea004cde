// Sin: a call into it never comes back.
#include "Honest.h"

static uint32_t feedHangs(gh_conversation*, uint64_t, gh_bytes, uint32_t, size_t*) noexcept {
  for (volatile bool on = true; on;) {
  }
  return GH_FLOW_NEXT;
}
static void sin() { protocol.feed = feedHangs; }
