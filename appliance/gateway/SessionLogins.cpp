// Session, fifth part: logins inside the conversation, by password and by token (R1-R6).
#include "gateway/Session.h"

#include "gateway/Lockouts.h"
#include "gateway/Worker.h"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view nobodysLogin = "\x01"; // no name and no address holds a control character

} // namespace

// ---- what the plugin asks for

std::uint32_t Session::ask(std::string_view login, std::string_view secret, std::uint64_t token) {
  constexpr std::size_t mostLogin = 1024, mostSecret = 1024; // bytes
  if (login.size() > mostLogin || secret.size() > mostSecret)
    return fault("a login that is too long", GH_LIMIT);
  if (!logins_.empty()) return fault("a second login while one is pending", GH_INVALID);
  ++pending_;
  enterByPassword(std::string(login), Secret(std::string(secret)),
                  [this, token](const Entered& entered) { answerAsked(token, entered); });
  return GH_OK;
}

std::uint32_t Session::askToken(std::string_view secret, std::uint64_t token) {
  if (secret.size() > control::Tokens::mostBytes) return fault("a token that is too long", GH_LIMIT);
  ++pending_;
  enterByToken(secret, [this, token](const Entered& entered) { answerAsked(token, entered); });
  return GH_OK;
}

void Session::answerAsked(std::uint64_t token, const Entered& entered) {
  loginRecorded_ = entered.recorded; // the request that it was for needs no second record
  completeStatus(token, entered.status, entered.status == GH_OK ? entered.identity : 0);
}

std::uint32_t Session::forget(gh_identity identity) {
  if (identity == GH_IDENTITY_NOBODY || identity == GH_IDENTITY_CONNECTION) return GH_OK;
  const auto found = identities_.find(identity);
  if (found == identities_.end()) return fault("a dead identity was forgotten", GH_GONE);
  const std::int64_t user = found->second.admission->userUid;
  identities_.erase(found);
  unwatchUser(user);
  return GH_OK;
}

/// For an operation that was given a login and password in its body.
void Session::prove(std::string login, Secret secret, const std::function<void(control::Caller)>& done) {
  enterByPassword(std::move(login), std::move(secret), [this, done](const Entered& entered) {
    control::Caller caller = callerFor(entered.identity);
    if (entered.status != GH_OK) {
      caller.refusal = entered.refusal;
      caller.refusedAs = entered.status == GH_UNAVAILABLE ? Code::unavailable : Code::unauthenticated;
    } else {
      const std::int64_t user = identities_.at(entered.identity).admission->userUid;
      identities_.erase(entered.identity);
      unwatchUser(user);
    }
    done(std::move(caller));
  });
}

// ---- passwords

void Session::enterByPassword(std::string login, Secret secret, Entering done) {
  if (connected_ == Connected::proven && proof_->admission->kind == model::EvidenceKind::none)
    connected_ = Connected::nobody;     // R3: whoever tries a login is not the default user any more
  if (connected_ == Connected::blocked) // a certificate that may not be here: nothing said here counts
    return done({GH_DENIED, GH_IDENTITY_NOBODY, blockedFor_, false});
  auto attempt = std::make_shared<Attempt>();
  attempt->login = std::move(login);
  attempt->done = std::move(done);
  const model::DatabasePolicy* database = worker_.snapshot().database(listener_.database);
  if (database && attempt->login == "default" && database->database.default_user &&
      database->passwordsRevision != 0) {
    attempt->defaultOf = listener_.database;
    attempt->passwords = database->passwordsRevision;
    attempt->guessed = -listener_.database;
  } else if (const auto found = worker_.reader().userByLogin(attempt->login); found && found->record) {
    attempt->guessed = found->record->judged.user.uid;
  }
  attempt->locked = lockedOut(*attempt);
  Evidence evidence;
  evidence.kind = model::EvidenceKind::password;
  evidence.secret = std::move(secret);
  if (attempt->locked) {
    // No password is tried, and it takes as long as a login that nobody has: the time tells neither that
    // there is such a user nor that it is locked.
    evidence.login = std::string(nobodysLogin);
  } else {
    evidence.login = attempt->login;
    evidence.defaultUserOf = attempt->defaultOf;
    evidence.passwords = attempt->passwords;
  }
  auto run = std::make_shared<Login>(
      worker_, listener_.authenticators, std::move(evidence),
      [this, attempt](const LoginResult& result) { passwordAnswered(attempt, result); });
  attempt->run = run.get();
  logins_.push_back(run);
  // Not inside this call: an authenticator is a plugin too, and no host function calls a plugin.
  worker_.post([&worker = worker_, id = id_, run = std::move(run)] {
    if (worker.session(id)) run->start();
  });
}

