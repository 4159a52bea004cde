#include "host/Section.h"

#include "base/Text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::host {

namespace {

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += '`';
    out += words[i];
    out += '`';
  }
  return out;
}

std::string quoted(std::string_view text) { return '`' + printable(text, 80) + '`'; }

} // namespace

KeyShape& KeyShape::key(std::string_view wanted) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const KeyShape& key) { return key.name == wanted; });
  if (found != keys.end()) return *found;
  keys.emplace_back().name = wanted;
  return keys.back();
}

Section::Section(const Node* node, std::string path, MistakeList& mistakes)
    : Section(node, std::move(path), mistakes, mistakes.record) {}

Section::Section(const Node* node, std::string path, MistakeList& mistakes, KeyShape* record)
    : node_(node)
    , path_(std::move(path))
    , mistakes_(mistakes)
    , record_(record) {
  if (node_ && node_->kind != Node::Kind::mapping) {
    mistakes_.add(node_->at, path_, "must be a mapping: `key: value`");
    node_ = nullptr;
  }
}

std::string Section::pathOf(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : path_ + '.' + std::string(key);
}

const Node* Section::node(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const Node* value = node_ ? node_->find(key) : nullptr;
  return value && value->kind != Node::Kind::null ? value
                                                  : nullptr; // a null is a mistake that the reader has noted
}

const Node* Section::node(std::string_view key, KeyShape shape) {
  if (record_) {
    KeyShape& noted = record_->key(key);
    shape.name = key;
    shape.required = noted.required;
    noted = std::move(shape);
  }
  return node(key);
}

void Section::require(std::string_view key) {
  if (record_) record_->key(key).required = true;
  if (node_ && !node_->find(key)) wrong({}, '`' + std::string(key) + "` is missing");
}

Section Section::section(std::string_view key) {
  const Node* value = node(key, {{}, KeyShape::Kind::section});
  return {value, pathOf(key), mistakes_, record_ ? &record_->key(key) : nullptr};
}

const Node* Section::mapping(std::string_view key, std::string_view what) {
  const Node* value = node(key, {{}, KeyShape::Kind::mapping});
  if (!value || value->kind == Node::Kind::mapping) return value;
  wrong(key, "must be a mapping " + std::string(what));
  return nullptr;
}

void Section::refused(std::string_view key, std::string text) {
  if (node(key)) wrong(key, std::move(text));
}

void Section::wrong(std::string_view key, std::string text) {
  const Node* value = node_ ? node_->find(key) : nullptr;
  mistakes_.add(value ? value->at : at(), pathOf(key), std::move(text));
}

std::optional<std::vector<Section>> Section::sections(std::string_view key) {
  std::vector<Section> out;
  if (record_) {
    node(key, {{}, KeyShape::Kind::list});
    out.push_back(Section(nullptr, pathOf(key) + "[]", mistakes_, &record_->key(key)));
    return out;
  }
  const auto items = list(key);
  if (!items) return {};
  for (std::size_t i = 0; i < items->size(); ++i)
    out.push_back(Section(&(*items)[i], pathOf(key) + '[' + std::to_string(i) + ']', mistakes_, nullptr));
  return out;
}

std::optional<std::span<const Node>> Section::list(std::string_view key) {
  const Node* value = node(key);
  if (!value) return {};
  if (value->kind != Node::Kind::sequence) {
    wrong(key, "must be a list: `[a, b]`, or lines that begin with `- `");
    return {};
  }
  return std::span<const Node>(value->items);
}

std::optional<std::string> Section::text(std::string_view key) {
  const Node* value = node(key, {{}, KeyShape::Kind::text});
  if (!value) return {};
  if (value->kind != Node::Kind::scalar) {
    wrong(key, "must be a single text");
    return {};
  }
  if (value->text.empty()) {
    wrong(key, "is empty; remove the key or give it a value");
    return {};
  }
  return value->text;
}

std::optional<std::int64_t> Section::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const Node* value = node(key, {{}, KeyShape::Kind::integer, false, least, most});
  if (record_) return most; // what depends on it may go as far as it may itself
  if (!value) return {};
  const auto number = value->kind == Node::Kind::scalar && value->style == Node::Style::bare
                          ? toInteger(value->text)
                          : std::nullopt;
  if (!number || *number < least || *number > most) {
    wrong(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return {};
  }
  return number;
}

std::optional<std::int64_t> Section::bytes(std::string_view key, std::int64_t least, std::int64_t most) {
  const Node* value = node(key, {{}, KeyShape::Kind::bytes, false, least, most});
  if (!value) return {};
  std::string_view text = value->text;
  std::int64_t unit = 1;
  for (const auto& [name, size] :
       {std::pair{std::string_view("KiB"), 1 << 10}, std::pair{std::string_view("MiB"), 1 << 20}}) {
    if (!text.ends_with(name)) continue;
    unit = size;
    text.remove_suffix(name.size());
    if (text.ends_with(' ')) text.remove_suffix(1);
    break;
  }
  const auto number = value->kind == Node::Kind::scalar ? toInteger(text) : std::nullopt;
  if (!number || *number < 0 || *number > most / unit || *number * unit < least) {
    wrong(key, "must be a number of bytes from " + std::to_string(least) + " to " + std::to_string(most) +
                   "; `KiB` or `MiB` may stand behind it");
    return {};
  }
  return *number * unit;
}

std::optional<std::size_t> Section::choice(std::string_view key,
                                           std::initializer_list<std::string_view> words) {
  const Node* value = node(key, {{}, KeyShape::Kind::choice, false, 0, 0, {words.begin(), words.end()}});
  if (!value) return {};
  const auto found =
      value->kind == Node::Kind::scalar ? std::find(words.begin(), words.end(), value->text) : words.end();
  if (found == words.end()) {
    wrong(key, "must be " + joined({words.begin(), words.size()}) +
                   (value->kind == Node::Kind::scalar ? ", not " + quoted(value->text) : std::string()));
    return {};
  }
  return static_cast<std::size_t>(found - words.begin());
}

std::optional<std::vector<std::string>> Section::texts(std::string_view key) {
  node(key, {{}, KeyShape::Kind::texts});
  const auto items = list(key);
  if (!items) return {};
  std::vector<std::string> out;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Node& item = (*items)[i];
    if (item.kind == Node::Kind::scalar && !item.text.empty()) {
      out.push_back(item.text);
    } else if (item.kind != Node::Kind::null) { // the reader has noted a null
      mistakes_.add(item.at, pathOf(key) + '[' + std::to_string(i) + ']', "must be a single text");
    }
  }
  if (out.size() != items->size()) return {};
  return out;
}

void Section::finish() {
  if (!node_) return;
  std::vector<std::string_view> words(known_.begin(), known_.end());
  for (const Node::Member& member : node_->members) {
    if (std::find(words.begin(), words.end(), member.key) != words.end()) continue;
    const std::string_view near = nearest(member.key, words);
    std::sort(words.begin(), words.end());
    mistakes_.add(member.at, path_,
                  "unknown key " + quoted(member.key) + "; " +
                      (near.empty() ? "known here: " + joined(words) : "did you mean " + quoted(near) + "?"));
  }
}

} // namespace gatehouse::host
