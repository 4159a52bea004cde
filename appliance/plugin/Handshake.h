#pragma once
#include "base/Result.h"
#include "sdk/plugin_abi.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::plugin {

/// A service that this host has, in one version.
struct OfferedService {
  std::string_view name; // GH_CORE, ...: a literal
  std::uint32_t version;
};

struct Need {
  std::string service;
  std::uint32_t version = 0;
  bool optional = false;
};

/// A setting as a plugin declared it, checked.
struct SettingDeclaration {
  std::string name, unit, sentence;
  std::optional<std::string> preset; // none: the operator must give it
  std::uint32_t type = 0;            // GH_SETTING_*
  std::int64_t min = 0, max = 0;     // both 0: no limits

  [[nodiscard]] bool limited() const noexcept { return min != 0 || max != 0; }
};

/// What a plugin says of itself, checked and copied. The function pointers are the plugin's, which is never
/// unloaded.
struct Descriptor {
  std::string name, version, summary;
  std::vector<Need> needs;
  std::vector<SettingDeclaration> settings;
  gh_plugin functions{}; // configure, start, stop; the pointers to arrays are not for use
  std::optional<gh_authenticator> authenticator;
  std::vector<std::uint32_t> kinds; // of an authenticator: GH_EVIDENCE_*
  std::vector<std::string> methods; // of an authenticator: auth_method values that it serves
  std::optional<gh_protocol> protocol;

  [[nodiscard]] bool reads(std::uint32_t evidenceKind) const noexcept;
  [[nodiscard]] bool serves(std::string_view authMethod) const noexcept;
  [[nodiscard]] bool declares(std::string_view service, std::uint32_t version) const noexcept;
};

/// Judges a descriptor before anything of the plugin but its entry has run. `expectedName`: the file's name
/// without ".so".
///
/// Threads: pure.
/// Errors:  one sentence that an operator understands. An unfit plugin runs nothing.
[[nodiscard]] Result<Descriptor> shake(const gh_plugin* offered, std::string_view expectedName,
                                       std::span<const OfferedService> services);

} // namespace gatehouse::plugin
