#pragma once
#include "base/Node.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::yaml {

/// How much one text may ask of the reader.
struct Limits {
  std::size_t bytes = std::size_t{8} << 20; // of the whole text
  int depth = 32;                           // nested sequences and mappings
  std::size_t mistakes = 100;               // then reading ends
};

/// One document as read. `root` is a mapping and fit for use only while `mistakes` is empty.
struct Document {
  Node root;
  bool empty = false; // nothing but blanks and comments: the caller decides whether that may be
  std::vector<Mistake> mistakes;

  [[nodiscard]] bool ok() const noexcept { return mistakes.empty(); }
};

/// Reads one YAML document strictly: what YAML lets mean two things is refused, and every scalar keeps its
/// text.
///
/// Refused, each with line and column: duplicate keys, keys that are no scalars, a key or item without a
/// value (empty, `~`, `null`; R9), anchors, aliases, tags, merge keys, directives, a second document, tabs,
/// control characters and NUL (escaped ones too), invalid UTF-8, anything beyond the limits, a root that is
/// no mapping. Threads: any. Errors: in Document::mistakes, as many as can be told at once; a fault of syntax
/// ends the reading.
[[nodiscard]] Document readYaml(const std::string& file, std::string_view text, const Limits& limits = {});

/// The same for a file. What is no regular file, cannot be read or is too large is a mistake, and is not
/// read.
[[nodiscard]] Document readYamlFile(const std::string& path, const Limits& limits = {});

} // namespace gatehouse::yaml
