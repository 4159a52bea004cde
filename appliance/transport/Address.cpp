#include "transport/Address.h"

#include "base/Text.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace gatehouse::transport {
namespace {

const sockaddr_in& v4(const sockaddr_storage& storage) noexcept {
  return reinterpret_cast<const sockaddr_in&>(storage);
}
const sockaddr_in6& v6(const sockaddr_storage& storage) noexcept {
  return reinterpret_cast<const sockaddr_in6&>(storage);
}

std::optional<std::uint16_t> portOf(std::string_view text) noexcept {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return {};
  const auto number = toInteger(text);
  if (!number || *number > 65535) return {};
  return static_cast<std::uint16_t>(*number);
}

bool parseV4(std::string_view host, std::uint16_t port, sockaddr_storage& out) {
  auto& address = reinterpret_cast<sockaddr_in&>(out);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address.sin_addr) == 1;
}

bool parseV6(std::string_view host, std::uint16_t port, sockaddr_storage& out) {
  auto& address = reinterpret_cast<sockaddr_in6&>(out);
  if (const auto percent = host.find('%'); percent != std::string_view::npos) {
    const std::string scope(host.substr(percent + 1));
    address.sin6_scope_id = ::if_nametoindex(scope.c_str());
    if (address.sin6_scope_id == 0) return false;
    host = host.substr(0, percent);
  }
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  return ::inet_pton(AF_INET6, std::string(host).c_str(), &address.sin6_addr) == 1;
}

} // namespace

Result<Address> Address::parse(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return Error{Code::invalid_param, "'" + printable(text, 80) + "' is no address: " + std::string(why)};
  };
  if (text.size() > 100 || text.find('\0') != std::string_view::npos)
    return refuse("it is too long or holds a NUL");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("a port is missing, as in 127.0.0.1:9443");
  const auto port = portOf(text.substr(colon + 1));
  if (!port) return refuse("its port is no number from 0 to 65535");
  const std::string_view host = text.substr(0, colon);
  sockaddr_storage storage{};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    if (!parseV6(host.substr(1, host.size() - 2), *port, storage))
      return refuse("what stands in brackets is not IPv6");
  } else if (!parseV4(host, *port, storage)) {
    return refuse("write IPv4 as 127.0.0.1:9443 and IPv6 as [::1]:9443; names are not looked up");
  }
  return fromSockaddr(reinterpret_cast<const sockaddr*>(&storage), sizeof storage);
}

Address Address::fromSockaddr(const sockaddr* address, socklen_t length) noexcept {
  Address result;
  if (length < sizeof(sa_family_t)) return result;
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    std::memcpy(&result.storage_, address, sizeof(sockaddr_in));
  } else if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 six{};
    std::memcpy(&six, address, sizeof six);
    if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
      sockaddr_in four{};
      four.sin_family = AF_INET;
      four.sin_port = six.sin6_port;
      std::memcpy(&four.sin_addr, &six.sin6_addr.s6_addr[12], 4);
      std::memcpy(&result.storage_, &four, sizeof four);
    } else {
      std::memcpy(&result.storage_, &six, sizeof six);
    }
  }
  return result;
}

std::string Address::host() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET) return ::inet_ntop(AF_INET, &v4(storage_).sin_addr, text.data(), text.size());
  if (family() == AF_INET6) {
    std::string host = ::inet_ntop(AF_INET6, &v6(storage_).sin6_addr, text.data(), text.size());
    if (const auto scope = v6(storage_).sin6_scope_id; scope != 0) {
      std::array<char, IF_NAMESIZE> name{};
      host += '%';
      host +=
          ::if_indextoname(scope, name.data()) != nullptr ? std::string(name.data()) : std::to_string(scope);
    }
    return host;
  }
  return "local";
}

std::string Address::text() const {
  if (family() == AF_INET) return host() + ":" + std::to_string(port());
  if (family() == AF_INET6) return "[" + host() + "]:" + std::to_string(port());
  return "local";
}

std::uint16_t Address::port() const noexcept {
  if (family() == AF_INET) return ntohs(v4(storage_).sin_port);
  if (family() == AF_INET6) return ntohs(v6(storage_).sin6_port);
  return 0;
}

AddressKey Address::key() const noexcept {
  AddressKey key;
  if (family() == AF_INET) {
    key.family = 4;
    key.bits = ntohl(v4(storage_).sin_addr.s_addr);
  } else if (family() == AF_INET6) {
    key.family = 6;
    for (int i = 0; i < 8; ++i) key.bits = (key.bits << 8) | v6(storage_).sin6_addr.s6_addr[i];
  }
  return key;
}

bool Address::isLoopback() const noexcept {
  if (family() == AF_INET) return (ntohl(v4(storage_).sin_addr.s_addr) >> 24) == 127;
  if (family() == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&v6(storage_).sin6_addr);
  return true;
}

socklen_t Address::length() const noexcept {
  if (family() == AF_INET) return sizeof(sockaddr_in);
  if (family() == AF_INET6) return sizeof(sockaddr_in6);
  return 0;
}

} // namespace gatehouse::transport

std::size_t std::hash<gatehouse::transport::AddressKey>::operator()(
    const gatehouse::transport::AddressKey& key) const noexcept {
  // A peer may choose its address: mixed, so that neighbours do not share buckets. (splitmix64's finaliser)
  std::uint64_t x = key.bits + key.family;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return static_cast<std::size_t>(x ^ (x >> 31));
}
