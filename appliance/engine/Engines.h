#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "base/Result.h"
#include "base/Secret.h"
#include "model/AclRules.h"
#include "model/Database.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::engine {

/// How engines are run: gatehouse.yaml's `engines`.
struct EnginesOptions {
  std::string directory;             // 0700; one directory below it for each database
  std::string redisServer;           // path of the program
  std::string user;                  // whom engines run as when Gatehouse runs as root
  bool sandbox = true;               // false: only where `engines: {sandbox: off}` is written (R18)
  std::uint32_t maxClients = 10'000; // links to one engine; the supervisor's own come on top
};

/// What one engine is to be.
struct EngineSpec {
  std::int64_t database = 0;   // uid
  std::string engineId;        // names its directory
  std::string name;            // of the database, for the log
  std::int64_t memorySize = 0; // bytes
  model::Persistence persistence = model::Persistence::aof;
  model::AofPolicy aofPolicy = model::AofPolicy::every_sec;
  model::EvictionPolicy eviction = model::EvictionPolicy::volatile_lru;
  bool operator==(const EngineSpec&) const = default;
};

enum class EngineStatus : std::uint8_t {
  starting, // for the first time: the process, or its data being loaded
  ready,
  changing,   // a new specification is being put in force
  recovering, // ended unasked or silent; being started again
  failed,     // the first start did not succeed; tried again with back-off
  gone        // there is no such engine
};

struct EngineState {
  EngineStatus status = EngineStatus::gone;
  std::string reason;         // why it is not ready, for people
  std::int64_t processId = 0; // 0: none runs
};

/// The name that a database's default user has at its engine: one that no user can have (R17). Redis's own
/// `default` is off, cannot be deleted, and is what RESET falls back to.
inline constexpr std::string_view defaultUserName = "gatehouse:default";

/// A user as an engine is to know it. The rules are model::projectedRules'.
struct ProjectionRequest {
  std::int64_t database = 0;
  std::int64_t userUid = 0; // 0: the database's default user, under defaultUserName alone
  std::string name;         // there
  std::vector<std::string> rules;
  std::int64_t revision = 0; // that the rules are of: an older request never replaces a newer one's rules
};

/// A user that an engine knows: what a link logs in with. While anyone holds it the engine keeps the user;
/// some seconds after the last has let it go the user is deleted there.
///
/// Threads: immutable but for `deleted`; may be let go on any thread.
struct Projected {
  std::int64_t database = 0, userUid = 0;
  std::string name;
  Secret secret;         // 64 hex digits: HMAC over engine, user and generation; nobody else has it
  std::string socket;    // path of the engine's unix socket
  std::uint64_t run = 0; // of the engine: another after each start of its process
  /// True from the moment that its deletion is asked for: no new link opens as this user, also where the
  /// engine is too busy to delete it and would still let it in (R16). Never null in what project gives.
  std::shared_ptr<const std::atomic<bool>> deleted = nullptr;
};

/// Runs a supervised redis-server for each database, and makes users known to them (R14, R16, R18, R19).
///
/// One thread of its own with its own loop: it forks, waits for and talks to the engines; children die with
/// it.
///
/// Threads: every function from any thread, but create, stop and the destructor: the host's. Callbacks come
/// on the engines' thread and must not block. Errors: create says what makes it impossible to run any engine
/// (no directory, no sandbox); what concerns one engine stands in its state and the log. Owns: processes,
/// directories, admin links, projected users. `clock` and `events` outlive it.
class Engines {
public:
  static Result<std::unique_ptr<Engines>> create(EnginesOptions options, const Clock& clock,
                                                 EventSink& events);
  ~Engines();
  Engines(const Engines&) = delete;
  Engines& operator=(const Engines&) = delete;

  /// What the program at `redisServer` knows, read from a short-lived one and kept by the file's identity;
  /// null where there is none or it cannot be run. Blocks the caller, 5 seconds at the most.
  [[nodiscard]] std::shared_ptr<const model::CommandTable> commands();

  /// These engines shall run, and no others: starts what is new, puts changes in force, stops what is not
  /// named and puts its files aside (R21). The first call also ends or waits for what an earlier process left
  /// (R19). Returns at once.
  void run(std::vector<EngineSpec> wanted);
  [[nodiscard]] EngineState state(std::int64_t database);
  /// Calls `done` once, when the engine is ready, failed or gone, or after `mostMs`.
  void whenSettled(std::int64_t database, std::uint64_t mostMs, std::function<void()> done);

  /// Makes a user known, or gives the one that is known with these rules; proves the denials of each distinct
  /// text of rules first (R14). Errors: unavailable while the engine is down, starting, loading or busy, or
  /// has not yet confirmed the deletion of that name (R16); internal_error where the proof failed.
  void project(ProjectionRequest request, std::function<void(Result<std::shared_ptr<const Projected>>)> done);
  /// The user no longer stands there: deletes it now, whoever holds it, and again until the engine has
  /// confirmed. Until then nobody is projected under its name.
  void revoke(std::int64_t database, std::int64_t userUid);
  /// How many deletions engines have not confirmed yet, by database name: said to whoever revoked (R16).
  [[nodiscard]] std::vector<std::string> behind();

  /// Stops all engines with a save, all at once. `saving` is called about once a second while one still
  /// saves. Blocks until each has ended. Nothing but state, commands and the destructor afterwards.
  void stop(const std::function<void()>& saving);

private:
  class Supervisor;
  explicit Engines(std::unique_ptr<Supervisor> supervisor);
  std::unique_ptr<Supervisor> supervisor_;
};

} // namespace gatehouse::engine
