#include "engine/Projection.h"

#include "base/Text.h"
#include "model/Database.h"
#include "pki/Hash.h"

#include <algorithm>

namespace gatehouse::engine {
namespace {

constexpr std::uint64_t tickMs = 100; // deletions that were refused are asked for again, waiting ends
constexpr std::uint64_t sweepMs = 2'500;

} // namespace

Projection::Projection(transport::EventLoop& loop, AdminCommands& admin, const Secret& key,
                       ProjectionPlace place, EventSink& events, std::function<void()> onUnconfirmed)
    : loop_(loop)
    , admin_(admin)
    , key_(key)
    , place_(std::move(place))
    , events_(events)
    , onUnconfirmed_(std::move(onUnconfirmed))
    , proof_(admin)
    , timer_(loop, [this] { tick(); }) {}

// ---- the engine

void Projection::linked(std::uint64_t run) {
  if (linked_ && run == run_) return;
  if (run != run_) {
    ended();
    run_ = run;
  }
  linked_ = true;
  for (const std::string& name : deleting_) askDeletion(name, entries_.find(name)->second);
  watchTheClock();
}

void Projection::unlinked() {
  linked_ = false;
  answerAll(unavailable("is not reached"));
}

void Projection::ended() {
  linked_ = false;
  entries_.clear();
  byUser_.clear();
  deleting_.clear();
  watchBehind();
  proof_.forget();
  onUnconfirmed_();
  answerAll(unavailable("is not running"));
}

// ---- requests

void Projection::project(ProjectionRequest request, Done done) {
  if (!linked_) return done(unavailable("is not ready"));
  if (waiting_.size() >= mostWaiting) return done(unavailable("has too many users waiting for it"));
  // Whoever asks has refused such a name already, in better words (R17).
  const bool fits =
      request.userUid == 0 ? request.name == defaultUserName : model::fitsEngineName(request.name);
  if (!fits)
    return done(Error{Code::invalid_param, "no user of a database may be named " + printable(request.name)});
  take({std::move(request), std::move(done), loop_.nowMs() + waitCeilingMs});
}

void Projection::take(Waiting waiting) {
  const ProjectionRequest& request = waiting.request;
  const auto found = entries_.find(request.name);
  if (found == entries_.end()) {
    Entry& entry = entries_[request.name];
    entry.userUid = request.userUid;
    entry.generation = ++generations_;
    byUser_.emplace(request.userUid, request.name);
    const std::string name = request.name;
    const ProjectionRequest wanted = request;
    wait(std::move(waiting));
    return set(name, entry, wanted);
  }
  Entry& entry = found->second;
  const std::string& name = found->first;
  if (entry.state == State::deleting) return wait(std::move(waiting));
  if (entry.userUid != request.userUid) {
    // At each revision a name is one user's: who has it at the later one is right.
    const bool later = request.revision > entry.revision;
    wait(std::move(waiting));
    if (later) remove(name, entry);
    return;
  }
  if (entry.state == State::setting) return wait(std::move(waiting));
  if (request.revision < entry.revision || DenialProof::digest(request.rules) == entry.digest) {
    entry.revision = std::max(entry.revision, request.revision);
    return waiting.done(give(name, entry));
  }
  const ProjectionRequest wanted = request;
  wait(std::move(waiting));
  set(name, entry, wanted);
}

void Projection::wait(Waiting waiting) {
  std::string name = waiting.request.name;
  waiting_.emplace(std::move(name), std::move(waiting));
  watchTheClock();
}

void Projection::set(const std::string& name, Entry& entry, const ProjectionRequest& request) {
  entry.state = State::setting;
  entry.ticket = ++tickets_;
  entry.revision = request.revision;
  entry.digest = DenialProof::digest(request.rules);
  // Copies: the proof may answer at once, and what it does may end the entry.
  proof_.prove(request.rules, [this, key = std::string(name), ticket = entry.ticket, rules = request.rules](
                                  DenialProof::Outcome outcome, const std::string& detail) {
    afterProof(key, ticket, rules, outcome, detail);
  });
}

void Projection::afterProof(const std::string& name, std::uint64_t ticket,
                            const std::vector<std::string>& rules, DenialProof::Outcome outcome,
                            const std::string& detail) {
  Entry* entry = find(name, ticket);
  if (entry == nullptr) return;
  if (outcome == DenialProof::Outcome::noAnswer) return giveUp(name, unavailable("is busy"));
  if (outcome == DenialProof::Outcome::refused) {
    events_.say(Level::error, "engine.rules_refused",
                "rules that break out of a database, or are none, are not given to a user: " + detail,
                {{"database", place_.name}, {"user", name}});
    return giveUp(name, Error{Code::internal_error, "the rules of this user are not safe to use"});
  }
  std::vector<std::string> words{"ACL", "SETUSER", name, "reset", "on"};
  words.push_back('#' + hex(pki::view(pki::sha256(secretOf(name, *entry).reveal()))));
  words.insert(words.end(), rules.begin(), rules.end());
  entry->told = true;
  admin_.send(std::move(words),
              [this, name, ticket](const resp::Reply* reply) { afterSet(name, ticket, reply); });
}

void Projection::afterSet(const std::string& name, std::uint64_t ticket, const resp::Reply* reply) {
  Entry* entry = find(name, ticket);
  if (entry == nullptr) return;
  if (reply != nullptr && reply->isStatus("OK")) {
    entry->state = State::present;
    return wake(name);
  }
  if (reply == nullptr) return giveUp(name, unavailable("is not reached"));
  if (reply->isError("BUSY") || reply->isError("LOADING")) return giveUp(name, unavailable("is busy"));
  events_.say(Level::error, "engine.user_refused", "the engine takes no such user: " + printable(reply->text),
              {{"database", place_.name}, {"user", name}});
  giveUp(name, Error{Code::internal_error, "the engine does not take this user"});
}

void Projection::giveUp(const std::string& name, const Error& error) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return;
  const std::int64_t userUid = found->second.userUid;
  // What it knows under this name now are rules that should no longer be, or nobody knows.
  if (found->second.told)
    remove(name, found->second);
  else
    forget(name);
  answer(name, userUid, error);
  if (entries_.find(name) == entries_.end()) wake(name);
}

