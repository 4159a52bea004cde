// What a redis-server that was taken over would try. Stands in its place, in its sandbox; reads from its
// standard input what there is to attack, as name=value lines, and says of each attempt whether it succeeded:
//   SUCCEEDED store-open      refused store-open (1)
// What needs a victim is named in EngineSandboxTest.cpp, which knows what must come out.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <iostream>
#include <linux/io_uring.h>
#include <map>
#include <netinet/in.h>
#include <sched.h>
#include <string>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace {

std::map<std::string, std::string> target;

void attempt(const char* name, const std::function<bool()>& action) {
  errno = 0;
  const bool succeeded = action();
  if (succeeded)
    std::printf("SUCCEEDED %s\n", name);
  else
    std::printf("refused %s (%d)\n", name, errno);
  std::fflush(stdout);
}

const char* path(const char* name) { return target[name].c_str(); }
pid_t gateway() { return static_cast<pid_t>(std::stol(target["pid"])); }

/// In a fork, for what would change or end this process. True where `action` is true there.
bool inFork(const std::function<bool()>& action) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(action() ? 0 : 1);
  int status = 0;
  return pid > 0 && ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool opens(const std::string& name, int flags) {
  const int fd = ::open(name.c_str(), flags);
  if (fd < 0) return false;
  char c = 0;
  const bool reached = (flags & O_ACCMODE) != O_RDONLY || ::read(fd, &c, 1) >= 0;
  ::close(fd);
  return reached;
}

/// Connects to a unix socket by a name; one that begins with @ is abstract.
bool connects(const std::string& name, int type, bool send = false) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t size = std::min(name.size(), sizeof address.sun_path - 1);
  std::memcpy(address.sun_path, name.data(), size);
  if (name[0] == '@') address.sun_path[0] = 0;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  const int fd = ::socket(AF_UNIX, type, 0);
  if (fd < 0) return false;
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  const bool reached =
      send ? ::sendto(fd, "STOPPING=1", 10, 0, to, length) == 10 : ::connect(fd, to, length) == 0;
  ::close(fd);
  return reached;
}

/// Whether a socket of this kind can be made at all.
bool makesSocket(int family, int type, int protocol = 0) {
  const int fd = ::socket(family, type, protocol);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

/// The gateway's store, which lies beside the engines.
void store() {
  const std::string name = target["store"];
  attempt("store-read", [&] { return opens(name, O_RDONLY); });
  attempt("store-write", [&] { return opens(name, O_WRONLY); });
  attempt("store-open-path", [&] {
    const int fd = ::open(name.c_str(), O_PATH);
    const std::string again = "/proc/self/fd/" + std::to_string(fd);
    return fd >= 0 && opens(again, O_RDONLY);
  });
  attempt("store-chmod", [&] { return ::chmod(name.c_str(), 0600) == 0; });
  attempt("store-utime", [&] { return ::utimes(name.c_str(), nullptr) == 0; });
  attempt("store-xattr", [&] { return ::setxattr(name.c_str(), "user.x", "1", 1, 0) == 0; });
  attempt("store-link", [&] { return ::link(name.c_str(), "taken") == 0; });
  attempt("store-symlink", [&] { return ::symlink(name.c_str(), "way") == 0; });
  attempt("store-truncate", [&] { return ::truncate(name.c_str(), 100) == 0; });
  attempt("store-rename", [&] {
    const std::string away = name + ".away";
    return ::rename(name.c_str(), away.c_str()) == 0 && ::rename(away.c_str(), name.c_str()) == 0;
  });
  attempt("store-rename-in",
          [&] { return ::rename(name.c_str(), "stolen") == 0 && ::rename("stolen", name.c_str()) == 0; });
  attempt("store-rename-over", [&] {
    const int fd = ::open("forged", O_CREAT | O_WRONLY, 0600);
    ::close(fd);
    return ::rename("forged", (name + ".forged").c_str()) == 0;
  });
  attempt("store-unlink", [&] { return ::unlink((name + "-wal").c_str()) == 0; });
  attempt("record-write", [&] { return opens(target["record"], O_WRONLY); });
  attempt("record-unlink", [&] { return ::unlink(path("record")) == 0; });
  attempt("sibling-read", [&] { return opens(target["sibling"] + "/dump.rdb", O_RDONLY); });
  attempt("sibling-list", [&] { return ::open(path("sibling"), O_RDONLY | O_DIRECTORY) >= 0; });
  attempt("parent-list", [&] { return ::open("..", O_RDONLY | O_DIRECTORY) >= 0; });
  attempt("passwd-read", [&] { return opens("/etc/passwd", O_RDONLY); });
}

void sockets() {
  const std::string control = target["control"];
  attempt("control-connect", [&] { return connects(control, SOCK_STREAM); });
  attempt("control-by-descriptor", [&] {
    const std::string folder = control.substr(0, control.rfind('/'));
    const int fd = ::open(folder.c_str(), O_PATH | O_DIRECTORY);
    return fd >= 0 &&
           connects("/proc/self/fd/" + std::to_string(fd) + control.substr(folder.size()), SOCK_STREAM);
  });
  attempt("control-by-dev-fd", [&] {
    const int fd = ::open(control.c_str(), O_PATH);
    return fd >= 0 && connects("/dev/fd/" + std::to_string(fd), SOCK_STREAM);
  });
  attempt("abstract-connect", [&] { return connects(target["abstract"], SOCK_STREAM); });
  attempt("sibling-connect", [&] { return connects(target["sibling"] + "/s", SOCK_STREAM); });
  attempt("datagram-send", [&] { return connects(target["datagram"], SOCK_DGRAM, true); });
  attempt("datagram-pair-send", [&] {
    int pair[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0) return false;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path("datagram"), sizeof address.sun_path - 1);
    return ::sendto(pair[0], "STOPPING=1", 10, 0, reinterpret_cast<const sockaddr*>(&address),
                    sizeof address) == 10;
  });
  attempt("tcp", [] { return makesSocket(AF_INET, SOCK_STREAM); });
  attempt("tcp6", [] { return makesSocket(AF_INET6, SOCK_STREAM); });
  attempt("udp", [] { return makesSocket(AF_INET, SOCK_DGRAM); });
  attempt("netlink", [] { return makesSocket(AF_NETLINK, SOCK_RAW); });
  attempt("vsock", [] { return makesSocket(40, SOCK_STREAM); });
}

