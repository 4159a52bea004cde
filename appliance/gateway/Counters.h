#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// What is counted, one row each in Counters.cpp. Every refusal has one.
enum class Counter : std::uint8_t {
  sessions_opened,
  sessions_closed,
  access_granted,
  refused_budget,       // too many connections
  refused_handshake,    // TLS: no certificate where one must come, or one that does not verify
  refused_control_peer, // a process of another user on the control socket
  refused_login,        // a login was refused
  refused_overload,     // no verdict could be had in time
  refused_request,      // an operation answered with an error
  closed_by_policy,     // a session that no longer stood
  closed_by_fault,      // a plugin did wrong
  passwords_remembered, // a login that needed no scrypt
  logins_locked,        // a lock-out began
};
inline constexpr std::size_t counterCount = 13;
[[nodiscard]] std::string_view word(Counter) noexcept;

/// Numbers since the start. Threads: any; adding to a Counter is one relaxed atomic, to a plugin's own name a
/// short mutex (they count rare things: bad requests, scrypts).
class Counters {
public:
  void add(Counter counter, std::uint64_t more = 1) noexcept {
    values_[static_cast<std::size_t>(counter)].fetch_add(more, std::memory_order_relaxed);
  }
  /// `name` is the plugin's, bounded here; a plugin that invents names without end fills no memory.
  void addNamed(std::string_view plugin, std::string_view name, std::uint64_t more);

  [[nodiscard]] std::uint64_t value(Counter counter) const noexcept {
    return values_[static_cast<std::size_t>(counter)].load(std::memory_order_relaxed);
  }
  /// All that are not zero, by name ("http_rest.bad_requests" for a plugin's).
  [[nodiscard]] std::map<std::string, std::uint64_t> all() const;

private:
  static constexpr std::size_t mostNames = 256;
  std::array<std::atomic<std::uint64_t>, counterCount> values_{};
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> named_;
};

} // namespace gatehouse::gateway
