#include "plugin/contract/Findings.h"

#include "base/Text.h"
#include "plugin/contract/Lent.h"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <set>
#include <unistd.h>

namespace gatehouse::plugin::contract::findings {
namespace {

constexpr std::size_t most = 40; // findings of one stage: more would only repeat them
int out = -1;
std::mutex lock;
std::set<std::string>& said() {
  static std::set<std::string> all;
  return all;
}

void write(std::string_view line) noexcept { // one write of less than PIPE_BUF: lines stay whole
  while (!line.empty()) {
    const ssize_t n = ::write(out, line.data(), line.size());
    if (n <= 0) ::_exit(1);
    line.remove_prefix(static_cast<std::size_t>(n));
  }
}

// The reader says in words what these records mean (Runner.cpp).
[[noreturn]] void onTerminate() {
  write(std::current_exception() ? "X\tthrew\n" : "X\tterminated\n");
  ::_exit(1);
}

void onCrash(int signal, siginfo_t* info, void*) {
  if (Lent::isLent(info->si_addr)) {
    write("X\tborrowed\n");
    ::_exit(1);
  }
  if (reinterpret_cast<std::uintptr_t>(info->si_addr) < 4096) {
    write("X\tnull\n");
    ::_exit(1);
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

} // namespace

void begin(int descriptor) {
  out = descriptor;
  std::set_terminate(&onTerminate);
  static char stack[64 * 1024]; // a plugin may have used up its own
  stack_t other{};
  other.ss_sp = stack;
  other.ss_size = sizeof stack;
  ::sigaltstack(&other, nullptr);
  struct sigaction action {};
  action.sa_sigaction = &onCrash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  ::sigaction(SIGSEGV, &action, nullptr);
  ::sigaction(SIGBUS, &action, nullptr);
}

void trying(std::string_view what) { write("T\t" + printable(what, 600) + "\n"); }

void add(std::string_view rule, std::string_view text) {
  const std::lock_guard guard(lock);
  const std::string line = "F\t" + std::string(rule) + "\t" + printable(text, 700) + "\n";
  if (said().size() < most && said().insert(line).second) write(line);
}

void isCalled(std::string_view name, std::string_view version, std::string_view kind) {
  write("N\t" + printable(name, 64) + "\t" + printable(version, 64) + "\t" + std::string(kind) + "\n");
}

void notGiven(std::string_view service) { write("S\t" + printable(service, 64) + "\n"); }

void end() { write("E\n"); }

} // namespace gatehouse::plugin::contract::findings