void process() {
  const pid_t gw = gateway();
  const std::string proc = "/proc/" + target["pid"];
  attempt("signal-0", [&] { return ::kill(gw, 0) == 0; });
  attempt("signal-usr1", [&] { return ::kill(gw, SIGUSR1) == 0; });
  attempt("signal-hup", [&] { return ::kill(gw, SIGHUP) == 0; });
  attempt("signal-term", [&] { return ::kill(gw, SIGTERM) == 0; });
  attempt("signal-stop-cont", [&] { return ::kill(gw, SIGSTOP) == 0 && ::kill(gw, SIGCONT) == 0; });
  attempt("signal-all", [] { return ::kill(-1, 0) == 0; });
  attempt("signal-group", [&] { return ::kill(-gw, SIGTERM) == 0; });
  attempt("signal-thread", [&] { return ::syscall(SYS_tgkill, gw, gw, SIGTERM) == 0; });
  attempt("signal-queue", [&] {
    siginfo_t info{};
    info.si_code = SI_QUEUE;
    return ::syscall(SYS_rt_sigqueueinfo, gw, SIGTERM, &info) == 0;
  });
  attempt("signal-pidfd", [&] {
    const long fd = ::syscall(SYS_pidfd_open, gw, 0);
    return fd >= 0 && ::syscall(SYS_pidfd_send_signal, fd, SIGTERM, nullptr, 0) == 0;
  });
  attempt("ptrace", [&] {
    if (::ptrace(PTRACE_SEIZE, gw, nullptr, nullptr) != 0) return false;
    ::ptrace(PTRACE_DETACH, gw, nullptr, nullptr);
    return true;
  });
  attempt("memory-read", [&] {
    char bytes[8];
    iovec local{bytes, sizeof bytes};
    iovec remote{reinterpret_cast<void*>(std::stoull(target["address"])), sizeof bytes};
    return ::process_vm_readv(gw, &local, 1, &remote, 1, 0) > 0;
  });
  attempt("memory-write", [&] {
    char bytes[8] = {};
    iovec local{bytes, sizeof bytes};
    iovec remote{reinterpret_cast<void*>(std::stoull(target["address"])), sizeof bytes};
    return ::process_vm_writev(gw, &local, 1, &remote, 1, 0) > 0;
  });
  for (const char* file : {"mem", "environ", "maps", "cmdline", "status"})
    attempt((std::string("proc-") + file).c_str(),
            [&] { return ::open((proc + '/' + file).c_str(), O_RDONLY) >= 0; });
  attempt("proc-oom-score", [&] { return opens(proc + "/oom_score_adj", O_WRONLY); });
  attempt("proc-list-descriptors",
          [&] { return ::open((proc + "/fd").c_str(), O_RDONLY | O_DIRECTORY) >= 0; });
  attempt("limits", [&] {
    rlimit limit{};
    return ::prlimit(gw, RLIMIT_NOFILE, nullptr, &limit) == 0 &&
           ::prlimit(gw, RLIMIT_NOFILE, &limit, nullptr) == 0;
  });
  attempt("affinity", [&] {
    cpu_set_t set;
    return ::sched_getaffinity(gw, sizeof set, &set) == 0 && ::sched_setaffinity(gw, sizeof set, &set) == 0;
  });
  attempt("priority", [&] { return ::setpriority(PRIO_PROCESS, static_cast<id_t>(gw), 10) == 0; });
  attempt("descriptor-theft", [&] {
    const long fd = ::syscall(SYS_pidfd_open, gw, 0);
    return fd >= 0 && ::syscall(438, fd, 0, 0) >= 0; // pidfd_getfd
  });
}