void Session::passwordAnswered(const Attempted& attempt, const LoginResult& result) {
  std::erase_if(logins_, [&](const auto& login) { return login.get() == attempt->run; });
  if (attempt->locked && !result.overloaded)
    return refuseLogin(*attempt, "locked", "too many wrong passwords: wait, or set a new one", GH_DENIED);
  if (result.verdict != model::Verdict::accept) {
    if (result.verdict == model::Verdict::mismatch) guessedWrong(*attempt);
    return refuseLogin(*attempt, result.overloaded ? "unavailable" : model::word(result.verdict),
                       result.authenticator,
                       result.overloaded ? std::uint32_t{GH_UNAVAILABLE} : std::uint32_t{GH_DENIED});
  }
  if (result.record) attempt->guessed = result.record->judged.user.uid;
  // Guesses that ran side by side are worth no more than those that came one after another.
  if (lockedOut(*attempt))
    return refuseLogin(*attempt, "locked", "too many wrong passwords: wait, or set a new one", GH_DENIED);
  if (!listener_.control) worker_.shared().lockouts.succeeded(attempt->guessed, network_);
  auto admission = admissionFor(model::EvidenceKind::password);
  admission->authenticator = result.authenticator;
  if (result.record) {
    admission->userUid = result.record->judged.user.uid;
    admission->userRevision = result.record->judged.revision;
  } else {
    admission->userRevision = attempt->passwords;
  }
  settleLogin(attempt, std::move(admission));
}

/// Whether an authenticator is listed that could have proven such a user.
bool Session::takes(model::AuthMethod method) const noexcept {
  const auto kind = method == model::AuthMethod::certificate ? model::EvidenceKind::certificate
                                                             : model::EvidenceKind::password;
  return std::any_of(listener_.authenticators.begin(), listener_.authenticators.end(),
                     [kind](const auto& listed) { return listed.reads(kind); });
}

/// Lock-outs concern what comes over a network, and nobody who may use the control socket.
bool Session::lockedOut(const Attempt& attempt) const {
  return attempt.guessed != 0 && !listener_.control &&
         worker_.shared().lockouts.locked(attempt.guessed, network_, worker_.clock().wallSeconds());
}

void Session::guessedWrong(const Attempt& attempt) {
  if (attempt.guessed == 0 || listener_.control) return;
  const Lockouts::Effect effect =
      worker_.shared().lockouts.failed(attempt.guessed, network_, worker_.clock().wallSeconds());
  if (effect == Lockouts::Effect::counted) return;
  worker_.counters().add(Counter::logins_locked);
  worker_.audit().sink().say(
      Level::warning, "login.locked",
      effect == Lockouts::Effect::network
          ? "too many wrong passwords: no more are taken for this user from this network for a while"
          : "too many wrong passwords from many networks: none are taken for this user for a while",
      {{"session", id_},
       {"network", network_},
       {"user_uid", std::max<std::int64_t>(0, attempt.guessed)},
       {"database", listener_.database}});
}

// ---- tokens

/// The host's own business: what a token says is read here, and judged like any other admission.
void Session::enterByToken(std::string_view token, Entering done) {
  if (connected_ == Connected::blocked) return done({GH_DENIED, GH_IDENTITY_NOBODY, blockedFor_, false});
  Attempt attempt;
  attempt.kind = model::EvidenceKind::token;
  attempt.done = std::move(done);
  if (listener_.database != 0) {
    if (connected_ == Connected::proven && proof_->admission->kind == model::EvidenceKind::none)
      connected_ = Connected::nobody; // R3
    return refuseLogin(attempt, model::word(model::Reason::method_not_allowed),
                       "tokens are for the management API alone", GH_DENIED);
  }
  const auto claims = worker_.shared().management.readToken(token);
  if (!claims) return refuseLogin(attempt, "bad_token", claims.error().description, GH_DENIED);
  auto admission = admissionFor(model::EvidenceKind::token);
  admission->userUid = claims->userUid;
  admission->userRevision = claims->userRevision;
  admission->tokenExpires = claims->expires;
  admission->tokenLeaf = claims->leaf;
  if (chain_ && claims->leaf == chain_->leaf) admission->chain = *chain_; // whose trust it leans on
  settleLogin(std::make_shared<Attempt>(std::move(attempt)), std::move(admission));
}

