// Sin: it answers a verdict that the contract does not name.
#include "Honest.h"

static uint32_t verifyStrange(const gh_instance*, gh_view, const gh_evidence*, gh_proposal*) noexcept {
  return 42;
}
static void sin() {
  authenticator.verify = verifyStrange;
  plugin.protocol = nullptr;
  plugin.authenticator = &authenticator;
}
