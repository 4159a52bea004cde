#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::host {

/// What may stand behind a command, one row each in CommandTable.cpp.
enum class Option : std::uint8_t {
  config,
  json,
  newStore,
  offline,
  prune,
  adopt,
  release,
  force,
  destroy,
  impact,
  yes,
  output,
  passwordFile,
  server,
  cert,
  key,
  cacert,
};

struct OptionRow {
  Option option;
  std::string_view name;  // without the dashes
  char letter;            // 0: none
  std::string_view value; // what its value is called; empty: it takes none
};
[[nodiscard]] std::span<const OptionRow> optionRows() noexcept;
[[nodiscard]] const OptionRow* findOption(std::string_view name) noexcept;

/// One command: what people type, and what `--help` says.
struct CommandRow {
  std::string_view name, summary;
  std::string_view arguments; // as the usage line shows them; empty: there are none
  std::size_t least, most;    // how many
  std::uint32_t options;      // a bit for each Option
  std::string_view help;

  [[nodiscard]] constexpr bool takes(Option option) const noexcept {
    return (options >> static_cast<unsigned>(option)) & 1U;
  }
};
[[nodiscard]] std::span<const CommandRow> commandRows() noexcept;
[[nodiscard]] const CommandRow* findCommand(std::string_view name) noexcept;

} // namespace gatehouse::host
