#include "transport/Timer.h"

namespace gatehouse::transport {

Timer::Timer(EventLoop& loop, std::function<void()> callback)
    : loop_(loop)
    , callback_(std::move(callback)) {}

Timer::~Timer() {
  cancel();
  if (loop_.firing_ == this) loop_.firing_ = nullptr;
}

void Timer::arm(std::uint64_t deadlineMs) {
  const std::uint64_t before = deadlineMs_;
  deadlineMs_ = deadlineMs;
  if (index_ == idle) {
    loop_.timers_.push_back(this);
    index_ = loop_.timers_.size() - 1;
    loop_.siftUp(index_);
  } else if (deadlineMs < before) {
    loop_.siftUp(index_);
  } else {
    loop_.siftDown(index_);
  }
}

void Timer::cancel() noexcept {
  if (index_ == idle) return;
  const std::size_t gap = index_;
  index_ = idle;
  Timer* last = loop_.timers_.back();
  loop_.timers_.pop_back();
  if (last == this) return;
  loop_.place(gap, last);
  loop_.siftUp(gap);
  loop_.siftDown(last->index_);
}

RepeatingTimer::RepeatingTimer(EventLoop& loop, std::uint64_t periodMs, std::function<void()> callback)
    : loop_(loop)
    , periodMs_(periodMs)
    , callback_(std::move(callback))
    , timer_(loop, [this] { fire(); }) {}

void RepeatingTimer::start() { timer_.arm(loop_.clock().steadyMs() + periodMs_); }

void RepeatingTimer::stop() noexcept { timer_.cancel(); }

void RepeatingTimer::fire() {
  timer_.arm(loop_.nowMs() + periodMs_); // first, so that the callback may stop it
  callback_();
}

} // namespace gatehouse::transport
