#include "host/Signals.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gatehouse::host {

namespace {

sigset_t answered() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE}) sigaddset(&set, signal);
  return set;
}

} // namespace

Signals::Signals() {
  const sigset_t set = answered();
  if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) std::abort();
  fd_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) std::abort();
}

Signals::~Signals() = default; // the mask stays: a signal that comes this late must not end a clean stop

std::optional<Signals::Word> Signals::wait(int timeoutMs) {
  using Steady = std::chrono::steady_clock;
  const auto end = Steady::now() + std::chrono::milliseconds(timeoutMs);
  for (;;) {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) return Word::stop;
      if (info.ssi_signo == SIGHUP) return Word::reload;
      continue; // USR1, PIPE
    }
    int left = -1;
    if (timeoutMs >= 0) {
      left = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(end - Steady::now()).count());
      if (left < 0 || (left == 0 && timeoutMs > 0)) return {};
    }
    pollfd waiting{fd_.get(), POLLIN, 0};
    const int ready = ::poll(&waiting, 1, left);
    if (ready == 0) return {};
    if (ready < 0 && errno != EINTR) std::abort();
  }
}

void Signals::requestStop() noexcept { (void)::kill(::getpid(), SIGTERM); }

} // namespace gatehouse::host
