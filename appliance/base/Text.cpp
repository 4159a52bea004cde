#include "base/Text.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <vector>

namespace gatehouse {

std::size_t utf8Length(std::string_view bytes) noexcept {
  if (bytes.empty()) return 0;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  if (first == 0xE0 && at(1) < 0xA0) return 0; // over-long
  if (first == 0xED && at(1) > 0x9F) return 0; // surrogate
  if (first == 0xF0 && at(1) < 0x90) return 0; // over-long
  if (first == 0xF4 && at(1) > 0x8F) return 0; // above U+10FFFF
  return length;
}

bool isUtf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t length = utf8Length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view value, std::size_t most) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  std::size_t i = 0;
  while (i < value.size() && out.size() < most) {
    const std::size_t length = utf8Length(value.substr(i));
    const auto c = static_cast<unsigned char>(value[i]);
    if (length == 0 || c < 0x20 || c == 0x7f ||
        (length == 2 && c == 0xC2 && static_cast<unsigned char>(value[i + 1]) < 0xA0)) {
      out += "\\x";
      out += digits[c >> 4];
      out += digits[c & 15];
      ++i;
    } else {
      out.append(value, i, length);
      i += length;
    }
  }
  if (i < value.size()) out += "...";
  return out;
}

std::string hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char b : bytes) {
    out += digits[static_cast<unsigned char>(b) >> 4];
    out += digits[static_cast<unsigned char>(b) & 15];
  }
  return out;
}

namespace {
constexpr std::string_view base64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? base64Alphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::optional<std::string> fromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const bool pad = last && k >= 4 - padding;
      const std::size_t digit = pad ? 0 : base64Alphabet.find(text[i + k]);
      if (digit == std::string_view::npos) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    const std::size_t count = last ? 3 - padding : 3;
    if (count < 3 && (group & (0xFFFFFFU >> (8 * count))) != 0) return std::nullopt;
    for (std::size_t k = 0; k < count; ++k) out += static_cast<char>(group >> (16 - 8 * k) & 255);
  }
  return out;
}

std::optional<std::int64_t> toInteger(std::string_view text) noexcept {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || (digits.size() > 1 && digits[0] == '0') || digits[0] == '-') return std::nullopt;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> words) {
  if (word.size() > 64) return {};
  std::string_view best;
  std::size_t bestDistance = word.size() / 3 + 1; // a third of it may be wrong
  for (const std::string_view candidate : words) {
    if (candidate.size() > 128) continue;
    std::vector<std::size_t> before(candidate.size() + 1), now(candidate.size() + 1);
    for (std::size_t j = 0; j < before.size(); ++j) before[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      now[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j)
        now[j] = std::min(
            {before[j] + 1, now[j - 1] + 1, before[j - 1] + (word[i - 1] == candidate[j - 1] ? 0U : 1U)});
      std::swap(before, now);
    }
    if (before.back() < bestDistance || (before.back() == bestDistance && best.empty())) {
      bestDistance = before.back();
      best = candidate;
    }
  }
  return best;
}

std::string isoTime(std::int64_t wallSeconds) {
  const std::time_t t = wallSeconds;
  std::tm utc{};
  char out[40];
  if (!::gmtime_r(&t, &utc)) return "?";
  return {out, std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

std::optional<std::int64_t> fromIsoTime(std::string_view text) noexcept {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  if (text.size() != form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i)
    if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int out = 0;
    for (const char c : text.substr(at, digits)) out = out * 10 + (c - '0');
    return out;
  };
  std::tm utc{};
  utc.tm_year = number(0, 4) - 1900;
  utc.tm_mon = number(5, 2) - 1;
  utc.tm_mday = number(8, 2);
  utc.tm_hour = number(11, 2);
  utc.tm_min = number(14, 2);
  utc.tm_sec = number(17, 2);
  const std::tm asWritten = utc;
  const std::time_t seconds = ::timegm(&utc); // carries the 31st of February into March
  if (utc.tm_mon != asWritten.tm_mon || utc.tm_mday != asWritten.tm_mday ||
      utc.tm_hour != asWritten.tm_hour || utc.tm_min != asWritten.tm_min || utc.tm_sec != asWritten.tm_sec)
    return std::nullopt;
  return seconds;
}

} // namespace gatehouse
