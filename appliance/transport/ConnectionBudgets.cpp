#include "transport/ConnectionBudgets.h"

#include <utility>

namespace gatehouse::transport {

std::string_view word(BudgetRefusal refusal) noexcept {
  switch (refusal) {
  case BudgetRefusal::total: return "total";
  case BudgetRefusal::address: return "address";
  case BudgetRefusal::unauthenticated: return "unauthenticated";
  }
  return "?";
}

ConnectionBudgets::Ticket::Ticket(Ticket&& other) noexcept
    : budgets_(std::exchange(other.budgets_, nullptr))
    , key_(other.key_)
    , stranger_(other.stranger_) {}

ConnectionBudgets::Ticket& ConnectionBudgets::Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    release();
    budgets_ = std::exchange(other.budgets_, nullptr);
    key_ = other.key_;
    stranger_ = other.stranger_;
  }
  return *this;
}

void ConnectionBudgets::Ticket::authenticated() noexcept {
  if (budgets_ == nullptr || !stranger_) return;
  stranger_ = false;
  budgets_->becomeKnown();
}

void ConnectionBudgets::Ticket::release() noexcept {
  if (budgets_ != nullptr) std::exchange(budgets_, nullptr)->leave(key_, stranger_);
}

std::variant<ConnectionBudgets::Ticket, BudgetRefusal>
ConnectionBudgets::admit(AddressKey key, UnauthenticatedList& ofThisWorker) {
  for (bool mayEvict = true;; mayEvict = false) {
    {
      const std::lock_guard lock(mutex_);
      if (limits_.total != 0 && counts_.total >= limits_.total) return BudgetRefusal::total;
      const auto found = key.family != 0 ? byAddress_.find(key) : byAddress_.end();
      if (limits_.perAddress != 0 && found != byAddress_.end() && found->second >= limits_.perAddress)
        return BudgetRefusal::address;
      if (limits_.unauthenticated == 0 || counts_.unauthenticated < limits_.unauthenticated) {
        if (key.family != 0) ++byAddress_[key];
        ++counts_.total;
        ++counts_.unauthenticated;
        return Ticket(this, key);
      }
    }
    // Outside the lock: eviction gives a ticket back.
    if (!mayEvict || !ofThisWorker.evictOldest()) return BudgetRefusal::unauthenticated;
    const std::lock_guard lock(mutex_);
    ++counts_.evicted;
  }
}

void ConnectionBudgets::setLimits(BudgetLimits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

ConnectionBudgets::Counts ConnectionBudgets::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.addresses = byAddress_.size();
  return counts;
}

void ConnectionBudgets::leave(AddressKey key, bool stranger) noexcept {
  const std::lock_guard lock(mutex_);
  --counts_.total;
  if (stranger) --counts_.unauthenticated;
  if (key.family == 0) return;
  if (const auto found = byAddress_.find(key); found != byAddress_.end() && --found->second == 0)
    byAddress_.erase(found);
}

void ConnectionBudgets::becomeKnown() noexcept {
  const std::lock_guard lock(mutex_);
  --counts_.unauthenticated;
}

} // namespace gatehouse::transport
