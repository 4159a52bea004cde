#pragma once
#include "sdk/plugin_abi.h"

#include <cstdint>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// A host of one session, without sockets and threads, whose management API is a handful of routes that a
/// transcript can ask for. It keeps the host's side of plugin_abi.h, and watches the plugin's: what a real
/// host would call a fault is a Broken here.
///
/// Routes: /v1/echo (its answer says what arrived; takes a body of at most 64 bytes), /v1/pieces (length
/// unknown), /v1/empty, /v1/nothing (204), /v1/short, /v1/long (a length that does not hold), /v1/torn
/// (breaks off), /v1/lost (no answer), /v1/odd (a field that is none), /v1/picky (takes a body, then no more
/// of it), /v1/slow (one byte fills its queue); else 404. Nobody gets 401, and who is called `reader` gets
/// 403 for all but GET.
class ScriptedHost {
public:
  struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  explicit ScriptedHost(const gh_plugin& plugin);
  ScriptedHost(const ScriptedHost&) = delete;
  ScriptedHost& operator=(const ScriptedHost&) = delete;
  ~ScriptedHost();

  // What the script says, before or between bytes.
  void provesByCertificate(std::string user) { certificate_ = std::move(user); }
  void addPassword(std::string login, std::string password) {
    passwords_[std::move(login)] = std::move(password);
  }
  void addToken(std::string token, std::string user) { tokens68_[std::move(token)] = std::move(user); }
  void passwordsUnavailable() { unavailable_ = true; }
  void holdCompletions(bool held) { held_ = held; }

  /// Bytes of the client, given to the plugin in pieces of at most `size`; then everything that follows from
  /// them.
  void feed(std::string_view bytes, std::size_t size);
  void halfClose();
  void event(std::uint32_t what);
  void end(std::uint32_t reason);
  /// Delivers one completion, and nothing of what it makes possible.
  void completeOne();
  void settle(std::size_t size);

  [[nodiscard]] const std::string& output() const noexcept { return output_; }
  /// "open" (between requests), "busy" (inside one), "closed" (after a flush) or "aborted".
  [[nodiscard]] std::string_view state() const noexcept {
    return state_ == "open" && flow_ != GH_FLOW_NEXT ? "busy" : state_;
  }
  [[nodiscard]] const std::vector<std::string>& log() const noexcept { return log_; }

private:
  friend struct Tables;
  struct Operation {
    std::string who, text; // what the answer begins with
    bool wantsBody = false, ended = false, full = false;
    std::uint64_t limit = 64, length = 0;
    int status = 200;
    std::string body, route;
    std::deque<std::string> pieces; // of the answer
    std::vector<std::pair<std::string, std::string>> fields;
    std::uint64_t promised = 0; // length of the answer
  };
  struct Completion {
    std::uint64_t token = 0, handle = 0, length = 0;
    std::uint32_t status = GH_OK, code = 0, last = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string piece;
  };

  void open();
  void flowed(std::uint32_t flow);
  void deliver();
  void give(std::size_t count);
  void route(Operation& operation, std::string_view method);
  void answer(Operation& operation) const;
  Operation& operation(std::uint64_t handle);
  void need(bool holds, const char* rule) const;

  const gh_plugin& plugin_;
  gh_instance* instance_ = nullptr;
  gh_conversation* conversation_ = nullptr;
  std::string certificate_;
  std::map<std::string, std::string, std::less<>> passwords_;
  std::map<std::string, std::string, std::less<>> tokens68_; // to whose they are
  bool unavailable_ = false, held_ = false, last_ = false, inCall_ = false, moved_ = false;
  std::uint32_t flow_ = GH_FLOW_NEXT;
  std::string_view state_ = "open";
  std::string input_;       // not consumed yet
  std::size_t offered_ = 0; // of it, how much the plugin has seen
  std::string output_;
  std::vector<std::string> log_;
  std::uint64_t handles_ = 100, tokens_ = 0;
  std::map<std::uint64_t, std::string> identities_;
  std::map<std::uint64_t, Operation> operations_;
  std::deque<Completion> completions_;
};
