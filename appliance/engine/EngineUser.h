#pragma once
#include "base/Result.h"

#include <string>
#include <sys/types.h>

namespace gatehouse::engine {

/// Whom engines run as. Threads: a value.
struct EngineUser {
  uid_t uid = 0;
  gid_t gid = 0;
  bool other = false; // than Gatehouse's own: the child changes over to it

  /// Gatehouse's own user, or, where that is root, the user `name`: an engine never runs as root.
  /// Errors: unavailable, with what to write where: root is asked for, no such user, a blank name.
  static Result<EngineUser> find(const std::string& name);
};

} // namespace gatehouse::engine
