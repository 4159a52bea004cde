#pragma once
#include "base/Result.h"
#include "store/Transaction.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

namespace gatehouse::store {

class Connection;

/// The one connection that writes, lent to a job for as long as it runs.
///
/// Threads: the writer's. Owns: the connection.
class WriteConnection {
public:
  explicit WriteConnection(std::unique_ptr<Connection>);
  ~WriteConnection();
  WriteConnection(const WriteConnection&) = delete;
  WriteConnection& operator=(const WriteConnection&) = delete;

  /// Begins a write; one at a time. `who` stands in the Change and in holds; `nowSeconds` is the wall clock.
  /// Errors: unavailable where the store cannot be written now.
  Result<Transaction> begin(std::string who, std::int64_t nowSeconds);

  /// The room's own business.
  [[nodiscard]] Connection& connection() noexcept { return *connection_; }

private:
  std::unique_ptr<Connection> connection_;
};

/// The one thread that writes. Jobs run one after another, in the order they came; each has the write
/// connection to itself.
///
/// Threads: submit, run and touchLogin from any; a job must not call run or stop. Errors: submit and run
/// answer false when the queue is full or the writer stops: nothing was done, and the caller says so
/// (overloaded, unavailable). A job reports its own errors. Owns: its thread and the write connection; the
/// destructor stops.
class Writer {
public:
  using Job = std::function<void(WriteConnection&)>;

  Writer(std::unique_ptr<Connection>, std::size_t queueLimit);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  [[nodiscard]] bool submit(Job job);
  /// submit, and wait until it has run. Blocks: for starts and commands, never for a worker.
  [[nodiscard]] bool run(const Job& job);

  /// Notes a login's time (seconds since the epoch). Makes no Revision and never blocks a login: noted in
  /// memory, written once a second and at stop, many in one commit; a time that could not be written is lost,
  /// the login is not.
  void touchLogin(std::int64_t uid, std::int64_t atSeconds) noexcept;

  /// Notes failed logins, as touchLogin does: written once a second and at stop.
  void touchFailures(LoginFailures) noexcept;

  /// Takes no more jobs, runs those that wait, writes the login times, ends the thread.
  void stop() noexcept;

private:
  void work();
  void writeLogins(const std::unordered_map<std::int64_t, std::int64_t>& logins) noexcept;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::unordered_map<std::int64_t, std::int64_t> logins_; // uid to time, not yet written
  const std::size_t limit_;
  bool stopping_ = false;
  WriteConnection connection_;
  std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::store
