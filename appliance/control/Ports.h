#pragma once
#include "base/Result.h"
#include "base/Secret.h"
#include "model/Snapshot.h"
#include "model/User.h"
#include "store/Rows.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::control {

/// What was built to serve a Snapshot: TLS contexts and trust lists. Control passes it on and never looks
/// inside.
class Prepared {
public:
  virtual ~Prepared() = default;
};

/// The policy in force: a Snapshot and what serves it, always of one Revision.
struct Policy {
  std::shared_ptr<const model::Snapshot> snapshot;
  std::shared_ptr<const Prepared> prepared;
};

/// What a database's engine and port are like now. Not stored: it is asked of the part that runs them.
struct DatabaseState {
  model::DatabaseStatus status = model::DatabaseStatus::pending;
  std::string reason;                     // why it is not active, for people; empty when it is
  std::vector<model::Endpoint> endpoints; // where clients connect
};

/// What is stored with private keys, to prepare with: the cluster's certificates by name, and the keys of
/// databases' own certificates by uid.
struct StoredCertificates {
  std::map<std::string, const store::CertificateRow*, std::less<>> cluster;
  std::map<std::int64_t, const Secret*> databaseKeys; // the certificate itself is in the Snapshot
};

/// An open connection that has proven somebody: what what-if judges anew.
struct LiveSession {
  std::uint64_t id = 0;
  std::string peer, listener; // "192.0.2.1:5000"; the listener's name
  std::shared_ptr<const model::Admission> admission;
};

/// What control needs from the part that serves (gateway implements it, host wires it).
class Serving {
public:
  virtual ~Serving() = default;

  /// Builds all that will serve the next Snapshot (R11). What cannot be built is a 4xx, and nothing changes.
  /// Thread: the writer's.
  virtual Result<std::shared_ptr<const Prepared>> prepare(const model::Snapshot& next,
                                                          const StoredCertificates&) = 0;

  /// Puts a committed policy in force on every worker; `swept` is called once, on any thread, when each
  /// worker has taken it up and closed the sessions that no longer stand (R16). Thread: the writer's; returns
  /// at once.
  virtual void publish(Policy, store::Change, std::function<void()> swept) = 0;

  /// Makes a verifier of a password, through the authenticator that owns the format. Slow: never on a worker.
  virtual Result<std::string> enroll(model::AuthMethod, const Secret&) = 0;

  /// Which of these verifiers the password fits, by the authenticator that owns the format; in their order.
  /// Slow: never on a worker.
  virtual Result<std::vector<bool>> fits(model::AuthMethod, const Secret&,
                                         const std::vector<std::string>& verifiers) = 0;

  /// Runs a job on the cpu pool; false when it is full.
  [[nodiscard]] virtual bool onCpu(std::function<void()> job) = 0;

  // ---- logins. Threads: any.

  /// Whether password logins of that user are refused now, from anywhere or from some network.
  [[nodiscard]] virtual bool loginLocked(std::int64_t userUid, std::int64_t nowSeconds) = 0;
  /// Forgets its failures and ends its locks. Of a database's default user: the database's uid, negative.
  virtual void unlock(std::int64_t userUid) = 0;

  // ---- sessions. Threads: any.

  /// Calls `done` once, on any thread, with all that is open now and has proven somebody.
  virtual void liveSessions(std::function<void(std::vector<LiveSession>)> done) = 0;

  // ---- databases. Threads: any.

  /// Runs one command at a database's engine as the user that `proven` is of, with the rights of its roles
  /// there, and calls `done` once, on any thread, with the reply as JSON. Errors: db_not_exist,
  /// unauthorized_action (what was proven would not do at the database's own listener: no role there, a
  /// certificate that it asks for), bdb_unavailable, timeout (after 5 s: the command may still have run),
  /// invalid_param with the engine's own words where it refuses the command.
  virtual void runCommand(std::int64_t database, std::shared_ptr<const model::Admission> proven,
                          std::vector<std::string> words, std::function<void(Result<std::string>)> done) = 0;

  /// What the installed redis-server knows; null where there is none, or it cannot be asked. Read once for
  /// each version of the binary. May take 5 seconds the first time: never on a worker.
  [[nodiscard]] virtual std::shared_ptr<const model::CommandTable> commands() = 0;
  /// Whether nothing listens there yet, as far as can be told beforehand.
  [[nodiscard]] virtual bool portIsFree(std::int64_t port) = 0;
  [[nodiscard]] virtual DatabaseState databaseState(std::int64_t uid) = 0;
  /// Calls `done` once, on any thread: when the database is no longer on its way (active, failed, gone), or
  /// after `mostMs`.
  virtual void whenSettled(std::int64_t uid, std::uint64_t mostMs, std::function<void()> done) = 0;
};

} // namespace gatehouse::control
