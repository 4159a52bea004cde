// Sin: it uses a service that is not among its needs.
#include "Honest.h"

static const gh_manage* manage;

static gh_instance* configureMore(const gh_host* host, gh_self is, const gh_value* values, uint32_t count,
                                  uint32_t size) noexcept {
  manage = static_cast<const gh_manage*>(host->service(is, GH_MANAGE, 1));
  return configure(host, is, values, count, size);
}
static uint32_t openOperation(gh_instance* instance, gh_session session, const gh_peer* peer,
                              gh_conversation** out) noexcept {
  gh_request request{};
  gh_admission admission{};
  manage->begin(session, GH_IDENTITY_CONNECTION, &request, &admission);
  return open(instance, session, peer, out);
}
static void sin() {
  plugin.configure = configureMore;
  protocol.open = openOperation;
}
