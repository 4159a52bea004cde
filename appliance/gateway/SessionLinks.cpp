// Session, fourth part: links to a database's engine (design §6 resp; R13-R16).
#include "gateway/SessionLink.h"
#include "gateway/Worker.h"
#include "sdk/Resp.h"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view mustFail = "$1\r\n-\r\n$1\r\n!\r\n"; // no user is called "-" (R17)

} // namespace

// ---- who is behind an identity

const Proof* Session::proofOf(gh_identity identity) const {
  if (identity == GH_IDENTITY_CONNECTION) return connected_ == Connected::proven ? &*proof_ : nullptr;
  const auto found = identities_.find(identity);
  return found == identities_.end() ? nullptr : &found->second;
}

const Proof* Session::proofOfUser(std::int64_t uid) const {
  if (const auto found = passwordProofs_.find(uid); found != passwordProofs_.end()) return &found->second;
  return proof_ && proof_->admission->userUid == uid ? &*proof_ : nullptr;
}

/// Makes a user of this session known to the engine, with the rules of the policy that is in force when the
/// answer comes.
void Session::project(std::int64_t userUid, Projecting done) {
  const Proof* proof = proofOfUser(userUid);
  engine::Engines* engines = worker_.shared().engines;
  if (!proof || !stands(*proof)) return done(Error{Code::unauthenticated, "no longer stands"});
  if (!engines || !worker_.snapshot().commands)
    return done(Error{Code::unavailable, "there is no redis-server to run"});
  engine::ProjectionRequest request;
  EngineUser user = engineUserOf(*proof, worker_.snapshot());
  request.database = listener_.database;
  request.userUid = userUid;
  request.name = user.name;
  request.rules = user.rules;
  request.revision = worker_.snapshot().revision;
  engines->project(std::move(request), [&worker = worker_, id = id_, userUid, user = std::move(user),
                                        done = std::move(done)](auto projected) mutable {
    worker.post([&worker, id, userUid, user = std::move(user), done = std::move(done),
                 projected = std::move(projected)]() mutable {
      Session* session = worker.session(id);
      if (!session || session->closing_) return;
      if (!projected) return done(std::move(projected).error());
      const Proof* now = session->proofOfUser(userUid);
      if (!now || !session->stands(*now)) return done(Error{Code::unauthenticated, "no longer stands"});
      if (engineUserOf(*now, worker.snapshot()) != user) return session->project(userUid, std::move(done));
      session->atEngine_.insert_or_assign(userUid, AtEngine{std::move(user), *projected});
      done(std::move(projected));
    });
  });
}

/// R16: whom nothing at this database is for any more is forgotten by its engine now, and its name is free
/// once the engine has confirmed. What ends this connection alone (its certificate's end) is no matter of the
/// user's: its other sessions go on, and the engine forgets it when the last has ended.
void Session::revokeAtEngine() {
  for (const auto& [uid, at] : atEngine_) {
    const Proof* proof = proofOfUser(uid);
    const model::Reason reason = proof
                                     ? proof->judged(worker_.snapshot(), worker_.clock().wallSeconds()).reason
                                     : model::Reason::no_user;
    switch (reason) {
    case model::Reason::no_user:
    case model::Reason::user_not_active:
    case model::Reason::method_not_allowed:
    case model::Reason::no_role:
    case model::Reason::name_not_usable:
    case model::Reason::default_user_off: worker_.shared().engines->revoke(listener_.database, uid); break;
    default: break;
    }
  }
}

/// R15, R16: whether each user that this session made known to the engine still has all the rights that it
/// had. More rights are given to it where it stands; fewer end the session, because a blocked or subscribed
/// connection would keep what it had.
bool Session::rightsStand() {
  for (auto& [uid, at] : atEngine_) {
    const Proof* proof = proofOfUser(uid);
    if (!proof) return false;
    EngineUser now = engineUserOf(*proof, worker_.snapshot());
    if (now == at.user) continue;
    if (!keepsAll(at.user, now)) return false;
    at.user = std::move(now);         // from here on it may have them: what is taken of these ends it
    project(uid, [](const auto&) {}); // an engine that is down knows nobody: the next link asks again
  }
  return true;
}

// ---- what the plugin asks for

std::uint32_t Session::openLink(gh_identity identity, std::uint32_t share, std::uint64_t token) {
  if (listener_.database == 0) return fault("a link was opened at no database", GH_INVALID);
  if (share != GH_LINK_OWN && share != GH_LINK_SHARED) return fault("a link of an unknown kind", GH_INVALID);
  if (links_.size() >= mostLinks) return fault("too many links", GH_LIMIT);
  ++pending_;
  const Proof* proof = proofOf(identity);
  if (share == GH_LINK_SHARED) {
    completeStatus(token, GH_UNSUPPORTED);
  } else if (!proof || !stands(*proof)) {
    completeStatus(token, GH_DENIED);
  } else {
    project(proof->admission->userUid, [this, token](const auto& projected) {
      if (projected)
        openAs(*projected, token);
      else
        completeStatus(token, projected.error().code == Code::unauthenticated
                                  ? std::uint32_t{GH_DENIED}
                                  : std::uint32_t{GH_UNAVAILABLE});
    });
  }
  return GH_OK;
}

void Session::openAs(const std::shared_ptr<const engine::Projected>& user, std::uint64_t token) {
  const gh_link handle = nextHandle_++;
  auto link = std::make_unique<SessionLink>(*this, handle, token, worker_.loop(), user);
  SessionLink& started = *link;
  links_.emplace(handle, std::move(link));
  started.link.start();
}

