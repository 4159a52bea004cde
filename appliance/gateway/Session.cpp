#include "gateway/Session.h"

#include "gateway/Lockouts.h"
#include "gateway/SessionLink.h"
#include "gateway/Worker.h"
#include "plugin/PluginInstance.h"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

gh_bytes bytes(std::string_view text) noexcept { return {text.data(), text.size()}; }

} // namespace

Session::Session(Worker& worker, std::shared_ptr<const Listener> listener, std::uint64_t id, UniqueFd socket,
                 const transport::Address& peer, std::shared_ptr<const transport::TlsContext> tls,
                 transport::ConnectionBudgets::Ticket ticket)
    : worker_(worker)
    , held_(std::move(listener))
    , listener_(*held_)
    , id_(id)
    , peer_(peer.text())
    , network_(networkOf(peer))
    , ticket_(std::move(ticket))
    , connection_(worker.loop(), *this, std::move(socket), peer, std::move(tls),
                  listener_.database != 0 ? worker.shared().databaseDeadlines : worker.shared().deadlines,
                  &worker.chains())
    , endTimer_(worker.loop(), [this] { closeNow(GH_CLOSED_BY_POLICY, transport::Connection::Flush::brief); })
    , lastWordsTimer_(worker.loop(), [this] {
      if (connection_.bytesOut() != lastWordsBytes_) return watchLastWords();
      if (endReason_.empty()) endReason_ = "peer";
      closeNow(GH_CLOSED_BY_PEER, transport::Connection::Flush::brief);
    }) {}

Session::~Session() {
  for (const auto& login : logins_) login->abandon();
}

void Session::start() {
  worker_.counters().add(Counter::sessions_opened);
  worker_.registry().add(*this);
  if (listener_.database != 0) worker_.registry().addDatabase(listener_.database, *this);
  if (!listener_.control)
    worker_.strangers().add(*this); // a flood of strangers evicts nobody from the control socket
  connection_.start();
}

// ---- the conversation
// ---------------------------------------------------------------------------------------------------------------

std::uint32_t Session::proofWord() const noexcept {
  if (connected_ == Connected::blocked && listener_.database != 0) return GH_PROOF_REFUSED;
  if (connected_ != Connected::proven) return GH_PROOF_NONE;
  switch (proof_->admission->kind) {
  case model::EvidenceKind::local: return GH_PROOF_LOCAL;
  case model::EvidenceKind::none: return GH_PROOF_DEFAULT;
  case model::EvidenceKind::certificate:
  case model::EvidenceKind::password:
  case model::EvidenceKind::token: break;
  }
  return GH_PROOF_CERTIFICATE;
}

void Session::converse() {
  if (connection_.closing() || conversation_) return;
  conversation_ = std::make_unique<plugin::ConversationRef>(*listener_.protocol, id_, *this);
  const std::string local = listener_.socket ? listener_.socket->text() : listener_.address.text();
  const transport::TlsEngine* tls = connection_.tls();
  const std::string sni = tls ? tls->serverName() : std::string(), alpn = tls ? tls->alpn() : std::string();
  gh_peer peer{};
  peer.size = sizeof peer;
  peer.proof = proofWord();
  peer.database = static_cast<std::uint64_t>(listener_.database);
  peer.address = bytes(listener_.control ? std::string_view("unix") : std::string_view(peer_));
  peer.local = bytes(local);
  peer.listener = bytes(listener_.name);
  peer.sni = bytes(sni);
  peer.alpn = bytes(alpn);
  peer.tls = tls ? tls->version() : 0;
  peer.input_limit = worker_.shared().deadlines[transport::Phase::greeting].inputLimit;
  inCall_ = true;
  const plugin::Flow flow = conversation_->open(peer);
  inCall_ = false;
  after(flow);
  deliver();
  if (!closing_ && worker_.draining()) drain();
  pump();
}

bool Session::feedable() const noexcept {
  return conversation_ && conversation_->alive() && !inCall_ && !closing_ && !endAfterAnswer_ &&
         !connection_.closing() && (flow_ == plugin::Flow::next || flow_ == plugin::Flow::more) &&
         !connection_.outputFull() && !linkFull();
}

