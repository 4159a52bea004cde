// Sin: it keeps the bytes that it was given for one call.
#include "Honest.h"

static gh_bytes kept;

static uint32_t feedKeeps(gh_conversation* c, uint64_t, gh_bytes in, uint32_t, size_t* consumed) noexcept {
  if (kept.size > 0) core->emit(c->session, kept);
  kept = in;
  *consumed = in.size;
  return GH_FLOW_NEXT;
}
static void sin() { protocol.feed = feedKeeps; }
