// R18: the list of an engine's system calls says yes to what redis-server needs and no to all else. The
// program that the kernel would run is run here.
#include "engine/SystemCallFilter.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <asm/ioctls.h>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

using gatehouse::engine::SystemCallFilter;

namespace {

constexpr std::uint32_t allow = SECCOMP_RET_ALLOW, fatal = SECCOMP_RET_KILL_PROCESS;
constexpr std::uint32_t refused = SECCOMP_RET_ERRNO | EPERM, unknown = SECCOMP_RET_ERRNO | ENOSYS;
constexpr pid_t self = 4711;
#if defined(__aarch64__)
constexpr std::uint32_t here = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t here = AUDIT_ARCH_X86_64;
#endif

/// As the kernel runs it; any instruction but these few ends the test.
std::uint32_t run(const sock_fprog& program, const seccomp_data& data) {
  std::uint32_t a = 0;
  for (std::size_t at = 0; at < program.len; ++at) {
    const sock_filter& i = program.filter[at];
    switch (i.code) {
    case BPF_LD | BPF_W | BPF_ABS:
      CPPUNIT_ASSERT(i.k + 4 <= sizeof data);
      std::memcpy(&a, reinterpret_cast<const char*>(&data) + i.k, 4);
      break;
    case BPF_ALU | BPF_AND | BPF_K: a &= i.k; break;
    case BPF_JMP | BPF_JEQ | BPF_K: at += a == i.k ? i.jt : i.jf; break;
    case BPF_JMP | BPF_JSET | BPF_K: at += (a & i.k) != 0 ? i.jt : i.jf; break;
    case BPF_RET | BPF_K: return i.k;
    default: CPPUNIT_FAIL("an instruction that is not expected");
    }
  }
  CPPUNIT_FAIL("the program has no end");
  return 0;
}

} // namespace

class SystemCallFilterTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SystemCallFilterTest);
  CPPUNIT_TEST(fitsIntoTheKernel);
  CPPUNIT_TEST(foreignArchitecturesEndTheProcess);
  CPPUNIT_TEST(whatIsNotListedDoesNotExist);
  CPPUNIT_TEST(argumentsDecide);
  CPPUNIT_TEST(signalsGoToItselfAlone);
  CPPUNIT_TEST(truncateIsAllowedOnlyWhereLandlockSeesIt);
  CPPUNIT_TEST_SUITE_END();

  SystemCallFilter filter_ = SystemCallFilter::forEngine(true);

public:
  void setUp() override { filter_.setSelf(self); }

private:
  std::uint32_t verdict(long number, std::array<std::uint64_t, 6> arguments = {},
                        std::uint32_t architecture = here) {
    seccomp_data data{};
    data.nr = static_cast<int>(number);
    data.arch = architecture;
    for (std::size_t i = 0; i < arguments.size(); ++i) data.args[i] = arguments[i];
    return run(filter_.program(), data);
  }

  void fitsIntoTheKernel() {
    CPPUNIT_ASSERT(SystemCallFilter::supported());
    CPPUNIT_ASSERT(filter_.program().len > 100 && filter_.program().len <= BPF_MAXINSNS);
  }

  void foreignArchitecturesEndTheProcess() {
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_read));
    CPPUNIT_ASSERT_EQUAL(fatal, verdict(SYS_read, {}, AUDIT_ARCH_I386));
    CPPUNIT_ASSERT_EQUAL(fatal, verdict(SYS_read, {}, AUDIT_ARCH_ARM));
#if defined(__x86_64__)
    CPPUNIT_ASSERT_EQUAL(fatal, verdict(0x40000000 | SYS_read));
    CPPUNIT_ASSERT_EQUAL(fatal, verdict(-1));
