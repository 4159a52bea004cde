#include "support/ServerProcess.h"

#include "base/UniqueFd.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace gatehouse::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds startCeiling{60}; // a sanitizer on a busy machine

[[noreturn]] void fail(const std::string& text) {
  CPPUNIT_FAIL(text);
  std::abort(); // CPPUNIT_FAIL throws
}

UniqueFd notifySocket(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) fail("the temporary folder's path is too long for a socket");
  std::memcpy(address.sun_path, path.data(), path.size());
  std::filesystem::remove(path);
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("no notification socket: " + std::string(std::strerror(errno)));
  return fd;
}

std::string configuration(const ServerOptions& options, const std::string& plugins) {
  std::ostringstream out;
  out << "node: {name: localhost}\n"
      << "store: {path: state/gatehouse.db}\n"
      << "plugins:\n  directory: " << plugins << "\n  load: " << options.load << '\n';
  if (!options.settings.empty()) out << "  settings: " << options.settings << '\n';
  out << "authenticate: " << options.authenticate << '\n' << "listeners:\n";
  out << (options.listeners.empty() ? "  - {name: api, protocol: http_rest, address: \"127.0.0.1:0\"}\n"
                                    : options.listeners);
  out << "control: {socket: control.sock}\n"
      << "log: {level: debug, format: json}\n"
      << "workers: " << options.workers << '\n';
  if (!options.manifest.empty()) out << "provision: {files: [\"provision/*.yaml\"]}\n";
  return out.str() + options.extra;
}

/// Also one that nobody has waited for yet: it holds nothing any more.
bool ended(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return true;
  const std::size_t name = line.rfind(')'); // "12 (name) Z ..."
  return name != std::string::npos && line.substr(name, 3) == ") Z";
}

bool holds(std::string_view line, std::string_view event, const std::vector<std::string>& texts) {
  if (line.find("\"event\":\"" + std::string(event) + '"') == std::string_view::npos) return false;
  for (const std::string& text : texts)
    if (line.find(text) == std::string_view::npos) return false;
  return true;
}

} // namespace

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds within) {
  for (const auto until = Clock::now() + within; Clock::now() < until;) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2)); // between two questions, not instead of one
  }
  return holds();
}

ServerProcess::ServerProcess(ServerOptions options)
    : options_(std::move(options)) {
  namespace fs = std::filesystem;
  if (options_.program.empty()) options_.program = GATEHOUSE_PROGRAM;
  if (options_.pluginDirectory.empty()) options_.pluginDirectory = GATEHOUSE_PLUGINS;
  plugins_ = options_.pluginDirectory;
  if (!options_.extraPlugins.empty()) {
    plugins_ = folder_ / "plugins";
    fs::create_directory(plugins_);
    fs::permissions(plugins_, fs::perms::owner_all);
    for (const auto& entry : fs::directory_iterator(options_.pluginDirectory))
      if (entry.path().extension() == ".so")
        fs::create_symlink(entry.path(), fs::path(plugins_) / entry.path().filename());
    for (const fs::path extra : options_.extraPlugins)
      fs::create_symlink(extra, fs::path(plugins_) / extra.filename());
  }
  fs::create_directory(folder_ / "state");
  fs::permissions(folder_ / "state", fs::perms::owner_all);
  fs::create_directory(folder_ / "provision");
  if (!options_.manifest.empty()) folder_.write("provision/10-test.yaml", options_.manifest);
  for (const auto& [name, content] : options_.files) folder_.write("provision/" + name, content);
  folder_.write("gatehouse.yaml", configuration(options_, plugins_));
  folder_.write("log", "");
  start();
}

void ServerProcess::setListeners(std::string yaml) {
  options_.listeners = std::move(yaml);
  folder_.write("gatehouse.yaml", configuration(options_, plugins_));
}

