#include "store/Writer.h"

#include "store/ReadRows.h"
#include "store/Sqlite.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

namespace gatehouse::store {
namespace {

constexpr std::chrono::seconds loginsEvery{1};
constexpr std::size_t mostLogins = 65536; // users, noted and not yet written

} // namespace

// ---- WriteConnection

WriteConnection::WriteConnection(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
WriteConnection::~WriteConnection() = default;

Result<Transaction> WriteConnection::begin(std::string who, std::int64_t nowSeconds) {
  Connection& connection = *connection_;
  if (connection.inTransaction()) return Error{Code::internal_error, "a write has begun already"};
  GH_TRY(connection.prepare("BEGIN IMMEDIATE").run());
  Transaction transaction(connection, Change{}); // from here on it ends what was begun
  const Result<StoredRevision> stored = readRevision(connection);
  if (!stored.ok()) return stored.error();
  transaction.change_.revision = stored->number + 1;
  transaction.change_.committedAt = std::max(nowSeconds, stored->changedAt); // R12: time never falls
  transaction.change_.who = std::move(who);
  return transaction;
}

// ---- Writer

Writer::Writer(std::unique_ptr<Connection> connection, std::size_t queueLimit)
    : limit_(queueLimit)
    , connection_(std::move(connection))
    , thread_([this] { work(); }) {}

Writer::~Writer() { stop(); }

bool Writer::submit(Job job) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= limit_) return false;
  queue_.push_back(std::move(job));
  wake_.notify_one();
  return true;
}

bool Writer::run(const Job& job) {
  std::promise<void> done;
  std::future<void> ran = done.get_future();
  const bool taken = submit([&](WriteConnection& connection) {
    job(connection);
    done.set_value();
  });
  if (taken) ran.wait();
  return taken;
}

void Writer::touchLogin(std::int64_t uid, std::int64_t atSeconds) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (stopping_ || (logins_.size() >= mostLogins && !logins_.contains(uid))) return;
    const bool first = logins_.empty();
    std::int64_t& at = logins_[uid];
    at = std::max(at, atSeconds);
    if (first) wake_.notify_one();
  } catch (...) { // no memory: the time is lost, the login is not
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
  using SteadyClock = std::chrono::steady_clock;
  SteadyClock::time_point nextLogins = SteadyClock::now();
  std::unique_lock lock(mutex_);
  while (true) {
    const bool loginsDue =
        !logins_.empty() && (SteadyClock::now() >= nextLogins || (stopping_ && queue_.empty()));
    if (loginsDue) {
      const std::unordered_map<std::int64_t, std::int64_t> logins = std::exchange(logins_, {});
      lock.unlock();
      writeLogins(logins);
      nextLogins = SteadyClock::now() + loginsEvery;
      lock.lock();
    } else if (!queue_.empty()) {
      Job job = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      job(connection_);
      job = nullptr; // what it holds goes without our lock
      lock.lock();
    } else if (stopping_) {
      return;
    } else if (logins_.empty()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, nextLogins);
    }
  }
}

void Writer::writeLogins(const std::unordered_map<std::int64_t, std::int64_t>& logins) noexcept {
  Connection& connection = connection_.connection();
  if (!connection.prepare("BEGIN IMMEDIATE").run().ok()) return;
  bool written = true;
  for (const auto& [uid, at] : logins) {
    Statement s = connection.prepare(
        "INSERT INTO last_logins SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM users WHERE uid = ?1) "
        "ON CONFLICT (user_uid) DO UPDATE SET last_login = max(last_login, excluded.last_login)");
    written = s.bind(uid).bind(at).run().ok();
    if (!written) break;
  }
  if (written) (void)connection.prepare("COMMIT").run();
  ReadScope::rollBack(connection); // where something failed
}

} // namespace gatehouse::store