#endif
  }

  void whatIsNotListedDoesNotExist() {
    for (const long number : std::initializer_list<long>{SYS_connect,
                                                         SYS_clone3,
                                                         SYS_unshare,
                                                         SYS_setns,
                                                         SYS_ptrace,
                                                         SYS_process_vm_readv,
                                                         SYS_process_vm_writev,
                                                         SYS_io_uring_setup,
                                                         SYS_sendmsg,
                                                         SYS_sendmmsg,
                                                         SYS_socketpair,
                                                         SYS_mount,
                                                         SYS_bpf,
                                                         SYS_keyctl,
                                                         SYS_userfaultfd,
                                                         SYS_perf_event_open,
                                                         SYS_pidfd_open,
                                                         SYS_pidfd_send_signal,
                                                         SYS_memfd_create,
                                                         SYS_execveat,
                                                         SYS_fchmodat,
                                                         SYS_fchownat,
                                                         SYS_linkat,
                                                         SYS_symlinkat,
                                                         SYS_mknodat,
                                                         SYS_utimensat,
                                                         SYS_setxattr,
                                                         SYS_setsid,
                                                         SYS_setuid,
                                                         SYS_setpriority,
                                                         SYS_sched_setaffinity,
                                                         SYS_tkill,
                                                         SYS_rt_sigqueueinfo,
                                                         SYS_inotify_init1,
                                                         SYS_flock,
                                                         SYS_renameat2,
                                                         SYS_openat2,
                                                         SYS_landlock_create_ruleset,
                                                         SYS_seccomp,
                                                         4095L})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(number), unknown, verdict(number));
  }

  void argumentsDecide() {
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_clone, {CLONE_VM | CLONE_THREAD | CLONE_SIGHAND}));
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_clone, {SIGCHLD}));
    for (const std::uint64_t flag : {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC,
                                     CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_PARENT, CLONE_PTRACE})
      CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_clone, {flag | SIGCHLD}));

    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_socket, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_socket, {AF_UNIX, SOCK_DGRAM}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_socket, {AF_UNIX, SOCK_SEQPACKET}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_socket, {AF_INET, SOCK_STREAM}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_socket, {AF_NETLINK, SOCK_RAW}));

    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_sendto, {5, 0, 0, 0, 0, 0}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_sendto, {5, 0, 0, 0, 1, 110}));

    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_prctl, {PR_SET_NAME}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_prctl, {PR_SET_PDEATHSIG}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_prctl, {PR_SET_DUMPABLE}));
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_fcntl, {1, F_SETFL}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_fcntl, {1, F_SETOWN}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_fcntl, {1, F_SETLK}));
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_ioctl, {1, FIONREAD}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_ioctl, {1, TIOCSTI}));
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_prlimit64, {0, 7}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_prlimit64, {99, 7}));
    // What stands above an int's 32 bits the kernel does not read, so neither does the filter.
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_prlimit64, {0x100000000, 7}));
  }

  void signalsGoToItselfAlone() {
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_kill, {self, SIGABRT}));
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_tgkill, {self, 4712, SIGABRT}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_tgkill, {1, 1, SIGUSR1}));
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_kill, {1, 0}));
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_kill, {1, SIGUSR1})); // its own forks; nobody else minds it
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_kill, {1, SIGTERM}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_kill, {1, SIGKILL}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_kill, {0, SIGUSR1}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_kill, {0xffffffff, SIGUSR1}));
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_kill, {0xffffffffffffffff, 0}));
    // Before it knows whose it is, nobody is itself.
    filter_.setSelf(0);
    CPPUNIT_ASSERT_EQUAL(refused, verdict(SYS_kill, {self, SIGTERM}));
  }

  void truncateIsAllowedOnlyWhereLandlockSeesIt() {
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_truncate));
    filter_ = SystemCallFilter::forEngine(false);
    CPPUNIT_ASSERT_EQUAL(unknown, verdict(SYS_truncate));
    CPPUNIT_ASSERT_EQUAL(allow, verdict(SYS_ftruncate));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SystemCallFilterTest);
