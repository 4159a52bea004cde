#pragma once
#include "support/ServerProcess.h"

#include "base/UniqueFd.h"

#include <cppunit/extensions/HelperMacros.h>

#include <fcntl.h>
#include <filesystem>
#include <initializer_list>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace gatehouse::test {

/// The built program beside this test, run in a folder of its own: for what must not start, and for commands.
///
/// Threads: one. Errors: a run that does not end within a minute ends the test. Owns: the folder; no process
/// outlives a call.
class FaultProgram {
public:
  struct Run {
    int code = -1; // 128 and the signal
    std::string said;

    [[nodiscard]] bool says(std::string_view text) const { return said.find(text) != std::string::npos; }
  };

  FaultProgram() {
    namespace fs = std::filesystem;
    fs::create_directory(folder_ / "state");
    fs::permissions(folder_ / "state", fs::perms::owner_all);
    configure({});
  }

  [[nodiscard]] const TempFolder& folder() const noexcept { return folder_; }
  [[nodiscard]] std::string config() const { return folder_ / "gatehouse.yaml"; }

  /// gatehouse.yaml of a small installation whose provisioning reads manifest*.yaml, and more of it.
  void configure(const std::string& more, const std::string& listener = "127.0.0.1:0",
                 const std::string& files = "manifest*.yaml") {
    folder_.write("gatehouse.yaml",
                  "node: {name: localhost}\n"
                  "store: {path: state/gatehouse.db}\n"
                  "plugins: {directory: " +
                      built("lib/gatehouse/plugins") +
                      ", load: [certificate, password, http_rest]}\n"
                      "listeners: [{name: api, protocol: http_rest, address: \"" +
                      listener + "\"}]\ncontrol: {socket: control.sock}\nlog: {format: json}\n" +
                      (files.empty() ? "" : "provision: {files: [\"" + files + "\"]}\n") + more);
  }

  /// Runs it to its end.
  [[nodiscard]] Run run(std::initializer_list<const char*> words) const {
    const std::string program = built("bin/gatehouse"), out = folder_ / "out", file = config();
    std::vector<const char*> arguments = {program.c_str()};
    arguments.insert(arguments.end(), words.begin(), words.end());
    for (const char* last : {"--config", file.c_str(), static_cast<const char*>(nullptr)})
      arguments.push_back(last);
    const UniqueFd log(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const pid_t parent = ::getpid(), child = ::fork();
    if (child == 0) { // only what is safe between fork and exec
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(126);
      ::dup2(log.get(), STDOUT_FILENO);
      ::dup2(log.get(), STDERR_FILENO);
      ::execv(program.c_str(), const_cast<char* const*>(arguments.data()));
      ::_exit(127);
    }
    int status = 0;
    const bool ended =
        eventually([&] { return ::waitpid(child, &status, WNOHANG) == child; }, std::chrono::seconds(60));
    if (!ended) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      CPPUNIT_FAIL("it did not end:\n" + readFile(out));
    }
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), readFile(out)};
  }

  /// A file of the build that this test belongs to: its executable stands in the build's tests folder.
  [[nodiscard]] static std::string built(std::string_view path) {
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    return (self.parent_path().parent_path() / path).string();
  }

private:
  TempFolder folder_;
};

} // namespace gatehouse::test