// ---- both

void Session::settleLogin(const Attempted& attempt, std::shared_ptr<const model::Admission> admission) {
  settle(std::move(admission), [this, attempt](Settled settled) {
    const Proof* of = settled.proof ? &*settled.proof : settled.refused ? &*settled.refused : nullptr;
    if (attempt->login.empty() && of && of->record) attempt->login = of->record->judged.user.name;
    // It may set a new one over REST, and nothing else: whoever judges the request knows (Caller::expired).
    const bool expired = !settled.proof && settled.refused && listener_.database == 0 &&
                         attempt->kind == model::EvidenceKind::password &&
                         settled.reason == model::word(model::Reason::password_expired);
    if (!settled.proof && !expired) {
      // The login was right: to tell this peer that nothing here is its user's tells it nothing new.
      const bool nothingHere = settled.reason == model::word(model::Reason::no_role) ||
                               settled.reason == model::word(model::Reason::name_not_usable);
      return refuseLogin(*attempt, settled.reason, "the user may not come in",
                         settled.reason == "unavailable" ? std::uint32_t{GH_UNAVAILABLE}
                         : nothingHere                   ? std::uint32_t{GH_REFUSED}
                                                         : std::uint32_t{GH_DENIED});
    }
    // R1: of a login that this listener takes; another listener's token is no way round its authenticators.
    if (attempt->kind == model::EvidenceKind::token && !takes(of->record->judged.user.auth_method))
      return refuseLogin(*attempt, model::word(model::Reason::method_not_allowed),
                         "the listener has no authenticator for this user's auth_method", GH_DENIED);
    if (connected_ == Connected::proven && proof_->admission->kind == model::EvidenceKind::certificate &&
        proof_->admission->userUid != of->admission->userUid) // R5: both names stand in the record
      return refuseLogin(*attempt, "names_another_user",
                         "the certificate is " + proof_->record->judged.user.name + "'s", GH_DENIED);
    if (expired) {
      const gh_identity handle = nextHandle_++;
      watchUser(of->admission->userUid);
      identities_.emplace(handle, std::move(*settled.refused));
      return attempt->done({GH_OK, handle, {}, false});
    }
    enter(attempt, std::move(*settled.proof));
  });
}

void Session::enter(const Attempted& attempt, Proof proof) {
  const std::int64_t user = proof.admission->userUid;
  watchUser(user);
  if (attempt->kind == model::EvidenceKind::password) passwordProofs_.insert_or_assign(user, proof);
  if (listener_.database == 0) return letIn(attempt, proof);
  project(user, [this, attempt, user](const auto& projected) {
    if (!projected)
      return refuseLogin(*attempt, "unavailable", projected.error().description, GH_UNAVAILABLE);
    letIn(attempt, *proofOfUser(user)); // its row may have been read again meanwhile
  });
}

void Session::letIn(const Attempted& attempt, const Proof& proof) {
  becomeKnown(proof);
  const gh_identity handle = nextHandle_++;
  identities_.emplace(handle, proof);
  attempt->done({GH_OK, handle, {}, false});
}

void Session::refuseLogin(const Attempt& attempt, std::string_view reason, std::string_view detail,
                          std::uint32_t status) {
  AccessRecord access = record();
  access.evidence = model::word(attempt.kind);
  access.user = attempt.login;
  access.reason = reason;
  access.detail = detail;
  worker_.audit().refused(status == GH_UNAVAILABLE ? Counter::refused_overload : Counter::refused_login,
                          access, true);
  attempt.done({status, GH_IDENTITY_NOBODY, std::string(reason), true});
}

// ---- whose changes concern this session

void Session::watchUser(std::int64_t uid) {
  if (watched_.insert(uid).second) worker_.registry().addUser(uid, *this);
}

/// After an identity was forgotten: what a token proved ends with its request, other proofs stay.
void Session::unwatchUser(std::int64_t uid) noexcept {
  if (passwordProofs_.contains(uid) || (proof_ && proof_->admission->userUid == uid) ||
      std::any_of(identities_.begin(), identities_.end(),
                  [&](const auto& entry) { return entry.second.admission->userUid == uid; }))
    return;
  if (watched_.erase(uid) == 1) worker_.registry().removeUser(uid, *this);
}

} // namespace gatehouse::gateway
