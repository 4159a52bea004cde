#pragma once
#include "base/Result.h"
#include "base/Secret.h"
#include "host/Wire.h"

#include <chrono>
#include <iosfwd>
#include <string>

namespace gatehouse::host {

/// Whether somebody sits there who can be asked: standard input and standard error are a terminal.
[[nodiscard]] bool canAsk() noexcept;
/// A question of which only a plain `y` or `yes` is a yes.
[[nodiscard]] bool askYes(std::ostream& err, const std::string& question);
/// A password, twice, without echo. Errors: invalid_param when they differ or nothing was typed.
[[nodiscard]] Result<Secret> askPassword(std::ostream& err, const std::string& prompt);

/// A line on a terminal that says that something goes on, and for how long; nothing where standard error is
/// none. It is wiped out when this goes.
class Progress {
public:
  Progress(std::ostream& err, std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// To be called about once a second.
  [[nodiscard]] Waiting waiting();

private:
  std::ostream& err_;
  std::string what_;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  bool shown_ = false;
};

/// "20.3 MiB"
[[nodiscard]] std::string sizeText(std::size_t bytes);

} // namespace gatehouse::host
