#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "host/Config.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>

#include <atomic>
#include <string>

namespace gatehouse::host {

/// Writes events as lines to a Poco channel: text or JSON, with a time stamp or, under the journal, with its
/// `<6>` priority instead.
///
/// Threads: any; a channel that blocks holds its caller up, because a decision about access that nobody
/// recorded is worse than a slow one (see README.md). Errors: none come back; a channel that throws loses
/// that line.
class LogSink final : public EventSink {
public:
  struct Style {
    LogFormat format = LogFormat::text;
    bool journal = false; // priorities instead of time stamps
  };

  LogSink(Poco::AutoPtr<Poco::Channel> channel, Level level, Style style, const Clock& clock);
  /// To standard error, as the configuration wants it; the journal is recognised by JOURNAL_STREAM
  /// (systemd.exec(5)).
  LogSink(const Config& config, const Clock& clock);

  void record(const Event&) noexcept override;
  /// Whether events of this level are written: those up to the configured one.
  [[nodiscard]] bool wants(Level level) const noexcept override { return level <= level_; }
  /// Takes effect with the next event. Any thread.
  void setLevel(Level level) noexcept { level_ = level; }

  /// One event as it is written, without the newline.
  [[nodiscard]] std::string line(const Event&) const;

private:
  Poco::AutoPtr<Poco::Channel> channel_;
  std::atomic<Level> level_;
  Style style_;
  const Clock& clock_;
};

/// Whether standard error is the journal's stream: its device and inode are what JOURNAL_STREAM says.
[[nodiscard]] bool standardErrorIsJournal() noexcept;

} // namespace gatehouse::host
