#include "engine/EngineUser.h"

#include "base/Text.h"

#include <cerrno>
#include <cstring>
#include <pwd.h>
#include <unistd.h>
#include <vector>

namespace gatehouse::engine {

Result<EngineUser> EngineUser::find(const std::string& name) {
  if (::geteuid() != 0) return EngineUser{::geteuid(), ::getegid(), false};
  std::vector<char> space(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  const int error = ::getpwnam_r(name.c_str(), &entry, space.data(), space.size(), &found);
  if (found == nullptr)
    return Error{Code::unavailable, "engines cannot run as the user " + printable(name) + ": " +
                                        (error != 0 ? std::strerror(error) : "there is no such user") +
                                        "; name one in engines.user"};
  if (entry.pw_uid == 0 || entry.pw_gid == 0)
    return Error{Code::unavailable,
                 "engines never run as root: name another user than " + printable(name) + " in engines.user"};
  return EngineUser{entry.pw_uid, entry.pw_gid, true};
}

} // namespace gatehouse::engine
