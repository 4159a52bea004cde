#pragma once
#include "base/Result.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::model {

/// The commands and categories that a redis-server knows, lower case. A container's subcommands stand beside
/// it, as `config|get`.
///
/// Threads: a value. Read from the installed redis-server (engine); immutable afterwards.
struct CommandTable {
  std::string version; // "7.0.15"
  std::set<std::string, std::less<>> commands, categories;
  bool operator==(const CommandTable&) const = default;
};

/// A RedisAcl's text, read by grammar and never pasted (R14). Words are as written but for commands and
/// categories, which are lower case.
///
///   words:     +x -x +x|y -x|y +@c -@c allcommands nocommands
///              ~p %R~p %W~p %RW~p allkeys resetkeys  &p allchannels resetchannels
///   selectors: one level of ( words )
struct AclRules {
  std::vector<std::string> root;
  std::vector<std::vector<std::string>> selectors;
  bool operator==(const AclRules&) const = default;
};

inline constexpr std::size_t aclTextLimit = 16 * 1024; // bytes

/// Errors: invalid_param, naming the word and its place: any other word, a quote, a backslash, a control
/// character, nested or unclosed parentheses, a parenthesis in a pattern, an empty selector, a text over
/// aclTextLimit, a pattern behind all keys or all channels (redis-server refuses it). An empty text is no
/// rules at all, and fine: it grants nothing.
[[nodiscard]] Result<AclRules> parseAcl(std::string_view text);

/// Errors: invalid_param, naming a command or category that this redis-server does not know.
[[nodiscard]] Status checkAcl(const AclRules&, const CommandTable&);

/// What a projected user is told at the root and in each selector: one selector for each role's root and for
/// each of its own selectors, in order; in every one the denials of what breaks out of a database, last
/// (R14). Each string is one argument of ACL SETUSER, a selector's parentheses included. Words that `known`
/// does not have are left out of the denials: one unknown word voids a whole SETUSER. A table without the
/// category `admin` is no redis-server's: nothing at all is projected then.
///
/// Denied are: what administers the server, what reaches other servers (migrate), what tells of keys beyond
/// the selector's own (client|tracking, unless it has all keys), and what plants functions for other users to
/// run, unless the selector names it (+function, +function|load): a category never grants that.
///
/// The root grants multi, exec, discard (as Redis Software does) and acl|whoami: one's own name is no secret.
[[nodiscard]] std::vector<std::string> projectedRules(const std::vector<AclRules>& roles,
                                                      const CommandTable& known);

} // namespace gatehouse::model
