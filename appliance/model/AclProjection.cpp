#include "model/AclRules.h"

#include <algorithm>
#include <array>

namespace gatehouse::model {
namespace {

using Words = std::vector<std::string>;

// What plants code that other users of the database run with their own rights.
constexpr std::array<std::string_view, 4> planting = {"load", "restore", "delete", "flush"};

/// Categories that hold none of FUNCTION's subcommands: taking one away takes no named grant away.
constexpr std::string_view apart[] = {"keyspace",  "read",       "set",        "sortedset",   "list",
                                      "hash",      "string",     "bitmap",     "hyperloglog", "geo",
                                      "stream",    "pubsub",     "admin",      "fast",        "blocking",
                                      "dangerous", "connection", "transaction"};

/// Whether words that stand last leave all keys to the selector.
bool hasAllKeys(const Words& words) {
  bool all = false;
  for (const std::string& word : words) {
    if (word == "~*" || word == "allkeys") all = true;
    if (word == "resetkeys") all = false;
  }
  return all;
}

/// Which of `planting` the words grant by name: a category never does (R14).
std::array<bool, planting.size()> namedGrants(const Words& words) {
  std::array<bool, planting.size()> named{};
  for (const std::string& word : words) {
    const std::string_view text = word;
    if (text == "nocommands") {
      named.fill(false);
    } else if (text.starts_with("-@")) {
      if (std::find(std::begin(apart), std::end(apart), text.substr(2)) == std::end(apart)) named.fill(false);
    } else if (text == "+function" || text == "-function") {
      named.fill(text.front() == '+');
    } else if (text.starts_with("+function|") || text.starts_with("-function|")) {
      for (std::size_t i = 0; i < planting.size(); ++i)
        if (text.substr(10) == planting[i]) named[i] = text.front() == '+';
    }
  }
  return named;
}

/// What is denied after these words, cut to what the server knows.
Words denials(const Words& words, const CommandTable& known) {
  Words out = {"-@admin"}; // the caller has seen that it is known
  const auto deny = [&](const std::string& command) {
    if (known.commands.contains(command)) out.push_back("-" + command);
  };
  deny("migrate");
  deny("restore-asking");
  deny("script|debug");
  if (!hasAllKeys(words)) deny("client|tracking"); // its broadcast tells the names of all keys
  const auto named = namedGrants(words);
  for (std::size_t i = 0; i < planting.size(); ++i)
    if (!named[i]) deny("function|" + std::string(planting[i]));
  return out;
}

std::string selectorOf(const Words& words, const CommandTable& known) {
  std::string out = "(";
  for (const std::string& word : words) out += word + ' ';
  const Words denied = denials(words, known);
  for (std::size_t i = 0; i < denied.size(); ++i) out += (i > 0 ? " " : "") + denied[i];
  return out + ')';
}

} // namespace

std::vector<std::string> projectedRules(const std::vector<AclRules>& roles, const CommandTable& known) {
  std::vector<std::string> out;
  if (!known.categories.contains("admin"))
    return out; // no table of a redis-server: what to deny is not known
  for (const std::string_view command : {"multi", "exec", "discard", "acl|whoami"})
    if (known.commands.contains(command)) out.push_back("+" + std::string(command));
  for (std::string& word : denials({}, known)) out.push_back(std::move(word));
  for (const AclRules& rules : roles) {
    out.push_back(selectorOf(rules.root, known));
    for (const Words& words : rules.selectors) out.push_back(selectorOf(words, known));
  }
  return out;
}

} // namespace gatehouse::model
