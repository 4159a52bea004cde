#include "gateway/Counters.h"

namespace gatehouse::gateway {
namespace {

constexpr std::array<std::string_view, counterCount> words = {
    "sessions_opened",   "sessions_closed",      "access_granted",  "refused_budget",
    "refused_handshake", "refused_control_peer", "refused_login",   "refused_overload",
    "refused_request",   "closed_by_policy",     "closed_by_fault", "passwords_remembered",
    "logins_locked"};

} // namespace

std::string_view word(Counter counter) noexcept { return words[static_cast<std::size_t>(counter)]; }

void Counters::addNamed(std::string_view plugin, std::string_view name, std::uint64_t more) {
  std::string key(plugin);
  key += '.';
  key += name.substr(0, 64);
  const std::lock_guard lock(mutex_);
  const auto found = named_.find(key);
  if (found != named_.end())
    found->second += more;
  else if (named_.size() < mostNames)
    named_.emplace(std::move(key), more);
}

std::map<std::string, std::uint64_t> Counters::all() const {
  std::map<std::string, std::uint64_t> out;
  {
    const std::lock_guard lock(mutex_);
    out = named_;
  }
  for (std::size_t i = 0; i < counterCount; ++i)
    if (const auto value = values_[i].load(std::memory_order_relaxed); value > 0)
      out.emplace(words[i], value);
  return out;
}

} // namespace gatehouse::gateway
