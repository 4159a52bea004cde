/* Protects: that plugin_abi.h is C11. Compiling this is the test; the sizes are what 0.1 promised on 64-bit
 * machines. */
#include "sdk/plugin_abi.h"

_Static_assert(sizeof(gh_bytes) == 16, "frozen");
_Static_assert(offsetof(gh_plugin, abi_major) == 4 && offsetof(gh_plugin, abi_minor) == 8,
               "frozen: read before all else");
_Static_assert(GH_ABI_MAJOR == 0 && GH_ABI_MINOR == 1, "a new version needs a new look at the sizes");
_Static_assert(sizeof(gh_evidence) == 96 && sizeof(gh_user) == 48 && sizeof(gh_proposal) == 16, "0.1");
_Static_assert(sizeof(gh_peer) == 112 && sizeof(gh_completion) == 72, "0.1");
_Static_assert(sizeof(gh_authenticator) == 48 && sizeof(gh_protocol) == 48 && sizeof(gh_plugin) == 112,
               "0.1");

static gh_instance* configure(const gh_host* host, gh_self self, const gh_value* values, uint32_t count,
                              uint32_t size) {
  (void)host, (void)self, (void)values, (void)count, (void)size;
  return NULL;
}

const gh_plugin* abi_is_c(void);
const gh_plugin* abi_is_c(void) {
  static gh_plugin plugin;
  plugin.size = sizeof plugin;
  plugin.configure = configure;
  return &plugin;
}
