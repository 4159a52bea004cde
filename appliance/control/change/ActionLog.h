#pragma once
#include "base/Result.h"
#include "model/Admission.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::control {

/// Something that a caller had done, and may ask about under its uid.
struct Action {
  std::string uid;
  std::string name;             // "create_user"; of databases "SMCreateBDB", "SMUpdateBDB", "SMDeleteBDB"
  std::string objectName;       // "user:5", "bdb:1"
  std::int64_t at = 0;          // seconds since the epoch
  std::int64_t database = 0;    // uid; 0: of something else, which was done when its answer came
  model::Revision revision = 0; // that it made, or found
};

/// The actions that were handed out since the start, the last ones. In memory: after a restart a database
/// still tells its own last action.
///
/// Threads: any.
class ActionLog {
public:
  static constexpr std::size_t most = 1000;

  /// Forgets the oldest when it is full.
  void remember(Action);
  [[nodiscard]] std::optional<Action> find(std::string_view uid) const;
  [[nodiscard]] std::vector<Action> all() const; // the oldest first

private:
  mutable std::mutex mutex_;
  std::deque<Action> actions_;
};

/// A random number for an action, as clients expect one (RFC 9562, version 4).
Result<std::string> newActionUid();

} // namespace gatehouse::control
