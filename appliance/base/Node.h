#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// Where something stands in a text, counted from 1. Line 0: nowhere in particular (JSON has no positions
/// here).
struct Position {
  int line = 0, column = 0;
};

/// What both readers build: YAML's (yaml) and JSON's (control). A scalar keeps its text as written; types are
/// decided by the field that reads it, never guessed here: `1.2` stays text, `no` and `010` are no bool and
/// no integer.
struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, mapping };
  /// What the reader knows of a scalar: JSON's strings and YAML's quoted ones are `quoted`; `true`, `12`,
  /// `1.0` are `bare`.
  enum class Style : std::uint8_t { bare, quoted };

  struct Member;

  Kind kind = Kind::null;
  Style style = Style::bare;
  Position at;
  std::string text;            // of a scalar
  std::vector<Node> items;     // of a sequence
  std::vector<Member> members; // of a mapping, in order of appearance, keys unique

  Node() = default;
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();

  [[nodiscard]] const Node* find(std::string_view key) const noexcept;
};

struct Node::Member {
  std::string key;
  Position at;
  Node value;
};

/// Something wrong in a text, said so that its author can mend it.
struct Mistake {
  std::string file; // empty for a request's body
  Position at;
  std::string path; // of the field: "users[3].role_uids"
  std::string text; // a sentence

  /// `file:line:column: path: text`, leaving out what is not known.
  [[nodiscard]] std::string line() const;
};

} // namespace gatehouse
