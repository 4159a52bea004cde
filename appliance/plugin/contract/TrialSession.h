#pragma once
#include "plugin/contract/TrialHost.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::plugin::contract {

/// How the host behind a session behaves.
struct Manners {
  std::string name;
  std::uint32_t logins = GH_DENIED; // what `ask` completes with
  std::uint32_t answers = GH_OK;    // what `end` and `pull` complete with
  std::uint32_t links = GH_OK;      // what a link's `open` completes with, for somebody
  std::uint64_t pieces = 1;         // of an answer's body
  bool lengthKnown = true, wantsBody = true;
  bool slowClient = false; // each byte that is emitted fills the queue, until the call is over
  bool withholds = false;  // completions do not come
};

/// One conversation, driven as the gateway drives it: left-over bytes come again, HOLD is kept, completions
/// come after the call, the input is bounded. Judges what the plugin answers.
///
/// Threads: one, its own.
class TrialSession {
public:
  static constexpr std::size_t inputLimit = 64 * 1024;        // bytes that may wait unconsumed
  static constexpr std::size_t outputLimit = 2 * 1024 * 1024; // bytes that one call may emit

  TrialSession(TrialHost& host, gh_instance* instance, const Manners& manners);
  ~TrialSession(); // closes
  TrialSession(const TrialSession&) = delete;
  TrialSession& operator=(const TrialSession&) = delete;

  /// Bytes from the client, in pieces of `chunk` bytes (0: as many as fit).
  void client(std::string_view bytes, std::size_t chunk);
  void clientEnds();
  void event(std::uint32_t event);
  void close(std::uint32_t reason);

  /// All that the world outside has seen: what was emitted, what was asked of the host, how it ended.
  [[nodiscard]] std::string story() const;
  /// The end cut the output off (ABORT, or a fault): how much of it came out is not promised.
  [[nodiscard]] bool cutShort() const noexcept { return flow_ == GH_FLOW_ABORT; }
  [[nodiscard]] const std::string& output() const noexcept { return output_; }
  [[nodiscard]] bool open() const noexcept { return conversation_ != nullptr; }
  [[nodiscard]] bool stuck() const noexcept { return stuck_; }

private:
  friend struct SessionTables;
  struct Operation {
    std::uint64_t announced = 0, received = 0, given = 0; // given: pieces
    bool wantsBody = false, ended = false, answered = false;
    std::string head, body;
  };
  /// To an engine that knows one command: QUIT, after which it says +OK and hangs up.
  struct Link {
    std::string unread; // sent to it, at most the last bytes
    std::string waiting;
    std::size_t offered = 0; // of `waiting`, what the plugin has seen
    bool inspected = false, ended = false;
  };
  struct Pending {
    gh_completion completion{};
    std::vector<std::pair<std::string, std::string>> fields;
    std::string piece;
    gh_op operation = 0; // that is answered by this
  };

  void fault(std::string_view rule, std::string_view text);
  void answered(const char* callback, std::uint32_t flow);
  void pump();
  void settle();
  void completeOne();
  /// Lets one link say what it has to say; false: none has anything.
  bool linkSays();
  void feedLink(gh_link handle, Link& link);

  TrialHost& host_;
  gh_instance* instance_;
  const Manners manners_;
  const gh_session id_;
  gh_conversation* conversation_ = nullptr;
  std::uint32_t flow_ = GH_FLOW_NEXT;
  std::string input_, output_, log_;
  std::size_t emitted_ = 0; // in this call
  bool fresh_ = false, ended_ = false, endFed_ = false, wasFull_ = false, faulted_ = false, stuck_ = false;
  std::deque<Pending> pending_;
  std::map<gh_op, Operation> operations_;
  std::map<gh_link, Link> links_;
  std::set<gh_identity> identities_;
  std::map<gh_op, std::string> done_; // heads and bodies of operations that were ended
};

} // namespace gatehouse::plugin::contract
