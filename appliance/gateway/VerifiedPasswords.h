#pragma once
#include "model/Admission.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace gatehouse::gateway {

/// Remembers for 60 s that a password was right, because HTTP Basic sends it with each request. A hit stands
/// for scrypt alone: the user is still read, judged and refused like any other. Failures are never
/// remembered.
///
/// What is kept is HMAC(process key, authenticator, user uid, row revision, password): worthless outside this
/// process, and gone for the user whose row changes, because the revision is in it. Time is CLOCK_BOOTTIME: a
/// suspended machine forgets.
///
/// Threads: one worker's; each has its own. Owns: at most `most` entries of 40 bytes.
class VerifiedPasswords {
public:
  static constexpr std::uint64_t keptMs = 60'000;
  static constexpr std::size_t most = 10'000;

  explicit VerifiedPasswords(std::string processKey)
      : key_(std::move(processKey)) {}

  void remember(std::string_view authenticator, std::int64_t userUid, model::Revision row,
                std::string_view password, std::uint64_t bootMs);
  [[nodiscard]] bool knows(std::string_view authenticator, std::int64_t userUid, model::Revision row,
                           std::string_view password, std::uint64_t bootMs);
  [[nodiscard]] std::size_t size() const noexcept { return until_.size(); }

private:
  struct Hash {
    std::size_t operator()(const model::Digest& d) const noexcept;
  };
  [[nodiscard]] model::Digest keyOf(std::string_view authenticator, std::int64_t userUid, model::Revision row,
                                    std::string_view password) const;
  void forgetOld(std::uint64_t bootMs);

  std::string key_;
  std::unordered_map<model::Digest, std::uint64_t, Hash> until_; // bootMs
  std::deque<std::pair<std::uint64_t, model::Digest>> order_;    // oldest first; all live equally long
};

} // namespace gatehouse::gateway
