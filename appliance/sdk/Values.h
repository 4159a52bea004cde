#pragma once
#include "sdk/Host.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#pragma GCC visibility push(hidden)
namespace gatehouse {

/// Thrown while an instance is built: a setting that the host's checks could not judge. The host adds file,
/// line and column.
struct Problem {
  const char* setting; // as declared; nullptr: none in particular
  std::string text;    // a sentence for the operator
};

// Declarations, for `static constexpr gh_setting settings[]`. preset as one writes it in YAML; nullptr: the
// operator must give it.
constexpr gh_setting booleanSetting(const char* name, const char* preset, const char* sentence) {
  return {name, preset, nullptr, sentence, GH_SETTING_BOOL, 0, 0, 0};
}
constexpr gh_setting integerSetting(const char* name, const char* preset, const char* unit, std::int64_t min,
                                    std::int64_t max, const char* sentence) {
  return {name, preset, unit, sentence, GH_SETTING_INT, 0, min, max};
}
constexpr gh_setting textSetting(const char* name, const char* preset, std::int64_t maxLength,
                                 const char* sentence) {
  return {name, preset, nullptr, sentence, GH_SETTING_TEXT, 0, 0, maxLength};
}
constexpr gh_setting listSetting(const char* name, const char* preset, std::int64_t maxItems,
                                 const char* sentence) {
  return {name, preset, nullptr, sentence, GH_SETTING_LIST, 0, 0, maxItems};
}

/// The settings of an instance, by name. They live as long as the constructor that gets them: copy what is
/// kept.
///
/// Errors: a name or type that was not declared throws Fault, a mistake of the plugin's own.
class Values {
public:
  Values(const gh_setting* declared, std::uint32_t count, const gh_value* values, std::uint32_t given,
         std::uint32_t valueSize) noexcept
      : declared_(declared)
      , count_(count < given ? count : given)
      , values_(values)
      , size_(valueSize) {}

  [[nodiscard]] bool boolean(Bytes name) const { return value(name, GH_SETTING_BOOL).number != 0; }
  [[nodiscard]] std::int64_t integer(Bytes name) const { return value(name, GH_SETTING_INT).number; }
  [[nodiscard]] Bytes text(Bytes name) const { return bytes(value(name, GH_SETTING_TEXT).text); }
  [[nodiscard]] Bytes secret(Bytes name) const { return bytes(value(name, GH_SETTING_SECRET).text); }
  [[nodiscard]] std::size_t items(Bytes name) const { return value(name, GH_SETTING_LIST).item_count; }
  [[nodiscard]] Bytes item(Bytes name, std::size_t i) const {
    return bytes(value(name, GH_SETTING_LIST).items[i]);
  }

private:
  [[nodiscard]] gh_value value(Bytes name, std::uint32_t type) const {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (name != declared_[i].name) continue;
      gh_value mine{}; // gh_value has no size of its own: the array says it
      std::memcpy(&mine, reinterpret_cast<const char*>(values_) + std::size_t{i} * size_,
                  size_ < sizeof mine ? size_ : sizeof mine);
      if (mine.type == type) return mine;
    }
    throw Fault{"a setting was read that is not declared, or with another type"};
  }

  const gh_setting* declared_;
  std::uint32_t count_;
  const gh_value* values_;
  std::uint32_t size_;
};

} // namespace gatehouse
#pragma GCC visibility pop
