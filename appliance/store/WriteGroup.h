#pragma once
#include "base/Error.h"

#include <optional>

namespace gatehouse::store {

class Connection;

/// What the writes that share one COMMIT know of each other (R20). The room's own business.
///
/// Each is a savepoint of one SQLite transaction; outside a group each has its own COMMIT.
struct WriteGroup {
  bool shared = false;          // writes are savepoints
  bool begun = false;           // ... of a transaction that has begun
  bool open = false;            // a Transaction is under way
  bool kept = false;            // something in it is to be committed
  bool full = false;            // the last failure was for want of space
  std::optional<Error> failure; // by which SQLite ended all of it

  /// Notes that a statement of this connection has just failed; called before the statement goes.
  void failed(const Connection&, const Error&);
  /// Whether SQLite has ended by itself what had begun.
  [[nodiscard]] bool broken(const Connection&) const noexcept;
};

} // namespace gatehouse::store
