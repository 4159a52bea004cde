#pragma once
#include "base/Node.h"

#include <cstdint>
#include <initializer_list>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::host {

/// What a key may hold, as Section was asked for it: what the JSON Schema of the file is made of.
struct KeyShape {
  enum class Kind : std::uint8_t { any, mapping, section, list, text, integer, bytes, choice, texts };

  std::string name;
  Kind kind = Kind::any;
  bool required = false;
  std::int64_t least = 0, most = 0; // of integer and bytes
  std::vector<std::string> words{}; // of a choice
  std::list<KeyShape> keys{};       // of a section, or of the items of a list; they stay where they are

  /// The key of that name; made when it is asked for first.
  KeyShape& key(std::string_view name);
};

/// Where the mistakes of one file are gathered.
struct MistakeList {
  std::string file;
  std::vector<Mistake> all;
  KeyShape* record = nullptr; // when set, nothing is read: what is asked for is noted here

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

  /// Notes a mistake when the key is absent.
  void require(std::string_view key);
  /// The mapping under a key; an absent one reads as empty.
  Section section(std::string_view key);
  /// The items of a list, each as a section, or nothing when the key is absent or holds no list.
  std::optional<std::vector<Section>> sections(std::string_view key);
  /// A mapping whose keys somebody else knows; null when the key is absent or holds none.
  const Node* mapping(std::string_view key, std::string_view what);

  std::optional<std::string> text(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  /// Bytes: a bare number, or one with KiB or MiB behind it.
  std::optional<std::int64_t> bytes(std::string_view key, std::int64_t least, std::int64_t most);
  /// The index of the word in `words`.
  std::optional<std::size_t> choice(std::string_view key, std::initializer_list<std::string_view> words);
  /// A list of texts.
  std::optional<std::vector<std::string>> texts(std::string_view key);

  /// A key that is known and must not be written.
  void refused(std::string_view key, std::string text);
  /// Notes a mistake about a key of this section, at its value; or at the section, when the key is absent.
  void wrong(std::string_view key, std::string text);
  void finish();

  [[nodiscard]] Position at() const noexcept { return node_ ? node_->at : Position{}; }
  [[nodiscard]] std::string pathOf(std::string_view key) const;

private:
  Section(const Node* node, std::string path, MistakeList& mistakes, KeyShape* record);
  const Node* node(std::string_view key);
  const Node* node(std::string_view key, KeyShape shape);
  std::optional<std::span<const Node>> list(std::string_view key);

  const Node* node_;
  std::string path_;
  MistakeList& mistakes_;
  KeyShape* record_;
  std::vector<std::string> known_;
};

} // namespace gatehouse::host
