#include "plugin/contract/Runner.h"

#include "base/UniqueFd.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::plugin::contract {
namespace {

constexpr int reportDescriptor = 3;

/// In the child, between fork and exec: what is async-signal-safe alone.
[[noreturn]] void become(char* const* arguments, int report) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const struct rlimit none {};
  ::setrlimit(RLIMIT_CORE, &none);
  ::dup2(STDERR_FILENO, STDOUT_FILENO); // what the plugin prints is no part of the report
  if ((report == reportDescriptor ? ::fcntl(report, F_SETFD, 0) : ::dup2(report, reportDescriptor)) >= 0)
    ::execv("/proc/self/exe", arguments);
  ::_exit(127);
}

/// Reads the records of Findings.cpp.
class Records {
public:
  explicit Records(StageReport& report)
      : report_(report) {}

  void take(std::string_view bytes) {
    buffer_ += bytes;
    for (std::size_t end = 0; (end = buffer_.find('\n')) != std::string::npos; buffer_.erase(0, end + 1))
      record(std::string_view(buffer_).substr(0, end));
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  void add(std::string rule, std::string text) {
    report_.findings.push_back({std::move(rule), std::move(text), trying_});
  }
  /// The process is gone without having come to its end.
  void ended(int status) {
    if (last_ == "threw")
      return add("exceptions", "it threw through the C boundary: the host would have ended");
    if (last_ == "terminated")
      return add("exceptions", "it called std::terminate: the host would have ended");
    if (last_ == "borrowed")
      return add("borrowed",
                 "it touched memory that was lent to it for a call: after the call, beyond its end, "
                 "or by writing to it");
    const std::string without = services_.empty()
                                    ? ""
                                    : "; it had looked for services that are not among its needs and "
                                      "was not given them: " +
                                          services_;
    if (last_ == "null") return add("crash", "it used a null pointer: the host would have ended" + without);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
      return add("exceptions",
                 "it aborted, as an exception through the C boundary does: the host would have ended");
    if (WIFSIGNALED(status))
      return add("crash", "it crashed (" + std::string(::strsignal(WTERMSIG(status))) +
                              "): the host would have ended");
    // A sanitizer ends the process so, too.
    add("crash", "it ended the process (exit " + std::to_string(WEXITSTATUS(status)) +
                     "): the host would have ended" + without);
  }

private:
  void record(std::string_view line) {
    if (line.size() == 1 && line[0] == 'E') ended_ = true;
    if (line.size() < 3) return;
    const std::string_view rest = line.substr(2);
    const std::size_t tab = rest.find('\t');
    const auto after = [&](std::size_t at) {
      return at == std::string_view::npos ? "" : rest.substr(at + 1);
    };
    switch (line[0]) {
    case 'T': trying_ = rest; break;
    case 'F': add(std::string(rest.substr(0, tab)), std::string(after(tab))); break;
    case 'X': last_ = rest; break;
    case 'S':
      if (services_.find(rest) == std::string::npos)
        services_ += (services_.empty() ? "" : ", ") + std::string(rest);
      break;
    case 'N': {
      const std::string_view second = after(tab);
      const std::size_t next = second.find('\t');
      report_.name = rest.substr(0, tab);
      report_.version = second.substr(0, next);
      if (next != std::string_view::npos) report_.kind = second.substr(next + 1);
      break;
    }
    default: break;
    }
  }

  StageReport& report_;
  std::string buffer_, trying_, last_, services_;
  bool ended_ = false;
};

} // namespace

StageReport runApart(const Stage& stage, const Task& task) {
  StageReport report{std::string(stage.name), {}, "", "", ""};
  Records records(report);
  std::vector<std::string> arguments = {"plugin-contract", "--run-stage", std::string(stage.name), task.file};
  for (const auto& [name, value] : task.settings) {
    arguments.push_back("--settings");
    arguments.push_back(name + "=" + value);
  }
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& one : arguments) pointers.push_back(one.data());
  pointers.push_back(nullptr);

  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    records.add("process", "no pipe can be made");
    return report;
  }
  UniqueFd in(ends[0]), out(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) become(pointers.data(), out.get());
  out = UniqueFd();
  if (child < 0) {
    records.add("process", "no process can be made");
    return report;
  }

  const auto deadline = std::chrono::steady_clock::now() + task.limit;
  bool late = false;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
            .count();
    pollfd waits{in.get(), POLLIN, 0};
    const int ready = left <= 0 ? 0 : ::poll(&waits, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      late = true;
      break;
    }
    char buffer[4096];
    const ssize_t n = ::read(in.get(), buffer, sizeof buffer);
    if (n <= 0) break;
    records.take({buffer, static_cast<std::size_t>(n)});
    if (records.ended()) break; // what its destructors do is not waited for
  }
  // Ended: the process may still crash on its way out, which is a finding too, but not one to wait for long.
  int status = 0;
  while (!late && ::waitpid(child, &status, WNOHANG) == 0) {
    late = std::chrono::steady_clock::now() >= deadline;
    ::usleep(1000);
  }
  if (late) {
    ::kill(child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    records.add("time", "it did not come back within " + std::to_string(task.limit.count()) + " seconds");
  } else if (!records.ended() || WIFSIGNALED(status)) {
    records.ended(status);
  }
  return report;
}

} // namespace gatehouse::plugin::contract
