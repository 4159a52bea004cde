#include "store/Writer.h"

#include "store/ReadRows.h"
#include "store/Sqlite.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

namespace gatehouse::store {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds touchesEvery{1};
constexpr std::chrono::minutes fillsEvery{1};
constexpr std::size_t mostTouches = 65536; // users, or users and networks, noted and not yet written

} // namespace

// ---- WriteConnection

WriteConnection::WriteConnection(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection))
    , reserve_(connection_->path()) {}
WriteConnection::~WriteConnection() = default;

Result<Transaction> WriteConnection::begin(std::string who, std::int64_t nowSeconds) {
  Connection& connection = *connection_;
  if (group_.open) return Error{Code::internal_error, "a write has begun already"};
  group_.full = false;
  const auto run = [&](std::string_view sql) {
    Status done = connection.prepare(sql).run();
    if (!done.ok()) group_.failed(connection, done.error());
    return done;
  };
  if (broken())
    return Error{Code::unavailable, "an earlier change failed, and this one would build on it; try again"};
  if (!group_.begun) GH_TRY(run("BEGIN IMMEDIATE"));
  group_.begun = group_.shared;
  if (group_.shared) GH_TRY(run("SAVEPOINT write"));
  group_.open = true;
  Transaction transaction(connection, group_, Change{}); // from here on it ends what was begun
  const Result<StoredRevision> stored = readRevision(connection);
  if (!stored.ok()) return stored.error();
  transaction.change_.revision = stored->number + 1;
  transaction.change_.committedAt = std::max(nowSeconds, stored->changedAt); // R12: time never falls
  transaction.change_.who = std::move(who);
  return transaction;
}

void WriteConnection::whenDurable(std::function<void(Status)> call) { waiting_.push_back(std::move(call)); }

Status WriteConnection::endGroup() {
  if (!group_.begun) return {};
  if (broken()) {
    if (group_.failure) return *group_.failure;
    return Error{Code::unavailable, "the store has undone this change; try again"};
  }
  if (!group_.kept) {
    ReadScope::rollBack(*connection_);
    return {};
  }
  Status committed = connection_->prepare("COMMIT").run();
  if (!committed.ok()) {
    group_.failed(*connection_, committed.error());
    ReadScope::rollBack(*connection_);
  }
  return committed;
}

Status WriteConnection::makeDurable() {
  if (group_.open) return Error{Code::internal_error, "a write is under way"};
  const Status ended = endGroup();
  if (ended.ok() && group_.kept) ++commits_;
  group_.begun = group_.kept = false;
  group_.failure.reset();
  for (const auto& call : std::exchange(waiting_, {})) call(ended);
  for (const auto& call : std::exchange(after_, {})) call();
  return ended;
}

Status WriteConnection::fillReserve() {
  Status filled = reserve_.fill();
  if (filled.ok()) lean_ = false;
  return filled;
}

bool WriteConnection::drawOnReserve() noexcept {
  if (!reserve_.give()) return false;
  lean_ = true;
  return true;
}

// ---- Writer

Writer::Writer(std::unique_ptr<Connection> connection, std::size_t queueLimit)
    : limit_(queueLimit)
    , connection_(std::move(connection))
    , reserved_(connection_.fillReserve())
    , thread_([this] { work(); }) {}

Writer::~Writer() { stop(); }

bool Writer::queue(Job job, bool alone) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= limit_) return false;
  queue_.push_back({std::move(job), alone});
  wake_.notify_one();
  return true;
}

bool Writer::submit(Job job) { return queue(std::move(job), false); }

bool Writer::submitFromReserve(Job job) {
  if (!connection_.drawOnReserve()) return false;
  const std::lock_guard lock(mutex_);
  fromReserve_.push_back(std::move(job));
  return true; // the writer's thread is awake: it called this
}

bool Writer::run(const Job& job) {
  std::promise<void> done;
  std::future<void> ran = done.get_future();
  const bool taken = queue(
      [&](WriteConnection& connection) {
        job(connection);
        connection.whenDurable([&](const Status&) { done.set_value(); });
      },
      true);
  if (taken) ran.wait();
  return taken;
}

