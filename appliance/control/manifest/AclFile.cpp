#include "control/manifest/AclFile.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/manifest/Builtin.h"
#include "model/AclRules.h"

#include <algorithm>
#include <optional>
#include <set>

namespace gatehouse::control {
namespace {

constexpr std::size_t largestLine = 64 * 1024; // bytes

/// Names that a user of a database may have (R17).
bool usable(std::string_view name) {
  const auto inside = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '@' || c == '-';
  };
  return !name.empty() && name.size() <= 128 && name != "-" && folded(name) != "default" &&
         std::all_of(name.begin(), name.end(), inside);
}

/// Whether YAML carries a text as it is: it takes these for line ends, or for control characters.
bool writable(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest[0] == '\xc2' && static_cast<unsigned char>(rest[1]) < 0xa0)
      return false; // C1, U+0085 among them
    for (const std::string_view word : {"\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf"})
      if (rest.starts_with(word)) return false;
  }
  return true;
}

/// A note as a comment: ASCII, so that nothing in it can end the line.
std::string comment(std::string_view note) {
  std::string out(note);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

std::vector<std::string_view> wordsOf(std::string_view line) {
  std::vector<std::string_view> out;
  while (!line.empty()) {
    const std::size_t end = line.find(' ');
    if (const std::string_view word = line.substr(0, end); !word.empty()) out.push_back(word);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  }
  return out;
}

/// One line's user while its words are read.
class User {
public:
  User(std::string where, std::vector<std::string>& notes)
      : where_(std::move(where))
      , notes_(notes) {}

  void take(const std::vector<std::string_view>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!words[i].starts_with('(')) {
        word(words[i], i);
        continue;
      }
      std::string selector;
      do {
        (selector.empty() ? selector : selector += ' ') += words[i];
      } while (!words[i].ends_with(')') && ++i < words.size());
      rule(selector, i);
    }
  }
  /// The rules, when the user can be made.
  [[nodiscard]] std::optional<std::string> rules() {
    if (lost_) return std::nullopt;
    if (off_) {
      note("is off, so it is left out");
      return std::nullopt;
    }
    std::string all = rules_;
    if (!selectors_.empty()) (all.empty() ? all : all += ' ') += selectors_;
    if (const auto whole = model::parseAcl(all); !whole) { // one after another they may exclude each other
      note("its rules do not go together, so it is left out: " + whole.error().description);
      return std::nullopt;
    }
    if (nopass_) note("anybody could log in as it without a password (nopass); here it needs a certificate");
    if (passwords_ > 0)
      note(std::to_string(passwords_) + " of its passwords cannot be carried over: Redis keeps SHA-256 of "
                                        "them; here it needs a certificate");
    return all;
  }
  void note(const std::string& text) { notes_.push_back(where_ + ": " + text); }

private:
  void word(std::string_view word, std::size_t index) {
    const std::string small = folded(word);
    if (small == "on") {
      off_ = false;
    } else if (small == "off") {
      off_ = true;
    } else if (small == "nopass") {
      nopass_ = true;
      passwords_ = 0;
    } else if (small == "resetpass") {
      nopass_ = false;
      passwords_ = 0;
    } else if (small == "reset") {
      rules_.clear();
      selectors_.clear();
      nopass_ = false;
      off_ = true; // as in Redis
      passwords_ = 0;
    } else if (word.starts_with('>') || word.starts_with('#')) {
      ++passwords_;
    } else if (word.starts_with('<') || word.starts_with('!')) {
      if (passwords_ > 0) --passwords_;
    } else if (small == "sanitize-payload" || small == "skip-sanitize-payload") {
      note("`" + small + "` is not carried over: every payload is checked by the engine's own setting");
    } else if (small == "clearselectors") {
      selectors_.clear();
    } else {
      rule(word, index);
    }
  }

  void rule(std::string_view text, std::size_t index) {
    if (const auto read = model::parseAcl(text); read && writable(text)) {
      std::string& into = text[0] == '(' ? selectors_ : rules_;
      (into.empty() ? into : into += ' ') += text;
      return;
    }
    const bool grants = std::string_view("+~%&(").find(text[0]) != std::string_view::npos;
    // A word of no known kind may be a password that somebody forgot the `>` of: it is told by its place.
    const std::string shown = grants || text[0] == '-' ? '`' + printable(text, 80) + '`'
                                                       : "word " + std::to_string(index + 3) + " of the line";
    if (grants) {
      note(shown + " is no rule here and is left out");
    } else {
      note(shown + " is no rule here and may take rights away, so the user is left out");
      lost_ = true;
    }
  }

  std::string where_;
  std::vector<std::string>& notes_;
  std::string rules_, selectors_; // the root's, and those in parentheses
  std::size_t passwords_ = 0;
  bool off_ = true, nopass_ = false, lost_ = false; // a new user of Redis is off
};

