#pragma once
#include "model/ClusterPolicy.h"
#include "store/Rows.h"
#include "transport/Address.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatehouse::gateway {

/// What failures are counted by: an IPv4 address, or the /64 of an IPv6 one ("2001:db8:0:1::/64").
[[nodiscard]] std::string networkOf(const transport::Address& peer);

/// Who may try no more passwords for a while (facts §2.5): failures count for a user and the network that
/// they come from, so that a stranger who guesses shuts out himself and not the user; only where they come
/// from many networks the user is locked from anywhere.
///
/// A user is a uid; a database's default user is the database's uid, negative. Passwords alone are counted:
/// whoever asks knows what was a password.
///
/// Threads: any; one short mutex. Errors: none. Owns: at most `mostEntries` counters of networks; beyond
/// them failures count for their user wherever they come from.
class Lockouts {
public:
  static constexpr std::size_t mostNetworks = 4;     // locked ones, until the user is locked from anywhere
  static constexpr std::int64_t anywhereFactor = 10; // thresholds, of all networks together, that do the same
  static constexpr std::size_t mostEntries = 65'536;

  /// Told of each counter that moved; 0 failures and no lock: it is gone. Called with the mutex held, of
  /// users alone.
  using Noted = std::function<void(store::LoginFailures)>;

  /// What was noted before the last start. Before any other function but setPolicy.
  void load(const std::vector<store::LoginFailures>& rows, std::int64_t now, Noted noted);
  /// Threshold 0: nobody is locked, and nothing is counted. A lock keeps the end that it began with.
  void setPolicy(const model::ClusterPolicy& policy);

  /// Whether that user may try no password from that network at `now` (seconds since the epoch).
  [[nodiscard]] bool locked(std::int64_t user, std::string_view network, std::int64_t now) const;
  /// ... or from some network, or from anywhere.
  [[nodiscard]] bool lockedSomewhere(std::int64_t user, std::int64_t now) const;

  enum class Effect : std::uint8_t { counted, network, anywhere };
  /// A wrong password. Says what it has locked.
  Effect failed(std::int64_t user, std::string_view network, std::int64_t now);
  /// A right one: that network's failures are forgotten.
  void succeeded(std::int64_t user, std::string_view network);
  /// All failures and locks of that user are forgotten.
  void unlock(std::int64_t user);

private:
  struct Counter {
    std::int64_t failures = 0, last = 0, until = 0; // until: 0: not locked
  };
  using Networks = std::map<std::string, Counter, std::less<>>; // "": from anywhere

  [[nodiscard]] bool counts(const Counter&, std::int64_t now) const noexcept;
  [[nodiscard]] std::int64_t lockEnd(std::int64_t now) const noexcept;
  void note(std::int64_t user, std::string_view network, const Counter&) const;
  void forgetOld(std::int64_t now);

  mutable std::mutex mutex_;
  model::ClusterPolicy policy_;
  Noted noted_;
  std::unordered_map<std::int64_t, Networks> users_;
  std::size_t entries_ = 0;
};

} // namespace gatehouse::gateway
