#pragma once
#include "base/Node.h"
#include "plugin/Handshake.h"
#include "sdk/plugin_abi.h"

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::plugin {

/// What gatehouse.yaml says under `plugins.settings.<name>`, as the typed values that a plugin gets, in
/// declared order.
///
/// Threads: a value.
/// Owns:    the texts that values() points into.
class Settings {
public:
  /// `given` null: every setting has its preset. Mistakes are added, all of them, with their place; `place`
  /// is the section's path
  /// ("plugins.settings.http_rest"). The values are fit for use only if nothing was added.
  static Settings read(std::span<const SettingDeclaration> declared, const Node* given, std::string_view file,
                       std::string_view place, std::vector<Mistake>& mistakes);

  [[nodiscard]] std::span<const gh_value> values() const noexcept { return values_; }
  /// Where a setting, or else the section, stands; line 0 where nothing was written.
  [[nodiscard]] Position at(std::string_view setting) const noexcept;

private:
  std::optional<std::string> take(const SettingDeclaration&, const Node&, gh_value&);

  std::vector<gh_value> values_;
  std::deque<std::string> texts_; // a deque: its elements stay where they are
  std::deque<std::vector<gh_bytes>> lists_;
  std::vector<std::pair<std::string, Position>>
      places_; // of what was given; first: the section itself, by an empty name
};

/// Would `preset` be taken for such a setting? Empty: yes; else a sentence.
[[nodiscard]] std::string judgePreset(const SettingDeclaration&);

} // namespace gatehouse::plugin
