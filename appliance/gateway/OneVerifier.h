#pragma once
#include "gateway/UserDirectory.h"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// A directory of one who is in no table of users: a database's default user, or whoever a password is
/// compared for. The authenticator that owns the format of verifiers verifies against it like against any
/// user.
///
/// Threads: that of the verify. Owns: copies of what it was given.
class OneVerifier final : public UserDirectory {
public:
  static constexpr std::uint64_t reference = 1; // of that one, as an ACCEPT names it

  OneVerifier(std::string_view login, std::string_view method, std::string_view verifier)
      : login_(login)
      , method_(method)
      , verifier_(verifier) {}

  [[nodiscard]] std::uint32_t lookup(std::uint32_t keyKind, std::string_view key, gh_user& out) override {
    if (keyKind != GH_KEY_LOGIN) return GH_UNSUPPORTED;
    if (key != login_) return GH_NOT_FOUND;
    out.user = reference;
    out.method = {method_.data(), method_.size()};
    out.verifier = {verifier_.data(), verifier_.size()};
    return GH_OK;
  }

private:
  std::string login_, method_, verifier_;
};

} // namespace gatehouse::gateway
