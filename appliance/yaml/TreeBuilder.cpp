#include "yaml/TreeBuilder.h"

#include "base/Text.h"

#include <yaml-cpp/mark.h>

#include <algorithm>
#include <utility>

namespace gatehouse::yaml {

Position TreeBuilder::at(const YAML::Mark& mark) const noexcept {
  return mark.is_null() ? Position{} : source_.at(static_cast<std::size_t>(std::max(mark.pos, 0)));
}

void TreeBuilder::wrong(Position at, std::string path, std::string text) {
  document_.mistakes.push_back({file_, at, std::move(path), std::move(text)});
  if (document_.mistakes.size() >= limits_.mistakes) throw ReadingEnds{};
}

std::string TreeBuilder::path() const {
  std::string out;
  for (const Frame& frame : frames_) {
    if (frame.node.kind == Node::Kind::sequence) {
      out += '[' + std::to_string(frame.node.items.size()) + ']';
    } else if (frame.haveKey && !frame.dropValue) {
      if (!out.empty()) out += '.';
      out += printable(frame.key, 64);
    }
  }
  return out;
}

bool TreeBuilder::expectsKey() const noexcept {
  return !frames_.empty() && frames_.back().node.kind == Node::Kind::mapping && !frames_.back().haveKey;
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (std::exchange(begun_, true)) {
    wrong(at(mark), {}, "a second document, or stray text, begins here; a file holds one document");
    throw ReadingEnds{};
  }
}

void TreeBuilder::properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
  if (anchor != YAML::NullAnchor) wrong(at(mark), path(), "an anchor; write the value where it is used");
  // A quoted scalar without a tag comes as "!", a plain one as "?": only the source tells `! x` from `"x"`.
  const bool written =
      (!tag.empty() && tag != "?" && tag != "!") ||
      (!mark.is_null() && source_.text().substr(static_cast<std::size_t>(mark.pos), 1) == "!");
  if (written) wrong(at(mark), path(), "a tag; fields have fixed types here");
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  properties(mark, "?", anchor);
  Node node;
  node.at = at(mark);
  if (frames_.empty()) { // nothing but `---`
    document_.empty = true;
    add(std::move(node));
    return;
  }
  const Frame& frame = frames_.back();
  if (expectsKey()) {
    wrong(node.at, path(), "a key is missing before `:`");
  } else if (frame.node.kind == Node::Kind::sequence) {
    wrong(node.at, path(), "an item has no value; remove it or give it one");
  } else if (!frame.dropValue) {
    wrong(frame.keyAt, path(),
          '`' + printable(frame.key, 64) + "` has no value; remove the key or give it one");
  }
  add(std::move(node));
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
  wrong(at(mark), path(), "an alias; write the value itself");
  Node node;
  node.kind = Node::Kind::scalar;
  node.at = at(mark);
  add(std::move(node));
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  properties(mark, tag, anchor);
  Node node;
  node.kind = Node::Kind::scalar;
  node.style = tag == "!" ? Node::Style::quoted : Node::Style::bare;
  node.at = at(mark);
  node.text = value;
  // `a: 1` with `- 2` indented below it is the text "1 - 2" to YAML, and a forgotten line to its author.
  if (node.style == Node::Style::bare && tag == "?" && anchor == YAML::NullAnchor && !mark.is_null() &&
      source_.text().substr(static_cast<std::size_t>(mark.pos), value.size()) != value)
    wrong(node.at, path(), "the text goes on in the next line; put it in quotes, or mend the indentation");
  // The source is clean; an escape in double quotes can still bring such bytes in.
  for (std::size_t i = 0; i < value.size();) {
    const std::size_t length = utf8Length(std::string_view(value).substr(i));
    const auto byte = static_cast<unsigned char>(value[i]);
    const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F ||
                         (length == 2 && byte == 0xC2 && static_cast<unsigned char>(value[i + 1]) < 0xA0);
    if (length == 0 || control) {
      wrong(node.at, path(), "an escape makes a control character or broken UTF-8");
      break;
    }
    i += length;
  }
  add(std::move(node));
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
  properties(mark, tag, anchor);
  open(mark, Node::Kind::sequence);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  properties(mark, tag, anchor);
  open(mark, Node::Kind::mapping);
}

void TreeBuilder::open(const YAML::Mark& mark, Node::Kind kind) {
  if (frames_.size() >= static_cast<std::size_t>(limits_.depth)) {
    wrong(at(mark), path(), "nested deeper than " + std::to_string(limits_.depth) + " levels");
    throw ReadingEnds{};
  }
  Frame frame;
  frame.node.kind = kind;
  frame.node.at = at(mark);
  frames_.push_back(std::move(frame));
}

void TreeBuilder::close() {
  Node node = std::move(frames_.back().node);
  frames_.pop_back();
  add(std::move(node));
}

void TreeBuilder::add(Node node) {
  if (frames_.empty()) {
    if (node.kind != Node::Kind::mapping && !document_.empty)
      wrong(node.at, {}, "the document must be a mapping: `key: value` lines");
    document_.root = std::move(node);
    return;
  }
  Frame& frame = frames_.back();
  if (frame.node.kind == Node::Kind::sequence) {
    frame.node.items.push_back(std::move(node));
  } else if (!frame.haveKey) {
    addKey(std::move(node));
  } else {
    if (!frame.dropValue) frame.node.members.push_back({std::move(frame.key), frame.keyAt, std::move(node)});
    frame.haveKey = false;
  }
}

void TreeBuilder::addKey(Node node) {
  const std::string where = path();
  Frame& frame = frames_.back();
  frame.haveKey = true;
  frame.dropValue = true;
  frame.key = std::move(node.text);
  frame.keyAt = node.at;
  if (node.kind == Node::Kind::null) return; // noted by OnNull
  if (node.kind != Node::Kind::scalar) {
    wrong(node.at, where, "a key must be a word, not a list or a mapping");
    return;
  }
  if (frame.key == "<<" && node.style == Node::Style::bare) {
    wrong(node.at, where, "a merge key; write the keys themselves");
    return;
  }
  const auto [first, isNew] = frame.keys.emplace(frame.key, node.at.line);
  if (!isNew) {
    wrong(node.at, where,
          "duplicate key `" + printable(frame.key, 64) + "`, first on line " + std::to_string(first->second));
    return;
  }
  frame.dropValue = false;
}

Document TreeBuilder::take() {
  if (!begun_) document_.empty = true;
  if (document_.root.kind != Node::Kind::mapping) {
    document_.root = Node{};
    document_.root.kind = Node::Kind::mapping;
    document_.root.at = {1, 1};
  }
  return std::move(document_);
}

} // namespace gatehouse::yaml
