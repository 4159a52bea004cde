// Sin: it speaks to the client of a session that has ended.
#include "Honest.h"

static gh_session first;

static uint32_t feedAnother(gh_conversation* c, uint64_t, gh_bytes in, uint32_t, size_t* consumed) noexcept {
  if (first == 0) first = c->session;
  core->emit(first, in);
  *consumed = in.size;
  return GH_FLOW_NEXT;
}
static void sin() { protocol.feed = feedAnother; }