void Session::pump() {
  while (feedable()) {
    ByteQueue& in = connection_.input();
    const bool last = connection_.peerEnded();
    if (in.empty() && (!last || lastFed_)) break;
    const std::size_t given = in.size();
    inCall_ = true;
    const plugin::Fed fed = conversation_->feed(in.view(), last);
    inCall_ = false;
    in.consume(fed.consumed);
    if (last && (in.empty() || fed.consumed == 0))
      lastFed_ = true; // nothing follows that could complete what was left
    const bool answered = !ready_.empty();
    after(fed.flow);
    deliver();
    if (fed.consumed == 0 && given > 0) { // the rest comes again with more behind it, or after another call
      if (answered)
        worker_.post([&worker = worker_, id = id_] { // which has been made just now
          if (Session* session = worker.session(id)) session->pump();
        });
      break;
    }
  }
  if (feedable() && lastFed_) {
    if (endReason_.empty()) endReason_ = "peer";
    closeNow(GH_CLOSED_BY_PEER,
             transport::Connection::Flush::patient); // after the last byte nothing is to come
  }
  if (closing_ || connection_.closing()) return;
  if (lastFed_ && !links_.empty() && !lastWordsTimer_.armed()) watchLastWords();
  enterPhase();
}

void Session::after(plugin::Flow flow) {
  if (!fault_.empty() && conversation_) {
    conversation_->faulted(fault_);
    flow = plugin::Flow::abort;
  }
  if (flow != plugin::Flow::same) flow_ = flow;
  if (flow_ == plugin::Flow::hold && pending_ == 0 && ready_.empty() && links_.empty()) {
    if (conversation_) conversation_->faulted("HOLD with nothing to wait for");
    flow_ = plugin::Flow::abort;
  }
  switch (flow_) {
  case plugin::Flow::same:
  case plugin::Flow::next:
  case plugin::Flow::more:
  case plugin::Flow::hold: break;
  case plugin::Flow::close: closeNow(GH_CLOSED_BY_PLUGIN, transport::Connection::Flush::patient); break;
  case plugin::Flow::abort:
    if (conversation_ && !conversation_->fault().empty()) {
      worker_.counters().add(Counter::closed_by_fault);
      endReason_ = "fault";
      closeConversation(GH_CLOSED_BY_FAULT);
      connection_.abort(conversation_->fault());
    } else {
      closeConversation(GH_CLOSED_BY_PLUGIN);
      connection_.abort("the protocol gave up");
    }
    closing_ = true;
    break;
  }
}

/// Completions that became ready inside a call come after it: no host function calls a plugin.
void Session::deliver() {
  while (!ready_.empty() && !inCall_ && !closing_ && conversation_ && conversation_->alive()) {
    Ready ready = std::move(ready_.front());
    ready_.pop_front();
    std::vector<gh_field> fields;
    fields.reserve(ready.fields.size());
    for (const auto& [name, value] : ready.fields) fields.push_back({bytes(name), bytes(value)});
    ready.completion.size = sizeof ready.completion;
    ready.completion.fields = fields.data();
    ready.completion.field_count = static_cast<std::uint32_t>(fields.size());
    ready.completion.field_size = sizeof(gh_field);
    ready.completion.piece = bytes(ready.piece);
    --pending_;
    inCall_ = true;
    const plugin::Flow flow = conversation_->completed(ready.completion);
    inCall_ = false;
    after(flow);
  }
  if (endAfterAnswer_ && !closing_ && !owesAnAnswer())
    closeNow(GH_CLOSED_BY_POLICY, transport::Connection::Flush::brief);
}

void Session::complete(Ready ready) {
  ready_.push_back(std::move(ready));
  if (inCall_) return; // whoever made the call delivers
  deliver();
  pump();
}

void Session::completeStatus(std::uint64_t token, std::uint32_t status, std::uint64_t handle) {
  Ready ready;
  ready.completion.token = token;
  ready.completion.status = status;
  ready.completion.handle = handle;
  complete(std::move(ready));
}

