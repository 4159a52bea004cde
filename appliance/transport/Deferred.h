#pragma once
#include "transport/EventLoop.h"

#include <functional>

namespace gatehouse::transport {

/// Work for the end of a turn, asked for any number of times and done once: writing what many small sends
/// queued, going on with a connection that used up its share. Work that asks for itself again while it runs
/// is done in the next turn, which then does not wait; so no connection keeps a turn to itself.
///
/// Threads: the loop's. Owns: its callback. Destroying it takes the wish back, also from inside its callback.
class Deferred {
public:
  Deferred(EventLoop& loop, std::function<void()> callback);
  ~Deferred();
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;

  /// To run at the end of this turn, or of the next if it has run in this one.
  void ask() noexcept;
  void cancel() noexcept;
  [[nodiscard]] bool asked() const noexcept { return list_ != nullptr; }

private:
  friend class EventLoop;

  EventLoop& loop_;
  std::function<void()> callback_;
  std::uint64_t ranInTurn_ = 0;
  EventLoop::DeferredList* list_ = nullptr;
  Deferred* previous_ = nullptr;
  Deferred* next_ = nullptr;
};

} // namespace gatehouse::transport
