#include "gateway/ServiceTables.h"

#include "base/Text.h"
#include "gateway/Session.h"
#include "gateway/UserDirectory.h"
#include "plugin/Call.h"
#include "plugin/PluginInstance.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace gatehouse::gateway {
namespace {

/// The tables are plain functions without a pointer of ours (plugin_abi.h), so what all plugins share is
/// found here. One ServiceTables at a time lives in a process; it sets these and takes them back.
struct Behind {
  std::atomic<const Clock*> clock{nullptr};
  std::atomic<EventSink*> events{nullptr};
  std::atomic<Counters*> counters{nullptr};
} behind;

std::string_view text(gh_bytes b) noexcept {
  return b.size == 0 ? std::string_view{} : std::string_view{b.data, b.size};
}

constexpr std::uint32_t gone = GH_GONE;

Session* sessionOf(gh_session handle) noexcept { return dynamic_cast<Session*>(plugin::ownerOf(handle)); }

template <class T>
T sized(const T* theirs) noexcept {
  T mine{};
  std::memcpy(&mine, theirs, std::min<std::size_t>(theirs->size, sizeof mine));
  mine.size = sizeof mine;
  return mine;
}
/// Gives back as much of `mine` as the caller's struct holds.
template <class T>
void giveBack(const T& mine, T* theirs) noexcept {
  const std::uint32_t size = theirs->size;
  std::memcpy(theirs, &mine, std::min<std::size_t>(size, sizeof mine));
  theirs->size = size;
}

// ---- core

void coreLog(gh_self self, std::uint32_t level, gh_bytes line) noexcept {
  const plugin::PluginInstance* instance = plugin::instanceOf(self);
  EventSink* events = behind.events;
  if (!instance || !events) return;
  const Level known = level == GH_LOG_ERROR     ? Level::error
                      : level == GH_LOG_WARNING ? Level::warning
                      : level == GH_LOG_INFO    ? Level::information
                                                : Level::debug;
  if (!events->wants(known)) return;
  const plugin::Call* call = plugin::currentCall();
  events->say(known, "plugin.says", printable(text(line), 1000),
              {{"plugin", instance->name()}, {"session", call ? call->handle : 0}});
}

std::uint64_t coreClock(gh_self self, std::uint32_t which) noexcept {
  const Clock* clock = behind.clock;
  if (!plugin::instanceOf(self) || !clock) return 0;
  return which == GH_CLOCK_WALL ? static_cast<std::uint64_t>(clock->wallSeconds()) * 1000 : clock->steadyMs();
}

void coreCount(gh_self self, gh_bytes name, std::uint64_t add) noexcept {
  plugin::PluginInstance* instance = plugin::instanceOf(self);
  Counters* counters = behind.counters;
  if (!instance || !counters) return;
  const std::string_view word = text(name);
  const bool fits = !word.empty() && word.size() <= 64 && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!fits) {
    instance->fault("count was given a name that is none");
    return;
  }
  counters->addNamed(instance->name(), word, add);
}

std::uint32_t coreEmit(gh_session handle, gh_bytes out) noexcept {
  Session* session = sessionOf(handle);
  return session ? session->emit(text(out)) : gone;
}

// ---- authenticate

std::uint32_t authenticateAsk(gh_session handle, const gh_evidence* given, std::uint64_t token) noexcept {
  Session* session = sessionOf(handle);
  if (!session) return GH_GONE;
  if (!given) return session->fault("ask without evidence", GH_INVALID);
  const gh_evidence evidence = sized(given);
  switch (evidence.kind) { // certificate and local evidence come from the host alone
  case GH_EVIDENCE_PASSWORD: return session->ask(text(evidence.login), text(evidence.secret), token);
  case GH_EVIDENCE_TOKEN: return session->askToken(text(evidence.secret), token);
  default: return session->fault("ask with evidence that is neither a password nor a token", GH_INVALID);
  }
}

std::uint32_t authenticateForget(gh_session handle, gh_identity identity) noexcept {
  Session* session = sessionOf(handle);
  return session ? session->forget(identity) : gone;
}

// ---- directory

std::uint32_t directoryLookup(gh_view handle, std::uint32_t keyKind, gh_bytes key, gh_user* out) noexcept {
  auto* view = dynamic_cast<UserDirectory*>(plugin::ownerOf(handle));
  if (!view || !out) return GH_GONE;
  gh_user mine{};
  mine.size = sizeof mine;
  const std::uint32_t status = view->lookup(keyKind, text(key), mine);
  if (status == GH_OK) giveBack(mine, out);
  return status;
}

