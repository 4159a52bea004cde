#include "engine/SystemCallFilter.h"

#include <asm/ioctls.h>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <initializer_list>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

namespace gatehouse::engine {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t architecture = 0; // none whose calls are listed
#endif

/// Allowed whatever the arguments: none of them reaches another process, a name that Landlock does not see,
/// or a network. Those that a busy engine makes most come first. No comma at the end: clang-format would give
/// each a line.
constexpr int always[] = {
    SYS_read, SYS_write, SYS_epoll_pwait, SYS_epoll_ctl, SYS_getpid, SYS_clock_gettime,
#if defined(__x86_64__) // the older names, which later architectures do without
    SYS_epoll_wait, SYS_time, SYS_open, SYS_dup2, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_rename,
    SYS_unlink, SYS_mkdir, SYS_rmdir, SYS_epoll_create, SYS_poll, SYS_select, SYS_pipe, SYS_getpgrp,
    SYS_arch_prctl,
#endif
    // memory, threads, time
    SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_mincore, SYS_futex,
    SYS_set_robust_list, SYS_rseq, SYS_set_tid_address, SYS_sched_getaffinity, SYS_sched_yield, SYS_getcpu,
    SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_setitimer,
    SYS_restart_syscall, SYS_getrandom, SYS_membarrier,
    // files
    SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_lseek, SYS_openat, SYS_close, SYS_close_range,
    SYS_dup, SYS_dup3, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_readlinkat, SYS_getcwd,
    SYS_getdents64, SYS_renameat, SYS_unlinkat, SYS_mkdirat, SYS_ftruncate, SYS_fsync, SYS_fdatasync,
    SYS_sync_file_range, SYS_fallocate, SYS_fadvise64, SYS_umask, SYS_chdir,
    // sockets
    SYS_accept, SYS_accept4, SYS_bind, SYS_listen, SYS_getsockname, SYS_getpeername, SYS_setsockopt,
    SYS_getsockopt, SYS_shutdown, SYS_recvfrom, SYS_epoll_create1, SYS_ppoll, SYS_pselect6, SYS_pipe2,
    SYS_eventfd2,
    // process
    SYS_execve, SYS_exit, SYS_exit_group, SYS_wait4, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid,
    SYS_getgid, SYS_getegid, SYS_uname, SYS_sysinfo, SYS_getrusage, SYS_times, SYS_rt_sigaction,
    SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack};

constexpr std::uint32_t setVma = 0x53564d41; // PR_SET_VMA, which names memory; not in every libc's headers
/// Namespaces of any kind, another parent, a tracer: what clone must not ask for.
constexpr std::uint32_t cloneRefused = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                       CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_PARENT |
                                       CLONE_PTRACE;

constexpr std::uint32_t refuse(int error) { return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error); }

/// Where the low half of a call's argument lies in seccomp_data. All that is compared here are ints, of which
/// the kernel reads no more.
constexpr std::uint32_t argument(unsigned index) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}

} // namespace

/// Builds the program, one call after the other. Each call's part tests the number, which stands in the
/// accumulator when it begins, and ends in an answer.
class SystemCallFilter::Writer {
public:
  explicit Writer(SystemCallFilter& filter)
      : code_(filter.code_)
      , self_(filter.self_) {}

  void load(std::uint32_t offset) { add(BPF_LD | BPF_W | BPF_ABS, offset); }
  void answer(std::uint32_t action) { add(BPF_RET | BPF_K, action); }
  void answerIf(std::uint32_t value, std::uint32_t action) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(action);
  }
  void answerUnless(std::uint32_t value, std::uint32_t action) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    answer(action);
  }
  void answerIfBits(std::uint32_t bits, std::uint32_t action) {
    add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    answer(action);
  }
  void allowIfSelf() {
    self_.push_back(code_.size());
    answerIf(0, SECCOMP_RET_ALLOW); // 0, until setSelf: no process has it
  }
  void mask(std::uint32_t bits) { add(BPF_ALU | BPF_AND | BPF_K, bits); }

  /// `body` writes what follows where the number is `call`, and refuses at its end.
  template <class Body>
  void call(long call, Body body) {
    const std::size_t test = code_.size();
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call));
    body();
    answer(refuse(EPERM));
    code_[test].jf = static_cast<std::uint8_t>(code_.size() - test - 1);
  }
  void allowWith(long number, unsigned index, std::initializer_list<std::uint32_t> values) {
    call(number, [&] {
      load(argument(index));
      for (const std::uint32_t value : values) answerIf(value, SECCOMP_RET_ALLOW);
    });
  }

