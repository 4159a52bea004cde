#include "http_rest/BasicCredentials.h"

#include "http_rest/Grammar.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace gatehouse::http_rest {
namespace {

void wipe(std::string& text) noexcept {
  text.resize(text.capacity()); // short text lives inside the object; never grows past its capacity
  explicit_bzero(text.data(), text.size());
  text.clear();
}

int sextet(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (grammar::isDigit(c)) return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

} // namespace

BasicCredentials::BasicCredentials(BasicCredentials&& other) noexcept
    : login(std::move(other.login))
    , password(std::move(other.password)) {
  wipe(other.login);
  wipe(other.password);
}

BasicCredentials::~BasicCredentials() {
  wipe(login);
  wipe(password);
}

std::optional<std::string> decodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t digits = text.size();
  for (int i = 0; i < 2 && digits > 0 && text[digits - 1] == '='; ++i) --digits;
  std::string bytes;
  // Never moved, and never inside the object: no copy of a password stays behind.
  bytes.reserve(std::max<std::size_t>(32, text.size() / 4 * 3));
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const int value = sextet(text[i]);
    if (value < 0) {
      wipe(bytes);
      return std::nullopt;
    }
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    if (i % 4 != 0) bytes += static_cast<char>((bits >> (6 - 2 * (i % 4))) & 0xff);
  }
  const std::uint32_t strays = digits % 4 == 2 ? bits & 0x0f : digits % 4 == 3 ? bits & 0x03 : 0;
  if (strays == 0) return bytes;
  wipe(bytes);
  return std::nullopt;
}

std::optional<BasicCredentials> readBasic(std::string_view authorization) {
  constexpr std::string_view scheme = "basic ";
  constexpr std::size_t maxText = BasicCredentials::maxLogin + 1 + BasicCredentials::maxPassword;
  if (authorization.size() <= scheme.size() || !grammar::same(authorization.substr(0, scheme.size()), scheme))
    return std::nullopt;
  authorization.remove_prefix(
      std::min(authorization.find_first_not_of(' ', scheme.size()), authorization.size()));
  if (authorization.size() > (maxText + 2) / 3 * 4) return std::nullopt;
  auto text = decodeBase64(authorization);
  if (!text) return std::nullopt;

  const std::size_t colon = text->find(':');
  std::optional<BasicCredentials> credentials;
  if (colon != std::string::npos && colon >= 1 && colon <= BasicCredentials::maxLogin &&
      text->size() - colon - 1 <= BasicCredentials::maxPassword &&
      std::none_of(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(colon),
                   [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
    credentials.emplace();
    credentials->login.assign(*text, 0, colon);
    credentials->password.assign(*text, colon + 1);
  }
  wipe(*text);
  return credentials;
}

} // namespace gatehouse::http_rest
