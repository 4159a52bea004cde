#pragma once
#include "model/Evidence.h"
#include "model/Verdict.h"
#include "plugin/Handshake.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::plugin {

class PluginInstance;

enum class RunsOn : std::uint8_t { loop, cpu };

/// An authenticator as a listener lists it: just what the chain has to know of it.
struct ListedAuthenticator {
  std::string name;
  RunsOn runsOn = RunsOn::cpu;
  bool password = false, certificate = false; // evidence that it reads; local evidence is the host's own
  PluginInstance* instance = nullptr;         // whom callVerify is for; the chain never touches it

  [[nodiscard]] bool reads(model::EvidenceKind kind) const noexcept;
  [[nodiscard]] static ListedAuthenticator of(PluginInstance&);
};

/// One authenticator's answer, made safe: the user means something with accept alone.
struct VerifyAnswer {
  model::Verdict verdict = model::Verdict::failure;
  std::uint64_t user = 0;

  /// Any value that plugin_abi.h does not name, 0 included, is a failure (R2).
  [[nodiscard]] static VerifyAnswer from(std::uint32_t verdict, std::uint64_t user) noexcept;
};

/// How a chain ended.
struct ChainOutcome {
  model::Verdict verdict = model::Verdict::unknown; // accept: a proposal, which the host still judges (R1)
  const ListedAuthenticator* by = nullptr;          // who ended it; nullptr: its end did
  std::uint64_t user = 0;                           // of accept: the reference that lookup gave

  [[nodiscard]] bool accepted() const noexcept { return verdict == model::Verdict::accept && by != nullptr; }
};

/// Who is asked next, and what the answer means (R2): next and unknown ask the next one that reads this
/// evidence; everything else ends the chain; its end refuses, also if all have abstained or there is nobody
/// to ask.
///
/// The caller runs `verify` where asked()->runsOn says, and gives the answer back.
/// Threads: a value, one at a time; makes no call and no thread. Owns: nothing; `listed` outlives it.
class AuthenticatorChain {
public:
  AuthenticatorChain(std::span<const ListedAuthenticator> listed, model::EvidenceKind kind) noexcept;

  /// Whom to ask now; nullptr: the chain has ended.
  [[nodiscard]] const ListedAuthenticator* asked() const noexcept;
  /// The answer of asked(). Ignored once the chain has ended: a late verdict changes nothing.
  void answer(const VerifyAnswer&) noexcept;
  /// No answer came, by the deadline or because the pool is full: ends the chain with failure.
  void unanswered() noexcept;

  [[nodiscard]] bool ended() const noexcept { return asked() == nullptr; }
  /// Refuses until the chain has ended.
  [[nodiscard]] const ChainOutcome& outcome() const noexcept { return outcome_; }

private:
  void skip() noexcept;

  std::span<const ListedAuthenticator> listed_;
  model::EvidenceKind kind_;
  std::size_t at_ = 0;
  ChainOutcome outcome_;
};

} // namespace gatehouse::plugin
