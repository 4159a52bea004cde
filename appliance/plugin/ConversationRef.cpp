#include "plugin/ConversationRef.h"

#include <utility>

namespace gatehouse::plugin {

ConversationRef::ConversationRef(PluginInstance& instance, gh_session session, CallOwner& owner) noexcept
    : instance_(instance)
    , table_(*instance.descriptor().protocol)
    , session_(session)
    , owner_(owner) {}

ConversationRef::~ConversationRef() { close(GH_CLOSED_BY_HOST); }

void ConversationRef::faulted(std::string_view text) noexcept {
  ended_ = true;
  if (fault_.empty()) fault_ = text;
  instance_.fault(text);
}

template <class F>
Flow ConversationRef::call(std::string_view callback, F function) noexcept {
  std::uint32_t flow = GH_FLOW_ABORT;
  bool misused = false;
  {
    CallScope scope(instance_, session_, &owner_);
    const CallTimer timer(instance_, callback);
    flow = function();
    misused = scope.faulted();
  }
  if (misused && fault_.empty()) {
    ended_ = true;
    fault_ = "misused the host during " + std::string(callback);
  }
  if (!fault_.empty()) return Flow::abort;
  if (flow > GH_FLOW_ABORT) {
    faulted("answered " + std::string(callback) + " with an unknown flow, " + std::to_string(flow));
    return Flow::abort;
  }
  if (flow == GH_FLOW_CLOSE || flow == GH_FLOW_ABORT) ended_ = true;
  return static_cast<Flow>(flow);
}

Flow ConversationRef::open(const gh_peer& peer) noexcept {
  if (conversation_ != nullptr || ended_) return Flow::abort;
  const Flow flow =
      call("open", [&] { return table_.open(instance_.handle(), session_, &peer, &conversation_); });
  if (conversation_ == nullptr && flow != Flow::close && flow != Flow::abort) {
    faulted("opened no conversation, and did not say close");
    return Flow::abort;
  }
  return flow == Flow::same ? Flow::next : flow;
}

Fed ConversationRef::feed(std::string_view in, bool last, std::uint64_t source) noexcept {
  if (!alive()) return {Flow::abort, 0};
  std::size_t consumed = 0;
  const Flow flow = call("feed", [&] {
    return table_.feed(conversation_, source, {in.data(), in.size()}, last ? 1 : 0, &consumed);
  });
  if (consumed > in.size()) {
    faulted("consumed more than it was given");
    return {Flow::abort, in.size()};
  }
  return {flow, consumed};
}

Flow ConversationRef::completed(const gh_completion& completion) noexcept {
  if (!alive()) return Flow::abort;
  return call("completed", [&] { return table_.completed(conversation_, &completion); });
}

Flow ConversationRef::event(std::uint32_t event) noexcept {
  if (!alive()) return Flow::abort;
  return call("event", [&] { return table_.event(conversation_, event); });
}

void ConversationRef::close(std::uint32_t reason) noexcept {
  ended_ = true;
  if (conversation_ == nullptr) return;
  CallScope scope(instance_, session_, &owner_);
  const CallTimer timer(instance_, "close");
  table_.close(std::exchange(conversation_, nullptr), reason);
}

} // namespace gatehouse::plugin
