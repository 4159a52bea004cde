#include "control/rest/Authorize.h"

#include "base/Json.h"
#include "control/rest/RequestJudge.h"

#include <algorithm>
#include <utility>

namespace gatehouse::model {
namespace {

using control::Tokens;
using control::authorize::Renewal, control::authorize::Wish;

constexpr std::string_view life = "Seconds that the token is valid.";

constexpr Field wishFields[] = {
    enforced<&Wish::username>("username", text(1, 255), absent, Narrows::unknown,
                              "Name or e-mail address, with `password`; the older form."),
    write_only("password", secret(1, 1024), "Password, with `username`; the older form."),
    enforced<&Wish::ttl>("ttl", integer(1, Tokens::mostTtl), Tokens::defaultTtl, Narrows::unknown, life),
};
constexpr Table wishTable = {"authorize", ObjectKind::none, wishFields, "A wish for a token.", {}};
static_assert(sound(wishTable));

constexpr Field renewalFields[] = {
    enforced<&Renewal::ttl>("ttl", integer(1, Tokens::mostTtl), Tokens::defaultTtl, Narrows::unknown, life),
};
constexpr Table renewalTable = {
    "refresh_jwt", ObjectKind::none, renewalFields, "A wish for another token.", {}};
static_assert(sound(renewalTable));

} // namespace

template <>
const Table& table<Wish>() {
  return wishTable;
}
template <>
const Table& table<Renewal>() {
  return renewalTable;
}

} // namespace gatehouse::model

namespace gatehouse::control::authorize {
namespace {

using Done = std::function<void(Answer)>;

/// What a token is made with; outlives the request that asked for it.
struct Issuer {
  const Surroundings& around;
  std::int64_t ttl = Tokens::defaultTtl;
  model::Digest presented{}; // by the connection
};

/// Why this caller gets none.
Error refusalOf(const Caller& caller) {
  if (caller.expired) return unauthenticated(model::word(model::Reason::password_expired));
  if (caller.refusedAs != Code::unauthenticated)
    return Error{caller.refusedAs, "nobody can be authenticated now; try again"};
  return unauthenticated({});
}

Result<std::string> tokenFor(const Issuer& issuer, const Caller& caller) {
  if (!caller.somebody()) return refusalOf(caller);
  if (caller.localAdministrator())
    return Error{Code::not_acceptable,
                 "the local administrator is no user, and its socket needs no token; log in as a user"};
  if (!caller.user || !issuer.around.tokens) return unauthenticated({});
  const model::Admission& admission = *caller.admission;
  TokenClaims claims;
  claims.userUid = caller.user->judged.user.uid;
  claims.userRevision = caller.user->judged.revision;
  claims.issuedAt = issuer.around.clock.wallSeconds();
  claims.expires = claims.issuedAt + issuer.ttl;
  // What was proven with a certificate proves no more once that has expired.
  if (admission.chain.notAfter > 0) claims.expires = std::min(claims.expires, admission.chain.notAfter);
  claims.leaf = admission.tokenLeaf != model::Digest{} ? admission.tokenLeaf : issuer.presented;
  // A certificate user's token that belongs to none would be the certificate's copy.
  if (caller.user->judged.user.auth_method == model::AuthMethod::certificate &&
      claims.leaf == model::Digest{})
    return unauthenticated({});
  return issuer.around.tokens->issue(claims);
}

Answer answerFor(const Issuer& issuer, const Caller& caller) {
  auto token = tokenFor(issuer, caller);
  if (!token) return Answer::refusal(token.error());
  Answer answer;
  answer.body = "{\"access_token\":";
  json::text(answer.body, *token);
  answer.body += '}';
  return answer;
}

/// Of two that came together, what both say.
Caller agreed(const std::shared_ptr<const store::UserRecord>& first, Caller proven) {
  if (!first || !proven.user || first->judged.user.uid == proven.user->judged.user.uid) return proven;
  Caller nobody;
  nobody.refusal = "the body names another user than the connection's certificate or Authorization";
  return nobody;
}

} // namespace

void authorize(const Reading& reading, store::Reader&, Node& body, Done done) {
  Wish wish;
  Decoded decoded = decode(body, model::Edit(wish), {});
  if (!decoded.ok()) return done(Answer::refusal(asError(decoded.findings)));
  const bool password = decoded.secrets.find("password") != nullptr;
  if (wish.username.has_value() != password)
    return done(
        Answer::refusal({Code::missing_field, password ? "username: is missing; `password` needs it"
                                                       : "password: is missing; `username` needs it"}));
  const Caller& caller = reading.caller;
  const Issuer issuer{reading.around, wish.ttl, caller.presented};
  // R5: an Authorization field decides; what fails is not mended by a body. No more is a body that comes with
  // an unfit certificate: there is none to prove it then.
  if (!password || (caller.authorization && !caller.somebody())) return done(answerFor(issuer, caller));
  if (!caller.prove || caller.refusedAs != Code::unauthenticated)
    return done(Answer::refusal(refusalOf(caller)));
  if (caller.localAdministrator()) return done(answerFor(issuer, caller));
  caller.prove(std::move(*wish.username), decoded.secrets.take("password"),
               [issuer, first = caller.user, done = std::move(done)](Caller proven) {
                 done(answerFor(issuer, agreed(first, std::move(proven))));
               });
}

void refresh(const Reading& reading, store::Reader&, Node& body, Done done) {
  Renewal renewal;
  const Decoded decoded = decode(body, model::Edit(renewal), {});
  if (!decoded.ok()) return done(Answer::refusal(asError(decoded.findings)));
  const Caller& caller = reading.caller;
  if (caller.somebody() && caller.admission->kind != model::EvidenceKind::token)
    return done(Answer::refusal(
        {Code::unauthenticated, "only a token is renewed; get the first from /v1/users/authorize"}));
  done(answerFor({reading.around, renewal.ttl, caller.presented}, caller));
}

} // namespace gatehouse::control::authorize