int sleeper(void*) { return 0; }

void itself() {
  alignas(16) static char stack[64 * 1024];
  attempt("exec-true", [] {
    return inFork([] {
      ::execl("/usr/bin/true", "true", nullptr);
      return false;
    });
  });
  attempt("exec-shell", [] {
    return inFork([] {
      ::execl("/bin/sh", "sh", "-c", "exit 0", nullptr);
      return false;
    });
  });
  attempt("exec-own-file", [] {
    const int from = ::open("/proc/self/exe", O_RDONLY), to = ::open("copy", O_CREAT | O_WRONLY, 0700);
    char chunk[4096];
    for (ssize_t size = 0; from >= 0 && (size = ::read(from, chunk, sizeof chunk)) > 0;)
      (void)!::write(to, chunk, static_cast<std::size_t>(size));
    ::close(to);
    return inFork([] {
      ::execl("./copy", "copy", "leave", nullptr);
      return false;
    });
  });
  attempt("exec-memory", [] {
    const long fd = ::syscall(SYS_memfd_create, "x", 0);
    return fd >= 0;
  });
  attempt("namespace-unshare", [] { return inFork([] { return ::unshare(CLONE_NEWUSER) == 0; }); });
  attempt("namespace-clone", [] {
    const pid_t pid = ::clone(sleeper, stack + sizeof stack, CLONE_NEWUSER | SIGCHLD, nullptr);
    return pid > 0 && ::waitpid(pid, nullptr, 0) == pid;
  });
  attempt("namespace-clone3", [] {
    struct {
      std::uint64_t flags = CLONE_NEWUSER, pidfd = 0, child = 0, parent = 0, signal = SIGCHLD, stack = 0,
                    size = 0, tls = 0;
    } arguments;
    const long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) ::_exit(0);
    return pid > 0 && ::waitpid(static_cast<pid_t>(pid), nullptr, 0) == pid;
  });
  attempt("clone-parent",
          [] { return ::clone(sleeper, stack + sizeof stack, CLONE_PARENT | SIGCHLD, nullptr) > 0; });
  attempt("io-uring", [] {
    io_uring_params parameters{};
    return ::syscall(SYS_io_uring_setup, 1, &parameters) >= 0;
  });
  attempt("inotify", [] { return ::inotify_init1(0) >= 0; });
  attempt("session", [] { return inFork([] { return ::setsid() > 0; }); });
  attempt("outlive-parent", [] { return ::prctl(PR_SET_PDEATHSIG, 0) == 0; });
  attempt("device", [] { return ::mknod("device", S_IFCHR | 0600, 0x103) == 0; });
  attempt("fifo", [] { return ::mknod("fifo", S_IFIFO | 0600, 0) == 0; });
  attempt("user", [] { return ::setresuid(::getuid(), ::getuid(), ::getuid()) == 0; });
  attempt("chroot", [] { return ::chroot(".") == 0; });
  attempt("mount", [] { return ::syscall(SYS_mount, "none", ".", "tmpfs", 0, nullptr) == 0; });
  attempt("bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0) >= 0 || errno == EINVAL || errno == EFAULT; });
  attempt("keyring", [] { return ::syscall(SYS_keyctl, 0, -3, 1) >= 0; });
  attempt("userfault", [] { return ::syscall(SYS_userfaultfd, 1) >= 0; });
  attempt("perf",
          [] { return ::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0) >= 0 || errno == EFAULT; });
  attempt("terminal-input", [] {
    char c = 'x';
    return ::ioctl(0, TIOCSTI, &c) == 0 || errno == ENOTTY;
  });
  attempt("dumpable", [] { return ::prctl(PR_SET_DUMPABLE, 1) == 0; });
  attempt("more-privileges", [] { return ::prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0; });
}

/// What must work, or the rest says nothing.
void own() {
  attempt("own-write", [] { return ::open("mine", O_CREAT | O_RDWR | O_TRUNC, 0600) >= 0; });
  attempt("own-rename", [] { return ::rename("mine", "temp-mine.rdb") == 0; });
  attempt("own-unlink", [] { return ::unlink("temp-mine.rdb") == 0; });
  attempt("own-fork", [] { return inFork([] { return true; }); });
  attempt("own-signal", [] { return ::kill(::getpid(), 0) == 0; });
  attempt("own-stat", [] { return opens("/proc/self/stat", O_RDONLY); });
  attempt("own-listen", [] {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, "s");
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    return fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
           ::listen(fd, 1) == 0;
  });
}

} // namespace

int main(int count, char**) {
  if (count == 2 && target.empty()) {
    std::string line;
    while (std::getline(std::cin, line)) {
      const std::size_t equals = line.find('=');
      if (equals != std::string::npos) target[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  if (target.empty()) return 0; // executed by itself: exec-own-file
  own();
  store();
  sockets();
  process();
  itself();
  attempt("signal-kill", [] { return ::kill(gateway(), SIGKILL) == 0; });
  std::printf("done\n");
  return 0;
}
