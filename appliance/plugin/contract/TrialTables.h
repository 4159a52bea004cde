#pragma once
#include "plugin/Handshake.h"
#include "sdk/plugin_abi.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::plugin::contract {

/// The functions of the service tables that TrialHost gives out. Each works inside a call that its first
/// argument belongs to, and anywhere else makes a finding and answers GH_GONE.
struct TrialTables {
  static constexpr std::uint64_t steadyMs = 1000, wallMs = 1700000000000; // time stands still

  [[nodiscard]] static std::span<const OfferedService> offered() noexcept;
  /// nullptr: there is none.
  [[nodiscard]] static const void* find(std::string_view service, std::uint32_t version) noexcept;
  /// How often `problem` was called so far.
  [[nodiscard]] static std::size_t problems() noexcept;

  static const void* service(gh_self, const char* name, std::uint32_t version) noexcept;
  static void problem(gh_self, const char* setting, gh_bytes text) noexcept;
};

} // namespace gatehouse::plugin::contract
