#pragma once
#include "sdk/plugin_abi.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct FakeUser {
  std::string login, subjectKey, method, verifier;
};

struct FakeRequest {
  gh_identity identity = 0;
  std::string method, path, query;
  Fields fields;
  std::uint64_t length = 0;
  std::string body; // what came so far
  bool ended = false, dropped = false;
};

struct FakeAdmission {
  bool wantBody = true;
  std::uint64_t limit = 1 << 20;
};

struct FakeAnswer {
  std::uint32_t code = 200;
  std::string body;
  Fields fields;
  bool lengthKnown = true;
  std::size_t pieceSize = 65536;
};

struct FakeAsked {
  std::string login, secret;
};

/// What is at the other end of a link.
class FakeEngine {
public:
  virtual ~FakeEngine() = default;
  /// Takes what was sent to it, gives what it answers. `ends`: it hangs up behind that.
  virtual std::string takes(std::string_view bytes, bool& ends) = 0;
};

/// A link, from its opening on; it stays here when it has ended.
struct FakeLink {
  std::string user; // that it was opened for
  std::string sent; // all that the plugin, and login, sent
  bool inspected = false, ended = false, closed = false;
  std::string waiting;             // from the engine, not taken yet
  std::size_t offered = 0;         // of it, what the plugin has seen
  std::size_t answered = 0;        // of `sent`, what the engine has taken
  std::vector<std::string> logins; // whose words were written, "" for nobody's
  std::shared_ptr<FakeEngine> engine;
};

/// A host without sockets: every service table of plugin_abi.h over vectors. Drives a plugin through its C
/// functions alone, so that whatever is tested here holds for a plugin in any language.
///
/// Threads: one at a time. A test sets the public members, and reads them afterwards.
class FakeHost {
public:
  FakeHost();
  ~FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // What a test decides
  std::vector<FakeUser> users;                                    // the directory
  std::uint32_t lookupStatus = GH_OK;                             // other: every lookup answers it
  std::function<std::uint32_t(const FakeAsked&)> authenticate;    // default: GH_DENIED
  std::function<FakeAdmission(const FakeRequest&)> judge;         // default: wants up to 1 MiB
  std::function<FakeAnswer(const FakeRequest&)> answer;           // default: 200, no body
  std::function<std::uint32_t(const std::string& user)> openLink; // default: GH_OK, and GH_DENIED for nobody
  std::function<std::shared_ptr<FakeEngine>(const std::string& user)> engine; // default: the test is it
  std::string connectionUser;           // whom the connection proves; "": nobody
  std::size_t linkChunk = 65536;        // bytes of an INSPECTED link that come at once
  std::size_t linkFullAt = 1 << 20;     // send answers FULL when the engine has not taken so much
  std::map<std::string, bool> withheld; // services that are not here, by name
  std::uint64_t steadyMs = 1000, wallMs = 1700000000000;
  std::size_t fullAt = 1 << 20; // emit answers FULL when so much has not been taken by the test

  // What happened
  std::vector<std::string> log;                              // "2 text": level, text
  std::map<std::string, std::uint64_t> counts;               // by count()
  std::vector<std::pair<std::string, std::string>> problems; // setting, text
  std::vector<FakeAsked> asked;
  std::map<gh_op, FakeRequest> operations; // all that were ever begun
  std::map<gh_link, FakeLink> links;       // all that were ever opened
  std::vector<std::string> faults;         // misuse of the contract that the host noticed

  /// The tables. Functions work only inside a call that FakePlugin or FakeSession makes (GH_GONE elsewhere).
  [[nodiscard]] const gh_host& host() const noexcept { return host_; }
  /// What login writes for a user: it must never be seen anywhere else.
  [[nodiscard]] static std::string secretOf(const std::string& user) { return "secret-of-" + user; }
  [[nodiscard]] static const void* table(std::string_view service, std::uint32_t version) noexcept;

private:
  friend class FakePlugin;
  friend class FakeSession;
  friend struct FakeTables;

  gh_host host_;
  std::uint64_t nextHandle_ =
      100; // selfs, sessions, views, identities, operations: never the same number twice
};

/// One plugin, loaded and configured.
class FakePlugin {
public:
  /// By its file. Aborts the test (CPPUNIT assertion) if it can't be loaded.
  FakePlugin(FakeHost& host, const std::string& path);
  FakePlugin(FakeHost& host, const gh_plugin* descriptor) noexcept;
  ~FakePlugin();
  FakePlugin(const FakePlugin&) = delete;
  FakePlugin& operator=(const FakePlugin&) = delete;

