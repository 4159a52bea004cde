// Sin: what it answers depends on how the input is cut.
#include "Honest.h"

static uint32_t feedCounts(gh_conversation* c, uint64_t, gh_bytes in, uint32_t, size_t* consumed) noexcept {
  core->emit(c->session, {".", 1});
  *consumed = in.size;
  return GH_FLOW_NEXT;
}
static void sin() { protocol.feed = feedCounts; }
