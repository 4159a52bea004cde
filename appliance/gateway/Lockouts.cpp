#include "gateway/Lockouts.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace gatehouse::gateway {

std::string networkOf(const transport::Address& peer) {
  if (peer.family() != AF_INET6) return peer.host();
  in6_addr prefix = reinterpret_cast<const sockaddr_in6*>(peer.data())->sin6_addr;
  std::memset(prefix.s6_addr + 8, 0, 8);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!::inet_ntop(AF_INET6, &prefix, text.data(), text.size())) return peer.host();
  return std::string(text.data()) + "/64";
}

/// Whether its failures are not forgotten yet.
bool Lockouts::counts(const Counter& counter, std::int64_t now) const noexcept {
  if (counter.until > now) return true;
  return counter.until == 0 && counter.failures > 0 &&
         now - counter.last <= policy_.login_lockout_counter_reset_after;
}

std::int64_t Lockouts::lockEnd(std::int64_t now) const noexcept {
  return policy_.login_lockout_duration == 0 ? INT64_MAX : now + policy_.login_lockout_duration;
}

void Lockouts::note(std::int64_t user, std::string_view network, const Counter& counter) const {
  if (user > 0 && noted_) noted_({user, std::string(network), counter.failures, counter.last, counter.until});
}

void Lockouts::load(const std::vector<store::LoginFailures>& rows, std::int64_t now, Noted noted) {
  const std::lock_guard lock(mutex_);
  noted_ = std::move(noted);
  for (const store::LoginFailures& row : rows) {
    const Counter counter{row.failures, row.lastFailure, row.lockedUntil};
    if (!counts(counter, now)) {
      note(row.userUid, row.network, {});
    } else if (users_[row.userUid].insert_or_assign(row.network, counter).second) {
      ++entries_;
    }
  }
}

void Lockouts::setPolicy(const model::ClusterPolicy& policy) {
  const std::lock_guard lock(mutex_);
  policy_ = policy;
}

bool Lockouts::locked(std::int64_t user, std::string_view network, std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  if (policy_.login_lockout_threshold <= 0) return false;
  const auto found = users_.find(user);
  if (found == users_.end()) return false;
  const auto isLocked = [&](std::string_view key) {
    const auto at = found->second.find(key);
    return at != found->second.end() && at->second.until > now;
  };
  return isLocked("") || isLocked(network);
}

bool Lockouts::lockedSomewhere(std::int64_t user, std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  if (policy_.login_lockout_threshold <= 0) return false;
  const auto found = users_.find(user);
  return found != users_.end() && std::any_of(found->second.begin(), found->second.end(),
                                              [&](const auto& entry) { return entry.second.until > now; });
}

Lockouts::Effect Lockouts::failed(std::int64_t user, std::string_view network, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const std::int64_t threshold = policy_.login_lockout_threshold;
  if (threshold <= 0) return Effect::counted;
  if (entries_ >= mostEntries) forgetOld(now);
  Networks& networks = users_[user];
  std::string key(network);
  if (entries_ >= mostEntries && !networks.contains(key)) key.clear();
  const auto [at, isNew] = networks.try_emplace(key);
  if (isNew) ++entries_;
  Counter& counter = at->second;
  if (counter.until > now) return Effect::counted; // a guess that had begun before the lock
  if (const auto anywhere = networks.find(""); anywhere != networks.end() && anywhere->second.until > now) {
    if (isNew) {
      networks.erase(at);
      --entries_;
    }
    return Effect::counted;
  }
  if (!counts(counter, now)) counter = {};
  ++counter.failures;
  counter.last = now;
  const bool networkLocks = !key.empty() && counter.failures >= threshold;
  if (networkLocks) counter.until = lockEnd(now);
  note(user, key, counter);

  std::size_t lockedNetworks = 0;
  std::int64_t together = 0;
  for (const auto& [where, one] : networks) {
    if (!counts(one, now)) continue;
    together += one.failures;
    if (!where.empty() && one.until > now) ++lockedNetworks;
  }
  if (lockedNetworks < mostNetworks && together < anywhereFactor * threshold)
    return networkLocks ? Effect::network : Effect::counted;
  // One lock for all of them: it ends no sooner than theirs.
  for (const auto& [where, one] : networks)
    if (!where.empty()) note(user, where, {});
  entries_ -= networks.size() - 1;
  networks.clear();
  const Counter anywhere{together, now, lockEnd(now)};
  networks.emplace("", anywhere);
  note(user, "", anywhere);
  return Effect::anywhere;
}

void Lockouts::succeeded(std::int64_t user, std::string_view network) {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  const auto at = found->second.find(network);
  if (at == found->second.end()) return;
  found->second.erase(at);
  --entries_;
  note(user, network, {});
  if (found->second.empty()) users_.erase(found);
}

void Lockouts::unlock(std::int64_t user) {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  for (const auto& [network, counter] : found->second) note(user, network, {});
  entries_ -= found->second.size();
  users_.erase(found);
}

void Lockouts::forgetOld(std::int64_t now) {
  for (auto user = users_.begin(); user != users_.end();) {
    entries_ -= std::erase_if(user->second, [&](const auto& entry) {
      if (counts(entry.second, now)) return false;
      note(user->first, entry.first, {});
      return true;
    });
    user = user->second.empty() ? users_.erase(user) : std::next(user);
  }
}

} // namespace gatehouse::gateway
