// Sin: it wants ever more bytes and takes none.
#include "Honest.h"

static uint32_t feedWants(gh_conversation*, uint64_t, gh_bytes, uint32_t, size_t* consumed) noexcept {
  *consumed = 0;
  return GH_FLOW_MORE;
}
static void sin() { protocol.feed = feedWants; }
