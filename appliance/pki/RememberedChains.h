#pragma once
#include "model/Admission.h"
#include "pki/TrustList.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

namespace gatehouse::pki {

/// Chains that were accepted, so that a client which comes again costs no second check of the same signatures
/// (R12).
///
/// A chain is found again by the bytes of its leaf and of everything presented with it, in order, the
/// identity of the trust list and the options it was verified with; it counts from the moment it was verified
/// until its earliest notAfter. Another list, other options or one byte more are another chain. Only
/// acceptances are kept; chains that are accepted though outdated are not. There is no revocation yet: its
/// revision will be part of the key.
///
/// Threads: one at a time; each worker has its own. Owns: at most `most` sets of facts.
class RememberedChains {
public:
  static constexpr std::size_t most = 4096;

  /// What list.verify says, from memory where it has said so before.
  [[nodiscard]] Verification verify(const TrustList& list, X509* leaf, STACK_OF(X509) * presented,
                                    std::int64_t atTime, VerifyOptions options);
  [[nodiscard]] std::size_t size() const noexcept { return chains_.size(); }
  [[nodiscard]] std::uint64_t found() const noexcept { return found_; } // how often memory answered

private:
  struct Hash {
    std::size_t operator()(const model::Digest& digest) const noexcept;
  };
  struct Accepted {
    model::ChainFacts facts;
    std::int64_t since = 0; // seconds since the epoch
  };
  [[nodiscard]] static std::optional<model::Digest> keyOf(const TrustList& list, X509* leaf,
                                                          STACK_OF(X509) * presented, VerifyOptions options);

  std::unordered_map<model::Digest, Accepted, Hash> chains_;
  std::deque<model::Digest> order_; // oldest first
  std::uint64_t found_ = 0;
};

} // namespace gatehouse::pki