void Session::enterPhase() {
  using transport::Phase;
  Phase phase = Phase::answering;
  const bool full = linkFull(); // the engine takes no more for now: not the peer's fault
  if (!full && flow_ == plugin::Flow::next && connection_.input().empty())
    phase = known_ ? Phase::betweenMessages : Phase::greeting;
  else if (!full && (flow_ == plugin::Flow::next || flow_ == plugin::Flow::more))
    phase = receivesABody() ? Phase::streamingBody : known_ ? Phase::insideMessage : Phase::greeting;
  // Back-pressure: what is not fed is not read.
  const bool pause = flow_ == plugin::Flow::hold || full;
  if (pause && !connection_.inputPaused()) connection_.pauseInput();
  if (!pause && connection_.inputPaused() && !endAfterAnswer_) connection_.resumeInput();
  if (connection_.phase() == phase) {
    // A phase that is entered anew starts its clock anew; a message or a stranger does not get more time for
    // each byte.
    if (phase == Phase::betweenMessages || phase == Phase::answering) connection_.phase(phase);
    return;
  }
  connection_.phase(phase);
}

void Session::onPeerEnd(transport::Connection&) { pump(); }

void Session::onDrained(transport::Connection&) {
  if (closing_ || !conversation_) return;
  if (const auto waiting = std::exchange(waitingPull_, std::nullopt))
    producePiece(waiting->first, waiting->second);
  if (std::exchange(wantsRoom_, false) && !closing_ && conversation_->alive()) {
    inCall_ = true;
    const plugin::Flow flow = conversation_->event(GH_EVENT_ROOM);
    inCall_ = false;
    after(flow);
  }
  deliver();
  pumpLinks();
  pump();
}

std::uint32_t Session::emit(std::string_view out) {
  switch (connection_.send(out)) {
  case transport::Connection::Sent::ok: break;
  case transport::Connection::Sent::closed: return GH_OK; // it is over; the plugin hears of it by close
  case transport::Connection::Sent::full: return fault("more output than a session may queue", GH_LIMIT);
  }
  if (!connection_.outputFull()) return GH_OK;
  wantsRoom_ = true;
  return GH_FULL;
}

std::uint32_t Session::fault(std::string_view text, std::uint32_t status) {
  if (fault_.empty()) fault_ = text;
  return status;
}

// ---- the end
// ------------------------------------------------------------------------------------------------------------------------

void Session::drain() {
  if (std::exchange(drained_, true) || !conversation_ || !conversation_->alive() || closing_) return;
  inCall_ = true;
  const plugin::Flow flow = conversation_->event(GH_EVENT_DRAIN);
  inCall_ = false;
  after(flow);
  deliver();
  if (!closing_) pump();
}

void Session::watchLastWords() {
  lastWordsBytes_ = connection_.bytesOut();
  lastWordsTimer_.arm(worker_.loop().nowMs() + lastWordsMs);
}

bool Session::quiet(std::uint64_t quietMs) noexcept {
  const std::uint64_t moved = connection_.bytesIn() + connection_.bytesOut(), now = worker_.loop().nowMs();
  if (moved != quietBytes_ || quietSinceMs_ == 0) {
    quietBytes_ = moved;
    quietSinceMs_ = now;
  }
  return pending_ == 0 && ready_.empty() && connection_.outputSize() == 0 && now >= quietSinceMs_ + quietMs;
}

void Session::closeForDrain() {
  if (endReason_.empty()) endReason_ = "drain";
  closeNow(GH_CLOSED_BY_DRAIN, transport::Connection::Flush::brief);
}

