#include "CommandFixture.h"

#include "FaultProgram.h"
#include "base/UniqueFd.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::test {

std::string builtProgram() { return FaultProgram::built("bin/gatehouse"); }

CommandRun command(const std::vector<std::string>& words) {
  const TempFolder folder;
  const std::string program = builtProgram(), out = folder / "out", err = folder / "err";
  std::vector<const char*> arguments = {program.c_str()};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  arguments.push_back(nullptr);
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  const UniqueFd outFile(::open(out.c_str(), flags, 0600)), errFile(::open(err.c_str(), flags, 0600)),
      nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const pid_t parent = ::getpid(), child = ::fork();
  if (child == 0) { // only what is safe between fork and exec
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    ::setsid(); // no terminal
    ::dup2(nothing.get(), STDIN_FILENO);
    ::dup2(outFile.get(), STDOUT_FILENO);
    ::dup2(errFile.get(), STDERR_FILENO);
    ::execv(program.c_str(), const_cast<char* const*>(arguments.data()));
    ::_exit(127);
  }
  CPPUNIT_ASSERT_MESSAGE("no process can be made", child > 0);
  int status = 0;
  rusage used{};
  const bool ended =
      eventually([&] { return ::wait4(child, &status, WNOHANG, &used) == child; }, std::chrono::minutes(2));
  if (!ended) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    CPPUNIT_FAIL("a command did not end:\n" + readFile(out) + readFile(err));
  }
  CommandRun run;
  run.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.out = readFile(out);
  run.err = readFile(err);
  run.most = static_cast<std::size_t>(used.ru_maxrss);
  return run;
}

CommandRun command(const ServerProcess& server, std::vector<std::string> words) {
  words.emplace_back("--config");
  words.push_back(server.configFile());
  return command(words);
}

void expectCode(int wanted, const CommandRun& run, const char* file, int line) {
  CPPUNIT_NS::assertEquals(wanted, run.code, CPPUNIT_NS::SourceLine(file, line), run.all());
}

void expectPart(std::string_view part, const std::string& text, const char* file, int line) {
  CPPUNIT_NS::Asserter::failIf(text.find(part) == std::string::npos,
                               "no \"" + std::string(part) + "\" in:\n" + text,
                               CPPUNIT_NS::SourceLine(file, line));
}

void expectNoPart(std::string_view part, const std::string& text, const char* file, int line) {
  CPPUNIT_NS::Asserter::failIf(text.find(part) != std::string::npos,
                               "there is \"" + std::string(part) + "\" in:\n" + text,
                               CPPUNIT_NS::SourceLine(file, line));
}

std::string valueIn(std::string_view json, std::string_view key) {
  const std::string wanted = '"' + std::string(key) + "\":";
  const std::size_t at = json.find(wanted);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = json.substr(at + wanted.size());
  if (rest.starts_with('"')) return std::string(rest.substr(0, rest.find('"', 1) + 1));
  return std::string(rest.substr(0, rest.find_first_of(",}]")));
}

} // namespace gatehouse::test
