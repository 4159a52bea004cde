#pragma once
#include "model/Admission.h"
#include "model/Judge.h"
#include "store/Rows.h"

#include <memory>

namespace gatehouse::gateway {

/// An identity of a session: the admission that proved it, and the user's row as it was last read. Judged
/// anew at each use.
struct Proof {
  std::shared_ptr<const model::Admission> admission;
  std::shared_ptr<const store::UserRecord>
      record; // null: the user is gone (or the local administrator, who has no row)

  [[nodiscard]] model::Judgement judged(const model::Snapshot& snapshot,
                                        std::int64_t nowSeconds) const noexcept {
    return model::judge(*admission, snapshot, record ? &record->judged : nullptr, nowSeconds);
  }
};

} // namespace gatehouse::gateway