std::shared_ptr<const Projected> Projection::give(const std::string& name, Entry& entry) {
  entry.unheldMs = 0;
  if (auto held = entry.held.lock()) return held;
  auto made = std::make_shared<Projected>();
  made->database = place_.database;
  made->userUid = entry.userUid;
  made->name = name;
  made->secret = secretOf(name, entry);
  made->socket = place_.socket;
  made->run = run_;
  entry.deleted = std::make_shared<std::atomic<bool>>(false);
  made->deleted = entry.deleted;
  entry.held = made;
  return made;
}

Secret Projection::secretOf(const std::string& name, const Entry& entry) const {
  const std::string text = place_.engineId + '|' + std::to_string(run_) + '|' +
                           std::to_string(entry.userUid) + '|' + name + '|' +
                           std::to_string(entry.generation);
  return Secret(hex(pki::view(pki::hmacSha256(key_.reveal(), text))));
}

// ---- the end of a user

void Projection::revoke(std::int64_t userUid) {
  std::vector<std::string> names;
  for (auto each = byUser_.lower_bound({userUid, {}}); each != byUser_.end() && each->first == userUid;
       ++each)
    names.push_back(each->second);
  for (const std::string& name : names) {
    Entry& entry = entries_.find(name)->second;
    if (entry.state == State::deleting) continue;
    if (entry.told)
      remove(name, entry);
    else
      forget(name);
    answer(name, userUid, unavailable("no longer knows this user"));
    if (entries_.find(name) == entries_.end()) wake(name);
  }
}

void Projection::remove(const std::string& name, Entry& entry) {
  if (entry.state == State::deleting) return;
  entry.state = State::deleting;
  entry.deletingMs = loop_.nowMs();
  if (entry.deleted) entry.deleted->store(true);
  const std::string key = name; // of which `name` may be a part
  deleting_.insert(key);
  askDeletion(key, entry);
  onUnconfirmed_();
  watchTheClock();
}

void Projection::askDeletion(const std::string& name, Entry& entry) {
  entry.ticket = ++tickets_;
  entry.refused = false;
  if (!linked_) return;
  admin_.send({"ACL", "DELUSER", name}, [this, name, ticket = entry.ticket](const resp::Reply* reply) {
    afterDeletion(name, ticket, reply);
  });
}

void Projection::afterDeletion(const std::string& name, std::uint64_t ticket, const resp::Reply* reply) {
  Entry* entry = find(name, ticket);
  if (entry == nullptr || reply == nullptr) return; // a lost link: asked for again with the next one
  if (reply->kind == resp::Kind::integer) {
    const std::string key = name;
    forget(key);
    askRefused(SIZE_MAX);
    return wake(key);
  }
  entry->refused = true;
  refusal_ = printable(reply->text, 100);
  watchTheClock();
}

