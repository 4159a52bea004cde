#pragma once
#include "support/TempFolder.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace gatehouse::test {

/// Asks until `holds` or until the time is over; true if it held. Instead of a sleep that is too short on a
/// slow machine and too long on any other.
[[nodiscard]] bool eventually(const std::function<bool()>& holds,
                              std::chrono::milliseconds within = std::chrono::seconds(10));

/// How a server is started. What is not said is as in a small real installation: one listener `api` on
/// 127.0.0.1, certificates and passwords, two workers.
struct ServerOptions {
  std::string program;         // the gatehouse binary; empty: the one that was built beside the test
  std::string pluginDirectory; // its plugins; empty: likewise
  std::vector<std::string> extraPlugins; // more .so files, by path: they stand beside the shipped ones
  std::string listeners;                 // YAML, one list item a line; empty: api
  std::string load = "[certificate, password, http_rest]";
  std::string authenticate = "[certificate, password]";
  std::string settings; // YAML of plugins.settings
  std::string extra;    // more top-level YAML of gatehouse.yaml
  std::string manifest; // YAML of provision/10-test.yaml; empty: no provisioning
  std::vector<std::pair<std::string, std::string>> files; // beside the manifest: name, content
  unsigned workers = 2;
};

/// The real `gatehouse serve` in a folder of its own, which goes with it.
///
/// Threads: one. Errors: end the test, with the server's log. Owns: the process: it is killed with this
/// object, and by the kernel when the test's process dies.
class ServerProcess {
public:
  /// Starts it, and returns when it has said READY (sd_notify). No sleep.
  explicit ServerProcess(ServerOptions options);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Port of a listener, by its name.
  [[nodiscard]] std::uint16_t port(std::string_view listener = "api") const;
  [[nodiscard]] std::string controlSocket() const { return folder_ / "control.sock"; }
  [[nodiscard]] std::string configFile() const { return folder_ / "gatehouse.yaml"; }
  [[nodiscard]] const TempFolder& folder() const noexcept { return folder_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// The processes that it has started: the engines of its databases.
  [[nodiscard]] std::vector<pid_t> children() const;

  /// All that it has logged: a JSON object a line, the audit records among them.
  [[nodiscard]] std::string log() const;
  /// The lines of one event ("access.refused") that hold each of these texts.
  [[nodiscard]] std::vector<std::string> lines(std::string_view event,
                                               const std::vector<std::string>& texts = {}) const;
  /// Waits for such a line.
  [[nodiscard]] bool logs(std::string_view event, const std::vector<std::string>& texts = {}) const;

  /// SIGTERM; the exit code, or 128 and the signal that ended it. Ends the test after 20 s.
  int stop();
  /// SIGKILL, and waits for its end.
  void kill9();
  /// Starts it again on the same folder, after stop or kill9. Ports are new.
  void start();
  /// Other listeners from the next start on.
  void setListeners(std::string yaml);
  [[nodiscard]] bool running();

private:
  int wait(std::chrono::milliseconds within);

  ServerOptions options_;
  TempFolder folder_;
  std::string plugins_; // the directory that the configuration names
  pid_t pid_ = -1;
  std::size_t logStart_ = 0; // where the log of the present process begins
};

} // namespace gatehouse::test
