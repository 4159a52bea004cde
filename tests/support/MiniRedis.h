#pragma once
#include "support/FakeHost.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// What engines of one database share.
struct MiniStore {
  std::map<std::string, std::string> keys;
  std::vector<std::string> ran; // "ada: SET k v": every command that was run, and as whom
};

/// As much of redis-server as a conversation can tell apart, and stricter: commands must come in canonical
/// multibulk form, else broken() says what came. Knows PING, ECHO, SET, GET, AUTH, HELLO, RESET, QUIT, MULTI,
/// EXEC, DISCARD, CLIENT REPLY ON|OFF|SKIP, SUBSCRIBE, BLPOP (waits until pushed), ACL WHOAMI, DIE (hangs up
/// without a word); of anything else it prints the arguments back, as Redis does.
class MiniRedis final : public FakeEngine {
public:
  MiniRedis(std::shared_ptr<MiniStore> store, std::string user)
      : store_(std::move(store))
      , user_(std::move(user)) {}

  std::string takes(std::string_view bytes, bool& ends) override;

  /// What was not canonical, or empty.
  [[nodiscard]] const std::string& broken() const noexcept { return broken_; }
  /// Has part of a command.
  [[nodiscard]] bool inside() const noexcept { return !input_.empty(); }

private:
  using Words = std::vector<std::string>;
  enum class Parsed { whole, part, broken };
  Parsed parse(Words& words);
  void run(const Words& words);
  void login(const Words& words, std::size_t at);
  void hello(const Words& words);
  void reply(std::string_view text);

  std::shared_ptr<MiniStore> store_;
  std::string user_, input_, output_, broken_;
  std::vector<Words> queued_;
  bool multi_ = false, silent_ = false, skip_ = false, skipNext_ = false, subscribed_ = false,
       blocked_ = false, ends_ = false;
};

} // namespace gatehouse::test
