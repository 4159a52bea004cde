#pragma once
#include "base/Result.h"
#include "base/UniqueFd.h"

#include <string>

namespace gatehouse::store {

/// One store, one `serve` (R19): an exclusive flock on `<store>.lock`, held for life. The lock, not a socket,
/// says whether a server runs; the kernel drops it with the process, however that ends.
///
/// Threads: a value. Owns: the lock. The file stays behind; only its lock means something.
class StoreLock {
public:
  /// Errors: unavailable, naming the process that holds it.
  static Result<StoreLock> take(const std::string& storePath);

  /// Whether somebody holds it now. False also where there is no lock file.
  [[nodiscard]] static bool held(const std::string& storePath);

private:
  explicit StoreLock(UniqueFd fd)
      : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

} // namespace gatehouse::store
