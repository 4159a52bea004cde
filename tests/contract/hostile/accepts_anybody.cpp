// Sin: it accepts without having looked anybody up.
#include "Honest.h"

static uint32_t verifyAll(const gh_instance*, gh_view, const gh_evidence*, gh_proposal* out) noexcept {
  out->user = 1;
  return GH_VERDICT_ACCEPT;
}
static void sin() {
  authenticator.verify = verifyAll;
  plugin.protocol = nullptr;
  plugin.authenticator = &authenticator;
}
