#pragma once
#include "plugin/Handshake.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::plugin {

/// The service tables that the host has. The gateway implements them; this room only hands them out, to
/// plugins that declared them.
///
/// Threads: any. Owns: the tables live as long as this object, which outlives every instance.
class HostServices {
public:
  virtual ~HostServices() = default;
  [[nodiscard]] virtual std::span<const OfferedService> offered() const noexcept = 0;
  /// A table of plugin_abi.h, led by its size; nullptr for what offered() does not name.
  [[nodiscard]] virtual const void* service(std::string_view name, std::uint32_t version) const noexcept = 0;
};

} // namespace gatehouse::plugin
