// Sin: it answers one byte with 1 GiB.
#include "Honest.h"

static char megabyte[1 << 20];

static uint32_t feedFloods(gh_conversation* c, uint64_t, gh_bytes in, uint32_t, size_t* consumed) noexcept {
  for (int i = 0; i < 1024; ++i) core->emit(c->session, {megabyte, sizeof megabyte});
  *consumed = in.size;
  return GH_FLOW_NEXT;
}
static void sin() { protocol.feed = feedFloods; }
