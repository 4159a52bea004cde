// FakeHost.h's FakeSession: one conversation, and the links that it opens.
#include "support/FakeCall.h"

#include <algorithm>

namespace gatehouse::test {

// ---- a session

FakeSession::FakeSession(FakePlugin& plugin, const Peer& from)
    : host_(plugin.host_)
    , plugin_(plugin)
    , id_(plugin.host_.nextHandle_++)
    , inputLimit_(from.inputLimit) {
  gh_peer peer{};
  peer.size = sizeof peer;
  peer.proof = from.proof;
  peer.address = bytes(from.address);
  peer.local = bytes(from.local);
  peer.listener = bytes(from.listener);
  peer.sni = bytes(from.sni);
  peer.alpn = bytes(from.alpn);
  peer.tls = from.tls;
  peer.input_limit = from.inputLimit;
  std::uint32_t flow = GH_FLOW_ABORT;
  {
    Inside inside({&host_, plugin_.self_, this});
    flow = plugin_.plugin_->protocol->open(plugin_.instance_, id_, &peer, &conversation_);
  }
  answered(flow);
  settle();
}

FakeSession::~FakeSession() { close(GH_CLOSED_BY_HOST); }

void FakeSession::close(std::uint32_t reason) {
  if (conversation_ == nullptr) return;
  Inside inside({&host_, plugin_.self_, this});
  plugin_.plugin_->protocol->close(std::exchange(conversation_, nullptr), reason);
  completions_.clear();
  for (const gh_link handle : links_) host_.links[handle].closed = true;
  links_.clear();
}

void FakeSession::answered(std::uint32_t flow) {
  if (flow > GH_FLOW_ABORT) {
    host_.faults.emplace_back("a flow that the contract does not name");
    flow = GH_FLOW_ABORT;
  }
  if (flow != GH_FLOW_SAME) flow_ = flow;
  if (flow_ == GH_FLOW_HOLD && completions_.empty() && links_.empty() && !wasFull_) {
    host_.faults.emplace_back("HOLD with nothing to wait for");
    flow_ = GH_FLOW_ABORT;
  }
  const bool through = input_.empty() || !fresh_; // nothing is left, or nothing of it is wanted
  if (endFed_ && through && (flow_ == GH_FLOW_NEXT || flow_ == GH_FLOW_MORE)) flow_ = GH_FLOW_CLOSE;
  if (flow_ == GH_FLOW_CLOSE || flow_ == GH_FLOW_ABORT) close(GH_CLOSED_BY_PLUGIN);
}

/// Feeds while there is something that the plugin has not seen, and it wants it.
void FakeSession::pump() {
  while (conversation_ != nullptr && (flow_ == GH_FLOW_NEXT || flow_ == GH_FLOW_MORE)) {
    const bool last = ended_;
    if ((!fresh_ || input_.empty()) && (!ended_ || endFed_)) return;
    const std::string in = input_;
    std::size_t consumed = 0;
    std::uint32_t flow = GH_FLOW_ABORT;
    endFed_ = endFed_ || last;
    {
      Inside inside({&host_, plugin_.self_, this});
      flow = plugin_.plugin_->protocol->feed(conversation_, GH_SOURCE_CLIENT, bytes(in), last ? 1 : 0,
                                             &consumed);
    }
    if (consumed > in.size()) {
      host_.faults.emplace_back("more consumed than given");
      consumed = in.size();
      flow = GH_FLOW_ABORT;
    }
    input_.erase(0, consumed);
    fresh_ = consumed > 0;
    if (flow != GH_FLOW_ABORT && flow != GH_FLOW_CLOSE && input_.size() > inputLimit_) {
      host_.faults.emplace_back("more left unconsumed than the limit");
      flow = GH_FLOW_ABORT;
    }
    answered(flow);
  }
}

void FakeSession::settle() {
  do {
    pump();
  } while ((!holdCompletions && deliver() > 0) || pumpLinks());
}

/// Moves what one link has to move; true: something did.
bool FakeSession::pumpLinks() {
  for (const gh_link handle : std::vector<gh_link>(links_))
    if (conversation_ != nullptr && pumpLink(handle, host_.links[handle])) return true;
  return false;
}

bool FakeSession::pumpLink(gh_link handle, FakeLink& link) {
  bool moved = false;
  if (link.engine != nullptr && !link.ended && link.answered < link.sent.size()) {
    const std::string taken = link.sent.substr(link.answered);
    link.answered = link.sent.size();
    link.waiting += link.engine->takes(taken, link.ended);
    moved = true;
  }
  if (!link.inspected && !link.waiting.empty()) {
    sent_ += std::exchange(link.waiting, {});
    moved = true;
  }
  const bool news = link.inspected && link.offered < link.waiting.size();
  if (!news && !link.ended) return moved;
  const std::size_t size =
      news ? std::min(link.waiting.size(), link.offered + host_.linkChunk) : link.waiting.size();
  const std::string in = link.waiting.substr(0, size);
  const bool last = link.ended && size == link.waiting.size();
  std::size_t consumed = 0;
  std::uint32_t flow = GH_FLOW_ABORT;
  {
    Inside inside({&host_, plugin_.self_, this});
    flow = plugin_.plugin_->protocol->feed(conversation_, handle, bytes(in), last ? 1 : 0, &consumed);
  }
  if (consumed > in.size()) {
    host_.faults.emplace_back("more consumed of a link than given");
    flow = GH_FLOW_ABORT;
    consumed = in.size();
  }
  link.waiting.erase(0, consumed);
  link.offered = consumed > 0 ? 0 : size; // at once if any were consumed
  if (last) links_.erase(std::find(links_.begin(), links_.end(), handle));
  fresh_ = true;
  answered(flow);
  return true;
}

void FakeSession::engineSays(gh_link link, std::string_view bytes) {
  host_.links.at(link).waiting += bytes;
  settle();
}

void FakeSession::engineEnds(gh_link link) {
  host_.links.at(link).ended = true;
  settle();
}

std::size_t FakeSession::deliver() {
  std::size_t delivered = 0;
  while (conversation_ != nullptr && !completions_.empty()) {
    const auto pending = std::move(completions_.front());
    completions_.pop_front();
    std::vector<gh_field> list;
    for (const auto& [name, value] : pending->head.fields) list.push_back({bytes(name), bytes(value)});
    gh_completion& c = pending->completion;
    c.size = sizeof c;
    c.fields = list.data();
    c.field_count = static_cast<std::uint32_t>(list.size());
    c.field_size = sizeof(gh_field);
    c.piece = bytes(pending->piece);
    std::uint32_t flow = GH_FLOW_ABORT;
    {
      Inside inside({&host_, plugin_.self_, this});
      flow = plugin_.plugin_->protocol->completed(conversation_, &c);
    }
    fresh_ = true; // left-over bytes come again after any other call
    ++delivered;
    answered(flow);
    pump();
  }
  return delivered;
}

void FakeSession::client(std::string_view bytes, std::size_t chunk) {
  if (chunk == 0) chunk = std::max<std::size_t>(bytes.size(), 1);
  while (!bytes.empty() && conversation_ != nullptr) {
    const auto piece = bytes.substr(0, chunk);
    bytes.remove_prefix(piece.size());
    input_ += piece;
    fresh_ = true;
    settle();
  }
}

void FakeSession::clientEnds() {
  ended_ = true;
  settle();
}

void FakeSession::event(std::uint32_t what) {
  if (conversation_ == nullptr) return;
  std::uint32_t flow = GH_FLOW_ABORT;
  {
    Inside inside({&host_, plugin_.self_, this});
    flow = plugin_.plugin_->protocol->event(conversation_, what);
  }
  fresh_ = true;
  answered(flow);
  settle();
}

} // namespace gatehouse::test
