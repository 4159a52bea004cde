#pragma once
#include "base/Result.h"
#include "store/Migrator.h"
#include "store/StoreLock.h"

#include <memory>
#include <optional>
#include <string>

namespace gatehouse::store {

class Reader;
class Writer;

struct StoreOptions {
  bool newStore = false; // R23: start afresh although a marker says that a store was here
  bool readOnly = false; // take no lock, write nothing, migrate nothing (`check`, `plan`)
};

/// The one file that holds the state, opened: migrated, checked, and locked for as long as this object lives.
///
/// Threads: reader() and backup() from any; the rest before there are others. Errors: open says in a sentence
/// what to do: another server holds the store (R19), the store is lost (R23), newer than this binary, not
/// ours, or on a directory that others may write. Owns: the lock. Readers and the Writer must go before it.
class Store {
public:
  /// Makes the directory (0700) and the store (0600) if there is none, migrates, leaves a marker beside it.
  static Result<std::unique_ptr<Store>> open(const std::string& path, StoreOptions = {},
                                             Migrations = builtinMigrations());
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool readOnly() const noexcept { return readOnly_; }

  /// A read-only connection of its own: one for each thread that reads.
  Result<std::unique_ptr<Reader>> reader() const;

  /// The one writer; a second one is an error, and so is one of a store opened read-only. `queueLimit` counts
  /// jobs.
  Result<std::unique_ptr<Writer>> writer(std::size_t queueLimit = 1024);

  /// A copy of the store as it is now, while others read and write (SQLite's online backup); 0600, complete
  /// or not there.
  Status backup(const std::string& destination) const;

private:
  Store(std::string path, bool readOnly, std::optional<StoreLock>);

  std::string path_;
  bool readOnly_;
  bool writerGiven_ = false;
  std::optional<StoreLock> lock_;
};

} // namespace gatehouse::store
