#pragma once
#include "transport/Address.h"
#include "transport/UnauthenticatedList.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <variant>

namespace gatehouse::transport {

/// How many connections may be open at once; 0: no such limit.
struct BudgetLimits {
  std::size_t total = 10'000;
  std::size_t perAddress = 0;      // of one AddressKey
  std::size_t unauthenticated = 0; // have not proven who they are
};

/// Which budget was spent.
enum class BudgetRefusal : std::uint8_t { total, address, unauthenticated };
[[nodiscard]] std::string_view word(BudgetRefusal) noexcept; // "total", "address", "unauthenticated"

/// Counts open connections: in total, per address, and those that have not authenticated, so that strangers
/// compete with each other and not with customers. One object for all network listeners, one of its own for
/// the control socket.
///
/// Threads: any. One short mutex, taken when a connection opens, authenticates and closes.
/// Owns: its counters. Outlives its tickets.
class ConnectionBudgets {
public:
  /// One connection's share; gives it back when it goes. Threads: moves with its connection.
  class Ticket {
  public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) noexcept;
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() { release(); }

    /// Leaves the unauthenticated budget. A second call does nothing.
    void authenticated() noexcept;
    void release() noexcept;
    explicit operator bool() const noexcept { return budgets_ != nullptr; }

  private:
    friend class ConnectionBudgets;
    Ticket(ConnectionBudgets* budgets, AddressKey key) noexcept
        : budgets_(budgets)
        , key_(key) {}
    ConnectionBudgets* budgets_ = nullptr;
    AddressKey key_;
    bool stranger_ = true; // still in the unauthenticated budget
  };

  struct Counts {
    std::size_t total = 0, unauthenticated = 0, addresses = 0;
    std::uint64_t evicted = 0; // since the start
  };

  explicit ConnectionBudgets(BudgetLimits limits)
      : limits_(limits) {}
  ConnectionBudgets(const ConnectionBudgets&) = delete;
  ConnectionBudgets& operator=(const ConnectionBudgets&) = delete;

  /// When only the unauthenticated budget is full, `ofThisWorker` has its oldest evicted to make room; a
  /// worker that has none refuses.
  [[nodiscard]] std::variant<Ticket, BudgetRefusal> admit(AddressKey key, UnauthenticatedList& ofThisWorker);

  /// For connections that open from now on; open ones stay.
  void setLimits(BudgetLimits limits);
  [[nodiscard]] Counts counts() const;

private:
  void leave(AddressKey key, bool stranger) noexcept;
  void becomeKnown() noexcept;

  mutable std::mutex mutex_;
  BudgetLimits limits_;
  Counts counts_;
  std::unordered_map<AddressKey, std::size_t> byAddress_;
};

} // namespace gatehouse::transport
