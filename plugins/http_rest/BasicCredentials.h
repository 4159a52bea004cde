#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::http_rest {

/// The login and password of one request; wiped when it goes.
///
/// Threads: a value, not copied.
struct BasicCredentials {
  static constexpr std::size_t maxLogin = 1024, maxPassword = 1024; // bytes

  std::string login, password;

  BasicCredentials() = default;
  BasicCredentials(BasicCredentials&&) noexcept;
  BasicCredentials(const BasicCredentials&) = delete;
  BasicCredentials& operator=(const BasicCredentials&) = delete;
  ~BasicCredentials();
};

/// Reads the value of an Authorization field (RFC 7617). Nothing, if it is anything but `Basic`, spaces and
/// canonical base64 of a login of 1 to 1024 bytes without control characters, a colon and a password of 0 to
/// 1024 bytes.
[[nodiscard]] std::optional<BasicCredentials> readBasic(std::string_view authorization);

/// RFC 4648 base64, canonical: padded, no white space, no stray bits. What was decoded before a mistake is
/// wiped.
[[nodiscard]] std::optional<std::string> decodeBase64(std::string_view text);

} // namespace gatehouse::http_rest
