#include "gateway/Worker.h"

#include "gateway/EngineCommand.h"
#include "gateway/Session.h"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

std::uint64_t nextSession() noexcept {
  static std::atomic<std::uint64_t> last{0}; // never used again, whichever worker accepts
  return ++last;
}

thread_local const Worker* ofThisThread = nullptr;

constexpr std::uint64_t quietMs = 100; // a drained session without traffic for this long is finished

} // namespace

class Worker::Door final : public transport::AcceptHandler {
public:
  Door(Worker& worker, std::shared_ptr<const Listener> listener,
       std::shared_ptr<const transport::ListeningSocket> socket)
      : worker_(worker)
      , listener_(std::move(listener))
      , acceptor_(worker.loop(), std::move(socket), *this) {}
  void onAccepted(UniqueFd socket, const transport::Address& peer) override {
    worker_.accepted(listener_, std::move(socket), peer);
  }
  void onAcceptFailed(int error) override {
    worker_.audit().sink().say(Level::error, "listener.exhausted",
                               "no connection can be accepted for a moment: raise LimitNOFILE, or lower "
                               "limits.connections",
                               {{"listener", listener_->name}, {"errno", error}});
  }
  transport::Acceptor& acceptor() noexcept { return acceptor_; }
  [[nodiscard]] const std::shared_ptr<const Listener>& listener() const noexcept { return listener_; }

private:
  Worker& worker_;
  std::shared_ptr<const Listener> listener_;
  transport::Acceptor acceptor_;
};

Result<std::unique_ptr<Worker>> Worker::create(const Shared& shared, std::unique_ptr<store::Reader> reader,
                                               control::Policy policy) {
  auto loop = transport::EventLoop::create(shared.clock);
  if (!loop) return std::move(loop).error();
  return std::unique_ptr<Worker>(new Worker(shared, std::move(*loop), std::move(reader), std::move(policy)));
}

Worker::Worker(const Shared& shared, std::unique_ptr<transport::EventLoop> loop,
               std::unique_ptr<store::Reader> reader, control::Policy policy)
    : shared_(shared)
    , loop_(std::move(loop))
    , reader_(std::move(reader))
    , policy_(std::move(policy))
    , audit_(shared.events, shared.counters)
    , passwords_(shared.processKey)
    , tick_(*loop_, 1000, [this] { tick(); })
    , drainTick_(*loop_, 20, [this] { drainTick(); }) {}

Worker::~Worker() { stop(); }

Status Worker::listen(std::span<const Listener> listeners) {
  for (const Listener& listener : listeners) {
    doors_.push_back(std::make_unique<Door>(
        *this, std::shared_ptr<const Listener>(std::shared_ptr<void>(), &listener), // they outlive us
        listener.socket));
    GH_TRY(doors_.back()->acceptor().start());
  }
  hangDoors();
  return {};
}

/// Makes the databases' doors those of the policy. A connection that waits at one that goes is closed by the
/// kernel.
void Worker::hangDoors() {
  if (!policy_.prepared || draining_) return;
  const DatabaseDoors& wanted = static_cast<const ServingContexts&>(*policy_.prepared).doors();
  std::erase_if(databaseDoors_, [&](const auto& entry) {
    const auto found = wanted.find(entry.first);
    return found == wanted.end() || found->second.listener != entry.second->listener();
  });
  for (const auto& [uid, door] : wanted) {
    if (!door.listener || databaseDoors_.contains(uid)) continue;
    auto made = std::make_unique<Door>(*this, door.listener, door.socket);
    if (const Status started = made->acceptor().start(); !started) {
      audit_.sink().say(Level::error, "listener.refused", started.error().description,
                        {{"listener", door.listener->name}});
      continue;
    }
    databaseDoors_.emplace(uid, std::move(made));
  }
}

void Worker::start() {
  thread_ = std::thread([this] {
    ofThisThread = this;
    tick_.start();
    loop_->run();
  });
}

bool Worker::onOwnThread() const noexcept { return ofThisThread == this; }

void Worker::stop() {
  if (!thread_.joinable()) return;
  loop_->stop();
  thread_.join();
}

