#include "engine/AofTail.h"

#include "base/Text.h"

#include <algorithm>

namespace gatehouse::engine {
namespace {

constexpr std::size_t longestNumber = 12, nameBytes = 6;
constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }

} // namespace

void AofTail::take(std::string_view bytes) noexcept {
  while (!bytes.empty() && at_ != At::damaged) {
    if (at_ == At::payload) {
      bytes = payload(bytes);
      continue;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    switch (at_) {
    case At::command: number('*', c); break;
    case At::word: number('$', c); break;
    case At::payloadEnd:
      line_ += c;
      if (line_ == "\r\n")
        wordEnd();
      else if (line_ != "\r")
        at_ = At::damaged;
      break;
    case At::payload:
    case At::damaged: break;
    }
  }
}

void AofTail::number(char mark, char c) noexcept {
  const bool ending = !line_.empty() && line_.back() == '\r';
  const bool fits = line_.empty() ? c == mark
                    : ending      ? c == '\n'
                                  : isDigit(c) || (c == '\r' && line_.size() > 1);
  if (!fits || line_.size() > longestNumber) {
    at_ = At::damaged;
    return;
  }
  line_ += c;
  if (c == '\n') numberEnd(mark);
}

void AofTail::numberEnd(char mark) noexcept {
  std::uint64_t value = 0;
  for (const char c : line_)
    if (isDigit(c)) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  line_.clear();
  if (mark == '*') {
    at_ = value >= 1 && value <= mostWords ? At::word : At::damaged;
    words_ = value;
    first_ = true;
    alone_ = value == 1;
    name_.clear();
    return;
  }
  left_ = value;
  seen_ = 0;
  swallows_ = false;
  at_ = value > longestBulk ? At::damaged : value > 0 ? At::payload : At::payloadEnd;
}

std::string_view AofTail::payload(std::string_view bytes) noexcept {
  const std::string_view mine = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
  if (first_ && name_.size() < nameBytes) name_.append(mine.substr(0, nameBytes - name_.size()));
  for (const char c : mine) look(c);
  left_ -= mine.size();
  if (left_ == 0) at_ = At::payloadEnd;
  return bytes.substr(mine.size());
}

/// For the beginning of a command behind another's end: `\r\n*3\r\n$`.
void AofTail::look(char c) noexcept {
  constexpr std::string_view before = "\r\n*", after = "\r\n$";
  const int digits = static_cast<int>(before.size()), end = digits + 1;
  if (seen_ < digits) {
    seen_ = c == before[static_cast<std::size_t>(seen_)] ? seen_ + 1 : c == '\r' ? 1 : 0;
  } else if (seen_ == digits || (seen_ == end && isDigit(c))) {
    seen_ = isDigit(c) ? end : c == '\r' ? 1 : 0;
  } else {
    seen_ = c == after[static_cast<std::size_t>(seen_ - end)] ? seen_ + 1 : c == '\r' ? 1 : 0;
    if (seen_ == end + static_cast<int>(after.size())) {
      swallows_ = true;
      seen_ = 0;
    }
  }
}

void AofTail::wordEnd() noexcept {
  line_.clear();
  first_ = false;
  swallows_ = false; // it ended where it should: it is a value
  if (--words_ > 0) {
    at_ = At::word;
    return;
  }
  const std::string name = folded(name_);
  // A whole command is nothing to cut off, but inside a transaction without its end.
  const bool begins = !multi_ && alone_ && name == "multi", ends = multi_ && name == "exec";
  const bool again = multi_ && name == "multi"; // never inside another: an EXEC is damaged
  at_ = (multi_ || begins) && !ends && !again ? At::command : At::damaged;
  multi_ = multi_ || begins;
}

bool AofTail::torn() const noexcept {
  if (at_ == At::damaged) return false;
  if (at_ == At::payload || at_ == At::payloadEnd) return !swallows_;
  return multi_ || at_ != At::command || !line_.empty();
}

} // namespace gatehouse::engine
