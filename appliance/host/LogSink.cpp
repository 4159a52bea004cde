#include "host/LogSink.h"

#include "base/Json.h"
#include "base/Text.h"

#include <Poco/ConsoleChannel.h>
#include <Poco/Message.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gatehouse::host {

namespace {

struct LevelRow {
  std::string_view word;
  std::string_view journal; // sd-daemon(3)
  Poco::Message::Priority poco;
};

const LevelRow& row(Level level) {
  static constexpr std::array<LevelRow, 4> rows = {{{"error", "<3>", Poco::Message::PRIO_ERROR},
                                                    {"warning", "<4>", Poco::Message::PRIO_WARNING},
                                                    {"information", "<6>", Poco::Message::PRIO_INFORMATION},
                                                    {"debug", "<7>", Poco::Message::PRIO_DEBUG}}};
  return rows[static_cast<std::size_t>(level)];
}

} // namespace

bool standardErrorIsJournal() noexcept {
  const char* stream = std::getenv("JOURNAL_STREAM"); // "device:inode"
  struct stat status {};
  if (!stream || ::fstat(STDERR_FILENO, &status) != 0) return false;
  const char* end = stream + std::strlen(stream);
  std::uint64_t device = 0, inode = 0;
  const auto first = std::from_chars(stream, end, device);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') return false;
  const auto second = std::from_chars(first.ptr + 1, end, inode);
  return second.ec == std::errc{} && second.ptr == end && device == status.st_dev && inode == status.st_ino;
}

LogSink::LogSink(Poco::AutoPtr<Poco::Channel> channel, Level level, Style style, const Clock& clock)
    : channel_(std::move(channel))
    , level_(level)
    , style_(style)
    , clock_(clock) {}

LogSink::LogSink(const Config& config, const Clock& clock)
    : LogSink(new Poco::ConsoleChannel, config.logLevel, Style{config.logFormat, standardErrorIsJournal()},
              clock) {}

std::string LogSink::line(const Event& event) const {
  const LevelRow& level = row(event.level);
  std::string out;
  if (style_.journal) out += level.journal;
  if (style_.format == LogFormat::json) {
    out += '{';
    if (!style_.journal) out += "\"time\":\"" + isoTime(clock_.wallSeconds()) + "\",";
    out += "\"level\":\"";
    out += level.word;
    out += "\",";
    out += std::string_view(event.json()).substr(1);
    return out;
  }
  if (!style_.journal) {
    out += isoTime(clock_.wallSeconds());
    out += ' ';
    out += level.word;
    out += ' ';
  }
  out += event.name;
  out += ": ";
  return out + event.line();
}

void LogSink::record(const Event& event) noexcept {
  if (!wants(event.level)) return;
  try {
    channel_->log(Poco::Message("gatehouse", line(event), row(event.level).poco));
  } catch (const Poco::Exception&) {
    // the line is lost; there is nowhere left to say so
  } catch (const std::exception&) {
  }
}

} // namespace gatehouse::host
