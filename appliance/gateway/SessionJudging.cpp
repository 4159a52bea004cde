// Session, second part: whom a connection and its logins prove (design §4.3; R1-R6).
#include "gateway/Session.h"

#include "gateway/Worker.h"
#include "pki/Certificate.h"
#include "pki/Hash.h"

#include <unistd.h>

namespace gatehouse::gateway {

void Session::onEstablished(transport::Connection& connection) {
  if (listener_.control) {
    judgeLocal();
    return;
  }
  const transport::TlsEngine* tls = connection.tls();
  const model::ChainFacts* facts =
      tls ? tls->clientChain() : nullptr; // a chain that did not verify ended the handshake
  if (!facts) {
    proveDefaultUser();
    converse();
    return;
  }
  chain_ = std::make_shared<const model::ChainFacts>(*facts);
  worker_.registry().addChain(*chain_, listener_.database, *this);
  if (chainStands()) mapChain();
}

void Session::judgeLocal() {
  const auto peer = transport::peerCredentials(connection_.fd());
  if (!peer || (peer->uid != 0 && peer->uid != ::geteuid())) {
    AccessRecord access = record();
    const std::string who = peer ? "uid " + std::to_string(peer->uid) : peer.error().description;
    access.evidence = "local";
    access.user = who;
    access.reason = "not_control";
    access.detail = "only root and the user that the server runs as may use the control socket";
    worker_.audit().refused(Counter::refused_control_peer, access, true);
    connection_.abort("not allowed here");
    return;
  }
  auto admission = admissionFor(model::EvidenceKind::local);
  admission->localUid = peer->uid;
  proven({std::move(admission), nullptr});
  converse();
}

/// R3: a database's default user serves whoever shows nothing, until a login is tried.
void Session::proveDefaultUser() {
  if (listener_.database == 0) return;
  Proof proof{admissionFor(model::EvidenceKind::none), nullptr};
  if (stands(proof)) proven(std::move(proof));
}

/// What every proof of this session says of the connection.
std::shared_ptr<model::Admission> Session::admissionFor(model::EvidenceKind kind) const {
  auto admission = std::make_shared<model::Admission>();
  admission->kind = kind;
  admission->listener = listener_.name;
  admission->database = listener_.database;
  admission->control = listener_.control;
  admission->tlsVersion = connection_.tls() ? connection_.tls()->version() : 0;
  if (chain_) admission->presented = chain_->leaf;
  // At a database a chain counts beside a password too: it is judged again with the session.
  if (chain_ && (kind == model::EvidenceKind::certificate || listener_.database != 0))
    admission->chain = *chain_;
  return admission;
}

bool Session::stands(const Proof& proof) const noexcept {
  return proof.judged(worker_.snapshot(), worker_.clock().wallSeconds()).stands();
}

/// May this certificate be here at all? If not, the conversation begins blocked.
bool Session::chainStands() {
  const model::Judgement chain =
      model::judgeChain(*chain_, worker_.snapshot(), listener_.database, worker_.clock().wallSeconds());
  if (chain.stands()) return true;
  block(model::word(chain.reason), "the certificate may not be used here", {});
  converse();
  return false;
}

void Session::mapChain() {
  Evidence evidence;
  evidence.kind = model::EvidenceKind::certificate;
  evidence.subjectKey = pki::view(chain_->subjectKey);
  if (X509* leaf = connection_.tls()->peerCertificate()) evidence.leaf = pki::derOf(leaf);
  if (!chain_->path.empty()) evidence.issuerKey = pki::view(chain_->path.front().issuerKey);
  auto login = std::make_shared<Login>(worker_, listener_.authenticators, std::move(evidence),
                                       [this](const LoginResult& result) { chainAnswered(result); });
  logins_.push_back(login);
  login->start();
}

void Session::chainAnswered(const LoginResult& result) {
  std::erase_if(logins_,
                [](const auto& login) { return login->evidence().kind == model::EvidenceKind::certificate; });
  // R6: the policy may have changed while it was asked. A certificate that may not be here is not merely
  // nobody's: Authorization would decide then.
  if (!chainStands()) return;
  if (result.verdict == model::Verdict::unknown || result.verdict == model::Verdict::next) {
    connected_ = Connected::nobody; // R3: unauthenticated, and Authorization may decide
    converse();
    return;
  }
  if (result.verdict != model::Verdict::accept) {
    block(result.overloaded ? "unavailable" : model::word(result.verdict),
          "no authenticator let this certificate in", {});
    converse();
    return;
  }
  auto admission = admissionFor(model::EvidenceKind::certificate);
  admission->authenticator = result.authenticator;
  admission->userUid = result.record->judged.user.uid;
  admission->userRevision = result.record->judged.revision;
  const std::string name = result.record->judged.user.name;
  settle(std::move(admission), [this, name](Settled settled) {
    if (settled.proof)
      proven(std::move(*settled.proof));
    else
      block(settled.reason, "the user of this certificate may not come in", name);
    converse();
  });
}

/// R1, R6: an accept is a proposal. The user is read again, at this worker's Revision or later; a row that is
/// newer than the policy waits for the policy. `done` gets a Proof that stands, or why there is none.
void Session::settle(std::shared_ptr<const model::Admission> admission, std::function<void(Settled)> done) {
  auto found = worker_.reader().userByUid(admission->userUid);
  if (!found) {
    done({std::nullopt, std::nullopt, "unavailable"});
    return;
  }
  if (found->revision > worker_.snapshot().revision) {
    worker_.park(found->revision, [&worker = worker_, id = id_, admission = std::move(admission),
                                   done = std::move(done)]() mutable {
      if (Session* session = worker.session(id)) session->settle(std::move(admission), std::move(done));
    });
    return;
  }
  Proof proof{std::move(admission), std::move(found->record)};
  const model::Judgement judgement = proof.judged(worker_.snapshot(), worker_.clock().wallSeconds());
  if (judgement.stands())
    done({std::move(proof), std::nullopt, {}});
  else
    done({std::nullopt, std::move(proof), model::word(judgement.reason)});
}

/// The connection itself proves somebody.
void Session::proven(Proof proof) {
  connected_ = Connected::proven;
  proof_ = std::move(proof);
  watchUser(proof_->admission->userUid);
  becomeKnown(*proof_);
}

std::string Session::nameOf(const Proof& proof) const {
  if (proof.record) return proof.record->judged.user.name;
  return proof.admission->kind == model::EvidenceKind::local
             ? "local administrator (uid " + std::to_string(proof.admission->localUid) + ")"
             : "default"; // a database's, who is in no table of users
}

void Session::becomeKnown(const Proof& proof) {
  if (!std::exchange(known_, true)) {
    ticket_.authenticated();
    worker_.strangers().remove(*this);
  }
  const std::string name = nameOf(proof);
  // A token is no login of its own: the one that it was issued for has been noted.
  if (proof.record && proof.admission->kind != model::EvidenceKind::token)
    worker_.shared().loggedIn(proof.record->judged.user.uid, worker_.clock().wallSeconds());
  if (name == knownAs_) return; // one record for each arrival, not for each request
  knownAs_ = name;
  AccessRecord access = record();
  access.evidence = model::word(proof.admission->kind);
  access.user = knownAs_;
  access.authenticator = proof.admission->authenticator;
  access.reason = "stands";
  worker_.audit().granted(access);
}

void Session::block(std::string_view reason, std::string_view detail, std::string_view user) {
  connected_ = Connected::blocked;
  blockedFor_ = reason;
  AccessRecord access = record();
  access.user = user;
  access.reason = reason;
  access.detail = detail;
  worker_.audit().refused(reason == "unavailable" ? Counter::refused_overload : Counter::refused_login,
                          access, user.empty());
}

/// R5: each request is judged alone, by what the connection or the login prove at this moment.
control::Caller Session::callerFor(gh_identity identity) const {
  control::Caller caller;
  caller.session = id_;
  caller.peer = peer_;
  if (chain_) caller.presented = chain_->leaf;
  caller.authorization = identity != GH_IDENTITY_CONNECTION; // the plugin begins with it where none came
  if (listener_.database == 0)
    caller.prove = [&worker = worker_, id = id_](std::string login, Secret password,
                                                 std::function<void(control::Caller)> done) {
      auto secret = std::make_shared<Secret>(std::move(password)); // std::function copies
      worker.post([&worker, id, login = std::move(login), secret, done = std::move(done)] {
        if (Session* session = worker.session(id)) session->prove(login, std::move(*secret), done);
      });
    };
  const auto nobody = [&](std::string_view why) {
    caller.refusal = why;
    if (why == "unavailable") caller.refusedAs = Code::unavailable;
    return caller;
  };
  if (connected_ == Connected::blocked) return nobody(blockedFor_);
  const Proof* proof = nullptr;
  if (identity == GH_IDENTITY_CONNECTION) {
    if (connected_ != Connected::proven) return nobody(chain_ ? "no_user" : "no_credentials");
    proof = &*proof_;
  } else if (const auto found = identities_.find(identity); found != identities_.end()) {
    proof = &found->second;
  } else {
    return nobody("login_refused"); // GH_IDENTITY_NOBODY
  }
  const model::Judgement judgement = proof->judged(worker_.snapshot(), worker_.clock().wallSeconds());
  if (!judgement.stands()) {
    if (judgement.reason == model::Reason::password_expired &&
        proof->admission->kind == model::EvidenceKind::password)
      caller.expired = proof->admission;
    return nobody(model::word(judgement.reason));
  }
  caller.admission = proof->admission;
  caller.user = proof->record;
  return caller;
}

// ---- change
// ---------------------------------------------------------------------------------------------------------------------------

void Session::reconsider(const store::Change& change) {
  if (closing_ || connection_.closing()) return;
  if (listener_.database != 0 &&
      !worker_.snapshot().database(listener_.database)) // also whoever is nobody there
    return endByPolicy(model::word(model::Reason::no_database));
  const std::int64_t now = worker_.clock().wallSeconds();
  if (chain_) worker_.registry().watchExpiry(*chain_, *this); // its database may have become strict
  const auto read = [&](Proof& proof) {
    if (!change.users.contains(proof.admission->userUid)) return true;
    auto found = worker_.reader().userByUid(proof.admission->userUid);
    if (!found) return false; // cannot be known: not let stand
    proof.record = std::move(found->record);
    return true;
  };
  for (auto& [uid, proof] : passwordProofs_) {
    if (!read(proof)) return endByPolicy("unavailable");
    for (auto& [handle, held] : identities_)
      if (held.admission->userUid == uid) held.record = proof.record;
    if (const auto judgement = proof.judged(worker_.snapshot(), now); !judgement.stands())
      return endByPolicy(model::word(judgement.reason));
  }
  // A password's identity is one of the above, but for an expired one's: that stands nowhere, and by its row
  // of now it is judged when it is used.
  for (auto& [handle, held] : identities_) {
    const bool token = held.admission->kind == model::EvidenceKind::token;
    if (!token && passwordProofs_.contains(held.admission->userUid)) continue;
    if (!read(held)) return endByPolicy("unavailable");
    if (!token) continue;
    if (const auto judgement = held.judged(worker_.snapshot(), now); !judgement.stands())
      return endByPolicy(model::word(judgement.reason));
  }
  // Also a default user's, when a login was tried since, if it came to a link: that may be open still (R15).
  const bool neverLinked = proof_ && proof_->admission->kind == model::EvidenceKind::none &&
                           connected_ != Connected::proven && !atEngine_.contains(0);
  if (proof_ && !neverLinked) {
    if (proof_->admission->kind == model::EvidenceKind::local) return;
    if (!read(*proof_)) return endByPolicy("unavailable");
    if (const auto judgement = proof_->judged(worker_.snapshot(), now); !judgement.stands())
      return endByPolicy(model::word(judgement.reason));
  }
  if (!rightsStand()) return endByPolicy("rights_changed");
  if (connected_ == Connected::proven) return;
  if (!chain_ || !conversation_)
    return; // no certificate; or it is being judged, and will meet the new policy
  const model::Judgement chain = model::judgeChain(*chain_, worker_.snapshot(), listener_.database, now);
  if (connected_ == Connected::nobody && !chain.stands()) return endByPolicy(model::word(chain.reason));
  // Whose the certificate is, or whether it may be here, may have another answer now: it comes again and is
  // judged afresh.
  if (!change.users.empty() || (connected_ == Connected::blocked && chain.stands()))
    endByPolicy("policy_changed");
}

void Session::expire() {
  if (model::judgeChain(*chain_, worker_.snapshot(), listener_.database, worker_.clock().wallSeconds())
          .stands())
    worker_.registry().forgetExpiry(*chain_, *this); // mtls_allow_outdated_certs
  else
    endByPolicy(model::word(model::Reason::expired));
}

} // namespace gatehouse::gateway
