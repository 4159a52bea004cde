#include "support/RedisServer.h"

#include "support/RespClient.h"
#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::test {

RedisServer::RedisServer(const std::vector<std::string>& lines) {
  std::string text = "port 0\nunixsocket s\nsave \"\"\nappendonly no\nlogfile \"\"\nenable-debug-command no\n"
                     "busy-reply-threshold 1000\nclient-output-buffer-limit normal 1gb 256mb 60\n";
  for (const std::string& line : lines) text += line + '\n';
  const std::string config = folder_.write("redis.conf", text), log = folder_.write("log", "");
  const std::string directory = folder_.path().string();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) { // only what is safe between fork and exec
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent || ::chdir(directory.c_str()) != 0) ::_exit(126);
    const int out = ::open(log.c_str(), O_WRONLY | O_APPEND);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execlp("redis-server", "redis-server", "redis.conf", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  CPPUNIT_ASSERT_MESSAGE("no process can be made", pid_ > 0);
  const bool up = eventually([&] { return !textOf(peer().ask({"PING"})).starts_with('('); });
  CPPUNIT_ASSERT_MESSAGE("redis-server does not start: " + readFile(log), up);
}

RedisServer::~RedisServer() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

ClientOptions RedisServer::at() const {
  ClientOptions options;
  options.unixSocket = folder_ / "s";
  return options;
}

RespPeer RedisServer::peer() const { return RespPeer(at()); }

std::string projectedLike(std::string_view words) {
  const std::string denied = "-@admin -migrate -restore-asking -script|debug";
  const std::string planted = " -function|load -function|restore -function|delete -function|flush";
  return "resetchannels +multi +exec +discard +acl|whoami " + denied + " -client|tracking" + planted + " (" +
         std::string(words) + ' ' + denied + planted + ')';
}

} // namespace gatehouse::test
