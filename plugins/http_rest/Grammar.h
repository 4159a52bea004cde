#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

/// The small words of RFC 9110 and RFC 3986, strictly. Pure functions of bytes.
namespace gatehouse::http_rest::grammar {

[[nodiscard]] constexpr bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool isAlpha(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// The value of a hexadecimal digit, or -1.
[[nodiscard]] constexpr int hexDigit(char c) noexcept {
  if (isDigit(c)) return c - '0';
  const char folded = lower(c);
  return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

/// tchar of RFC 9110 §5.6.2.
[[nodiscard]] constexpr bool isTokenByte(char c) noexcept {
  return isAlpha(c) || isDigit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
[[nodiscard]] constexpr bool isToken(std::string_view text) noexcept {
  for (const char c : text)
    if (!isTokenByte(c)) return false;
  return !text.empty();
}
/// VCHAR, obs-text, space, tab: what a field value may hold (RFC 9110 §5.5).
[[nodiscard]] constexpr bool isValueByte(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}
/// pchar of RFC 3986 §3.3 without the percent sign.
[[nodiscard]] constexpr bool isPathByte(char c) noexcept {
  return isAlpha(c) || isDigit(c) || std::string_view("-._~!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

/// Without spaces and tabs around it.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}
/// ASCII letters without regard to case.
[[nodiscard]] constexpr bool same(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

/// The byte that `%XX` at the beginning of `text` stands for; nothing if it is no such triple.
[[nodiscard]] constexpr std::optional<unsigned char> percentTriple(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%' || hexDigit(text[1]) < 0 || hexDigit(text[2]) < 0)
    return std::nullopt;
  return static_cast<unsigned char>(hexDigit(text[1]) * 16 + hexDigit(text[2]));
}

} // namespace gatehouse::http_rest::grammar