// ---- manage

std::uint32_t manageBegin(gh_session handle, gh_identity identity, const gh_request* request,
                          gh_admission* out) noexcept {
  Session* session = sessionOf(handle);
  if (!session) return GH_GONE;
  if (!request || !out) return session->fault("begin without a request", GH_INVALID);
  gh_admission mine{};
  mine.size = sizeof mine;
  const std::uint32_t status = session->begin(identity, sized(request), mine);
  if (status == GH_OK) giveBack(mine, out);
  return status;
}
std::uint32_t manageBody(gh_session handle, gh_op op, gh_bytes piece) noexcept {
  Session* session = sessionOf(handle);
  return session ? session->body(op, text(piece)) : gone;
}
std::uint32_t manageEnd(gh_session handle, gh_op op, std::uint64_t token) noexcept {
  Session* session = sessionOf(handle);
  return session ? session->end(op, token) : gone;
}
std::uint32_t managePull(gh_session handle, gh_op op, std::uint64_t token) noexcept {
  Session* session = sessionOf(handle);
  return session ? session->pull(op, token) : gone;
}
std::uint32_t manageDrop(gh_session handle, gh_op op) noexcept {
  Session* session = sessionOf(handle);
  return session ? session->drop(op) : gone;
}

// ---- engine

std::uint32_t engineOpen(gh_session handle, gh_identity identity, std::uint32_t share, std::uint64_t node,
                         std::uint64_t token) noexcept {
  Session* session = sessionOf(handle);
  if (!session) return GH_GONE;
  if (node != 0) return session->fault("a link to a node, where engines have one", GH_INVALID);
  return session->openLink(identity, share, token);
}
std::uint32_t engineSend(gh_session handle, gh_link link, gh_bytes bytes, std::uint32_t flags) noexcept {
  Session* session = sessionOf(handle);
  if (!session) return GH_GONE;
  if (flags != 0) return session->fault("send with flags that are not known", GH_INVALID);
  return session->sendLink(link, text(bytes));
}
std::uint32_t engineLogin(gh_session handle, gh_link link, gh_identity identity) noexcept {
  Session* session = sessionOf(handle);
  return session ? session->loginLink(link, identity) : gone;
}
std::uint32_t engineMode(gh_session handle, gh_link link, std::uint32_t mode) noexcept {
  Session* session = sessionOf(handle);
  return session ? session->modeLink(link, mode) : gone;
}
std::uint32_t engineClose(gh_session handle, gh_link link) noexcept {
  Session* session = sessionOf(handle);
  return session ? session->closeLink(link) : gone;
}

constexpr gh_core core = {sizeof(gh_core), 1, coreLog, coreClock, coreCount, coreEmit};
constexpr gh_authenticate authenticate = {sizeof(gh_authenticate), 1, authenticateAsk, authenticateForget};
constexpr gh_directory directory = {sizeof(gh_directory), 1, directoryLookup};
constexpr gh_manage manage = {sizeof(gh_manage), 1,          manageBegin, manageBody,
                              manageEnd,         managePull, manageDrop};

constexpr gh_engine engine = {sizeof(gh_engine), 1,          engineOpen, engineSend,
                              engineLogin,       engineMode, engineClose};

constexpr plugin::OfferedService services[] = {
    {GH_CORE, 1}, {GH_AUTHENTICATE, 1}, {GH_DIRECTORY, 1}, {GH_MANAGE, 1}, {GH_ENGINE, 1}};
constexpr const void* tables[] = {&core, &authenticate, &directory, &manage, &engine};

} // namespace

ServiceTables::ServiceTables(const Clock& clock, EventSink& events, Counters& counters) {
  behind.clock = &clock;
  behind.events = &events;
  behind.counters = &counters;
}

ServiceTables::~ServiceTables() {
  behind.clock = nullptr;
  behind.events = nullptr;
  behind.counters = nullptr;
}

std::span<const plugin::OfferedService> ServiceTables::offered() const noexcept { return services; }

const void* ServiceTables::service(std::string_view name, std::uint32_t version) const noexcept {
  for (std::size_t i = 0; i < std::size(services); ++i)
    if (services[i].name == name && services[i].version == version) return tables[i];
  return nullptr;
}

} // namespace gatehouse::gateway
