#pragma once
#include "control/codec/Decoder.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::control {

/// A finding about one value. A limit's is forgotten where the value is the stored one.
struct Problem {
  bool limit = false;
  Finding finding;
};
using Problems = std::vector<Problem>;
[[nodiscard]] bool problemsAreLimits(const Problems&) noexcept;

/// Reads single values by their shape: into the member of an object, or as canonical JSON text for what has
/// no member. The Decoder's own business.
class ValueReader {
public:
  /// Sources that entries of lists name instead of a text go to `references`.
  ValueReader(const DecodeOptions& options, std::vector<SourceReference>& references)
      : options_(options)
      , references_(references) {}

  /// Sets a field's member from a node that is not null.
  void member(const Node&, const model::Field&, void* object, const std::string& path, Problems&) const;
  /// The value as canonical JSON: no blanks, keys sorted; "" where it could not be read.
  [[nodiscard]] std::string canonical(const Node&, const model::Shape&, const std::string& path,
                                      Problems&) const;

private:
  void value(const Node&, const model::Shape&, void* at, const std::string& path, Problems&) const;
  void list(const Node&, const model::Field&, void* at, const std::string& path, Problems&) const;
  void object(const Node&, const model::Table&, void* at, const std::string& path, Problems&) const;
  std::string canonicalOne(const Node&, const model::Shape&, const std::string& path, Problems&) const;
  void any(const Node&, std::string& out) const;

  bool boolean(const Node&, const std::string& path, Problems&) const;
  std::int64_t integer(const Node&, const model::Shape&, const std::string& path, Problems&) const;
  std::string text(const Node&, const model::Shape&, const std::string& path, Problems&) const;
  std::uint8_t word(const Node&, const model::Shape&, const std::string& path, Problems&) const;
  std::int64_t named(const Node&, const model::Shape&, const std::string& path, Problems&) const;
  bool isText(const Node&) const noexcept;
  void wrong(Problems&, Code, const Node&, const std::string& path, std::string text,
             bool limit = false) const;
  void wrongType(Problems&, const Node&, const std::string& path, std::string_view wanted) const;

  const DecodeOptions& options_;
  std::vector<SourceReference>& references_;
};

/// "users[3].name": a path and what comes next in it.
[[nodiscard]] std::string join(const std::string& path, std::string_view word);
/// What a field is called in a dialect, and the field of a word; null for an unknown one.
[[nodiscard]] std::string_view wordOf(const model::Field&, Dialect) noexcept;
[[nodiscard]] const model::Field* findWord(const model::Table&, std::string_view word, Dialect) noexcept;
/// The sentence about a word that no field has, with the nearest that one has.
[[nodiscard]] std::string unknownWord(const model::Table&, std::string_view word, Dialect);

} // namespace gatehouse::control