/// A busy engine is asked with one name; once that has been confirmed, with all.
void Projection::askRefused(std::size_t most) {
  for (const std::string& name : deleting_) {
    if (most == 0) return;
    Entry& entry = entries_.find(name)->second;
    if (!entry.refused) continue;
    askDeletion(name, entry);
    --most;
  }
}

void Projection::forget(const std::string& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return;
  byUser_.erase({found->second.userUid, name});
  const bool confirmed = deleting_.erase(name) != 0;
  entries_.erase(found);
  if (!confirmed) return;
  if (deleting_.empty()) watchBehind();
  onUnconfirmed_();
}

// ---- whoever waits

void Projection::wake(const std::string& name) {
  const auto [first, last] = waiting_.equal_range(name);
  std::vector<Waiting> woken;
  for (auto each = first; each != last; ++each) woken.push_back(std::move(each->second));
  waiting_.erase(first, last);
  for (Waiting& each : woken) {
    if (linked_)
      take(std::move(each));
    else
      each.done(unavailable("is not ready"));
  }
}

void Projection::answer(const std::string& name, std::int64_t userUid, const Error& error) {
  std::vector<Done> answered;
  for (auto [each, last] = waiting_.equal_range(name); each != last;) {
    if (each->second.request.userUid != userUid) {
      ++each;
      continue;
    }
    answered.push_back(std::move(each->second.done));
    each = waiting_.erase(each);
  }
  for (const Done& done : answered) done(error);
}

void Projection::answerAll(const Error& error) {
  std::multimap<std::string, Waiting> answered;
  answered.swap(waiting_);
  for (const auto& [name, each] : answered) each.done(error);
}

Error Projection::unavailable(std::string_view why) const {
  return Error{Code::unavailable, "the engine of database " + place_.name + ' ' + std::string(why)};
}

Projection::Entry* Projection::find(const std::string& name, std::uint64_t ticket) {
  const auto found = entries_.find(name);
  return found == entries_.end() || found->second.ticket != ticket ? nullptr : &found->second;
}

// ---- time

void Projection::tick() {
  const std::uint64_t now = loop_.nowMs();
  std::vector<Done> late;
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    if (each->second.deadlineMs > now) {
      ++each;
      continue;
    }
    late.push_back(std::move(each->second.done));
    each = waiting_.erase(each);
  }
  askRefused(1);
  watchBehind();
  if (now >= nextSweepMs_) {
    nextSweepMs_ = now + sweepMs;
    sweep();
  }
  for (const Done& done : late)
    done(unavailable("does not answer, or has not yet let go of whom had this name"));
  watchTheClock();
}

/// R16: whoever revoked was told `behind` at once; the operator is told when it lasts, once until it is over.
void Projection::watchBehind() {
  const std::uint64_t now = loop_.nowMs();
  std::uint64_t oldest = now;
  for (const std::string& name : deleting_) oldest = std::min(oldest, entries_.find(name)->second.deletingMs);
  if (now - oldest < behindMs) {
    if (behindSinceMs_ != 0)
      events_.say(Level::information, "engine.caught_up", "the engine has deleted whom it was to delete",
                  {{"database", place_.name}, {"after_ms", now - behindSinceMs_}});
    behindSinceMs_ = 0;
    if (deleting_.empty()) refusal_.clear();
    return;
  }
  if (behindSinceMs_ != 0) return;
  behindSinceMs_ = oldest;
  const std::string why = !linked_           ? "it is not reached"
                          : refusal_.empty() ? "it does not answer"
                                             : "it says: " + refusal_;
  events_.say(Level::warning, "engine.behind",
              "the engine has not yet deleted users who were revoked, and may still serve them: " + why,
              {{"database", place_.name}, {"users", deleting_.size()}});
}

void Projection::sweep() {
  const std::uint64_t now = loop_.nowMs();
  std::vector<std::string> unheld;
  for (auto& [name, entry] : entries_) {
    if (entry.state != State::present) continue;
    if (!entry.held.expired())
      entry.unheldMs = 0;
    else if (entry.unheldMs == 0)
      entry.unheldMs = now;
    else if (now - entry.unheldMs >= keptMs)
      unheld.push_back(name);
  }
  for (const std::string& name : unheld) remove(name, entries_.find(name)->second);
}

void Projection::watchTheClock() {
  const std::uint64_t now = loop_.nowMs();
  if (waiting_.empty() && deleting_.empty()) {
    if (entries_.empty()) return timer_.cancel();
    return timer_.arm(std::max(nextSweepMs_, now + tickMs));
  }
  if (!timer_.armed() || timer_.deadlineMs() > now + tickMs) timer_.arm(now + tickMs);
}

} // namespace gatehouse::engine