void Writer::touchLogin(std::int64_t uid, std::int64_t atSeconds) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    auto& logins = touches_.logins;
    if (stopping_ || (logins.size() >= mostTouches && !logins.contains(uid))) return;
    const bool first = touches_.empty();
    std::int64_t& at = logins[uid];
    at = std::max(at, atSeconds);
    if (first) wake_.notify_one();
  } catch (...) { // no memory: the time is lost, the login is not
  }
}

void Writer::touchFailures(LoginFailures failures) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    std::pair<std::int64_t, std::string> key(failures.userUid, failures.network);
    auto& noted = touches_.failures;
    if (stopping_ || (noted.size() >= mostTouches && !noted.contains(key))) return;
    const bool first = touches_.empty();
    noted.insert_or_assign(std::move(key), std::move(failures));
    if (first) wake_.notify_one();
  } catch (...) { // no memory: what counts them has them still
  }
}

void Writer::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Writer::work() {
  SteadyClock::time_point nextTouches = SteadyClock::now(), nextFill = SteadyClock::now() + fillsEvery;
  std::unique_lock lock(mutex_);
  while (true) {
    const bool idle = queue_.empty() && fromReserve_.empty();
    const bool touchesDue = !touches_.empty() && (SteadyClock::now() >= nextTouches || (stopping_ && idle));
    if (touchesDue) {
      const Touches touches = std::exchange(touches_, {});
      lock.unlock();
      writeTouches(touches);
      nextTouches = SteadyClock::now() + touchesEvery;
      lock.lock();
    } else if (!fromReserve_.empty()) {
      runFromReserve(lock);
    } else if (!queue_.empty()) {
      if (!connection_.reserve_.whole() && SteadyClock::now() >= nextFill) {
        (void)connection_.fillReserve(); // tried again later
        nextFill = SteadyClock::now() + fillsEvery;
      }
      runGroup(lock);
    } else if (stopping_) {
      return;
    } else if (touches_.empty()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, nextTouches);
    }
  }
}

/// Takes what waits until nothing does, or a job wants a COMMIT of its own, or SQLite has undone it all.
void Writer::runGroup(std::unique_lock<std::mutex>& lock) {
  const bool alone = queue_.front().alone;
  connection_.share(!alone);
  std::size_t taken = 0;
  bool more = true;
  while (more) {
    Job job = std::move(queue_.front().job);
    queue_.pop_front();
    lock.unlock();
    job(connection_);
    job = nullptr; // what it holds goes without our lock
    const bool broken = connection_.broken();
    lock.lock();
    more = !alone && !broken && ++taken < groupLimit && !queue_.empty() && !queue_.front().alone;
  }
  lock.unlock();
  (void)connection_.makeDurable(); // who waits for it is told
  lock.lock();
}

void Writer::runFromReserve(std::unique_lock<std::mutex>& lock) {
  Job job = std::move(fromReserve_.front());
  fromReserve_.pop_front();
  lock.unlock();
  connection_.share(false);
  job(connection_);
  (void)connection_.makeDurable();
  job = nullptr;
  lock.lock();
}

void Writer::writeTouches(const Touches& touches) noexcept {
  Connection& connection = connection_.connection();
  if (!connection.prepare("BEGIN IMMEDIATE").run().ok()) return;
  bool written = true;
  for (const auto& [uid, at] : touches.logins) {
    Statement s = connection.prepare(
        "INSERT INTO last_logins SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM users WHERE uid = ?1) "
        "ON CONFLICT (user_uid) DO UPDATE SET last_login = max(last_login, excluded.last_login)");
    written = written && s.bind(uid).bind(at).run().ok();
  }
  for (const auto& [key, row] : touches.failures) {
    if (!written) break;
    const bool over = row.failures == 0 && row.lockedUntil == 0;
    Statement s = connection.prepare(
        over ? "DELETE FROM login_failures WHERE user_uid = ?1 AND network = ?2"
             : "INSERT INTO login_failures (user_uid, network, failures, last_failure, locked_until) "
               "SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM users WHERE uid = ?1) "
               "ON CONFLICT (user_uid, network) DO UPDATE SET failures = excluded.failures, "
               "last_failure = excluded.last_failure, locked_until = excluded.locked_until");
    s.bind(row.userUid).bind(row.network);
    if (!over) s.bind(row.failures).bind(row.lastFailure).bind(row.lockedUntil);
    written = s.run().ok();
  }
  if (written) (void)connection.prepare("COMMIT").run();
  ReadScope::rollBack(connection); // where something failed
}

} // namespace gatehouse::store
