#include "plugin/contract/TrialSession.h"

#include "base/Text.h"
#include "plugin/contract/Findings.h"
#include "plugin/contract/Lent.h"

#include <algorithm>

namespace gatehouse::plugin::contract {

TrialSession::TrialSession(TrialHost& host, gh_instance* instance, const Manners& manners)
    : host_(host)
    , instance_(instance)
    , manners_(manners)
    , id_(host.newHandle()) {
  Lent lent;
  gh_peer peer{};
  peer.size = static_cast<std::uint32_t>(sizeof peer + host.growth());
  peer.proof = GH_PROOF_NONE;
  peer.address = lent.bytes("192.0.2.1:5000");
  peer.local = lent.bytes("192.0.2.2:9443");
  peer.listener = lent.bytes("contract");
  peer.tls = 0x0304;
  peer.input_limit = inputLimit;
  std::uint32_t flow = GH_FLOW_ABORT;
  {
    const TrialHost::Inside call({&host_, host_.selfOf(instance_), this});
    flow =
        host_.plugin().protocol->open(instance_, id_, lent.structs(&peer, 1, host.growth()), &conversation_);
  }
  if (conversation_ == nullptr && flow != GH_FLOW_CLOSE && flow != GH_FLOW_ABORT) {
    fault("values", "open gave no conversation, and did not answer CLOSE or ABORT");
    return;
  }
  answered("open", flow);
  settle();
}

TrialSession::~TrialSession() { close(GH_CLOSED_BY_HOST); }

void TrialSession::fault(std::string_view rule, std::string_view text) {
  findings::add(rule, text);
  faulted_ = true;
}

void TrialSession::close(std::uint32_t reason) {
  if (conversation_ == nullptr) return;
  emitted_ = 0;
  const TrialHost::Inside call({&host_, host_.selfOf(instance_), this});
  host_.plugin().protocol->close(std::exchange(conversation_, nullptr), reason);
  pending_.clear();
  links_.clear();
}

/// Judges the end of a call.
void TrialSession::answered(const char* callback, std::uint32_t flow) {
  if (flow > GH_FLOW_ABORT)
    fault("values", std::string(callback) + " answered an unknown flow, " + std::to_string(flow));
  if (flow != GH_FLOW_SAME) flow_ = flow;
  if (flow_ == GH_FLOW_HOLD && pending_.empty() && links_.empty() && !wasFull_ && !faulted_)
    fault("hold", "it answers HOLD with nothing to wait for: no completion is pending");
  if (faulted_) flow_ = GH_FLOW_ABORT;
  const bool through = input_.empty() || !fresh_;
  if (endFed_ && through && (flow_ == GH_FLOW_NEXT || flow_ == GH_FLOW_MORE)) flow_ = GH_FLOW_CLOSE;
  emitted_ = 0;
  if (flow_ == GH_FLOW_CLOSE || flow_ == GH_FLOW_ABORT)
    close(faulted_ ? GH_CLOSED_BY_FAULT : GH_CLOSED_BY_PLUGIN);
}

/// Feeds while there is something that the plugin has not seen, and it wants it.
void TrialSession::pump() {
  while (conversation_ != nullptr && (flow_ == GH_FLOW_NEXT || flow_ == GH_FLOW_MORE)) {
    if ((!fresh_ || input_.empty()) && (!ended_ || endFed_)) break;
    const std::size_t given = input_.size();
    std::size_t consumed = 0;
    std::uint32_t flow = GH_FLOW_ABORT;
    endFed_ = ended_;
    {
      Lent lent;
      const gh_bytes in = lent.bytes(input_);
      const TrialHost::Inside call({&host_, host_.selfOf(instance_), this});
      flow = host_.plugin().protocol->feed(conversation_, GH_SOURCE_CLIENT, in, ended_ ? 1 : 0, &consumed);
    }
    if (consumed > given) {
      fault("consumed", "feed consumed more than it was given (" + std::to_string(consumed) + " of " +
                            std::to_string(given) + " bytes)");
      consumed = given;
    }
    input_.erase(0, consumed);
    fresh_ = consumed > 0;
    answered("feed", flow);
  }
}

void TrialSession::settle() {
  for (pump(); conversation_ != nullptr; pump()) {
    if (wasFull_) { // the client has read: there is room
      wasFull_ = false;
      const TrialHost::Inside call({&host_, host_.selfOf(instance_), this});
      const std::uint32_t flow = host_.plugin().protocol->event(conversation_, GH_EVENT_ROOM);
      fresh_ = true;
      answered("event", flow);
    } else if (!manners_.withholds && !pending_.empty()) {
      completeOne();
    } else if (!linkSays()) {
      return;
    }
  }
}

bool TrialSession::linkSays() {
  for (auto& [handle, link] : links_) {
    if (!link.inspected && !link.waiting.empty()) {
      output_ += std::exchange(link.waiting, {});
      return true;
    }
    if (link.ended || link.offered < link.waiting.size()) {
      feedLink(handle, link);
      return true;
    }
  }
  return false;
}

void TrialSession::feedLink(gh_link handle, Link& link) {
  const std::size_t given = link.waiting.size();
  std::size_t consumed = 0;
  std::uint32_t flow = GH_FLOW_ABORT;
  {
    Lent lent;
    const gh_bytes in = lent.bytes(link.waiting);
    const TrialHost::Inside call({&host_, host_.selfOf(instance_), this});
    flow = host_.plugin().protocol->feed(conversation_, handle, in, link.ended ? 1 : 0, &consumed);
  }
  if (consumed > given) {
    fault("consumed", "feed consumed more of a link than it was given");
    consumed = given;
  }
  if (links_.count(handle) == 1) { // it may have closed it
    link.waiting.erase(0, consumed);
    link.offered = consumed > 0 ? 0 : given;
    if (link.ended) links_.erase(handle);
  }
  fresh_ = true;
  answered("feed", flow);
}

void TrialSession::completeOne() {
  Pending pending = std::move(pending_.front());
  pending_.pop_front();
  Lent lent;
  std::vector<gh_field> fields;
  for (const auto& [name, value] : pending.fields) fields.push_back({lent.bytes(name), lent.bytes(value)});
  gh_completion c = pending.completion;
  c.size = static_cast<std::uint32_t>(sizeof c + host_.growth());
  c.fields = lent.structs(fields.data(), fields.size(), host_.growth());
  c.field_count = static_cast<std::uint32_t>(fields.size());
  c.field_size = static_cast<std::uint32_t>(sizeof(gh_field) + host_.growth());
  c.piece = lent.bytes(pending.piece);
  if (const auto at = operations_.find(pending.operation); at != operations_.end())
    at->second.answered = true;
  std::uint32_t flow = GH_FLOW_ABORT;
  {
    const gh_completion* lentCompletion = lent.structs(&c, 1, host_.growth());
    const TrialHost::Inside call({&host_, host_.selfOf(instance_), this});
    flow = host_.plugin().protocol->completed(conversation_, lentCompletion);
  }
  fresh_ = true; // left-over bytes come again after any other call
  answered("completed", flow);
}

void TrialSession::client(std::string_view bytes, std::size_t chunk) {
  while (!bytes.empty() && conversation_ != nullptr) {
    const std::size_t room = inputLimit - std::min(inputLimit, input_.size());
    if (room == 0) { // nothing was taken of a full buffer, and nothing can come that would change that
      stuck_ = flow_ != GH_FLOW_HOLD;
      return;
    }
    const auto piece = bytes.substr(0, std::min(room, chunk == 0 ? room : chunk));
    bytes.remove_prefix(piece.size());
    input_ += piece;
    fresh_ = true;
    settle();
  }
}

void TrialSession::clientEnds() {
  ended_ = true;
  settle();
}

void TrialSession::event(std::uint32_t what) {
  if (conversation_ == nullptr) return;
  std::uint32_t flow = GH_FLOW_ABORT;
  {
    const TrialHost::Inside call({&host_, host_.selfOf(instance_), this});
    flow = host_.plugin().protocol->event(conversation_, what);
  }
  fresh_ = true;
  answered("event", flow);
  settle();
}

std::string TrialSession::story() const {
  std::string out = log_ + "output: " + output_ + "\n";
  for (const auto& [op, text] : done_) out += "operation: " + text + "\n";
  return out + (open() ? "open, flow " + std::to_string(flow_) : std::string("closed")) + "\n";
}

} // namespace gatehouse::plugin::contract
