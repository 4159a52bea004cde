#include "control/codec/JsonReader.h"

#include "base/Text.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Handler.h>
#include <Poco/JSON/JSONException.h>
#include <Poco/JSON/Parser.h>

#include <string.h> // explicit_bzero

#include <algorithm>
#include <exception>
#include <string>
#include <unordered_set>
#include <vector>

namespace gatehouse::control {
namespace {

constexpr std::size_t mostPath = 200; // bytes of a path in an error text

/// What Poco's parser cannot tell: the numbers as they were written (it reads 2^64 as 0 and 1.0 as 1), and
/// escapes of NUL, which it lets pass. Everything else about the grammar is left to it.
struct Scan {
  std::vector<std::string_view> numbers; // in order of appearance
  bool nul = false;
};

Scan scan(std::string_view text) {
  Scan found;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] != '\\') continue;
        if (text.substr(i, 6) == "\\u0000") found.nul = true;
        ++i; // what is escaped ends no string
      }
      ++i;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const std::size_t end = std::min(text.find_first_not_of("0123456789+-.eE", i), text.size());
      if (found.numbers.size() == jsonValues) return found; // as many as fit
      found.numbers.push_back(text.substr(i, end - i));
      i = end;
    } else {
      ++i;
    }
  }
  return found;
}

/// Thrown through Poco's parser to end it (which frees its own memory for a std::exception alone); never
/// leaves this file.
struct Refusal : std::exception {
  explicit Refusal(std::string why)
      : text(std::move(why)) {}
  std::string text;
};

class Builder : public Poco::JSON::Handler {
public:
  Builder(Node& root, std::vector<std::string_view> numbers)
      : numbers_(std::move(numbers))
      , root_(root) {}

  void reset() override {}
  void startObject() override { open(Node::Kind::mapping); }
  void endObject() override { close(); }
  void startArray() override { open(Node::Kind::sequence); }
  void endArray() override { close(); }
  void key(const std::string& name) override {
    Level& top = levels_.back();
    if (!top.keys.insert(name).second)
      throw Refusal{place() + "the member `" + printable(name, 64) + "` stands twice in one object"};
    top.node->members.push_back({name, {}, {}});
  }
  void null() override { next(); }
  void value(bool v) override { scalar(Node::Style::bare, v ? "true" : "false"); }
  void value(const std::string& v) override { scalar(Node::Style::quoted, v); }
  void value(int) override { number(); }
  void value(unsigned) override { number(); }
  void value(Poco::Int64) override { number(); }
  void value(Poco::UInt64) override { number(); }
  void value(double) override { number(); }

  /// "cluster.name: ", the place of the value at hand; empty at the root.
  [[nodiscard]] std::string place() const {
    std::string path;
    for (const Level& level : levels_) {
      if (level.node->kind == Node::Kind::sequence) {
        if (!level.node->items.empty()) path += '[' + std::to_string(level.node->items.size() - 1) + ']';
      } else if (!level.node->members.empty()) {
        if (!path.empty()) path += '.';
        path += printable(level.node->members.back().key, 64);
      }
      if (path.size() > mostPath) return path.substr(0, path.find_last_of(".[")) + "...: ";
    }
    return path.empty() ? path : path + ": ";
  }

private:
  struct Level {
    Node* node;
    std::unordered_set<std::string> keys;
  };

  /// The node that the coming value fills: of the last member, a new item, or the root. A Level's node stays
  /// where it is: only the innermost list grows.
  Node& next() {
    if (++values_ > jsonValues)
      throw Refusal{"it has more than " + std::to_string(jsonValues) + " values; send it in parts"};
    if (levels_.empty()) return root_;
    Node& top = *levels_.back().node;
    return top.kind == Node::Kind::sequence ? top.items.emplace_back() : top.members.back().value;
  }
  void open(Node::Kind kind) {
    Node& node = next();
    node.kind = kind;
    levels_.push_back({&node, {}});
  }
  void close() { levels_.pop_back(); }
  void scalar(Node::Style style, std::string_view text) {
    Node& node = next();
    node.kind = Node::Kind::scalar;
    node.style = style;
    node.text = text;
  }
  void number() {
    if (used_ == numbers_.size()) throw Refusal{place() + "a number could not be read"};
    scalar(Node::Style::bare, numbers_[used_++]);
  }

  std::vector<std::string_view> numbers_;
  std::size_t used_ = 0, values_ = 0;
  Node& root_;
  std::vector<Level> levels_;
};

Error refusal(const std::string& text) {
  return {Code::invalid_schema, "the body is no valid JSON: " + text};
}

void wipeText(std::string& text) noexcept {
  if (!text.empty()) explicit_bzero(text.data(), text.size());
  text.clear();
}

} // namespace

Result<Node> readJson(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return refusal("it is empty");
  if (!isUtf8(text)) return refusal("it is not UTF-8");
  if (text.find('\0') != std::string_view::npos) return refusal("it contains a NUL byte");
  Scan found = scan(text);
  if (found.nul) return refusal("a text contains NUL (\\u0000)");

  Node root;
  const Poco::SharedPtr<Builder> builder(new Builder(root, std::move(found.numbers)));
  try {
    Poco::JSON::Parser parser(builder);
    parser.setDepth(jsonDepth);
    std::string copy(text); // Poco wants a std::string of its own; it may hold a password
    struct Wipe {
      std::string& text;
      ~Wipe() { wipeText(text); }
    } wiper{copy};
    parser.parse(copy);
  } catch (const Refusal& refused) {
    wipe(root);
    return refusal(refused.text);
  } catch (const Poco::SyntaxException&) { // of a number beyond a double's range
    wipe(root);
    return refusal(builder->place() + "a number is out of range");
  } catch (const Poco::Exception& problem) {
    wipe(root);
    return refusal(builder->place() + printable(problem.message(), 200));
  }
  return root;
}

void wipe(Node& node) noexcept {
  wipeText(node.text);
  for (Node& item : node.items) wipe(item);
  for (Node::Member& member : node.members) wipe(member.value);
}

} // namespace gatehouse::control
