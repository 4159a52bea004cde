#pragma once
#include "base/Secret.h"
#include "control/Operation.h"
#include "engine/Engines.h"
#include "gateway/Audit.h"
#include "gateway/EngineUsers.h"
#include "gateway/Listener.h"
#include "gateway/Login.h"
#include "gateway/Proof.h"
#include "plugin/Call.h"
#include "plugin/ConversationRef.h"
#include "sdk/plugin_abi.h"
#include "transport/Connection.h"
#include "transport/ConnectionBudgets.h"
#include "transport/UnauthenticatedList.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

class SessionLink;
class Worker;

/// One accepted connection, from accept to close: TLS, judging, conversation, close (design §4). The protocol
/// plugin speaks through ServiceTables to the public functions in the second half.
///
/// Threads: its worker's. Errors: end it, each with one audit record. Owns: the connection, the conversation,
/// what the peer has proven, its operations.
class Session final : public transport::ConnectionHandler,
                      public transport::UnauthenticatedList::Member,
                      public plugin::CallOwner {
public:
  Session(Worker& worker, std::shared_ptr<const Listener> listener, std::uint64_t id, UniqueFd socket,
          const transport::Address& peer, std::shared_ptr<const transport::TlsContext> tls,
          transport::ConnectionBudgets::Ticket ticket);
  ~Session() override;
  /// After the ticket was given: handshake, or at once the judging.
  void start();

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  /// A Revision concerns it: reads again, judges again, and ends where it no longer stands.
  void reconsider(const store::Change& change);
  /// The chain has reached its end.
  void expire();
  /// GH_EVENT_DRAIN.
  void drain();
  /// For a drain: nothing is owed and no byte has moved for `quietMs`.
  [[nodiscard]] bool quiet(std::uint64_t quietMs) noexcept;
  void closeForDrain();
  void abort(std::string_view why) { connection_.abort(why); }
  /// Whom it has proven and answers for, at this moment.
  void appendProofs(std::vector<control::LiveSession>& out) const;

  // ---- ConnectionHandler, UnauthenticatedList::Member
  void onEstablished(transport::Connection&) override;
  void onInput(transport::Connection&) override { pump(); }
  void onPeerEnd(transport::Connection&) override;
  void onDrained(transport::Connection&) override;
  void onClosed(transport::Connection&, transport::CloseReason, std::string_view detail) noexcept override;
  void onEvicted() noexcept override;

  // ---- what the service tables do for the plugin, inside a call (plugin_abi.h); GH_* statuses
  std::uint32_t emit(std::string_view bytes);
  std::uint32_t ask(std::string_view login, std::string_view secret, std::uint64_t token);
  std::uint32_t askToken(std::string_view secret, std::uint64_t token);
  std::uint32_t forget(gh_identity identity);
  std::uint32_t begin(gh_identity identity, const gh_request& request, gh_admission& out);
  std::uint32_t body(gh_op op, std::string_view piece);
  std::uint32_t end(gh_op op, std::uint64_t token);
  std::uint32_t pull(gh_op op, std::uint64_t token);
  std::uint32_t drop(gh_op op);
  std::uint32_t openLink(gh_identity identity, std::uint32_t share, std::uint64_t token);
  std::uint32_t sendLink(gh_link link, std::string_view bytes);
  std::uint32_t loginLink(gh_link link, gh_identity identity);
  std::uint32_t modeLink(gh_link link, std::uint32_t mode);
  std::uint32_t closeLink(gh_link link);
  /// Something that plugin_abi.h forbids: the session ends after this call.
  std::uint32_t fault(std::string_view text, std::uint32_t status);

private:
  friend class SessionLink; // an engine's link tells what happens on it

  static constexpr std::uint64_t mostBody = 64 << 20; // bytes, of any operation
  static constexpr std::size_t mostLinks = 4;         // one in use, and one that drains while the next opens
  static constexpr std::uint64_t lastWordsMs =
      2'000; // without a byte, after a peer has ended its sending: what it waits for may never come
  static constexpr std::uint64_t answerGraceMs =
      500; // for a session that no longer stands to take what it is owed

  /// A user that this session made known to the engine: it answers for it as long as it lives (R15).
  struct AtEngine {
    EngineUser user;
    std::shared_ptr<const engine::Projected> projected;
  };
  using Projecting = std::function<void(Result<std::shared_ptr<const engine::Projected>>)>;

  /// Whom the connection itself proves.
  enum class Connected : std::uint8_t {
    nobody,  // no certificate, or one that is nobody's: Authorization decides
    blocked, // a certificate that may not be here (subject validation, a refused user): 401 whatever else
             // comes
    proven,
  };
  struct Operation {
    std::unique_ptr<control::Operation> operation; // until it is finished
    std::optional<gh_identity> identity;
    std::optional<std::uint64_t> length; // announced, bytes
    std::uint64_t received = 0;
    bool finishing = false, answered = false;
    bool nobody = false; // refused for want of an identity: recorded when it began
    std::uint64_t endToken = 0;
    control::Answer answer;
    std::size_t given = 0; // bytes of answer.body
  };
  /// A completion with what its pointers point at.
  struct Ready {
    gh_completion completion{};
    std::string piece;
    std::vector<std::pair<std::string, std::string>> fields;
  };

  /// How a login inside the conversation has ended.
  struct Entered {
    std::uint32_t status = GH_DENIED;          // as a completion of `ask` says it
    gh_identity identity = GH_IDENTITY_NOBODY; // with GH_OK: until it is forgotten
    std::string refusal;                       // else: the reason word
    bool recorded = false;                     // the refusal has its record
  };
  using Entering = std::function<void(const Entered&)>;
  /// One such login, while it lasts.
  struct Attempt {
    model::EvidenceKind kind = model::EvidenceKind::password;
    std::string login;          // as it was tried; of a token: its user's name, once that is known
    std::int64_t guessed = 0;   // whom a wrong password counts against (Lockouts); 0: nobody that is known
    bool locked = false;        // no password of that one is tried now
    std::int64_t defaultOf = 0; // a database: its default user's password is tried
    model::Revision passwords = 0;
    const Login* run = nullptr;
    Entering done;
  };
  using Attempted = std::shared_ptr<Attempt>;
  /// What judging made of an admission: a Proof that stands, or one that does not, and why.
  struct Settled {
    std::optional<Proof> proof, refused;
    std::string_view reason;
  };

  // judging
  void judgeLocal();
  [[nodiscard]] bool chainStands();
  void mapChain();
  void chainAnswered(const LoginResult& result);
  void settle(std::shared_ptr<const model::Admission> admission, std::function<void(Settled)> done);
  void proven(Proof proof);
  void converse();
  void block(std::string_view reason, std::string_view detail, std::string_view user);
  [[nodiscard]] control::Caller callerFor(gh_identity identity) const;
  void becomeKnown(const Proof& proof);
  [[nodiscard]] std::string nameOf(const Proof& proof) const;
  [[nodiscard]] std::shared_ptr<model::Admission> admissionFor(model::EvidenceKind kind) const;
  void proveDefaultUser();

  // logins
  void enterByPassword(std::string login, Secret secret, Entering done);
  void enterByToken(std::string_view token, Entering done);
  void passwordAnswered(const Attempted& attempt, const LoginResult& result);
  void settleLogin(const Attempted& attempt, std::shared_ptr<const model::Admission> admission);
  void enter(const Attempted& attempt, Proof proof);
  void letIn(const Attempted& attempt, const Proof& proof);
  void refuseLogin(const Attempt& attempt, std::string_view reason, std::string_view detail,
                   std::uint32_t status);
  [[nodiscard]] bool takes(model::AuthMethod method) const noexcept;
  [[nodiscard]] bool lockedOut(const Attempt& attempt) const;
  void guessedWrong(const Attempt& attempt);
  void answerAsked(std::uint64_t token, const Entered& entered);
  void prove(std::string login, Secret secret, const std::function<void(control::Caller)>& done);
  void watchUser(std::int64_t uid);
  void unwatchUser(std::int64_t uid) noexcept;

  // conversation
  void pump();
  [[nodiscard]] bool feedable() const noexcept;
  void after(plugin::Flow flow);
  void deliver();
  void complete(Ready ready);
  void completeStatus(std::uint64_t token, std::uint32_t status, std::uint64_t handle = 0);
  void enterPhase();
  [[nodiscard]] std::uint32_t proofWord() const noexcept; // GH_PROOF_*
  void closeConversation(std::uint32_t reason) noexcept;

  // operations
  void operationAnswered(gh_op op, control::Answer answer);
  [[nodiscard]] std::uint64_t bodyLimitOf(const control::Operation& operation) const noexcept;
  void producePiece(gh_op op, std::uint64_t token);
  [[nodiscard]] bool owesAnAnswer() const noexcept;
  [[nodiscard]] bool sendsAList() const noexcept;
  [[nodiscard]] bool answersAll() const noexcept; // nothing is left but sending
  [[nodiscard]] bool receivesABody() const noexcept;

  // links
  [[nodiscard]] const Proof* proofOf(gh_identity identity) const;
  [[nodiscard]] const Proof* proofOfUser(std::int64_t uid) const;
  [[nodiscard]] bool stands(const Proof& proof) const noexcept;
  void project(std::int64_t userUid, Projecting done);
  void openAs(const std::shared_ptr<const engine::Projected>& user, std::uint64_t token);
  void linkOpened(SessionLink& link, std::int64_t clientId);
  void linkEnded(SessionLink& link, std::string_view why) noexcept;
  void pumpLink(gh_link link);
  void pumpLinks();
  void closeLinks() noexcept;
  [[nodiscard]] SessionLink* linkOf(gh_link link) noexcept;
  [[nodiscard]] bool linkFull() const noexcept;
  [[nodiscard]] bool rightsStand();
  void revokeAtEngine();
  void watchLastWords();

  // the end
  void endByPolicy(std::string_view reason);
  void closeNow(std::uint32_t conversationReason, transport::Connection::Flush flush);
  [[nodiscard]] AccessRecord record() const;

  Worker& worker_;
  const std::shared_ptr<const Listener> held_;
  const Listener& listener_; // *held_
  const std::uint64_t id_;
  const std::string peer_, network_;
  transport::ConnectionBudgets::Ticket ticket_;
  transport::Connection connection_;
  std::unique_ptr<plugin::ConversationRef> conversation_;

  Connected connected_ = Connected::nobody;
  std::shared_ptr<const model::ChainFacts> chain_; // of a certificate that verified
  std::optional<Proof> proof_;                     // of the connection itself
  std::map<gh_identity, Proof> identities_;        // of logins, until the plugin forgets them
  std::map<std::int64_t, Proof>
      passwordProofs_;             // by user: the session ends when one of these no longer stands
  std::set<std::int64_t> watched_; // users that the registry knows this session by
  std::uint64_t nextHandle_ = 1;
  std::vector<std::shared_ptr<Login>> logins_;
  std::string knownAs_;    // the last user whose arrival was recorded
  std::string blockedFor_; // the reason word

  std::map<std::int64_t, AtEngine> atEngine_; // by user; 0: the default user
  std::map<gh_link, std::unique_ptr<SessionLink>> links_;
  std::map<gh_op, Operation> operations_;
  std::deque<Ready> ready_;
  std::optional<std::pair<gh_op, std::uint64_t>> waitingPull_; // for room
  std::size_t pending_ = 0;                                    // tokens without a completion yet
  plugin::Flow flow_ = plugin::Flow::next;
  bool inCall_ = false, lastFed_ = false, wantsRoom_ = false, known_ = false, closing_ = false,
       drained_ = false;
  std::string fault_;
  std::string endReason_; // once it is decided
  bool endAfterAnswer_ = false;
  bool loginRecorded_ =
      false; // the refusal of the last login has its record: the request that it was for needs none
  transport::Timer endTimer_, lastWordsTimer_;
  std::uint64_t lastWordsBytes_ = 0;
  std::uint64_t quietSinceMs_ = 0;
  std::uint64_t quietBytes_ = 0;
};

} // namespace gatehouse::gateway