void Session::endByPolicy(std::string_view reason) {
  if (closing_ || connection_.closing()) return;
  if (endReason_.empty()) {
    worker_.counters().add(Counter::closed_by_policy);
    endReason_ = reason;
  }
  revokeAtEngine();
  if (sendsAList()) { // no further piece, and nothing of what waits for a peer that does not read
    closing_ = true;
    closeConversation(GH_CLOSED_BY_POLICY);
    connection_.abort("no longer stands");
    return;
  }
  if (listener_.database != 0 && connection_.outputSize() > 0) { // nor of what an engine had said
    closing_ = true;
    closeConversation(GH_CLOSED_BY_POLICY);
    connection_.abort("no longer stands");
    return;
  }
  if (!owesAnAnswer()) {
    closeNow(GH_CLOSED_BY_POLICY, transport::Connection::Flush::brief);
    return;
  }
  // Whoever asked is answered before its own write closes its session; nothing more is read from it
  // meanwhile.
  endAfterAnswer_ = true;
  if (answersAll()) endTimer_.arm(worker_.loop().nowMs() + answerGraceMs); // the answer is on its way already
  if (!connection_.inputPaused()) connection_.pauseInput();
}

void Session::closeNow(std::uint32_t conversationReason, transport::Connection::Flush flush) {
  if (closing_) return;
  closing_ = true;
  endTimer_.cancel();
  lastWordsTimer_.cancel();
  closeConversation(conversationReason);
  connection_.closeAfterFlush(flush);
}

void Session::closeConversation(std::uint32_t reason) noexcept {
  if (!conversation_) return;
  inCall_ = true; // last words may be emitted
  conversation_->close(reason);
  inCall_ = false;
  operations_.clear();
  identities_.clear();
  closeLinks();
}

void Session::onClosed(transport::Connection& connection, transport::CloseReason reason,
                       std::string_view detail) noexcept {
  using transport::CloseReason;
  closing_ = true;
  closeConversation(reason == CloseReason::deadline    ? GH_CLOSED_BY_DEADLINE
                    : reason == CloseReason::peerReset ? GH_CLOSED_BY_PEER
                                                       : GH_CLOSED_BY_HOST);
  AccessRecord access = record();
  access.detail = detail;
  if (reason == CloseReason::handshakeFailed) {
    access.reason = "handshake";
    worker_.audit().refused(Counter::refused_handshake, access, true);
  } else if (!knownAs_.empty()) {
    access.user = knownAs_;
    access.reason = endReason_.empty() ? transport::word(reason) : std::string_view(endReason_);
    if (reason == CloseReason::closed)
      access.detail = {}; // how the peer's socket went after the goodbye tells nobody anything
    worker_.audit().ended(access, connection.bytesIn(), connection.bytesOut());
  }
  worker_.counters().add(Counter::sessions_closed);
  worker_.strangers().remove(*this);
  for (const std::int64_t uid : watched_) worker_.registry().removeUser(uid, *this);
  if (chain_) worker_.registry().removeChain(*chain_, listener_.database, *this);
  if (listener_.database != 0) worker_.registry().removeDatabase(listener_.database, *this);
  worker_.registry().remove(*this);
  worker_.gone(*this);
}

void Session::onEvicted() noexcept {
  ticket_.release();
  AccessRecord access = record();
  access.reason = "evicted";
  access.detail = "the oldest connection that had not authenticated made room for a newer one";
  worker_.audit().refused(Counter::refused_budget, access, true);
  connection_.abort("evicted");
}

void Session::appendProofs(std::vector<control::LiveSession>& out) const {
  if (closing_ || connection_.closing()) return;
  const auto add = [&](const Proof& proof) { out.push_back({id_, peer_, listener_.name, proof.admission}); };
  if (connected_ == Connected::proven) add(*proof_);
  for (const auto& [uid, proof] : passwordProofs_) add(proof);
}

AccessRecord Session::record() const {
  AccessRecord out;
  out.session = id_;
  out.listener = listener_.name;
  out.peer = peer_;
  out.revision = worker_.snapshot().revision;
  if (chain_) {
    out.evidence = "certificate";
    out.subject = chain_->subjectText;
  }
  if (proof_) {
    out.evidence = model::word(proof_->admission->kind);
    out.authenticator = proof_->admission->authenticator;
    if (proof_->record) out.user = proof_->record->judged.user.name;
  }
  return out;
}

} // namespace gatehouse::gateway
