// Protects: the YAML reader against any bytes: it must neither crash nor run away, and what it accepts must
// be what it promises.
#include "yaml/YamlReader.h"

#include "base/Text.h"

#include <cstdint>
#include <cstdlib>

namespace {

void prove(const gatehouse::Node& node, int depth) {
  using Kind = gatehouse::Node::Kind;
  if (node.kind == Kind::null || depth > 32 || node.at.line < 1 || node.at.column < 1) std::abort();
  if (!gatehouse::isUtf8(node.text) || node.text.find('\0') != std::string::npos) std::abort();
  for (const auto& item : node.items) prove(item, depth + 1);
  for (const auto& member : node.members) {
    if (node.find(member.key) != &member.value) std::abort(); // a duplicate would be found first
    prove(member.value, depth + 1);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = gatehouse::yaml::readYaml("f", {reinterpret_cast<const char*>(data), size});
  if (document.root.kind != gatehouse::Node::Kind::mapping) std::abort();
  if (document.ok()) prove(document.root, 0);
  for (const auto& mistake : document.mistakes)
    if (!gatehouse::isUtf8(mistake.line())) std::abort();
  return 0;
}
