#include "engine/EngineLog.h"

#include "base/Text.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace gatehouse::engine {
namespace {

/// `4231:M 24 Nov 2026 10:00:00.000 # text`: the mark before the text; 0 where a line is something else.
/// Only the program's own notion of a warning: a script can write any.
char markOf(std::string_view line) {
  std::size_t at = 0;
  for (int blanks = 0; blanks < 5; ++blanks) {
    at = line.find(' ', at);
    if (at == std::string_view::npos) return 0;
    ++at;
  }
  return at + 1 < line.size() && line[at + 1] == ' ' ? line[at] : '\0';
}

} // namespace

EngineLog::Read EngineLog::readFrom(int pipe, std::uint64_t nowMs) {
  std::array<char, 16 * 1024> buffer;
  for (int turns = 0; turns < 4; ++turns) {
    const ssize_t got = ::read(pipe, buffer.data(), buffer.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR ? Read::all : Read::end;
    if (got == 0) return Read::end;
    take({buffer.data(), static_cast<std::size_t>(got)}, nowMs);
    if (static_cast<std::size_t>(got) < buffer.size()) return Read::all;
  }
  return Read::more;
}

void EngineLog::take(std::string_view bytes, std::uint64_t nowMs) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    const std::size_t room = lineBytes - begun_.size();
    if (!cut_) begun_.append(piece.substr(0, room));
    cut_ = cut_ || piece.size() > room;
    if (end == std::string_view::npos) return;
    line(begun_, nowMs);
    begun_.clear();
    cut_ = false;
    bytes.remove_prefix(end + 1);
  }
}

void EngineLog::line(std::string_view text, std::uint64_t nowMs) {
  if (text.empty()) return;
  std::string shown = printable(text, lineBytes);
  if (nowMs / 1000 != second_) {
    if (dropped_ > 0)
      events_.say(Level::warning, "engine.log_dropped", "an engine writes more than is logged",
                  {{"database", database_}, {"lines", dropped_}});
    second_ = nowMs / 1000;
    lines_ = dropped_ = 0;
  }
  if (++lines_ <= linesASecond)
    events_.say(markOf(text) == '#' ? Level::information : Level::debug, "engine.log", "an engine says",
                {{"database", database_}, {"line", shown}});
  else
    ++dropped_;
  last_.push_back(std::move(shown));
  if (last_.size() > kept) last_.pop_front();
}

std::string EngineLog::last() const {
  std::string text;
  for (const std::string& each : last_) text += (text.empty() ? "" : " | ") + each;
  return text;
}

void EngineLog::begin() {
  begun_.clear();
  last_.clear();
  cut_ = false;
}

} // namespace gatehouse::engine
