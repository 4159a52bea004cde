#include "Phc.h"

namespace password {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t longest = 256; // bytes of a verifier

std::string encode(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 6; held -= 6) out += alphabet[bits >> (held - 6) & 63U];
  }
  if (held > 0) out += alphabet[bits << (6 - held) & 63U];
  return out;
}

/// Nothing for a strange letter, a length that no bytes have, or bits that mean nothing.
std::optional<std::string> decode(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char letter : text) {
    const std::size_t value = alphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 255U);
    }
  }
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return out;
}

/// Takes `word` from the front.
bool skip(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// Takes a decimal number of one or two digits, without a leading zero, from the front.
bool number(std::string_view& text, std::uint32_t least, std::uint32_t most, std::uint32_t& out) {
  std::size_t digits = 0;
  std::uint32_t value = 0;
  while (digits < 2 && digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
    value = value * 10 + static_cast<std::uint32_t>(text[digits++] - '0');
  if (digits == 0 || text[0] == '0' || value < least || value > most) return false;
  text.remove_prefix(digits);
  out = value;
  return true;
}

} // namespace

std::optional<Phc> parse(std::string_view text) {
  Phc phc;
  if (text.size() > longest || !skip(text, "$scrypt$ln=") || !number(text, 10, 20, phc.cost.ln) ||
      !skip(text, ",r=") || !number(text, 1, 32, phc.cost.r) || !skip(text, ",p=") ||
      !number(text, 1, 4, phc.cost.p) || !skip(text, "$"))
    return std::nullopt;
  const std::uint64_t blocks = (1ULL << phc.cost.ln) + 2 + phc.cost.p;
  if (128 * phc.cost.r * blocks > memoryLimit) return std::nullopt;
  const std::size_t dollar = text.find('$');
  if (dollar == std::string_view::npos) return std::nullopt;
  auto salt = decode(text.substr(0, dollar)), hash = decode(text.substr(dollar + 1));
  if (!salt || salt->size() < saltSize || salt->size() > 64 || !hash || hash->size() != hashSize)
    return std::nullopt;
  phc.salt = std::move(*salt);
  phc.hash = std::move(*hash);
  return phc;
}

std::optional<std::vector<Phc>> parseAll(std::string_view lines) {
  std::vector<Phc> all;
  for (;;) {
    const std::size_t end = lines.find('\n');
    auto one = parse(lines.substr(0, end));
    if (!one || all.size() == mostVerifiers) return std::nullopt;
    all.push_back(std::move(*one));
    if (end == std::string_view::npos) return all;
    lines.remove_prefix(end + 1);
  }
}

std::string format(const Phc& phc) {
  return "$scrypt$ln=" + std::to_string(phc.cost.ln) + ",r=" + std::to_string(phc.cost.r) +
         ",p=" + std::to_string(phc.cost.p) + "$" + encode(phc.salt) + "$" + encode(phc.hash);
}

} // namespace password
