#pragma once
#include "engine/EngineConfiguration.h"
#include "engine/EngineProcess.h"
#include "sdk/Resp.h"
#include "support/TempFolder.h"

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::test {

inline constexpr std::string_view redisServer = "/usr/bin/redis-server";
inline constexpr std::string_view adminSecret =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The user that engines are given: `redis` where the test runs as root, else the one who runs it. Ends the
/// test where there is none.
[[nodiscard]] engine::EngineUser engineUser();

/// Folders below a temporary one, and engines in them.
///
/// Threads: one, which is their parent. Errors: end the test. Owns: the folder; processes are the caller's.
class EngineHarness {
public:
  EngineHarness();
  /// Likewise, for a process that has become another user.
  EngineHarness(std::string directory, engine::EngineUser user);

  [[nodiscard]] engine::Launch launch(const engine::EngineSpec& spec) const;
  [[nodiscard]] std::unique_ptr<engine::EngineProcess> start(const engine::EngineSpec& spec);
  [[nodiscard]] engine::EngineFolders& folders() { return *folders_; }
  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

private:
  std::unique_ptr<TempFolder> folder_;
  std::string directory_;
  std::unique_ptr<engine::EngineFolders> folders_;
};

/// A database of 64 MB with this kind of data.
[[nodiscard]] engine::EngineSpec specOf(model::Persistence persistence);

/// A blocking connection to an engine. Errors: end the test; an answer that does not come within 20 s.
class EngineClient {
public:
  /// Waits until the engine listens; logs in as Gatehouse's own user and waits until it has loaded.
  explicit EngineClient(const std::string& socket);
  /// Connects, and no more.
  struct Bare {};
  EngineClient(const std::string& socket, Bare);

  [[nodiscard]] resp::Reply ask(std::initializer_list<std::string_view> words);
  /// Sends, and waits for nothing.
  void tell(std::initializer_list<std::string_view> words);
  /// As ask, and the answer as a text: of an array the words, with a blank between them.
  [[nodiscard]] std::string text(std::initializer_list<std::string_view> words);

private:
  UniqueFd fd_;
  std::string bytes_;
};

/// Runs `body` in a child of its own and gives what it returns; "signal 9" where it was ended. For what a
/// test cannot do to itself: becoming another user, being killed.
class ChildOfTest {
public:
  /// As `user` where that is another than the test's.
  explicit ChildOfTest(const std::function<std::string()>& body, uid_t user = 0);
  ~ChildOfTest(); // kills it
  ChildOfTest(const ChildOfTest&) = delete;
  ChildOfTest& operator=(const ChildOfTest&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// What it has said so far with say(), waiting for one line of it.
  [[nodiscard]] std::string line();
  /// Waits for its end. Empty: it returned an empty text.
  [[nodiscard]] std::string result();
  void kill9();

  /// In the child: a line to the test.
  static void say(const std::string& text);

private:
  pid_t pid_ = -1;
  UniqueFd fd_;
  static int out_;
};

[[nodiscard]] bool processLives(pid_t pid);
/// Waits for its end, 20 s at the most.
[[nodiscard]] bool ends(engine::EngineProcess& process);

} // namespace gatehouse::test
