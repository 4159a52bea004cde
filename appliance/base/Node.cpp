#include "base/Node.h"

#include <algorithm>

namespace gatehouse {

Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

const Node* Node::find(std::string_view key) const noexcept {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

std::string Mistake::line() const {
  std::string out = file;
  if (at.line > 0) {
    if (!out.empty()) out += ':';
    out += std::to_string(at.line) + ':' + std::to_string(at.column);
  }
  if (!out.empty()) out += ": ";
  if (!path.empty()) out += path + ": ";
  return out + text;
}

} // namespace gatehouse
