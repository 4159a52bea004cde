// Sin: an exception leaves one of its callbacks.
#include "Honest.h"

#include <stdexcept>

static void fail() { throw std::runtime_error("from a callback"); }
static uint32_t feedThrows(gh_conversation*, uint64_t, gh_bytes, uint32_t, size_t*) noexcept {
  fail();
  return GH_FLOW_SAME;
}
static void sin() { protocol.feed = feedThrows; }
