#include "host/YamlText.h"

#include "base/Node.h"
#include "base/Text.h"
#include "control/codec/JsonReader.h"
#include "host/JsonParts.h"

#include <algorithm>
#include <array>

namespace gatehouse::host {
namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool digit(char c) { return c >= '0' && c <= '9'; }

/// Whether a text may stand without quotes and is read as that text by every reader of YAML.
bool plain(std::string_view text) {
  constexpr std::array<std::string_view, 9> words = {"null", "true", "false", "yes", "no",
                                                     "on",   "off",  "y",     "n"};
  const auto inside = [](char c) {
    return letter(c) || digit(c) || std::string_view("_./@+ -").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= 200 && (letter(text[0]) || text[0] == '_' || text[0] == '/') &&
         text.back() != ' ' && std::all_of(text.begin(), text.end(), inside) &&
         std::find(words.begin(), words.end(), folded(text)) == words.end();
}

/// Whether a text may stand as a block: several lines of printable ASCII, none empty, that neither begin nor
/// end with a blank.
bool block(std::string_view text) {
  if (text.empty() || text[0] == '\n' || text.find('\n') == std::string_view::npos ||
      text.find("\n\n") != std::string_view::npos)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\n' && (c < ' ' || c > '~')) return false;
    const bool begins = i == 0 || text[i - 1] == '\n', ends = i + 1 == text.size() || text[i + 1] == '\n';
    if (c == ' ' && (begins || ends)) return false;
  }
  return true;
}

void quoted(std::string& out, std::string_view text) {
  constexpr const char* digits = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\') {
      (out += '\\') += text[i];
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < ' ' || c == 0x7f) {
      ((out += "\\x") += digits[c >> 4]) += digits[c & 15];
    } else if (text.substr(i).starts_with(
                   "\xc2\x85")) { // what YAML takes for line ends, and the byte order mark
      out += "\\N", i += 1;
    } else if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      const auto low = static_cast<unsigned char>(text[++i]); // a control character of two bytes
      ((out += "\\x") += digits[low >> 4]) += digits[low & 15];
    } else if (text.substr(i).starts_with("\xe2\x80\xa8")) {
      out += "\\L", i += 2;
    } else if (text.substr(i).starts_with("\xe2\x80\xa9")) {
      out += "\\P", i += 2;
    } else if (text.substr(i).starts_with("\xef\xbb\xbf")) {
      out += "\\uFEFF", i += 2;
    } else {
      out += text[i];
    }
  }
  out += '"';
}

class Writer {
public:
  explicit Writer(std::string& out)
      : out_(out) {}

  /// What stands behind `key:` or `-`, with the end of its line.
  void value(const Node& node, int indent) {
    if (node.kind == Node::Kind::mapping && !node.members.empty()) {
      out_ += '\n';
      mapping(node, indent, false);
    } else if (node.kind == Node::Kind::sequence && !node.items.empty()) {
      out_ += '\n';
      for (const Node& one : node.items) item(one, indent);
    } else {
      out_ += ' ';
      scalar(node, indent);
    }
  }
  void item(const Node& node, int indent) {
    blanks(indent);
    out_ += '-';
    if (node.kind == Node::Kind::mapping && !node.members.empty()) {
      out_ += ' ';
      mapping(node, indent + 2, true);
    } else {
      value(node, indent + 2);
    }
  }
  void key(std::string_view text, int indent) {
    blanks(indent);
    word(text);
    out_ += ':';
  }

private:
  void blanks(int count) { out_.append(static_cast<std::size_t>(count), ' '); }
  void word(std::string_view text) {
    if (plain(text))
      out_ += text;
    else
      quoted(out_, text);
  }
  void mapping(const Node& node, int indent, bool begun) {
    for (const Node::Member& member : node.members) {
      key(member.key, begun ? 0 : indent);
      begun = false;
      value(member.value, indent + 2);
    }
  }
  void scalar(const Node& node, int indent) {
    if (node.kind == Node::Kind::mapping) {
      out_ += "{}\n";
    } else if (node.kind == Node::Kind::sequence) {
      out_ += "[]\n";
    } else if (node.kind == Node::Kind::null) {
      out_ += "null\n";
    } else if (node.style == Node::Style::bare) {
      (out_ += node.text) += '\n';
    } else if (block(node.text)) {
      out_ += node.text.back() == '\n' ? "|\n" : "|-\n";
      for (std::string_view rest = node.text; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        blanks(indent);
        (out_ += rest.substr(0, end)) += '\n';
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      }
    } else {
      word(node.text);
      out_ += '\n';
    }
  }

  std::string& out_;
};

} // namespace

Result<std::string> yamlText(std::string_view jsonObject) {
  auto members = jsonMembers(jsonObject);
  if (!members) return std::move(members).error();
  std::string out;
  Writer writer(out);
  for (const auto& [key, text] : *members) {
    if (!text.starts_with('[')) { // small: the cluster's settings
      auto node = control::readJson(text);
      if (!node) return std::move(node).error();
      writer.key(key, 0);
      writer.value(*node, 2);
      continue;
    }
    JsonItems items(text);
    bool any = false;
    for (;;) {
      auto next = items.next();
      if (!next) return std::move(next).error();
      if (next->empty()) break;
      auto node = control::readJson(*next);
      if (!node) return std::move(node).error();
      if (!any) {
        writer.key(key, 0);
        out += '\n';
      }
      any = true;
      writer.item(*node, 2);
    }
    if (!any) {
      writer.key(key, 0);
      out += " []\n";
    }
  }
  return out;
}

} // namespace gatehouse::host
