#pragma once
#include "base/Node.h"
#include "yaml/YamlReader.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse::yaml {

/// A text whose lines are known, and which has been found fit for the parser or not.
///
/// Threads: a value. Owns: nothing of the text, which must outlive it.
class SourceText {
public:
  explicit SourceText(std::string_view text);

  /// Without a byte order mark.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  /// The position of a byte, counted from 1, the column in characters as an editor shows it.
  [[nodiscard]] Position at(std::size_t offset) const noexcept;

  /// What the parser must not see: invalid UTF-8, control characters, tabs, directives. At most `most`.
  [[nodiscard]] std::vector<Mistake> unfit(const std::string& file, std::size_t most) const;

private:
  std::string_view text_;
  std::vector<std::size_t> lines_; // where each begins
};

} // namespace gatehouse::yaml