struct Made {
  std::string name, role, rules;
};

void add(std::string& out, const Made& made, std::string_view key) {
  const auto quoted = [&out](std::string_view text) { json::text(out, text); };
  out += "  - name: ";
  if (key == "redis_acls") {
    quoted(made.name);
    out += "\n    acl: ";
    quoted(made.rules);
    out += '\n';
  } else if (key == "roles") {
    quoted(made.role);
    out += "\n    management: none\n";
  } else {
    quoted(made.name);
    out += "\n    auth_method: certificate\n    certificate_subject_line: ";
    quoted("CN=" + made.name);
    out += "\n    roles: [";
    quoted(made.role);
    out += "]\n";
  }
}

std::string manifestOf(const std::vector<Made>& all, const std::vector<std::string>& notes) {
  std::string out =
      "# From a Redis ACL file. Put the subject of each user's certificate in place of CN=NAME.\n";
  if (!notes.empty()) out += "#\n# Not carried over:\n";
  for (const std::string& note : notes) out += "#   " + comment(note) + '\n';
  if (all.empty()) return out;
  for (const std::string_view key : {"redis_acls", "roles", "users"}) {
    ((out += '\n') += key) += ":\n";
    for (const Made& made : all) add(out, made, key);
  }
  out += "\n# Each database says who may do what there:\n# bdbs:\n#   - name: cache\n#     memory_size: "
         "1073741824\n"
         "#     roles_permissions:\n";
  for (const Made& made : all) {
    out += "#       - {role: ";
    json::text(out, made.role);
    out += ", redis_acl: ";
    json::text(out, made.name);
    out += "}\n";
  }
  return out;
}

} // namespace

Result<AclFileImport> importAclFile(std::string_view text) {
  if (text.size() > aclFileLimit)
    return Error{Code::invalid_param,
                 "the ACL file has more than " + std::to_string(aclFileLimit >> 20) + " MiB"};
  if (!isUtf8(text) || text.find('\0') != std::string_view::npos)
    return Error{Code::invalid_param, "the ACL file is not text (UTF-8 without NUL)"};
  AclFileImport out;
  std::vector<Made> all;
  std::set<std::string> seen;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string where = "line " + std::to_string(number);
    if (line.size() > largestLine) return Error{Code::invalid_param, where + " is too long"};
    std::vector<std::string_view> words = wordsOf(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (folded(words[0]) != "user" || words.size() < 2)
      return Error{Code::invalid_param,
                   where + " does not begin with `user NAME`: this is no Redis ACL file"};
    const std::string_view name = words[1];
    User user(where + ", user " + printable(name, 128), out.notes);
    if (!usable(name)) {
      user.note("its name cannot be a database user's here, so it is left out");
      continue;
    }
    if (!seen.insert(folded(name)).second) {
      user.note("there is a user of this name already, so it is left out");
      continue;
    }
    if (seen.size() > aclFileUsers)
      return Error{Code::invalid_param,
                   "the ACL file has more than " + std::to_string(aclFileUsers) + " users"};
    words.erase(words.begin(), words.begin() + 2);
    user.take(words);
    auto rules = user.rules();
    if (!rules) continue;
    // A builtin role must not become somebody's by its name: Admin administers, and None may be anybody's.
    const bool builtin =
        std::any_of(std::begin(builtinRoles), std::end(builtinRoles),
                    [&](const BuiltinRole& role) { return folded(role.name) == folded(name); });
    all.push_back(
        {std::string(name), builtin ? folded(name) + "-imported" : std::string(name), std::move(*rules)});
  }
  out.users = all.size();
  out.manifest = manifestOf(all, out.notes);
  return out;
}

} // namespace gatehouse::control