private:
  void add(int code, std::uint32_t k, std::uint8_t jt = 0, std::uint8_t jf = 0) {
    code_.push_back({static_cast<std::uint16_t>(code), jt, jf, k});
  }
  std::vector<sock_filter>& code_;
  std::vector<std::size_t>& self_;
};

bool SystemCallFilter::supported() noexcept { return architecture != 0; }

SystemCallFilter SystemCallFilter::forEngine(bool truncateByPath) {
  SystemCallFilter filter;
  Writer w(filter);
  w.load(offsetof(seccomp_data, arch));
  w.answerUnless(architecture, SECCOMP_RET_KILL_PROCESS);
  w.load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
  w.answerIfBits(0x40000000, SECCOMP_RET_KILL_PROCESS); // x32, whose numbers mean other calls
#endif
  for (const int number : always) w.answerIf(static_cast<std::uint32_t>(number), SECCOMP_RET_ALLOW);
  if (truncateByPath) w.answerIf(SYS_truncate, SECCOMP_RET_ALLOW);

  w.call(SYS_clone, [&] {
    w.load(argument(0));
    w.answerIfBits(cloneRefused, refuse(EPERM));
    w.answer(SECCOMP_RET_ALLOW);
  });
  w.allowWith(SYS_prctl, 0, {PR_SET_NAME, PR_GET_NAME, PR_SET_THP_DISABLE, PR_CAPBSET_READ, setVma});
  w.allowWith(SYS_fcntl, 1, {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL});
  w.allowWith(SYS_ioctl, 1, {TCGETS, FIONREAD, FIONBIO});
  w.allowWith(SYS_prlimit64, 0, {0});
#if defined(__x86_64__)
  w.allowWith(SYS_getrlimit, 0, {RLIMIT_NOFILE, RLIMIT_STACK});
  w.allowWith(SYS_setrlimit, 0, {RLIMIT_NOFILE});
#endif
  w.allowWith(SYS_sendto, 5, {0}); // no address: only to whom the socket is connected
  w.call(SYS_socket, [&] {
    w.load(argument(0));
    // Only unix streams, for its own listening socket; connect is not listed.
    w.answerUnless(AF_UNIX, refuse(EPERM));
    w.load(argument(1));
    w.mask(~static_cast<std::uint32_t>(SOCK_CLOEXEC | SOCK_NONBLOCK));
    w.answerIf(SOCK_STREAM, SECCOMP_RET_ALLOW);
  });
  w.call(SYS_kill, [&] {
    w.load(argument(0));
    w.allowIfSelf();
    w.answerIf(0, refuse(EPERM));
    w.answerIfBits(0x80000000, refuse(EPERM)); // groups
    w.load(argument(1));
    w.answerIf(0, SECCOMP_RET_ALLOW);
    w.answerIf(SIGUSR1, SECCOMP_RET_ALLOW); // how redis ends its own fork; ignored by every other engine
  });
  w.call(SYS_tgkill, [&] {
    w.load(argument(0));
    w.allowIfSelf();
  });
  w.answer(refuse(ENOSYS));
  return filter;
}

void SystemCallFilter::setSelf(pid_t pid) noexcept {
  for (const std::size_t at : self_) code_[at].k = static_cast<std::uint32_t>(pid);
}

} // namespace gatehouse::engine
