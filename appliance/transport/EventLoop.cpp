#include "transport/EventLoop.h"

#include "transport/Deferred.h"
#include "transport/Timer.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace gatehouse::transport {
namespace {

constexpr std::uint64_t token(int fd, std::uint32_t generation) noexcept {
  return (std::uint64_t{generation} << 32) | static_cast<std::uint32_t>(fd);
}

Error trouble(std::string_view what) {
  return Error{Code::internal_error, std::string(what) + ": " + std::strerror(errno)};
}

} // namespace

EventLoop::EventLoop(const Clock& clock)
    : clock_(clock)
    , nowMs_(clock.steadyMs()) {}

Result<std::unique_ptr<EventLoop>> EventLoop::create(const Clock& clock) {
  std::unique_ptr<EventLoop> loop(new EventLoop(clock));
  loop->epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (!loop->epoll_) return trouble("an event loop needs a descriptor of epoll");
  loop->wake_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!loop->wake_) return trouble("an event loop needs a descriptor of eventfd");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = token(loop->wake_.get(), 0);
  if (::epoll_ctl(loop->epoll_.get(), EPOLL_CTL_ADD, loop->wake_.get(), &event) != 0)
    return trouble("an event loop cannot watch its wake-ups");
  return loop;
}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  while (!stopping_.load(std::memory_order_acquire)) turn(UINT64_MAX);
  runPosted();
}

void EventLoop::stop() noexcept {
  stopping_.store(true, std::memory_order_release);
  wake();
}

void EventLoop::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake anyway.
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void EventLoop::post(std::function<void()> work) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(work));
  }
  if (first) wake();
}

Status EventLoop::watch(int fd, std::uint32_t events, Watcher& watcher) {
  if (fd < 0) return Error{Code::internal_error, "a closed descriptor cannot be watched"};
  if (static_cast<std::size_t>(fd) >= slots_.size()) slots_.resize(static_cast<std::size_t>(fd) + 1);
  Slot& slot = slots_[static_cast<std::size_t>(fd)];
  epoll_event event{};
  event.events = events;
  event.data.u64 = token(fd, slot.generation);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return trouble("a descriptor cannot be watched");
  slot.watcher = &watcher;
  return {};
}

void EventLoop::rewatch(int fd, std::uint32_t events) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token(fd, slots_[static_cast<std::size_t>(fd)].generation);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::unwatch(int fd) noexcept {
  if (fd < 0 || static_cast<std::size_t>(fd) >= slots_.size()) return;
  Slot& slot = slots_[static_cast<std::size_t>(fd)];
  if (slot.watcher == nullptr) return;
  slot.watcher = nullptr;
  ++slot.generation;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

int EventLoop::waitMs(std::uint64_t mostMs) noexcept {
  if (today_.first != nullptr || tomorrow_.first != nullptr) return 0;
  std::uint64_t wait = mostMs;
  if (!timers_.empty()) {
    const std::uint64_t now = clock_.steadyMs();
    const std::uint64_t deadline = timers_.front()->deadlineMs_;
    wait = std::min(wait, deadline > now ? deadline - now : 0);
  }
  if (wait == UINT64_MAX) return -1;
  return static_cast<int>(std::min<std::uint64_t>(wait, 60'000)); // an early turn does no harm
}

void EventLoop::turn(std::uint64_t mostMs) {
  std::array<epoll_event, 128> ready{};
  const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), waitMs(mostMs));
  ++turn_;
  nowMs_ = clock_.steadyMs();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready[static_cast<std::size_t>(i)];
    dispatch(event.data.u64, event.events);
  }
  runTimers();
  runPosted();
  runDeferred();
}

void EventLoop::dispatch(std::uint64_t what, std::uint32_t events) {
  const auto fd = static_cast<int>(what & 0xffffffffu);
  if (fd == wake_.get()) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd, &count, sizeof count);
    return;
  }
  const Slot& slot = slots_[static_cast<std::size_t>(fd)];
  if (slot.watcher != nullptr && what == token(fd, slot.generation)) slot.watcher->onReady(events);
}

void EventLoop::runTimers() {
  // As many as are armed now: one that arms itself for the past must not keep the turn.
  for (std::size_t most = timers_.size();
       most > 0 && !timers_.empty() && timers_.front()->deadlineMs_ <= nowMs_; --most) {
    Timer* timer = timers_.front();
    timer->cancel();
    firing_ = timer;
    auto callback = std::move(timer->callback_); // the timer may go while it runs
    callback();
    if (firing_ == timer) timer->callback_ = std::move(callback);
    firing_ = nullptr;
  }
}

void EventLoop::runPosted() {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (auto& each : work) each();
}

void EventLoop::runDeferred() {
  // What was asked for tomorrow in the turn before comes first: it has waited longest.
  if (tomorrow_.first != nullptr) {
    for (Deferred* each = tomorrow_.first; each != nullptr; each = each->next_) each->list_ = &today_;
    if (today_.first == nullptr) {
      today_ = tomorrow_;
    } else {
      tomorrow_.last->next_ = today_.first;
      today_.first->previous_ = tomorrow_.last;
      today_.first = tomorrow_.first;
    }
    tomorrow_ = {};
  }
  while (today_.first != nullptr) {
    Deferred* deferred = today_.first;
    deferred->cancel();
    deferred->ranInTurn_ = turn_;
    running_ = deferred;
    auto callback = std::move(deferred->callback_); // it may go while it runs
    callback();
    if (running_ == deferred) deferred->callback_ = std::move(callback);
    running_ = nullptr;
  }
}

void EventLoop::place(std::size_t index, Timer* timer) noexcept {
  timers_[index] = timer;
  timer->index_ = index;
}

void EventLoop::siftUp(std::size_t index) noexcept {
  Timer* timer = timers_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (timers_[parent]->deadlineMs_ <= timer->deadlineMs_) break;
    place(index, timers_[parent]);
    index = parent;
  }
  place(index, timer);
}

void EventLoop::siftDown(std::size_t index) noexcept {
  Timer* timer = timers_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= timers_.size()) break;
    if (child + 1 < timers_.size() && timers_[child + 1]->deadlineMs_ < timers_[child]->deadlineMs_) ++child;
    if (timer->deadlineMs_ <= timers_[child]->deadlineMs_) break;
    place(index, timers_[child]);
    index = child;
  }
  place(index, timer);
}

} // namespace gatehouse::transport
