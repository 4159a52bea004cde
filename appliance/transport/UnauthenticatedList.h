#pragma once

namespace gatehouse::transport {

/// One worker's connections that have not authenticated, oldest first: who goes when the budget is full.
///
/// Threads: the worker's. Owns: nothing; members take themselves out when they go.
class UnauthenticatedList {
public:
  /// A base or member of whatever may be evicted.
  class Member {
  public:
    Member() = default;
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    /// Must give its Ticket back before it returns; runs outside of any other call of that connection.
    virtual void onEvicted() noexcept = 0;

  protected:
    virtual ~Member() { unlink(); }

  private:
    friend class UnauthenticatedList;
    void unlink() noexcept;
    UnauthenticatedList* list_ = nullptr;
    Member* older_ = nullptr;
    Member* younger_ = nullptr;
  };

  UnauthenticatedList() = default;
  UnauthenticatedList(const UnauthenticatedList&) = delete;
  UnauthenticatedList& operator=(const UnauthenticatedList&) = delete;
  ~UnauthenticatedList();

  /// Puts `member` behind all others, or back behind them.
  void add(Member& member) noexcept;
  /// Takes `member` out: it has authenticated, or goes. Nothing happens if it is not in.
  void remove(Member& member) noexcept;
  [[nodiscard]] bool empty() const noexcept { return oldest_ == nullptr; }
  /// Takes the oldest out and has it evicted; false if there is none.
  bool evictOldest() noexcept;

private:
  Member* oldest_ = nullptr;
  Member* youngest_ = nullptr;
};

} // namespace gatehouse::transport
