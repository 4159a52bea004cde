// Sin: it calls the host from a thread of its own.
#include "Honest.h"

#include <thread>

static uint32_t feedLater(gh_conversation* c, uint64_t, gh_bytes in, uint32_t, size_t* consumed) noexcept {
  std::thread([session = c->session] { core->emit(session, {"late", 4}); }).join();
  *consumed = in.size;
  return GH_FLOW_NEXT;
}
static void sin() { protocol.feed = feedLater; }
