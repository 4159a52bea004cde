#pragma once
#include "base/Result.h"

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::transport {

/// What connection budgets count by: an IPv4 address, or the /64 of an IPv6 one (a customer has at least
/// that). Family 0: no address (a unix socket), never counted.
struct AddressKey {
  std::uint8_t family = 0; // 0, 4 or 6
  std::uint64_t bits = 0;
  bool operator==(const AddressKey&) const = default;
};

/// A numeric IP address with a port, or no address at all (a unix peer). An IPv4 address in IPv6's clothes
/// (::ffff:a.b.c.d) is that IPv4 address, however it came: one peer is one key.
///
/// Threads: a value.
class Address {
public:
  Address() = default;

  /// `127.0.0.1:0`, `0.0.0.0:9443`, `[::]:9443`; a scope may stand behind an IPv6 address
  /// (`[fe80::1%eth0]:1`). Strict: no names, no missing port, no leading zeros. Errors: invalid_param, naming
  /// the text.
  static Result<Address> parse(std::string_view text);
  static Address fromSockaddr(const sockaddr* address, socklen_t length) noexcept;

  /// `192.0.2.1:5000`, `[::1]:5000`, or `local`.
  [[nodiscard]] std::string text() const;
  /// Without the port.
  [[nodiscard]] std::string host() const;
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] AddressKey key() const noexcept;
  /// 127.0.0.0/8, ::1, or no address.
  [[nodiscard]] bool isLoopback() const noexcept;
  [[nodiscard]] int family() const noexcept { return storage_.ss_family; } // AF_INET, AF_INET6, AF_UNSPEC
  [[nodiscard]] const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t length() const noexcept;

private:
  sockaddr_storage storage_{};
};

} // namespace gatehouse::transport

template <>
struct std::hash<gatehouse::transport::AddressKey> {
  std::size_t operator()(const gatehouse::transport::AddressKey& key) const noexcept;
};