ServerProcess::~ServerProcess() {
  if (pid_ <= 0) return;
  const std::vector<pid_t> engines = children();
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  // They would end by themselves now, with a save that nobody wants. A folder that is still written to cannot
  // be removed.
  for (const pid_t pid : engines) ::kill(pid, SIGKILL);
  static_cast<void>(eventually([&] { return std::all_of(engines.begin(), engines.end(), ended); },
                               std::chrono::seconds(5)));
}

std::vector<pid_t> ServerProcess::children() const {
  std::vector<pid_t> out;
  if (pid_ <= 0) return out;
  std::error_code ignored;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task", ignored)) {
    std::ifstream file(task.path() / "children");
    for (pid_t child = 0; file >> child;) out.push_back(child);
  }
  return out;
}

void ServerProcess::start() {
  logStart_ = readFile(folder_ / "log").size();
  const std::string notify = folder_ / "notify.sock";
  const UniqueFd ready = notifySocket(notify);
  const std::string config = configFile(), logFile = folder_ / "log", variable = "NOTIFY_SOCKET=" + notify;

  std::vector<char*> environment;
  for (char** at = environ; *at != nullptr; ++at)
    if (std::strncmp(*at, "NOTIFY_SOCKET=", 14) != 0 && std::strncmp(*at, "JOURNAL_STREAM=", 15) != 0)
      environment.push_back(*at);
  environment.push_back(const_cast<char*>(variable.c_str()));
  environment.push_back(nullptr);
  const char* const arguments[] = {options_.program.c_str(), "serve", "--config", config.c_str(), nullptr};
  const int out = ::open(logFile.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (out < 0) fail("no log file");

  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) { // only what is safe between fork and exec
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execve(arguments[0], const_cast<char* const*>(arguments), environment.data());
    ::_exit(127);
  }
  ::close(out);
  if (pid_ < 0) fail("no process can be made");

  const auto until = Clock::now() + startCeiling;
  for (;;) {
    pollfd wish{ready.get(), POLLIN, 0};
    const int came = ::poll(&wish, 1, 50);
    char words[512];
    const ssize_t got = came > 0 ? ::recv(ready.get(), words, sizeof words, 0) : 0;
    if (got > 0 &&
        std::string_view(words, static_cast<std::size_t>(got)).find("READY=1") != std::string::npos)
      return;
    if (!running()) fail("the server ended while it started:\n" + log());
    if (Clock::now() > until) fail("the server did not become ready:\n" + log());
  }
}

bool ServerProcess::running() {
  if (pid_ <= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

int ServerProcess::wait(std::chrono::milliseconds within) {
  int status = 0;
  const bool ended = eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, within);
  if (!ended) fail("the server did not end:\n" + log());
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int ServerProcess::stop() {
  if (pid_ <= 0) fail("the server runs no more:\n" + log());
  ::kill(pid_, SIGTERM);
  return wait(std::chrono::seconds(20));
}

void ServerProcess::kill9() {
  if (pid_ <= 0) fail("the server runs no more:\n" + log());
  ::kill(pid_, SIGKILL);
  wait(std::chrono::seconds(20));
}

std::uint16_t ServerProcess::port(std::string_view listener) const {
  for (const std::string& line : lines("listener.open", {"\"listener\":\"" + std::string(listener) + '"'})) {
    const std::string_view key = "\"address\":\"";
    const std::size_t at = line.find(key), end = line.find('"', at + key.size());
    const std::size_t colon = line.rfind(':', end);
    return static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1, end - colon - 1)));
  }
  fail("no listener " + std::string(listener) + ":\n" + log());
}

std::string ServerProcess::log() const { return readFile(folder_ / "log").substr(logStart_); }

std::vector<std::string> ServerProcess::lines(std::string_view event,
                                              const std::vector<std::string>& texts) const {
  std::vector<std::string> out;
  std::istringstream all(log());
  for (std::string line; std::getline(all, line);)
    if (holds(line, event, texts)) out.push_back(line);
  return out;
}

bool ServerProcess::logs(std::string_view event, const std::vector<std::string>& texts) const {
  return eventually([&] { return !lines(event, texts).empty(); });
}

} // namespace gatehouse::test