void Session::linkOpened(SessionLink& link, std::int64_t clientId) {
  if (link.dropped || closing_) return;
  link.open = true;
  AccessRecord access = record();
  access.user = link.link.user().name;
  worker_.audit().linked(access, listener_.database, clientId);
  completeStatus(link.openToken, GH_OK, link.handle);
}

std::uint32_t Session::sendLink(gh_link handle, std::string_view bytes) {
  SessionLink* link = linkOf(handle);
  if (!link) return fault("an unknown link was used", GH_GONE);
  if (link->ended) return GH_OK; // the plugin is about to hear of it
  if (!link->link.send(bytes)) return fault("more bytes than a link may queue", GH_LIMIT);
  return link->link.outputFull() ? GH_FULL : GH_OK;
}

std::uint32_t Session::loginLink(gh_link handle, gh_identity identity) {
  SessionLink* link = linkOf(handle);
  std::string words(mustFail);
  if (link && identity != GH_IDENTITY_CONNECTION) {
    const Proof* proof = proofOf(identity);
    const auto at = proof ? atEngine_.find(proof->admission->userUid) : atEngine_.end();
    // A user of an earlier run of the engine is not known to this one; one whose deletion was asked for may
    // be known still, where a script keeps the engine busy.
    if (proof && stands(*proof) && at != atEngine_.end() &&
        at->second.projected->run == link->link.user().run && !at->second.projected->deleted->load()) {
      words.clear();
      resp::appendBulk(words, at->second.projected->name);
      resp::appendBulk(words, at->second.projected->secret.reveal());
    }
  }
  if (link && identity == GH_IDENTITY_NOBODY && connected_ == Connected::proven &&
      proof_->admission->kind ==
          model::EvidenceKind::certificate) { // nobody was asked, so nobody recorded it
    AccessRecord access = record();
    access.reason = "certificate_session";
    access.detail = "a connection that its certificate has proven takes no other login";
    worker_.audit().refused(Counter::refused_login, access, false);
  }
  const Secret written(std::move(words)); // wiped
  return sendLink(handle, written.reveal());
}

std::uint32_t Session::modeLink(gh_link handle, std::uint32_t mode) {
  SessionLink* link = linkOf(handle);
  if (mode != GH_LINK_TRANSPARENT && mode != GH_LINK_INSPECTED)
    return fault("a link's mode that is none", GH_INVALID);
  if (!link) return fault("an unknown link was used", GH_GONE);
  link->inspected = mode == GH_LINK_INSPECTED;
  return GH_OK;
}

std::uint32_t Session::closeLink(gh_link handle) {
  SessionLink* link = linkOf(handle);
  if (!link) return fault("an unknown link was closed", GH_GONE);
  link->dropped = true;
  if (link->ended)
    links_.erase(handle);
  else
    link->link.close(); // goes when it says that it has ended
  return GH_OK;
}

// ---- what an engine says

/// Passes on what has come, as far as the client takes it; then the end, if it has come.
void Session::pumpLink(gh_link handle) {
  for (SessionLink* link = linkOf(handle); link && link->open && !inCall_ && !closing_ && conversation_ &&
                                           conversation_->alive() && !connection_.closing();
       link = linkOf(handle)) {
    ByteQueue& in = link->link.input();
    if (in.empty() && !link->ended) return;
    if (connection_.outputFull()) {
      if (!link->ended) link->link.pauseInput(); // until onDrained
      return;
    }
    if (!in.empty() && !link->inspected) {
      const std::string_view piece = in.view().substr(0, transport::Connection::highMark);
      if (connection_.send(piece) != transport::Connection::Sent::ok) return;
      in.consume(piece.size());
      continue;
    }
    const bool last = link->ended, empty = in.empty();
    inCall_ = true;
    const plugin::Fed fed = conversation_->feed(in.view(), last, handle);
    inCall_ = false;
    if (linkOf(handle)) in.consume(fed.consumed);
    if (last && (empty || in.empty() || fed.consumed == 0)) links_.erase(handle);
    after(fed.flow);
    deliver();
    if (last && !linkOf(handle)) pump();
    if (fed.consumed == 0) return;
  }
}

void Session::pumpLinks() {
  std::vector<gh_link> handles;
  for (const auto& [handle, link] : links_) handles.push_back(handle);
  for (const gh_link handle : handles) {
    if (SessionLink* link = linkOf(handle); link && !link->ended && !connection_.outputFull())
      link->link.resumeInput();
    pumpLink(handle);
  }
}

void Session::linkEnded(SessionLink& link, std::string_view why) noexcept {
  link.ended = true;
  const gh_link handle = link.handle;
  if (link.dropped || closing_ || !conversation_) {
    links_.erase(handle);
  } else if (!link.open) {
    worker_.audit().sink().say(Level::warning, "engine.link_refused", std::string(why),
                               {{"session", id_}, {"database", listener_.database}});
    const std::uint64_t token = link.openToken;
    links_.erase(handle);
    completeStatus(token, GH_UNAVAILABLE);
  } else {
    pumpLink(handle);
  }
}

void Session::closeLinks() noexcept {
  for (const auto& [handle, link] : links_) {
    link->dropped = true;
    if (!link->ended) link->link.close();
  }
  std::erase_if(links_, [](const auto& entry) { return entry.second->ended; });
}

SessionLink* Session::linkOf(gh_link handle) noexcept {
  const auto found = links_.find(handle);
  return found == links_.end() || found->second->dropped ? nullptr : found->second.get();
}

bool Session::linkFull() const noexcept {
  return std::any_of(links_.begin(), links_.end(), [](const auto& entry) {
    return !entry.second->ended && !entry.second->dropped && entry.second->link.outputFull();
  });
}

} // namespace gatehouse::gateway
