#pragma once
#include "base/Node.h"
#include "yaml/SourceText.h"
#include "yaml/YamlReader.h"

#include <yaml-cpp/eventhandler.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::yaml {

/// Thrown by TreeBuilder through the parser to end the reading: the mistake has been noted. Never leaves this
/// room.
struct ReadingEnds {};

/// Builds the tree out of the parser's events, and notes what strictness forbids.
///
/// yaml-cpp's own tree is not used: it merges, coerces and accepts duplicate keys. Recursion of the parser is
/// bounded from here: it calls a start event before each level that it descends. Threads: one. Owns: the tree
/// until take().
class TreeBuilder final : public YAML::EventHandler {
public:
  TreeBuilder(const std::string& file, const SourceText& source, const Limits& limits)
      : file_(file)
      , source_(source)
      , limits_(limits) {}

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

  /// Notes a mistake; ends the reading when there are too many.
  void wrong(Position at, std::string path, std::string text);
  [[nodiscard]] Position at(const YAML::Mark& mark) const noexcept;

  /// The document as far as it was read.
  [[nodiscard]] Document take();

private:
  struct Frame {
    Node node;
    bool haveKey = false;   // of a mapping: a key was read, its value comes next
    bool dropValue = false; // the key was wrong
    std::string key;
    Position keyAt;
    std::unordered_map<std::string, int> keys; // of a mapping: the line of each
  };

  [[nodiscard]] std::string path() const;
  [[nodiscard]] bool expectsKey() const noexcept;
  void properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void open(const YAML::Mark& mark, Node::Kind kind);
  void close();
  void add(Node node);
  void addKey(Node node);

  const std::string& file_;
  const SourceText& source_;
  const Limits& limits_;
  std::vector<Frame> frames_;
  Document document_;
  bool begun_ = false;
};

} // namespace gatehouse::yaml
