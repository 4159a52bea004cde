// Sin: it says that it consumed more than it was given.
#include "Honest.h"

static uint32_t feedLies(gh_conversation*, uint64_t, gh_bytes in, uint32_t, size_t* consumed) noexcept {
  *consumed = in.size + 1;
  return GH_FLOW_NEXT;
}
static void sin() { protocol.feed = feedLies; }
