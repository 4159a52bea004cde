#pragma once
#include "plugin/Call.h"
#include "sdk/plugin_abi.h"

#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// What stands behind a gh_view: the users that one verify may look up.
///
/// Threads: that of the verify.
class UserDirectory : public plugin::CallOwner {
public:
  /// GH_DIRECTORY's lookup. What `out` points at lives as long as this.
  [[nodiscard]] virtual std::uint32_t lookup(std::uint32_t keyKind, std::string_view key, gh_user& out) = 0;
};

} // namespace gatehouse::gateway
