#pragma once
#include "resp/RequestReader.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::resp {

/// What an AUTH or a HELLO asks for, read as Redis reads it, and more strictly: only what no version of Redis
/// can take for something else is a login. Redis hides the words of a login from MONITOR and SLOWLOG, and
/// does not echo them, where the command is well-formed alone; so a secret may stand in no other.
struct LoginForm {
  enum class Kind : std::uint8_t {
    none,    // asks for no login: passed on as it stands
    login,   // words[auth + 1] and words[auth + 2] are a name and a password
    oneWord, // AUTH <password>: a login as `default`
    refused  // anything else: what stands behind words[auth] must reach nobody
  };
  Kind kind = Kind::none;
  std::size_t auth = 0;
};
[[nodiscard]] LoginForm loginForm(Verb verb, const Words& words);

/// What Redis answers to a HELLO that it would refuse before it looks at who is there, without the line's
/// end; empty: none of that.
[[nodiscard]] std::string_view helloError(const Words& words);

} // namespace gatehouse::resp
