#pragma once
#include "base/Event.h"
#include "base/Secret.h"
#include "engine/AdminCommands.h"
#include "engine/DenialProof.h"
#include "engine/Engines.h"
#include "transport/Timer.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::engine {

/// Whose users these are.
struct ProjectionPlace {
  std::int64_t database = 0;
  std::string engineId, name; // of the database
  std::string socket;
};

/// The users that one engine knows, and what is on its way there (R14, R16, R17).
///
/// An entry by name: absent -> setting (proof, then ACL SETUSER) -> present -> deleting (ACL DELUSER until
/// confirmed) -> absent. In an engine users are memory only: when its process has ended they are gone.
///
/// Threads: the engines'. Errors: as Engines::project. Owns: entries and requests that wait; each is answered
/// once, here in a later turn or inside project. `loop`, `admin`, `key` and `events` outlive it.
class Projection {
public:
  using Done = std::function<void(Result<std::shared_ptr<const Projected>>)>;

  /// `key`: random, of this process alone. A stored one would gain nothing: no engine outlives its gateway,
  /// no user outlives its engine's process, and what is not stored cannot be stolen.
  /// `onUnconfirmed` is called inside its functions whenever unconfirmed() has changed.
  Projection(transport::EventLoop& loop, AdminCommands& admin, const Secret& key, ProjectionPlace place,
             EventSink& events, std::function<void()> onUnconfirmed);

  /// The administrator is logged in, to this run of the engine. Another run than before knows nobody.
  void linked(std::uint64_t run);
  /// The administrator's link is lost; the process may live.
  void unlinked();
  /// The process is gone, and all its users with it: that confirms every deletion.
  void ended();
  /// The database has another name.
  void rename(std::string database) { place_.name = std::move(database); }

  void project(ProjectionRequest request, Done done);
  void revoke(std::int64_t userUid);
  /// Deletions that the engine has not confirmed.
  [[nodiscard]] std::size_t unconfirmed() const noexcept { return deleting_.size(); }
  [[nodiscard]] std::size_t known() const noexcept { return entries_.size(); }

  static constexpr std::uint64_t behindMs = 1'000;      // a deletion not confirmed for so long is said (R16)
  static constexpr std::uint64_t waitCeilingMs = 3'000; // for a name, a proof, an answer
  static constexpr std::uint64_t keptMs = 5'000;        // a user whom nobody holds
  static constexpr std::size_t mostWaiting = 10'000;    // requests

private:
  enum class State : std::uint8_t { setting, present, deleting };
  struct Entry {
    State state = State::setting;
    bool told = false;    // an ACL SETUSER was sent: the engine may know the name
    bool refused = false; // its deletion was, by a busy engine: to be asked for again
    std::int64_t userUid = 0, revision = 0;
    std::string digest;           // of the rules
    std::uint64_t generation = 0; // of the secret
    std::uint64_t ticket = 0;     // of what is under way: older answers are stale
    std::uint64_t deletingMs = 0; // since when it is being deleted
    std::uint64_t unheldMs = 0;   // since when nobody holds it; 0: somebody does, or it was not looked at
    std::weak_ptr<const Projected> held = {};
    std::shared_ptr<std::atomic<bool>> deleted = nullptr; // what `held` tells
  };
  struct Waiting {
    ProjectionRequest request;
    Done done;
    std::uint64_t deadlineMs = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  void take(Waiting waiting);
  void wait(Waiting waiting);
  void set(const std::string& name, Entry& entry, const ProjectionRequest& request);
  void afterProof(const std::string& name, std::uint64_t ticket, const std::vector<std::string>& rules,
                  DenialProof::Outcome outcome, const std::string& detail);
  void afterSet(const std::string& name, std::uint64_t ticket, const resp::Reply* reply);
  void giveUp(const std::string& name, const Error& error);
  void remove(const std::string& name, Entry& entry);
  void askDeletion(const std::string& name, Entry& entry);
  void afterDeletion(const std::string& name, std::uint64_t ticket, const resp::Reply* reply);
  void forget(const std::string& name);
  void wake(const std::string& name);
  void answer(const std::string& name, std::int64_t userUid, const Error& error);
  void answerAll(const Error& error);
  [[nodiscard]] std::shared_ptr<const Projected> give(const std::string& name, Entry& entry);
  [[nodiscard]] Secret secretOf(const std::string& name, const Entry& entry) const;
  [[nodiscard]] Entry* find(const std::string& name, std::uint64_t ticket);
  [[nodiscard]] Error unavailable(std::string_view why) const;
  void askRefused(std::size_t most);
  void watchBehind();
  void tick();
  void sweep();
  void watchTheClock();

  transport::EventLoop& loop_;
  AdminCommands& admin_;
  const Secret& key_;
  ProjectionPlace place_;
  EventSink& events_;
  const std::function<void()> onUnconfirmed_;
  DenialProof proof_;
  bool linked_ = false;
  std::uint64_t run_ = 0, generations_ = 0, tickets_ = 0;
  Entries entries_;
  std::set<std::pair<std::int64_t, std::string>> byUser_;
  std::set<std::string, std::less<>> deleting_; // names
  std::uint64_t behindSinceMs_ = 0;             // 0: it is not said to be behind
  std::string refusal_;                         // what it answered to a deletion last
  std::multimap<std::string, Waiting> waiting_; // by name, in order of coming
  std::uint64_t nextSweepMs_ = 0;
  transport::Timer timer_;
};

} // namespace gatehouse::engine
