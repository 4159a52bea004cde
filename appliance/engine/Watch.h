#pragma once
#include "base/Result.h"
#include "transport/EventLoop.h"

#include <functional>
#include <poll.h>
#include <utility>

namespace gatehouse::engine {

/// Calls back while a descriptor can be read, as long as it lives. Threads: the loop's. Owns: no descriptor;
/// destroy it before that is closed. Not to be destroyed inside its callback.
class Watch final : private transport::Watcher {
public:
  Watch(transport::EventLoop& loop, int fd, std::function<void()> callback)
      : loop_(loop)
      , fd_(fd)
      , callback_(std::move(callback)) {}
  ~Watch() override { loop_.unwatch(fd_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  [[nodiscard]] Status start() {
    return loop_.watch(fd_, POLLIN, *this);
  } // epoll's number for it is the same
  void stop() noexcept { loop_.unwatch(fd_); }

private:
  void onReady(std::uint32_t) override { callback_(); }

  transport::EventLoop& loop_;
  const int fd_;
  std::function<void()> callback_;
};

} // namespace gatehouse::engine
