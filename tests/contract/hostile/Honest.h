#pragma once
// An honest plugin against the raw contract: a protocol that sends back what it receives, and an
// authenticator that knows nobody. Each file of this folder takes one of them and changes what it sins by.
// HOSTILE_NAME is the file's name, from CMake.
#include "sdk/plugin_abi.h"

struct gh_conversation {
  gh_session session;
};

namespace {

const gh_core* core;
gh_self self;

gh_instance* configure(const gh_host* host, gh_self is, const gh_value*, uint32_t, uint32_t) noexcept {
  self = is;
  core = static_cast<const gh_core*>(host->service(is, GH_CORE, 1));
  return reinterpret_cast<gh_instance*>(new int);
}
void stop(gh_instance* instance) noexcept { delete reinterpret_cast<int*>(instance); }

uint32_t open(gh_instance*, gh_session session, const gh_peer*, gh_conversation** out) noexcept {
  *out = new gh_conversation{session};
  return GH_FLOW_NEXT;
}
uint32_t feed(gh_conversation* c, uint64_t, gh_bytes in, uint32_t, size_t* consumed) noexcept {
  core->emit(c->session, in);
  *consumed = in.size;
  return GH_FLOW_SAME;
}
uint32_t completed(gh_conversation*, const gh_completion*) noexcept { return GH_FLOW_SAME; }
uint32_t event(gh_conversation*, uint32_t) noexcept { return GH_FLOW_SAME; }
void close(gh_conversation* c, uint32_t) noexcept { delete c; }

uint32_t verify(const gh_instance*, gh_view, const gh_evidence*, gh_proposal*) noexcept {
  return GH_VERDICT_UNKNOWN;
}

gh_protocol protocol = {sizeof(gh_protocol), 0, open, feed, completed, event, close};
const uint32_t kinds[] = {GH_EVIDENCE_PASSWORD};
const char* const methods[] = {"regular"};
gh_authenticator authenticator = {
    sizeof(gh_authenticator), GH_RUNS_ON_LOOP, kinds, methods, 1, 1, verify, nullptr};

gh_plugin plugin = {sizeof(gh_plugin),
                    GH_ABI_MAJOR,
                    GH_ABI_MINOR,
                    0,
                    HOSTILE_NAME,
                    "1.0",
                    "A sinner.",
                    nullptr,
                    nullptr,
                    0,
                    0,
                    0,
                    0,
                    configure,
                    nullptr,
                    stop,
                    nullptr,
                    nullptr};

} // namespace

/// What is wrong with it: each file says so.
static void sin();

extern "C" GH_EXPORT const gh_plugin* gh_plugin_entry(uint32_t, uint32_t) noexcept {
  static_cast<void>(authenticator);
  plugin.protocol = &protocol;
  sin();
  return &plugin;
}
