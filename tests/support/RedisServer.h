#pragma once
#include "support/RespPeer.h"
#include "support/TempFolder.h"

#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace gatehouse::test {

/// A redis-server of its own, reached directly: what it says is what a client behind the gateway must hear.
/// Nothing is kept on disk.
///
/// Threads: one. Errors: one that does not start ends the test, with what it said. Owns: the process and its
/// folder.
class RedisServer {
public:
  /// `lines`: more of its configuration, a directive each ("user default off").
  explicit RedisServer(const std::vector<std::string>& lines = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  /// A connection to it: a unix socket.
  [[nodiscard]] RespPeer peer() const;
  [[nodiscard]] ClientOptions at() const;

private:
  TempFolder folder_;
  pid_t pid_ = -1;
};

/// The rules that the gateway projects for one role, written as a redis-server's configuration has them: what
/// nobody may do stands at the root and in the selector (R14). `words`: "+@all ~* &*".
[[nodiscard]] std::string projectedLike(std::string_view words);

} // namespace gatehouse::test
