#include "engine/ChildSetup.h"

#include "engine/SystemCallFilter.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gatehouse::engine {
namespace {

// Where the child finds its descriptors. 5 stays free.
constexpr int inputAt = 0, outputAt = 1, errorsAt = 2, directoryAt = 3, reportAt = 4, rulesetAt = 6;
constexpr int firstClosed = 7;
constexpr int outOfTheWay = 64; // above all of them

/// The kernel's own sigaction: the C library keeps two signals for itself and refuses to reset them.
struct KernelAction {
  void (*handler)(int) = SIG_DFL;
  unsigned long flags = 0;
  void (*restorer)() = nullptr;
  std::uint64_t mask = 0;
};
struct PathRule {
  std::uint64_t allowed = 0;
  std::int32_t parent = -1;
} __attribute__((packed));

class Child {
public:
  explicit Child(const ChildPlan& plan)
      : plan_(plan)
      , report_(plan.report) {}

  [[noreturn]] void run() noexcept {
    check(ChildStep::session, ::setsid());
    resetSignals();
    ::umask(0077); // the mode of its socket and files: chmod is refused there
    limit();
    placeDescriptors();
    // Here and not in the parent, so that /proc/locks names the engine.
    check(ChildStep::lock, ::flock(directoryAt, LOCK_EX | LOCK_NB));
    check(ChildStep::directory,
          ::fchdir(directoryAt)); // before the change of user: the way to it is ours alone
    changeUser();
    // After the change of user, which clears it.
    check(ChildStep::parent, ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0));
    if (::getppid() != plan_.parent) fail(ChildStep::parent, ESRCH);
    check(ChildStep::privileges, ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (plan_.filter != nullptr) enterSandbox();
    const char* const environment[] = {nullptr};
    ::execve(plan_.program, const_cast<char* const*>(plan_.arguments), const_cast<char* const*>(environment));
    fail(ChildStep::execute, errno);
  }

private:
  void check(ChildStep step, long result) noexcept {
    if (result < 0) fail(step, errno);
  }
  [[noreturn]] void fail(ChildStep step, int error) noexcept {
    const ChildReport report{step, error};
    (void)!::write(report_, &report, sizeof report);
    ::_exit(127);
  }

  void resetSignals() noexcept {
    for (int number = 1; number <= 64; ++number) {
      KernelAction action;
      // Engines of one user can send each other this one signal, and redis's main process has no use for it.
      if (number == SIGUSR1) action.handler = SIG_IGN;
      if (number == SIGKILL || number == SIGSTOP) continue;
      check(ChildStep::signals, ::syscall(SYS_rt_sigaction, number, &action, nullptr, sizeof action.mask));
    }
    const std::uint64_t none = 0;
    check(ChildStep::signals, ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none));
  }

  void limit() noexcept {
    const rlimit noCore{0, 0}; // it would hold other people's data
    check(ChildStep::limits, ::setrlimit(RLIMIT_CORE, &noCore));
    const rlimit files{plan_.descriptors, plan_.descriptors};
    check(ChildStep::limits, ::setrlimit(RLIMIT_NOFILE, &files));
  }

  int moveAway(int fd) noexcept {
    const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, outOfTheWay);
    check(ChildStep::descriptors, moved);
    return moved;
  }
  void place(int fd, int at, int flags = 0) noexcept { check(ChildStep::descriptors, ::dup3(fd, at, flags)); }
  void placeDescriptors() noexcept {
    const int report = moveAway(plan_.report), input = moveAway(plan_.input), log = moveAway(plan_.log),
              directory = moveAway(plan_.directory);
    const int ruleset = plan_.ruleset >= 0 ? moveAway(plan_.ruleset) : -1;
    report_ = report;
    place(input, inputAt);
    place(log, outputAt);
    place(log, errorsAt);
    place(directory, directoryAt);
    place(report, reportAt, O_CLOEXEC);
    report_ = reportAt;
    ::close(5);
    if (ruleset >= 0)
      place(ruleset, rulesetAt, O_CLOEXEC);
    else
      ::close(rulesetAt);
    check(ChildStep::descriptors, ::syscall(SYS_close_range, firstClosed, ~0U, 0));
  }

  void changeUser() noexcept {
    if (!plan_.user.other) return;
    // The bare calls: the C library's own tell all threads of the parent, who are not here.
    check(ChildStep::user, ::syscall(SYS_setgroups, 0, nullptr));
    check(ChildStep::user, ::syscall(SYS_setresgid, plan_.user.gid, plan_.user.gid, plan_.user.gid));
    check(ChildStep::user, ::syscall(SYS_setresuid, plan_.user.uid, plan_.user.uid, plan_.user.uid));
  }

  void enterSandbox() noexcept {
    constexpr long addRule = 445, restrictSelf = 446;
    // A rule dies with the inode, which procfs drops when nobody holds it: this descriptor stays open for
    // ever.
    const int self = ::open("/proc/self/stat", O_PATH);
    if (self < 0 && errno != ENOENT) fail(ChildStep::self, errno);
    if (self >= 0) {
      const PathRule rule{4, self}; // read
      check(ChildStep::self, ::syscall(addRule, rulesetAt, 1, &rule, 0));
    }
    check(ChildStep::landlock, ::syscall(restrictSelf, rulesetAt, 0));
    plan_.filter->setSelf(::getpid());
    const sock_fprog program = plan_.filter->program();
    check(ChildStep::seccomp, ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
  }

  const ChildPlan& plan_;
  int report_;
};

} // namespace

void becomeEngine(const ChildPlan& plan) noexcept { Child(plan).run(); }

const char* describe(ChildStep step) noexcept {
  switch (step) {
  case ChildStep::session: return "cannot begin a session";
  case ChildStep::signals: return "cannot reset its signals";
  case ChildStep::limits: return "cannot set its limits";
  case ChildStep::descriptors: return "cannot place its descriptors";
  case ChildStep::lock: return "cannot lock its directory";
  case ChildStep::directory: return "cannot enter its directory";
  case ChildStep::user: return "cannot become the engines' user";
  case ChildStep::parent: return "has lost its parent";
  case ChildStep::privileges: return "cannot give up privileges";
  case ChildStep::self: return "cannot allow /proc/self/stat";
  case ChildStep::landlock: return "cannot enter its Landlock domain";
  case ChildStep::seccomp: return "cannot install its system call filter";
  case ChildStep::execute: return "cannot execute the program";
  }
  return "cannot be set up";
}

} // namespace gatehouse::engine
