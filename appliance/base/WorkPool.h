#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse {

/// A few threads for work that must not run on a worker (password hashing). Bounded, and refuses when full: a
/// queue that grows is an outage that has not been noticed yet.
///
/// Threads: submit from any; a job must not submit to its own pool and wait. Errors: submit answers false
/// when full or stopped. Owns: its threads. The destructor finishes what runs, drops what waits (`dropped`
/// jobs are destroyed unrun).
class WorkPool {
public:
  WorkPool(std::size_t threads, std::size_t queueLimit);
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  [[nodiscard]] bool submit(std::function<void()> job);
  void stop() noexcept;

private:
  void run();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  const std::size_t limit_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace gatehouse
