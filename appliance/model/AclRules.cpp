#include "model/AclRules.h"

#include "base/Text.h"

#include <algorithm>
#include <optional>

namespace gatehouse::model {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view keywords[] = {"allcommands", "nocommands",  "allkeys",
                                         "resetkeys",   "allchannels", "resetchannels"};

constexpr bool oneOfAName(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}
bool isName(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), oneOfAName);
}

/// `get`, `config|get` or `@read`, in lower case.
bool isCommand(std::string_view text) noexcept {
  if (text.starts_with('@')) return isName(text.substr(1));
  const std::size_t bar = text.find('|');
  if (bar == std::string_view::npos) return isName(text);
  return isName(text.substr(0, bar)) && isName(text.substr(bar + 1));
}

/// What follows the mark of a key pattern, `~`, `%R~`, `%W~` or `%RW~`; nothing where the word bears none.
std::optional<std::string_view> keyPattern(std::string_view word) noexcept {
  for (const std::string_view mark : {"~", "%R~", "%W~", "%RW~"})
    if (word.starts_with(mark)) return word.substr(mark.size());
  return std::nullopt;
}

std::string at(std::string_view word, std::size_t place) {
  return "`" + printable(word, 64) + "` at character " + std::to_string(place + 1) + " of the acl";
}
Error wrong(std::string_view word, std::size_t place, std::string_view what) {
  return {Code::invalid_param, at(word, place) + ' ' + std::string(what)};
}

/// One list of words, the root's or a selector's, as it is read.
class WordList {
public:
  Status add(std::string_view written, std::size_t place) {
    if (written.front() == '+' || written.front() == '-') {
      std::string word = folded(written);
      if (!isCommand(std::string_view(word).substr(1)))
        return wrong(written, place, "names no command or category");
      words_.push_back(std::move(word));
      return {};
    }
    if (const auto pattern = keyPattern(written)) {
      if (pattern->empty()) return wrong(written, place, "has no pattern");
      // redis-server refuses the whole user for a pattern that adds nothing.
      if (allKeys_ && written != "~*") return wrong(written, place, "adds nothing: all keys stand before it");
      allKeys_ = allKeys_ || written == "~*";
    } else if (written.front() == '&') {
      if (written.size() == 1) return wrong(written, place, "has no pattern");
      if (allChannels_ && written != "&*")
        return wrong(written, place, "adds nothing: all channels stand before it");
      allChannels_ = allChannels_ || written == "&*";
    } else if (std::find(std::begin(keywords), std::end(keywords), written) == std::end(keywords)) {
      return wrong(written, place,
                   "is no rule that an ACL may hold: commands (+x -x +@c -@c), key patterns (~p %R~p %W~p "
                   "%RW~p), channels (&p), allcommands, nocommands, allkeys, resetkeys, allchannels, "
                   "resetchannels, and selectors of these in parentheses are");
    }
    if (written == "allkeys" || written == "resetkeys") allKeys_ = written == "allkeys";
    if (written == "allchannels" || written == "resetchannels") allChannels_ = written == "allchannels";
    words_.emplace_back(written);
    return {};
  }

  [[nodiscard]] bool empty() const noexcept { return words_.empty(); }
  [[nodiscard]] Words take() noexcept { return std::move(words_); }

private:
  Words words_;
  bool allKeys_ = false, allChannels_ = false;
};

/// Bytes that redis-server would read as something else than they look like.
Status plain(std::string_view text) {
  if (text.size() > aclTextLimit)
    return Error{Code::invalid_param, "the acl has " + std::to_string(text.size()) + " bytes; at most " +
                                          std::to_string(aclTextLimit) + " are allowed"};
  if (!isUtf8(text)) return Error{Code::invalid_param, "the acl is not UTF-8"};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // Of two bytes those of U+0080 to U+009F, which some take for the end of a line.
    const bool two = c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0; // it is UTF-8: there is one
    if (c < ' ' || c == 0x7F || two)
      return wrong(text.substr(i, two ? 2 : 1), i, "is a control character: words are separated by spaces");
    if (c == '"' || c == '\'' || c == '\\')
      return wrong(text.substr(i, 1), i, "must not stand in an ACL: quotes and backslashes are refused");
  }
  return {};
}

Status known(const Words& words, const CommandTable& table) {
  for (const std::string& word : words) {
    if (word.front() != '+' && word.front() != '-') continue;
    const std::string_view name = std::string_view(word).substr(1);
    const bool category = name.starts_with('@');
    const auto& names = category ? table.categories : table.commands;
    const std::string_view wanted = category ? name.substr(1) : name;
    if (names.contains(wanted) || (category && wanted == "all")) continue;
    const std::vector<std::string_view> all(names.begin(), names.end());
    const std::string_view near = nearest(wanted, all);
    return Error{Code::invalid_param,
                 "`" + printable(word, 64) + "` names no " + (category ? "category" : "command") +
                     " of redis-server " + table.version +
                     (near.empty() ? "" : "; did you mean `" + std::string(near) + "`?")};
  }
  return {};
}

} // namespace

Result<AclRules> parseAcl(std::string_view text) {
  GH_TRY(plain(text));
  AclRules rules;
  WordList root;
  std::optional<WordList> selector; // while one is open
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    if (text[i] == '(') {
      if (selector) return wrong("(", i, "opens a selector within a selector");
      selector.emplace();
      ++i;
      continue;
    }
    if (text[i] == ')') {
      if (!selector) return wrong(")", i, "closes no selector");
      if (selector->empty()) return wrong(")", i, "closes an empty selector");
      if (i + 1 < text.size() && text[i + 1] != ' ')
        return wrong(text.substr(i, 2), i, "lacks a space: a selector stands alone");
      rules.selectors.push_back(selector->take());
      selector.reset();
      ++i;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" )(", i), text.size());
    const std::string_view word = text.substr(i, end - i);
    if (end < text.size() && (text[end] == '(' || (text[end] == ')' && !selector)))
      return wrong(text.substr(i, end + 1 - i), i, "has a parenthesis, which no pattern or name may");
    GH_TRY((selector ? *selector : root).add(word, i));
    i = end;
  }
  if (selector) return Error{Code::invalid_param, "a selector of the acl is not closed: `)` is missing"};
  rules.root = root.take();
  return rules;
}

Status checkAcl(const AclRules& rules, const CommandTable& table) {
  GH_TRY(known(rules.root, table));
  for (const Words& words : rules.selectors) GH_TRY(known(words, table));
  return {};
}

} // namespace gatehouse::model
