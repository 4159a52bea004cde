#pragma once
#include "base/Result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::control {

/// A Redis ACL file as a manifest.
struct AclFileImport {
  std::string manifest; // YAML; the notes stand in it as comments
  std::vector<std::string>
      notes;             // what could not be carried over, one sentence each: "line 3, user ada: ..."
  std::size_t users = 0; // that were carried over
};

inline constexpr std::size_t aclFileLimit = std::size_t{16} << 20; // bytes
inline constexpr std::size_t aclFileUsers = 100'000;

/// Turns each `user` line into a redis_acl, a role and a user who comes in by certificate, with a subject
/// that is to be put right. Of the rules those stay that parseAcl knows; where one falls away that could have
/// taken something away, the user falls away too, so that nobody gains a right. Passwords, `nopass` and users
/// that are off are listed and never made.
///
/// Threads: any. Errors: invalid_param for what is no ACL file: too large, not UTF-8, a line that is not a
/// user's. No word that may be a password is in a note or an error.
[[nodiscard]] Result<AclFileImport> importAclFile(std::string_view text);

} // namespace gatehouse::control
