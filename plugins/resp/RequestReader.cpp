#include "resp/RequestReader.h"

#include "resp/InlineWords.h"

#include <algorithm>
#include <cstring>

namespace gatehouse::resp {
namespace {

enum class Number : std::uint8_t { complete, incomplete, malformed };

/// Reads `0|-?[1-9][0-9]*` of at most `digits` digits, and exactly CRLF, from behind the type byte.
Number readNumber(const char*& at, const char* end, int digits, bool negative, std::int64_t& value) noexcept {
  const char* p = at;
  const bool minus = negative && p != end && *p == '-';
  if (minus) ++p;
  const char* const first = p;
  std::int64_t number = 0;
  while (p != end && *p >= '0' && *p <= '9') {
    if (p - first == digits) return Number::malformed;
    number = number * 10 + (*p++ - '0');
  }
  const auto length = p - first;
  if (length > 0 && *first == '0' && (length > 1 || minus)) return Number::malformed;
  if (p == end) return Number::incomplete;
  if (length == 0 || *p != '\r') return Number::malformed;
  if (++p == end) return Number::incomplete;
  if (*p++ != '\n') return Number::malformed;
  value = minus ? -number : number;
  at = p;
  return Number::complete;
}

/// `command` begins with the bulk string CLIENT. Where what follows it has not come yet: perhaps.
bool mayBeReplyMode(std::string_view command) noexcept {
  constexpr std::size_t client = std::string_view("$6\r\nCLIENT\r\n").size();
  constexpr std::size_t reply = std::string_view("$5\r\nREPLY").size();
  if (command.size() < client + reply) return true;
  const std::string_view second = command.substr(client, reply);
  return second.starts_with("$5") && sameName(second.substr(4), "reply");
}

} // namespace

Verb verbOf(std::string_view name, std::uint64_t words) noexcept {
  if (sameName(name, "auth")) return Verb::auth;
  if (sameName(name, "hello")) return Verb::hello;
  if (sameName(name, "reset")) return words == 1 ? Verb::reset : Verb::other;
  return sameName(name, "quit") ? Verb::quit : Verb::other;
}

bool mayWait(std::string_view name) noexcept {
  if (name.empty()) return false;
  const char first = static_cast<char>(name.front() | 0x20);
  if (first != 'b' && first != 'x' && first != 'w') return false;
  static constexpr std::string_view waiting[] = {"blpop",  "brpop",      "blmove",   "brpoplpush",
                                                 "blmpop", "bzpopmin",   "bzpopmax", "bzmpop",
                                                 "xread",  "xreadgroup", "wait",     "waitaof"};
  return std::any_of(std::begin(waiting), std::end(waiting),
                     [&](std::string_view one) { return sameName(name, one); });
}

RequestReader::Step RequestReader::fail(std::string_view why) noexcept {
  failed_ = true;
  failure_ = why;
  words_.clear();
  return {Event::failed};
}

RequestReader::Step RequestReader::step(std::string_view in) {
  if (failed_) return {Event::failed};
  if (left_ > 0 && mode_ == Mode::collect) return collect(in);
  if (left_ > 0 && (mode_ == Mode::skip || mode_ == Mode::fill)) return drop(in);
  if (in.empty()) return {};
  if (left_ == 0 && in.front() != '*') return inlineCommand(in);
  return commands(in);
}

std::size_t RequestReader::skip() noexcept {
  mode_ = Mode::skip;
  if (left_ > 0) return 0;
  left_ = count_;
  body_ = 0;
  return head_;
}

/// `*N CRLF $L CRLF`, and the name where it is short; `at` moves behind the count alone. Sets name_ and
/// verb_ where there are words.
RequestReader::Read RequestReader::head(const char*& at, const char* end) {
  const char* p = at + 1;
  std::int64_t count = 0;
  const Number read = readNumber(p, end, 10, true, count);
  if (read == Number::incomplete) return Read::incomplete;
  if (read == Number::malformed || count > static_cast<std::int64_t>(maxWords)) {
    failure_ = "invalid multibulk length";
    return Read::malformed;
  }
  if (count <= 0) {
    count_ = 0;
    at = p;
    return Read::complete;
  }
  if (stranger_ && static_cast<std::uint64_t>(count) > maxStrangerWords) {
    failure_ = "unauthenticated multibulk length";
    return Read::malformed;
  }
  const char* const firstWord = p;
  std::uint64_t size = 0;
  if (const Read first = bulkHead(p, end, size); first != Read::complete) return first;
  if (size > maxKnownName) {
    name_ = {};
  } else if (static_cast<std::uint64_t>(end - p) < size) {
    return Read::incomplete;
  } else {
    name_ = {p, static_cast<std::size_t>(size)};
  }
  count_ = static_cast<std::uint64_t>(count);
  verb_ = name_.size() == 4 || name_.size() == 5 ? verbOf(name_, count_) : Verb::other;
  at = firstWord;
  return Read::complete;
}

RequestReader::Read RequestReader::bulkHead(const char*& at, const char* end, std::uint64_t& size) {
  if (at == end) return Read::incomplete;
  if (*at != '$') {
    failure_ = "expected '$'";
    return Read::malformed;
  }
  const char* p = at + 1;
  std::int64_t number = 0;
  const Number read = readNumber(p, end, 11, false, number);
  if (read == Number::incomplete) return Read::incomplete;
  size = static_cast<std::uint64_t>(number);
  if (read == Number::malformed || size > maxBulk) {
    failure_ = "invalid bulk length";
    return Read::malformed;
  }
  if (stranger_ && size > maxStrangerBulk) {
    failure_ = "unauthenticated bulk length";
    return Read::malformed;
  }
  at = p;
  return Read::complete;
}

/// What is left of a word's CRLF: body_ is 2 or 1.
RequestReader::Read RequestReader::tail(const char*& at, const char* end) {
  for (; body_ > 0; --body_) {
    if (at == end) return Read::incomplete;
    if (*at != (body_ == 2 ? '\r' : '\n')) {
      failure_ = "a bulk string that does not end where it should";
      return Read::malformed;
    }
    ++at;
  }
  return Read::complete;
}

/// Walks over the words that are left of a command. Takes all bytes that are in order; malformed: `at` and
/// the counters stand somewhere inside.
RequestReader::Read RequestReader::rest(const char*& at, const char* end) {
  while (left_ > 0) {
    if (body_ == 0) {
      std::uint64_t size = 0;
      if (const Read read = bulkHead(at, end, size); read != Read::complete) return read;
      body_ = size + 2;
    }
    const auto have = static_cast<std::uint64_t>(end - at);
    if (body_ > 2) {
      const std::uint64_t take = std::min(body_ - 2, have);
      at += take;
      body_ -= take;
      if (body_ > 2) return Read::incomplete;
    }
    if (const Read read = tail(at, end); read != Read::complete) return read;
    --left_;
  }
  return Read::complete;
}

/// As many commands as there are, one after another: what may be passed on in one piece.
RequestReader::Step RequestReader::commands(std::string_view in) {
  const char* const begin = in.data();
  const char* const end = begin + in.size();
  const char* at = begin;
  const auto passed = [&](const char* to) -> Step {
    return to == begin ? Step{} : Step{Event::pass, static_cast<std::size_t>(to - begin)};
  };
  const char* start = begin; // of the command at hand, as far as it is in these bytes
  for (;;) {
    if (left_ == 0) {
      start = at;
      if (at == end || *at != '*') return passed(at);
      switch (head(at, end)) {
      case Read::incomplete: return passed(start);
      case Read::malformed: return start == begin ? fail(failure_) : passed(start);
      case Read::complete: break;
      }
      if (count_ == 0)
        return start == begin ? Step{Event::nothing, static_cast<std::size_t>(at - begin)} : passed(start);
      if (verb_ != Verb::other) {
        if (start != begin) return passed(start);
        left_ = count_;
        body_ = 0;
        mode_ = Mode::collect;
        Step step = collect(in.substr(static_cast<std::size_t>(at - begin)));
        if (step.event != Event::failed) step.size += static_cast<std::size_t>(at - begin);
        return step;
      }
      if (stop_) {
        if (start != begin) return passed(start);
        head_ = static_cast<std::size_t>(at - begin);
        return {Event::begins};
      }
      sawWaiting_ = sawWaiting_ || mayWait(name_);
      sawReplyMode_ = sawReplyMode_ || (count_ > 1 && sameName(name_, "client") &&
                                        mayBeReplyMode({at, static_cast<std::size_t>(end - at)}));
      left_ = count_;
      body_ = 0;
      mode_ = Mode::pass;
    }
    switch (rest(at, end)) {
    case Read::incomplete: return passed(at);
    case Read::malformed:
      if (start == begin) return fail(failure_);
      left_ = 0; // nothing of it is passed: it will be met again, at the front
      return passed(start);
    case Read::complete: break;
    }
  }
}

/// Takes the words of a held command.
RequestReader::Step RequestReader::collect(std::string_view in) {
  const char* const begin = in.data();
  const char* const end = begin + in.size();
  const char* at = begin;
  const auto taken = [&](Event event) -> Step { return {event, static_cast<std::size_t>(at - begin)}; };
  while (left_ > 0) {
    if (body_ == 0) {
      std::uint64_t size = 0;
      const char* const before = at;
      const Read read = bulkHead(at, end, size);
      if (read == Read::incomplete) return taken(Event::more);
      if (read == Read::malformed) return fail(failure_);
      if (words_.bytes() + size > maxHeld || words_.size() == maxHeldWords) {
        at = before;
        mode_ = Mode::fill;
        return taken(Event::tooLong);
      }
      words_.begin();
      body_ = size + 2;
    }
    if (body_ > 2) {
      const auto take =
          static_cast<std::size_t>(std::min<std::uint64_t>(body_ - 2, static_cast<std::uint64_t>(end - at)));
      words_.append({at, take});
      at += take;
      body_ -= take;
      if (body_ > 2) return taken(Event::more);
    }
    const Read read = tail(at, end);
    if (read == Read::incomplete) return taken(Event::more);
    if (read == Read::malformed) return fail(failure_);
    --left_;
  }
  return taken(Event::command);
}

/// Walks over a command whose bytes go nowhere.
RequestReader::Step RequestReader::drop(std::string_view in) {
  const char* at = in.data();
  const std::uint64_t before = left_;
  const Read read = rest(at, at + in.size());
  const auto size = static_cast<std::size_t>(at - in.data());
  if (read == Read::malformed) return fail(failure_);
  if (mode_ == Mode::fill) {
    if (before == left_) return {Event::more, size};
    return {Event::filled, size, before - left_};
  }
  return {read == Read::complete ? Event::skipped : Event::more, size};
}

RequestReader::Step RequestReader::inlineCommand(std::string_view in) {
  const std::string_view seen = in.substr(0, maxLine_);
  const std::size_t end = seen.find('\n');
  if (end == std::string_view::npos) return seen.size() < maxLine_ ? Step{} : fail("too big inline request");
  std::string_view line = seen.substr(0, end);
  if (line.find('\0') != std::string_view::npos) return fail("a NUL in an inline request");
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  words_.clear();
  if (!splitInline(line, words_)) return fail("unbalanced quotes in request");
  if (words_.empty()) return {Event::nothing, end + 1};
  count_ = words_.size();
  verb_ = verbOf(words_[0], count_);
  name_ = words_[0];
  sawWaiting_ = sawWaiting_ || mayWait(name_);
  sawReplyMode_ =
      sawReplyMode_ || (count_ > 1 && sameName(words_[0], "client") && sameName(words_[1], "reply"));
  return {Event::command, end + 1};
}

} // namespace gatehouse::resp
