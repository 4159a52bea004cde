#pragma once
#include "base/Clock.h"
#include "base/Node.h"
#include "base/Secret.h"
#include "control/Management.h"
#include "control/Operation.h"
#include "control/change/ActionLog.h"
#include "control/change/Changes.h"
#include "control/change/Tokens.h"
#include "control/codec/Decoder.h"
#include "control/codec/Encoder.h"
#include "control/rest/OneTimeToken.h"
#include "control/rest/Query.h"

#include <functional>
#include <memory>
#include <string>

/// What the resources (Users, Roles, Cluster, Certificates, RedisAcls, Databases, Actions) implement and the
/// Router's table names.
namespace gatehouse::control {

class WritePipeline;

/// What is asked beside the policy and the store. Outlives every request.
struct Surroundings {
  const NodeFacts& facts;
  Serving& serving;
  const ActionLog& actions;
  const Clock& clock;
  const std::unique_ptr<const Tokens>& tokens; // null until the start has read their key
  OneTimeToken& bootstrap;
  WritePipeline& writes; // for what writes as one step of more (plans of manifests)
};

/// A request to read. Threads: the session's worker.
struct Reading {
  const Caller& caller;
  const std::shared_ptr<const model::Snapshot>& policy;
  const Surroundings& around;
  const std::string& parameter;           // the path's last parameter, decoded; empty where the path has none
  const std::vector<std::string>& fields; // of each object that are wanted; empty: all
  const Query& query;                     // the rest of it
};
using Read = Result<Answer> (*)(const Reading&, store::Reader&);

/// What neither reads alone nor writes: it takes a body, and answers when it can (a login, a command, a
/// plan). Called on the session's worker; keeps nothing of Reading and body but copies. `done` is called
/// once, on any thread. May take values out of `body`; what it leaves is wiped by the caller.
using Work = void (*)(const Reading&, store::Reader&, Node& body, std::function<void(Answer)> done);
/// The same of a body that may be large: it is understood, and this is called, on the cpu pool, where there
/// is no reader. `reading` is valid during the call only.
using Bulk = void (*)(const Reading&, Node& body, std::function<void(Answer)> done);

/// What a write answers once it is done.
struct Written {
  std::string body;               // JSON, or empty
  model::Revision revision = 0;   // of the object, for the ETag; 0: none
  std::optional<Action> action{}; // to be remembered under the Draft's actionUid, which is in the answer
  /// Of a database: makes the body anew once the change is in force, since its state is part of it.
  std::function<std::string()> inForce{};
  std::int64_t settles = 0; // a database that is waited for before: until it is on its way no longer, or 5 s
};

/// A write as its request was understood on the worker; applied on the writer's thread, perhaps twice (once
/// as a rehearsal, before a password is hashed).
struct Task {
  Secret password;       // to be made a verifier, or compared with those that there are ...
  bool enrols = false;   // ... if there is one
  bool compares = false; // it is compared with Draft::compare though nothing is made of it
  bool forced = false;   // the caller insists (`force`): what would lock everyone out is done all the same
  std::function<Result<Written>(Draft&, const Enrolled&)> apply;
};
/// Checks what can be checked without the writer. `body` is empty where the endpoint takes none. May take
/// values out of `body`; what it leaves is wiped by the caller.
using Plan = Result<Task> (*)(const Reading&, store::Reader&, Node& body);

/// A body that is wiped when its last owner goes: it may carry a secret that is dropped (smtp_password).
using Body = std::shared_ptr<const Node>;
[[nodiscard]] Body keepBody(Node);

/// Lays a JSON object onto an object of its table; on create there is nothing before it.
template <class T>
[[nodiscard]] Merge<T> mergeOf(Body body, bool create) {
  return [body = std::move(body), create](T& object) -> Result<Given> {
    const T before = object;
    DecodeOptions options;
    if (!create) options.before = model::View(before);
    const Decoded decoded = decode(*body, model::Edit(object), options);
    if (!decoded.ok()) return asError(decoded.findings);
    return Given(decoded.given.begin(), decoded.given.end());
  };
}

/// The uid that a body of a create wishes for, taken out of it (the tables know it as read-only); 0: none.
/// Whether it was ever used is asked when it is written. Errors: invalid_schema, invalid_param.
Result<std::int64_t> takeUid(Node& body);
/// mergeOf a create, with the uid that is wished for.
template <class T>
[[nodiscard]] Merge<T> creatingMerge(Body body, std::int64_t uid) {
  return [merge = mergeOf<T>(std::move(body), true), uid](T& object) {
    auto given = merge(object);
    object.uid = uid;
    return given;
  };
}

/// What a caller may do under a policy; nobody may do nothing.
[[nodiscard]] Rights rightsOf(const Caller&, const model::Snapshot&) noexcept;
/// The uid of a path that the Router matched: digits, above 0.
[[nodiscard]] std::int64_t uidOf(const std::string& parameter);
/// Of a change of this kind ("create_user") of an object ("user:5").
[[nodiscard]] Action actionOf(std::string_view verb, const model::Table&, std::int64_t uid);
/// What a change of an object answers: the object, with the action that the caller may ask about.
template <class T>
[[nodiscard]] Written answerOf(const Draft& draft, Outcome<T> outcome, std::string_view verb) {
  if (!draft.actionUid.empty()) outcome.object.action_uid = draft.actionUid;
  Written written;
  written.body = encode(model::View(outcome.object));
  written.revision = outcome.revision;
  written.action = actionOf(verb, model::table<T>(), outcome.object.uid);
  return written;
}
/// What a deletion answers: {"action_uid":"..."}; an empty object where nobody may ask (a rehearsal).
[[nodiscard]] Written deletionAnswer(const Draft&, const model::Table&, std::int64_t uid);
/// The ETag of a revision, with its quotes.
[[nodiscard]] std::string entityTag(model::Revision);

} // namespace gatehouse::control
