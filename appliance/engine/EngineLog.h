#pragma once
#include "base/Event.h"
#include "base/UniqueFd.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace gatehouse::engine {

/// What an engine writes to its log: lines, made printable, bounded in length and number. Anybody who may run
/// a script can write there (`redis.log`), as much as he likes.
///
/// Threads: one. Owns: the last lines, for the reason of an end.
class EngineLog {
public:
  /// `events` outlives it.
  EngineLog(EventSink& events, std::string database)
      : events_(events)
      , database_(std::move(database)) {}

  enum class Read : std::uint8_t { more, all, end };
  /// Takes what the pipe holds, 64 KiB at the most.
  [[nodiscard]] Read readFrom(int pipe, std::uint64_t nowMs);
  void take(std::string_view bytes, std::uint64_t nowMs);
  /// The last lines of this process: why it ended, as it says.
  [[nodiscard]] std::string last() const;
  /// Another process writes now.
  void begin();
  /// The database has another name.
  void rename(std::string database) { database_ = std::move(database); }

  static constexpr std::size_t lineBytes = 500;
  static constexpr std::uint64_t linesASecond = 20; // what is more is counted, not written
  static constexpr std::size_t kept = 3;

private:
  void line(std::string_view text, std::uint64_t nowMs);

  EventSink& events_;
  std::string database_;
  std::string begun_; // of a line whose end has not come
  bool cut_ = false;  // the rest of this line is dropped
  std::uint64_t second_ = 0, lines_ = 0, dropped_ = 0;
  std::deque<std::string> last_;
};

} // namespace gatehouse::engine
