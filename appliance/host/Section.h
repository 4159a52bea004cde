#pragma once
#include "base/Node.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::host {

/// Where the mistakes of one file are gathered.
struct MistakeList {
  std::string file;
  std::vector<Mistake> all;

  void add(Position at, std::string path, std::string text) {
    all.push_back({file, at, std::move(path), std::move(text)});
  }
};

/// One mapping of gatehouse.yaml while it is read. Asking for a key makes it known; finish() reports the keys
/// that nobody asked for.
///
/// A getter answers nothing when the key is absent or its value is wrong; a wrong value is noted, and the
/// caller's default stands. Threads: one. Owns: nothing of the tree.
class Section {
public:
  /// `node` null: the section is absent, every key of it too.
  Section(const Node* node, std::string path, MistakeList& mistakes);

  /// The value of a key, unread; null when it is absent.
  const Node* node(std::string_view key);
  /// Notes a mistake when the key is absent.
  void require(std::string_view key);
  /// The mapping under a key; an absent one reads as empty.
  Section section(std::string_view key);
  /// The items of a list, or nothing when the key is absent or holds no list.
  std::optional<std::span<const Node>> list(std::string_view key);

  std::optional<std::string> text(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  /// Bytes: a bare number, or one with KiB or MiB behind it.
  std::optional<std::int64_t> bytes(std::string_view key, std::int64_t least, std::int64_t most);
  /// The index of the word in `words`.
  std::optional<std::size_t> choice(std::string_view key, std::initializer_list<std::string_view> words);
  /// A list of texts.
  std::optional<std::vector<std::string>> texts(std::string_view key);

  /// Notes a mistake about a key of this section, at its value; or at the section, when the key is absent.
  void wrong(std::string_view key, std::string text);
  void finish();

  [[nodiscard]] Position at() const noexcept { return node_ ? node_->at : Position{}; }
  [[nodiscard]] std::string pathOf(std::string_view key) const;

private:
  const Node* node_;
  std::string path_;
  MistakeList& mistakes_;
  std::vector<std::string> known_;
};

} // namespace gatehouse::host
