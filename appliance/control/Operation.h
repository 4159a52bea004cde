#pragma once
#include "base/Error.h"
#include "base/Result.h"
#include "base/Secret.h"
#include "control/Ports.h"
#include "model/Admission.h"
#include "store/Rows.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::store {
class Reader;
}

namespace gatehouse::control {

/// Who asks, as the gateway has judged it at this request. The admission is judged again on the writer thread
/// before a write (R6).
struct Caller {
  std::shared_ptr<const model::Admission> admission; // null: nobody
  std::shared_ptr<const store::UserRecord> user;     // null for the local administrator and for nobody
  std::string refusal;                               // when nobody: why; who judged has recorded it
  /// When nobody only because the password has expired: who it would be. It may set a new one, and no more.
  std::shared_ptr<const model::Admission> expired;
  Code refusedAs = Code::unauthenticated; // ... and what to answer (unavailable when no verdict could be had)

  std::uint64_t session = 0; // for audit records: where it came in
  std::string peer;
  model::Digest presented{};  // SHA-256 of the client certificate that the connection showed; all zero: none
  bool authorization = false; // the request brought an Authorization field

  /// Proves a login and password on this session, as an Authorization field would; calls the function once,
  /// on the session's worker, or never where the session ends before. Null where none can be asked.
  std::function<void(std::string login, Secret password, std::function<void(Caller)> done)> prove;

  [[nodiscard]] bool somebody() const noexcept { return admission != nullptr; }
  [[nodiscard]] bool localAdministrator() const noexcept {
    return admission && admission->kind == model::EvidenceKind::local && admission->control;
  }
  /// For audit records: the user's name, "local administrator (uid 0)", or "nobody".
  [[nodiscard]] std::string who() const;
};

/// A request without its body. Views are valid during begin only.
struct Head {
  std::string_view method, path, query; // as sent; control decodes
  std::string_view contentType, ifMatch, apiVersion, origin, host;
  std::string_view clusterStateId;     // CLUSTER-STATE-ID
  std::optional<std::uint64_t> length; // of the body; nothing: unknown
};

/// A list that is written in pieces, so that a million users need no memory: 100 rows a call.
class Listing {
public:
  virtual ~Listing() = default;
  /// Appends the next piece of JSON; false with the last one. Thread: the worker that owns the reader.
  virtual Result<bool> next(store::Reader&, std::string& out) = 0;
};

/// What goes back. Success is 200 always; errors carry a JSON body too.
struct Answer {
  int status = 200;
  std::string body;                                        // JSON, or empty
  std::vector<std::pair<std::string, std::string>> fields; // "ETag", "Allow"
  std::unique_ptr<Listing> listing;                        // instead of body
  std::string errorCode;                                   // for the audit record; empty on success

  /// {"error_code","description","message"} with the code's status.
  static Answer refusal(const Error&);
};

/// One management operation of one session, from head to answer.
///
/// Threads: begin, body and finish on the session's worker; `done` may be called on any thread, once. An
/// operation that is destroyed before finish changed nothing; after finish a committed change stays.
class Operation {
public:
  virtual ~Operation() = default;
  /// A refusal wants no body; its answer comes from finish like any other.
  [[nodiscard]] virtual bool wantsBody() const noexcept = 0;
  /// It is the refusal of somebody who is nobody: whoever judged keeps the record of it.
  [[nodiscard]] virtual bool refusesStranger() const noexcept { return false; }
  [[nodiscard]] virtual std::size_t bodyLimit() const noexcept = 0;
  /// Takes a piece of the body. An error (too large): send no more; finish answers why.
  virtual Status body(std::string_view piece) = 0;
  /// Does it. Reads call `done` before they return; writes later, after the change is durable, published and
  /// swept.
  virtual void finish(store::Reader&, std::function<void(Answer)> done) = 0;
};

} // namespace gatehouse::control
