#pragma once
#include "base/Result.h"
#include "store/Reserve.h"
#include "store/Transaction.h"
#include "store/WriteGroup.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

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
  /// It sees what its predecessors committed, durable or not. Errors: unavailable where the store cannot be
  /// written now.
  Result<Transaction> begin(std::string who, std::int64_t nowSeconds);

  /// Calls the function once, on this thread and in the order of the calls, when all that this job and its
  /// predecessors committed is durable; with an error if it never will be: then nothing of it happened, and
  /// `full` says whether it was for want of space. Nobody may hear of a change before (R20), nor of anything
  /// that was seen of one.
  void whenDurable(std::function<void(Status)>);

  /// Calls the function once, after the calls of whenDurable that are being made: what concerns all of them
  /// together. For those calls alone.
  void afterThese(std::function<void()> call) { after_.push_back(std::move(call)); }

  /// Makes all that was committed durable now, and makes the calls that wait for it: for a job that cannot
  /// wait. No Transaction may be open. Errors: nothing of what was not durable yet happened.
  Status makeDurable();

  /// Whether the last write that failed did so for want of space.
  [[nodiscard]] bool full() const noexcept { return group_.full; }
  /// Whether what was kept aside for revocations has been drawn upon: nothing else may be written until it is
  /// whole again.
  [[nodiscard]] bool lean() const noexcept { return lean_; }
  /// How many times COMMIT made something durable.
  [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }

  /// The room's own business.
  [[nodiscard]] Connection& connection() noexcept { return *connection_; }

private:
  friend class Writer;

  void share(bool shared) noexcept { group_.shared = shared; }
  [[nodiscard]] bool broken() const noexcept { return group_.broken(*connection_); }
  Status endGroup();
  Status fillReserve();
  bool drawOnReserve() noexcept;

  std::unique_ptr<Connection> connection_;
  WriteGroup group_;
  std::vector<std::function<void(Status)>> waiting_; // whenDurable
  std::vector<std::function<void()>> after_;         // afterThese
  Reserve reserve_;
  bool lean_ = false;
  std::uint64_t commits_ = 0;
};

/// The one thread that writes. Jobs run one after another, in the order they came; each has the write
/// connection to itself. Those that wait while one runs share a COMMIT with it, at most groupLimit of them;
/// nothing waits for more to come (R20).
///
/// Threads: submit, run and the touches from any; a job must not call run or stop. Errors: submit and run
/// answer false when the queue is full or the writer stops: nothing was done, and the caller says so
/// (overloaded, unavailable). A job reports its own errors. Owns: its thread and the write connection; the
/// destructor stops.
class Writer {
public:
  using Job = std::function<void(WriteConnection&)>;
  static constexpr std::size_t groupLimit = 256; // jobs

  Writer(std::unique_ptr<Connection>, std::size_t queueLimit);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// What the job commits is durable when whenDurable says so.
  [[nodiscard]] bool submit(Job job);
  /// Runs a job that only takes away once more, alone and before all others, with a piece of the reserve
  /// given free: the disk was too full for it. Thread: the writer's. False where nothing is kept aside any
  /// more.
  [[nodiscard]] bool submitFromReserve(Job job);
  /// submit, and wait until it has run. It shares no COMMIT: what it commits is durable at once. Blocks: for
  /// starts and commands, never for a worker.
  [[nodiscard]] bool run(const Job& job);

  /// Why no space could be kept aside for a full disk when this was made; ok where it was.
  [[nodiscard]] const Status& reserved() const noexcept { return reserved_; }

  /// Notes a login's time (seconds since the epoch). Makes no Revision and never blocks a login: noted in
  /// memory, written once a second and at stop, many in one commit; a time that could not be written is lost,
  /// the login is not.
  void touchLogin(std::int64_t uid, std::int64_t atSeconds) noexcept;

  /// Notes failed logins, as touchLogin does: written once a second and at stop.
  void touchFailures(LoginFailures) noexcept;

  /// Takes no more jobs, runs those that wait, writes the login times, ends the thread.
  void stop() noexcept;

private:
  struct Queued {
    Job job;
    bool alone = false;
  };
  struct Touches {
    std::unordered_map<std::int64_t, std::int64_t> logins;                  // uid to time
    std::map<std::pair<std::int64_t, std::string>, LoginFailures> failures; // by uid and network
    [[nodiscard]] bool empty() const noexcept { return logins.empty() && failures.empty(); }
  };

  bool queue(Job, bool alone);
  void work();
  void runGroup(std::unique_lock<std::mutex>&);
  void runFromReserve(std::unique_lock<std::mutex>&);
  void writeTouches(const Touches&) noexcept;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Queued> queue_;
  std::deque<Job> fromReserve_;
  Touches touches_; // not yet written
  const std::size_t limit_;
  bool stopping_ = false;
  WriteConnection connection_;
  const Status reserved_;
  std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::store
