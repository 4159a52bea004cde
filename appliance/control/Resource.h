#pragma once
#include "base/Node.h"
#include "base/Secret.h"
#include "control/Changes.h"
#include "control/Decoder.h"
#include "control/Management.h"
#include "control/Operation.h"

#include <functional>
#include <memory>
#include <string>

/// What the resources (Users, Roles, Cluster, Certificates) implement and the Router's table names.
namespace gatehouse::control {

/// A request to read. Threads: the session's worker.
struct Reading {
  const Caller& caller;
  const std::shared_ptr<const model::Snapshot>& policy;
  const NodeFacts& facts;
  const std::string& parameter; // the path's last segment, decoded; empty where the path has none
};
using Read = Result<Answer> (*)(const Reading&, store::Reader&);

/// What a write answers once it is done.
struct Written {
  std::string body;             // JSON, or empty
  model::Revision revision = 0; // of the object, for the ETag; 0: none
};

/// A write as its request was understood on the worker; applied on the writer's thread, perhaps twice (once
/// as a rehearsal, before a password is hashed).
struct Task {
  Secret password;     // to be made a verifier ...
  bool enrols = false; // ... if there is one
  std::function<Result<Written>(Draft&, const std::string& verifier)> apply;
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

/// What a caller may do under a policy; nobody may do nothing.
[[nodiscard]] Rights rightsOf(const Caller&, const model::Snapshot&) noexcept;
/// The uid of a path that the Router matched: digits, above 0.
[[nodiscard]] std::int64_t uidOf(const std::string& parameter);
/// A number for an action, as clients expect one. Nothing is stored under it: the change is done when they
/// read it.
Result<std::string> newActionUid();
/// {"action_uid":"..."}
Result<Written> actionAnswer();
/// The ETag of a revision, with its quotes.
[[nodiscard]] std::string entityTag(model::Revision);

} // namespace gatehouse::control
