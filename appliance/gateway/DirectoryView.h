#pragma once
#include "gateway/UserDirectory.h"
#include "store/Rows.h"

#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse::store {
class Reader;
}

namespace gatehouse::gateway {

/// The users as one verify may look them up: what stands behind a gh_view. References mean something inside
/// it alone.
///
/// Threads: that of the verify. Owns: the rows that were found, until it goes.
class DirectoryView final : public UserDirectory {
public:
  explicit DirectoryView(store::Reader& reader)
      : reader_(reader) {}

  [[nodiscard]] std::uint32_t lookup(std::uint32_t keyKind, std::string_view key, gh_user& out) override;
  /// The row behind a reference that lookup gave; null for any other number.
  [[nodiscard]] std::shared_ptr<const store::UserRecord> found(std::uint64_t reference) const noexcept;

private:
  store::Reader& reader_;
  std::vector<std::shared_ptr<const store::UserRecord>> found_;
};

} // namespace gatehouse::gateway
