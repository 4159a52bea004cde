#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace gatehouse::engine {

/// What the kernel says of a process, from /proc/PID/stat.
struct ProcessState {
  char state = '?'; // R, S, D, T, Z ...
  pid_t group = 0, session = 0;
  std::uint64_t startTicks = 0; // since boot

  /// Nothing where there is no such process.
  static std::optional<ProcessState> of(pid_t pid);
  /// From the text of a stat file; the name in it may hold anything, closing brackets too.
  static std::optional<ProcessState> parse(std::string_view stat);
};

/// Which process an engine was, in words that no other process ever fits: numbers come again, the same number
/// with the same start in the same boot does not (R19).
///
/// Threads: a value.
struct ProcessRecord {
  pid_t pid = 0;
  std::uint64_t startTicks = 0;
  std::string bootId;
  bool operator==(const ProcessRecord&) const = default;

  /// Of a process that runs now; nothing where it does not.
  static std::optional<ProcessRecord> of(pid_t pid);
  [[nodiscard]] std::string text() const;
  static std::optional<ProcessRecord> parse(std::string_view text);

  /// What it is doing, if it still lives (a zombie does not).
  [[nodiscard]] std::optional<ProcessState> alive() const;
  /// Sends it a signal, if it still lives. False where it does not.
  bool signal(int number) const noexcept;
  /// Those of its session that still live and work in `directory`, itself included where it lives: children
  /// that it forked to save, which outlive it. A session's number may come again for strangers, who work
  /// elsewhere.
  [[nodiscard]] std::vector<ProcessRecord> family(const std::string& directory) const;
};

} // namespace gatehouse::engine