void Worker::accepted(const std::shared_ptr<const Listener>& from, UniqueFd socket,
                      const transport::Address& peer) {
  const Listener& listener = *from;
  auto& budgets = listener.control ? shared_.controlBudgets : shared_.budgets;
  auto admitted = budgets.admit(peer.key(), listener.control ? controlStrangers_ : strangers_);
  if (const auto* refusal = std::get_if<transport::BudgetRefusal>(&admitted)) {
    AccessRecord record;
    const std::string who = peer.text();
    record.listener = listener.name;
    record.peer = who;
    record.reason = transport::word(*refusal);
    record.detail = "too many connections";
    record.revision = snapshot().revision;
    audit_.refused(Counter::refused_budget, record, true);
    return; // the socket closes
  }
  ServingContexts::Entry entry;
  if (!listener.control) {
    entry = static_cast<const ServingContexts&>(*policy_.prepared).entryOf(listener.name);
    if (entry.closed()) {
      AccessRecord record;
      const std::string who = peer.text();
      record.listener = listener.name;
      record.peer = who;
      record.reason = "no_trusted_ca";
      record.detail = "the listener requires client certificates, and there is nothing to verify them under";
      record.revision = snapshot().revision;
      audit_.refused(Counter::refused_handshake, record, true);
      return;
    }
  }
  const std::uint64_t id = nextSession();
  auto session =
      std::make_unique<Session>(*this, from, id, std::move(socket), peer, std::move(entry.tls),
                                std::move(std::get<transport::ConnectionBudgets::Ticket>(admitted)));
  Session& started = *session;
  sessions_.emplace(id, std::move(session));
  started.start();
}

Session* Worker::session(std::uint64_t id) noexcept {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

EngineCommand* Worker::command(std::uint64_t id) noexcept {
  const auto found = commands_.find(id);
  return found == commands_.end() ? nullptr : found->second.get();
}

void Worker::commandOver(std::uint64_t id) noexcept { commands_.erase(id); }

void Worker::runCommand(std::int64_t database, std::shared_ptr<const model::Admission> proven,
                        std::vector<std::string> words, std::function<void(Result<std::string>)> done) {
  post([this, database, proven = std::move(proven), words = std::move(words),
        done = std::move(done)]() mutable {
    const std::uint64_t id = ++lastCommand_;
    const auto made =
        commands_.emplace(id, std::make_unique<EngineCommand>(*this, id, database, std::move(proven),
                                                              std::move(words), std::move(done)));
    made.first->second->start();
  });
}

void Worker::liveSessions(std::function<void(std::vector<control::LiveSession>)> take) {
  post([this, take = std::move(take)] {
    std::vector<control::LiveSession> live;
    for (const Session* session : registry_.all()) session->appendProofs(live);
    take(std::move(live));
  });
}

void Worker::gone(Session& session) noexcept { sessions_.erase(session.id()); }

void Worker::park(model::Revision revision, std::function<void()> again) {
  if (revision <= snapshot().revision) {
    again();
    return;
  }
  parked_.push_back({revision, std::move(again)});
}

void Worker::adopt(control::Policy policy, store::Change change, std::function<void()> swept) {
  post([this, policy = std::move(policy), change = std::move(change), swept = std::move(swept)]() mutable {
    takeUp(std::move(policy), change);
    if (swept) swept();
  });
}

void Worker::takeUp(control::Policy policy, const store::Change& change) {
  if (policy.snapshot->revision < snapshot().revision)
    return; // lesson 49: an older build never overwrites a newer one
  policy_ = std::move(policy);
  hangDoors();
  std::vector<model::Digest> subjects; // of the users that changed: somebody's certificate may be theirs now
  for (const std::int64_t uid : change.users) {
    const auto found = reader_->userByUid(uid);
    if (found && found->record && found->record->judged.subjectKey != model::Digest{})
      subjects.push_back(found->record->judged.subjectKey);
  }
  for (Session* session : registry_.concerned(change, subjects, snapshot())) session->reconsider(change);
  for (const auto& [id, command] : commands_) command->reconsider(); // erases none of them at once
  std::vector<Parked> due;
  const auto ready = std::stable_partition(
      parked_.begin(), parked_.end(), [&](const Parked& one) { return one.revision > snapshot().revision; });
  std::move(ready, parked_.end(), std::back_inserter(due));
  parked_.erase(ready, parked_.end());
  for (Parked& one : due) one.again();
}

void Worker::tick() {
  audit_.tick();
  // Read anew each second: a clock that jumped is noticed here.
  for (Session* session : registry_.expired(clock().wallSeconds())) session->expire();
}

void Worker::drain(std::uint64_t ceilingMs, std::function<void()> empty) {
  post([this, ceilingMs, empty = std::move(empty)]() mutable { beginDrain(ceilingMs, std::move(empty)); });
}

void Worker::beginDrain(std::uint64_t ceilingMs, std::function<void()> empty) {
  if (std::exchange(draining_, true)) return;
  drainCeilingMs_ = loop_->nowMs() + ceilingMs;
  drained_ = std::move(empty);
  for (const auto& door : doors_) door->acceptor().close();
  databaseDoors_.clear();
  for (Session* session : registry_.all()) session->drain();
  drainTick_.start();
}

void Worker::drainTick() {
  const bool late = loop_->nowMs() >= drainCeilingMs_;
  for (Session* session : registry_.all()) {
    if (late)
      session->abort("the drain's time was over");
    else if (session->quiet(quietMs))
      session->closeForDrain();
  }
  if (!sessions_.empty()) return;
  drainTick_.stop();
  drained_();
}

} // namespace gatehouse::gateway
