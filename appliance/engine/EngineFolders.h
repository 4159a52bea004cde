#pragma once
#include "base/Result.h"
#include "base/UniqueFd.h"
#include "engine/EngineUser.h"
#include "engine/ProcessRecord.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::engine {

/// Kinds of data that an engine starts from.
struct DataFiles {
  bool appendOnly = false; // the append-only file, with its manifest
  bool snapshot = false;   // dump.rdb
};

/// The files of engines:
///
///   <directory>                0700, ours alone
///     <engineId>/              0700, the engine user's: its data and its socket. Its flock guards the data
///                              against a second engine
///     processes/<engineId>     who runs there, by the gateway's own hand (R19); no engine can reach it
///     aside/<engineId>.<hours> of databases that were removed, with the hours that they have lain (R21)
///
/// Threads: one at a time. Errors: unavailable, with a sentence for the operator that names the path. Owns:
/// the directory's descriptor; all below is reached through it, never through a symbolic link.
class EngineFolders {
public:
  /// Makes the directory where it is missing; its parent must exist. Errors also where it is a symbolic link,
  /// belongs to somebody else, or others may enter it.
  static Result<EngineFolders> create(const std::string& directory, const EngineUser& user);
  /// What about the directory would keep create from succeeding for the user `owner`, without making
  /// anything. None where it is yet to be made.
  static Status usable(const std::string& directory, uid_t owner);
  /// Takes the whole directory for this object's life. Errors: unavailable where another Gatehouse has it:
  /// each would end the other's engines, and put aside what its own store does not name (R19, R21).
  [[nodiscard]] Status hold();

  /// The engine's directory, made where it is missing. Each call gives a descriptor with a lock of its own:
  /// nobody but the engine may keep it. Errors also where it belongs to another user.
  [[nodiscard]] Result<UniqueFd> open(std::string_view engineId);
  /// Removes what an engine that was killed leaves: its socket and half-written snapshots. Errors also where
  /// an engine still holds the lock.
  [[nodiscard]] Status sweep(std::string_view engineId);
  /// An engine, or a last child of one, holds the lock.
  [[nodiscard]] bool inUse(std::string_view engineId);
  [[nodiscard]] std::string path(std::string_view engineId) const {
    return path_ + '/' + std::string(engineId);
  }
  /// Path of the engine's socket, for whoever connects. It may exceed a sockaddr_un's 107 bytes only where
  /// the directory's own path does: create refuses that.
  [[nodiscard]] std::string socketPath(std::string_view engineId) const;

  /// Which data lies there. What lies there says how an engine must be *started*, whatever is wished for: one
  /// that is told `appendonly yes` over a lone snapshot starts empty, and one that is told `no` loads an old
  /// snapshot instead of its append-only file. What is wished for is set in the running engine.
  [[nodiscard]] DataFiles dataOf(std::string_view engineId);
  /// Removes data that another kind has replaced, durably, so that no later start loads it.
  [[nodiscard]] Status discard(std::string_view engineId, DataFiles which);
  /// Bytes in files that a save or rewrite has not yet finished: they grow while one goes on.
  [[nodiscard]] std::uint64_t savedBytes(std::string_view engineId);

  /// Writes who runs there.
  [[nodiscard]] Status record(std::string_view engineId, const ProcessRecord& process);
  /// Nothing where none was recorded, or what stands there cannot be read.
  [[nodiscard]] std::optional<ProcessRecord> recorded(std::string_view engineId);
  void forget(std::string_view engineId) noexcept;

  /// Engines that have a directory here or are recorded as running: what no row names is to be put aside.
  [[nodiscard]] std::vector<std::string> list();
  /// The engine's files leave their place for 7 days of running. No engine may run there. No error
  /// where there are none.
  [[nodiscard]] Status putAside(std::string_view engineId);
  /// An hour of running has passed: what has lain aside for 168 is removed. Gives the ids of the removed.
  std::vector<std::string> ageAside();
  /// Removes an engine's directory with all in it, at once: for engines without data of their own.
  void remove(std::string_view engineId) noexcept;

  [[nodiscard]] const EngineUser& user() const noexcept { return user_; }
  static constexpr int hoursAside = 7 * 24;

private:
  void removeOldScratch();
  EngineFolders(const std::string& directory, EngineUser user);
  [[nodiscard]] Status openBase(uid_t owner);
  [[nodiscard]] Error error(std::string_view what, std::string_view name, int number) const;

  std::string path_; // absolute
  EngineUser user_;
  UniqueFd base_, processes_, aside_;
};

/// The names that engines may have: 1 to 32 of [0-9a-z].
[[nodiscard]] bool fitsEngineId(std::string_view) noexcept;

} // namespace gatehouse::engine
