#pragma once
#include "base/Secret.h"
#include "model/Evidence.h"
#include "plugin/AuthenticatorChain.h"
#include "sdk/plugin_abi.h"
#include "store/Rows.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace gatehouse::store {
class Reader;
}

namespace gatehouse::gateway {

class Worker;

/// A number for the directory as one verify sees it, never used again. Any thread.
[[nodiscard]] gh_view nextView() noexcept;

/// What a peer shows, copied: it outlives the call that brought it.
struct Evidence {
  model::EvidenceKind kind = model::EvidenceKind::password;
  std::string login; // password
  Secret secret;
  std::string subjectKey, leaf, issuerKey; // certificate: digest, DER, digest
  /// password: of the database's default user, whose passwords are of that revision; 0: of a user.
  std::int64_t defaultUserOf = 0;
  model::Revision passwords = 0;
};

/// What a chain of authenticators made of it. An accept is a proposal: whoever asked reads the user again and
/// judges (R1).
struct LoginResult {
  model::Verdict verdict = model::Verdict::failure;
  std::string authenticator; // who ended the chain; empty: its end did
  std::shared_ptr<const store::UserRecord>
      record; // of accept: the row that the proof was made with; null for a database's default user
  bool overloaded = false; // no verdict could be had: answer "try again", not "wrong"
};

/// One run of the chain of authenticators over one piece of evidence: on the worker, and on the cpu pool
/// where an authenticator wants it.
///
/// Threads: the worker's, but for the verify on the pool. `done` is called once on the worker, maybe inside
/// start; never after abandon. Owns: the evidence. Kept alive by the job that works on it.
class Login final : public std::enable_shared_from_this<Login> {
public:
  static constexpr std::uint64_t ceilingMs = 10'000; // a verdict that takes longer is none

  Login(Worker& worker, std::span<const plugin::ListedAuthenticator> authenticators, Evidence evidence,
        std::function<void(LoginResult)> done);

  void start();
  /// The session has ended: whatever comes is dropped.
  void abandon() noexcept { done_ = nullptr; }
  [[nodiscard]] const Evidence& evidence() const noexcept { return evidence_; }

private:
  struct Answered {
    plugin::VerifyAnswer answer;
    std::shared_ptr<const store::UserRecord> record;
  };
  void step();
  [[nodiscard]] bool remembered(const plugin::ListedAuthenticator&);
  /// By what a right password is remembered: whose it is, and the revision that its verifier is of.
  struct Owner {
    std::int64_t uid = 0;
    model::Revision revision = 0;
  };
  [[nodiscard]] Owner ownerOf(const store::UserRecord* record) const noexcept;
  [[nodiscard]] Answered ask(plugin::PluginInstance&, store::Reader&) const;
  [[nodiscard]] Answered askOfDefaultUser(plugin::PluginInstance&, store::Reader&,
                                          const gh_evidence& evidence) const;
  void answered(Answered);
  void finish(LoginResult);

  Worker& worker_;
  plugin::AuthenticatorChain chain_;
  Evidence evidence_;
  std::function<void(LoginResult)> done_;
  std::uint64_t deadlineMs_ = 0;
  std::shared_ptr<const store::UserRecord> record_;
};

} // namespace gatehouse::gateway