  /// Gives presets, or what the test says instead (as one writes it in YAML; lists as "[a, b]"). False: the
  /// plugin would not.
  bool configure(const std::map<std::string, std::string>& settings = {});
  bool start();
  void stop();

  [[nodiscard]] const gh_plugin& descriptor() const noexcept { return *plugin_; }
  [[nodiscard]] gh_instance* instance() const noexcept { return instance_; }

  struct Verified {
    std::uint32_t verdict;
    std::string login; // of the proposed user, with ACCEPT; "?" if it names none that lookup gave
  };
  [[nodiscard]] Verified verify(const gh_evidence& evidence);
  [[nodiscard]] Verified verifyPassword(std::string_view login, std::string_view secret);
  [[nodiscard]] Verified verifyCertificate(std::string_view subjectKey);
  /// status, verifier
  [[nodiscard]] std::pair<std::uint32_t, std::string> enroll(std::string_view method,
                                                             std::string_view secret);

private:
  friend class FakeSession;
  FakeHost& host_;
  const gh_plugin* plugin_ = nullptr;
  gh_instance* instance_ = nullptr;
  gh_self self_ = 0;
  bool stopped_ = false;
};

/// One conversation, driven as the host drives it: left-over bytes come again, HOLD is kept, completions come
/// after the call.
class FakeSession {
public:
  struct Peer {
    std::string address = "192.0.2.1:5000", local = "192.0.2.2:9443", listener = "test", sni, alpn;
    std::uint32_t tls = 0x0304, proof = GH_PROOF_NONE, inputLimit = 65536;
  };
  explicit FakeSession(FakePlugin& plugin)
      : FakeSession(plugin, Peer{}) {}
  FakeSession(FakePlugin& plugin, const Peer& peer);
  ~FakeSession();
  FakeSession(const FakeSession&) = delete;
  FakeSession& operator=(const FakeSession&) = delete;

  /// Bytes from the client, in one piece or in pieces of `chunk` bytes; all that they cause happens before
  /// this returns, unless completions are held back.
  void client(std::string_view bytes, std::size_t chunk = 0);
  /// The client sends no more.
  void clientEnds();
  void event(std::uint32_t event);
  /// The engine at the other end of a link says something, or hangs up.
  void engineSays(gh_link link, std::string_view bytes);
  void engineEnds(gh_link link);
  void close(std::uint32_t reason = GH_CLOSED_BY_PEER);

  /// While true, completions wait (for deliver()).
  bool holdCompletions = false;
  /// Delivers what waits; answers how many.
  std::size_t deliver();
  [[nodiscard]] std::size_t pending() const noexcept { return completions_.size(); }

  [[nodiscard]] const std::string& sent() const noexcept { return sent_; }
  std::string take() { return std::exchange(sent_, {}); }
  [[nodiscard]] std::uint32_t flow() const noexcept { return flow_; } // never SAME
  [[nodiscard]] bool open() const noexcept { return conversation_ != nullptr; }
  [[nodiscard]] bool aborted() const noexcept { return flow_ == GH_FLOW_ABORT; }
  /// Bytes that the plugin has not consumed.
  [[nodiscard]] const std::string& leftOver() const noexcept { return input_; }
  [[nodiscard]] gh_session id() const noexcept { return id_; }
  /// Identities that the plugin has and has not forgotten.
  [[nodiscard]] std::size_t identities() const noexcept { return identities_.size(); }

private:
  friend struct FakeTables;
  struct Pending {
    gh_completion completion{};
    FakeAnswer head; // owns the texts
    std::string piece;
  };
  struct Operation {
    FakeAnswer answer;
    std::size_t given = 0;
    bool answered = false;
  };

  void answered(std::uint32_t flow);
  void pump();
  bool pumpLinks();
  bool pumpLink(gh_link handle, FakeLink& link);
  void settle();

  FakeHost& host_;
  FakePlugin& plugin_;
  gh_session id_;
  std::size_t inputLimit_;
  gh_conversation* conversation_ = nullptr;
  std::uint32_t flow_ = GH_FLOW_NEXT;
  std::string input_, sent_;
  bool fresh_ = false, ended_ = false, endFed_ = false, wasFull_ = false;
  std::deque<std::unique_ptr<Pending>> completions_;
  std::map<gh_op, Operation> operations_;
  std::map<gh_identity, std::string> identities_; // whose they are
  std::vector<gh_link> links_;                    // whose end has not been fed yet
};

} // namespace gatehouse::test
