#include "resp/InlineWords.h"

namespace gatehouse::resp {
namespace {

bool isBlank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); } // as isspace in C's locale
bool endsWord(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

int hexDigit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char unescaped(char c) noexcept {
  switch (c) {
  case 'n': return '\n';
  case 'r': return '\r';
  case 't': return '\t';
  case 'b': return '\b';
  case 'a': return '\a';
  default: return c;
  }
}

/// Reads from behind an opening quote to behind the closing one. npos: it does not close, or does not end
/// the word.
std::size_t readQuoted(std::string_view line, std::size_t at, char quote, Words& out) {
  for (; at < line.size(); ++at) {
    const char c = line[at];
    if (c == quote) {
      ++at;
      return at == line.size() || isBlank(line[at]) ? at : std::string_view::npos;
    }
    const std::size_t left = line.size() - at;
    if (quote == '\'') {
      if (c == '\\' && left > 1 && line[at + 1] == '\'') ++at;
      out.append(line[at]);
    } else if (c == '\\' && left > 3 && line[at + 1] == 'x' && hexDigit(line[at + 2]) >= 0 &&
               hexDigit(line[at + 3]) >= 0) {
      out.append(static_cast<char>(hexDigit(line[at + 2]) * 16 + hexDigit(line[at + 3])));
      at += 3;
    } else if (c == '\\' && left > 1) {
      out.append(unescaped(line[++at]));
    } else {
      out.append(c);
    }
  }
  return std::string_view::npos;
}

} // namespace

bool splitInline(std::string_view line, Words& out) {
  for (std::size_t at = 0;;) {
    while (at < line.size() && isBlank(line[at])) ++at;
    if (at == line.size()) return true;
    out.begin();
    while (at < line.size() && !endsWord(line[at])) {
      const char c = line[at++];
      if (c != '"' && c != '\'') {
        out.append(c);
        continue;
      }
      at = readQuoted(line, at, c, out);
      if (at == std::string_view::npos) return false;
      break; // the closing quote ends the word
    }
  }
}

} // namespace gatehouse::resp
