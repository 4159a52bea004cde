// Sin: it answers a flow that the contract does not name.
#include "Honest.h"

static uint32_t feedStrange(gh_conversation*, uint64_t, gh_bytes in, uint32_t, size_t* consumed) noexcept {
  *consumed = in.size;
  return 42;
}
static void sin() { protocol.feed = feedStrange; }
