#include "host/Terminal.h"

#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <ostream>

namespace gatehouse::host {
namespace {

/// Typed text does not show while this lives.
class NoEcho {
public:
  NoEcho() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~NoEcho() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  [[nodiscard]] bool works() const noexcept { return changed_; }

private:
  termios before_{};
  bool changed_ = false;
};

Secret line(std::ostream& err, const std::string& prompt) {
  err << prompt << std::flush;
  std::string typed;
  std::getline(std::cin, typed);
  err << '\n';
  return Secret(std::move(typed));
}

} // namespace

bool canAsk() noexcept { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

bool askYes(std::ostream& err, const std::string& question) {
  err << question << " (y/N) " << std::flush;
  std::string typed;
  return std::getline(std::cin, typed) && (typed == "y" || typed == "yes");
}

Result<Secret> askPassword(std::ostream& err, const std::string& prompt) {
  const NoEcho quiet;
  if (!quiet.works())
    return Error{Code::unavailable, "this terminal shows what is typed; use --password-file FILE"};
  Secret first = line(err, prompt + ": ");
  if (first.empty()) return Error{Code::invalid_param, "no password was typed"};
  const Secret second = line(err, "Once more: ");
  if (!equal(first.reveal(), second.reveal()))
    return Error{Code::invalid_param, "the two are not the same; nothing was changed"};
  return first;
}

Progress::Progress(std::ostream& err, std::string what)
    : err_(err)
    , what_(std::move(what)) {}

Progress::~Progress() {
  if (shown_) err_ << "\r\x1b[K" << std::flush;
}

Waiting Progress::waiting() {
  if (::isatty(STDERR_FILENO) != 1) return {};
  return [this] {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - since_).count();
    err_ << '\r' << what_ << ": " << seconds << " s\x1b[K" << std::flush;
    shown_ = true;
  };
}

std::string sizeText(std::size_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  const std::size_t unit = bytes < 1024 * 1024 ? 1024 : 1024 * 1024;
  return std::to_string(bytes / unit) + '.' + std::to_string(bytes % unit * 10 / unit) +
         (unit == 1024 ? " KiB" : " MiB");
}

} // namespace gatehouse::host
