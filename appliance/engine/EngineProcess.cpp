#include "engine/EngineProcess.h"

#include "base/Text.h"
#include "engine/ChildSetup.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::engine {
namespace {

constexpr int executeCeilingMs = 5'000;
/// Where memory runs out, an engine goes before Gatehouse does; its data is on the disk and it comes again.
constexpr std::string_view oomScore = "200";

Error startError(const std::string& what, int error) {
  return {Code::unavailable, "the engine cannot be started: " + what + ": " + std::strerror(error)};
}

/// What the engine reads on its standard input: no file, so nothing that could be rewritten or left behind.
Result<UniqueFd> inputOf(std::string_view text) {
  UniqueFd fd(::memfd_create("engine", MFD_CLOEXEC));
  if (!fd) return startError("its configuration", errno);
  while (!text.empty()) {
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written < 0) return startError("its configuration", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) return startError("its configuration", errno);
  return fd;
}

struct Pipe {
  UniqueFd readEnd, writeEnd;
};
Result<Pipe> makePipe(int flags) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, flags | O_CLOEXEC) != 0) return startError("a pipe", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<std::string> realProgram(const std::string& program) {
  const std::unique_ptr<char, void (*)(void*)> path(::realpath(program.c_str(), nullptr), ::free);
  if (path && ::access(path.get(), X_OK) == 0) return std::string(path.get());
  return Error{Code::unavailable, "there is no redis-server at " + printable(program) + " (" +
                                      std::strerror(errno) +
                                      "): install it, or name it in engines.redis_server"};
}

std::uint64_t descriptorsWithin(std::uint32_t wanted) {
  rlimit limit{};
  (void)::getrlimit(RLIMIT_NOFILE, &limit);
  return std::min<std::uint64_t>(wanted, limit.rlim_max);
}

/// Forks with all signals blocked, so that no handler of ours runs in the child before it has reset them.
pid_t forkInto(const ChildPlan& plan) {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) becomeEngine(plan);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

/// Waits until the program runs. Errors: where the child failed.
Status executed(int report, const Launch& launch, const EngineFolders& folders) {
  pollfd waiting{report, POLLIN, 0};
  int ready = 0;
  do ready = ::poll(&waiting, 1, executeCeilingMs);
  while (ready < 0 && errno == EINTR);
  if (ready == 0)
    return Error{Code::unavailable, "the engine does not start: its program or directory is on a disk that "
                                    "does not answer"};
  ChildReport failed;
  const ssize_t size = ::read(report, &failed, sizeof failed);
  if (size == 0) return {}; // closed by the execution
  if (size != static_cast<ssize_t>(sizeof failed)) return startError("its first steps", errno);
  if (failed.step == ChildStep::lock && failed.error == EWOULDBLOCK)
    return Error{Code::unavailable, "another engine runs in " + printable(folders.path(launch.engineId))};
  return startError(printable(launch.program) + ", or what is to become it, " + describe(failed.step),
                    failed.error);
}

void writeOomScore(pid_t pid) {
  const UniqueFd fd(
      ::open(("/proc/" + std::to_string(pid) + "/oom_score_adj").c_str(), O_WRONLY | O_CLOEXEC));
  if (fd) (void)!::write(fd.get(), oomScore.data(), oomScore.size()); // helps, where it is allowed
}

} // namespace

Result<std::unique_ptr<EngineProcess>> EngineProcess::start(const Launch& launch, EngineFolders& folders) {
  auto program = realProgram(launch.program);
  if (!program) return std::move(program).error();
  GH_TRY(folders.sweep(launch.engineId));
  auto directory = folders.open(launch.engineId);
  if (!directory) return std::move(directory).error();
  auto input = inputOf(launch.input);
  if (!input) return std::move(input).error();
  // Non-blocking at the engine's end too: a full pipe must cost it lines, not its life.
  auto log = makePipe(O_NONBLOCK);
  if (!log) return std::move(log).error();
  auto report = makePipe(0);
  if (!report) return std::move(report).error();
  std::optional<Sandbox> sandbox;
  if (launch.sandbox) {
    auto built = Sandbox::build(*launch.sandbox, *program, directory->get());
    if (!built) return std::move(built).error();
    sandbox.emplace(std::move(*built));
  }

  std::vector<std::string> words = launch.arguments;
  if (words.empty()) words = {"/gatehouse-engine/" + std::to_string(launch.database), "-"};
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  arguments.push_back(nullptr);
  ChildPlan plan;
  plan.program = program->c_str();
  plan.arguments = arguments.data();
  plan.user = folders.user();
  plan.parent = ::getpid();
  plan.descriptors = descriptorsWithin(launch.descriptors);
  plan.input = input->get();
  plan.log = log->writeEnd.get();
  plan.directory = directory->get();
  plan.report = report->writeEnd.get();
  if (sandbox) {
    plan.ruleset = sandbox->ruleset();
    plan.filter = &sandbox->filter();
  }
  const pid_t pid = forkInto(plan);
  if (pid < 0) return startError("a process", errno);
  // It is ours from here on, and ends with this object. Not reaped yet, its number is nobody else's.
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const int error = errno;
  std::unique_ptr<EngineProcess> process(new EngineProcess(pid, std::move(pidfd), std::move(log->readEnd)));
  if (!process->pidfd_) return startError("a descriptor of its process", error);
  report->writeEnd.reset();
  directory->reset(); // the lock is the engine's alone
  GH_TRY(executed(report->readEnd.get(), launch, folders));
  const auto record = ProcessRecord::of(pid);
  if (!record) return startError("its process is gone", ESRCH);
  GH_TRY(folders.record(launch.engineId, *record));
  writeOomScore(pid);
  return process;
}

EngineProcess::~EngineProcess() {
  if (ended_) return;
  killGroup();
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  (void)ended();
}

const std::optional<std::string>& EngineProcess::ended() {
  if (ended_) return ended_;
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
    return ended_;
  // Before it is reaped its number is nobody else's: what it forked to save goes too, and the lock with it.
  killGroup();
  int status = 0;
  (void)::waitpid(pid_, &status, 0);
  ended_ = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                             : "signal " + std::to_string(WTERMSIG(status));
  return ended_;
}

void EngineProcess::signal(int number) noexcept {
  if (!ended_) (void)::kill(pid_, number);
}

void EngineProcess::killGroup() noexcept {
  if (ended_) return;
  (void)::kill(-pid_, SIGKILL);
  (void)::kill(pid_, SIGKILL); // a child that has not come to setsid yet is in our group
}

} // namespace gatehouse::engine
