#pragma once
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

/// RESP, the bytes that Redis speaks: writing commands, and reading small replies. Header only, for plugins
/// and for the room `engine` alike. Nothing here throws but for want of memory.
/// The functions are hidden, as in Host.h. The values are not: a class of the room `engine` may hold one, and
/// they have neither a table nor an object that two libraries could come to share.
namespace gatehouse::resp {

// ---- commands

#pragma GCC visibility push(hidden)

inline void appendNumber(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  static_cast<void>(error); // 20 digits hold every such number
  out.append(digits, end);
}

/// `*3 CRLF`: so many bulk strings follow.
inline void appendCount(std::string& out, std::size_t words) {
  out += '*';
  appendNumber(out, words);
  out += "\r\n";
}

/// `$3 CRLF GET CRLF`. Any byte may stand in `word`.
inline void appendBulk(std::string& out, std::string_view word) {
  out += '$';
  appendNumber(out, word.size());
  out += "\r\n";
  out += word;
  out += "\r\n";
}

/// The canonical form of a command: `*N CRLF ($L CRLF bytes CRLF)*`, numbers without signs and leading zeros.
inline void appendCommand(std::string& out, std::span<const std::string_view> words) {
  appendCount(out, words.size());
  for (const std::string_view word : words) appendBulk(out, word);
}
inline void appendCommand(std::string& out, std::initializer_list<std::string_view> words) {
  appendCommand(out, std::span(words.begin(), words.size()));
}
inline void appendCommand(std::string& out, std::span<const std::string> words) {
  appendCount(out, words.size());
  for (const std::string& word : words) appendBulk(out, word);
}

#pragma GCC visibility pop

// ---- replies

/// What a reply is. RESP2 only: whoever reads replies here has not said HELLO 3.
enum class Kind : std::uint8_t {
  status,  // +OK; text
  error,   // -ERR ...; text
  integer, // :1; integer
  bulk,    // $2; text
  nil,     // $-1, *-1
  array    // *2; items
};

struct Reply {
  Kind kind = Kind::nil;
  std::string text = {}; // without the first byte and the line's end
  std::int64_t integer = 0;
  std::vector<Reply> items = {};

  [[nodiscard]] bool isStatus(std::string_view wanted) const noexcept {
    return kind == Kind::status && text == wanted;
  }
  [[nodiscard]] bool isError() const noexcept { return kind == Kind::error; }
  /// True for `-NOAUTH ...` when asked for "NOAUTH".
  [[nodiscard]] bool isError(std::string_view code) const noexcept {
    return isError() && text.compare(0, code.size(), code) == 0 &&
           (text.size() == code.size() || text[code.size()] == ' ');
  }
};

/// What a reply may cost before it is given up as malformed.
struct ReplyLimits {
  std::size_t bytes = 64 * 1024;
  std::size_t items = 4096; // in all arrays together
  std::size_t depth = 8;    // arrays inside arrays
};

enum class Progress : std::uint8_t { complete, incomplete, malformed };

struct ReadReply {
  Progress progress = Progress::incomplete;
  std::size_t consumed = 0; // with complete alone; else 0
  Reply reply = {};         // with complete alone
};

#pragma GCC visibility push(hidden)

/// One walk over the front of some bytes.
class ReplyWalk {
public:
  ReplyWalk(std::string_view bytes, const ReplyLimits& limits) noexcept
      : bytes_(bytes)
      , limits_(limits)
      , items_(limits.items) {}

  [[nodiscard]] std::size_t at() const noexcept { return at_; }

  [[nodiscard]] Progress read(Reply& out, std::size_t depth) {
    if (at_ == bytes_.size()) return Progress::incomplete;
    const char type = bytes_[at_];
    if (type != '+' && type != '-' && type != ':' && type != '$' && type != '*') return Progress::malformed;
    std::string_view line;
    if (const Progress progress = readLine(line); progress != Progress::complete) return progress;
    if (type == '+' || type == '-') {
      out.kind = type == '+' ? Kind::status : Kind::error;
      out.text = line;
      return Progress::complete;
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (line.empty() || error != std::errc() || end != line.data() + line.size()) return Progress::malformed;
    if (type == ':') {
      out.kind = Kind::integer;
      out.integer = number;
      return Progress::complete;
    }
    if (number == -1) return Progress::complete; // nil
    if (number < 0) return Progress::malformed;
    return type == '$' ? readBulk(out, static_cast<std::uint64_t>(number))
                       : readArray(out, static_cast<std::uint64_t>(number), depth);
  }

private:
  /// What stands between the first byte and CRLF.
  [[nodiscard]] Progress readLine(std::string_view& line) noexcept {
    const std::size_t end = bytes_.find('\r', at_);
    if (end == std::string_view::npos || end + 1 == bytes_.size())
      return bytes_.substr(at_).find('\n') == std::string_view::npos ? Progress::incomplete
                                                                     : Progress::malformed;
    line = bytes_.substr(at_ + 1, end - at_ - 1);
    if (bytes_[end + 1] != '\n' || line.find('\n') != std::string_view::npos) return Progress::malformed;
    at_ = end + 2;
    return Progress::complete;
  }

  [[nodiscard]] Progress readBulk(Reply& out, std::uint64_t size) {
    if (size > limits_.bytes) return Progress::malformed;
    if (bytes_.size() - at_ < size + 2) return Progress::incomplete;
    if (bytes_.substr(at_ + size, 2) != "\r\n") return Progress::malformed;
    out.kind = Kind::bulk;
    out.text = bytes_.substr(at_, size);
    at_ += size + 2;
    return Progress::complete;
  }

  [[nodiscard]] Progress readArray(Reply& out, std::uint64_t count, std::size_t depth) {
    if (count > items_ || depth == 0) return Progress::malformed;
    items_ -= count;
    out.kind = Kind::array;
    for (; count > 0; --count) {
      const Progress progress = read(out.items.emplace_back(), depth - 1);
      if (progress != Progress::complete) return progress;
    }
    return Progress::complete;
  }

  std::string_view bytes_;
  const ReplyLimits& limits_;
  std::size_t items_; // still allowed
  std::size_t at_ = 0;
};

/// Reads the reply at the front of `from`. Meant for small ones: nothing is remembered between calls, an
/// incomplete reply is read anew with more behind it, until `limits` call it malformed.
inline ReadReply readReply(std::string_view from, const ReplyLimits& limits = {}) {
  const std::string_view seen = from.substr(0, limits.bytes);
  ReplyWalk walk(seen, limits);
  ReadReply read;
  read.progress = walk.read(read.reply, limits.depth);
  if (read.progress == Progress::incomplete && seen.size() == limits.bytes)
    read.progress = Progress::malformed;
  if (read.progress == Progress::complete)
    read.consumed = walk.at();
  else
    read.reply = {};
  return read;
}

#pragma GCC visibility pop
} // namespace gatehouse::resp
