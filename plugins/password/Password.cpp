#include "Phc.h"
#include "Scrypt.h"
#include "sdk/Plugin.h"

namespace {

using gatehouse::Answer;
using gatehouse::Bytes;

constexpr std::size_t longestSecret = 1024; // bytes

/// What a login is measured against when there is nothing to measure it against. Nobody's: its result is
/// never used.
const password::Phc& dummy() {
  static const password::Phc phc = {password::Cost{}, std::string(password::saltSize, '\x5a'),
                                    std::string(password::hashSize, '\0')};
  return phc;
}

/// scrypt begins with HMAC, which pads its key with zero bytes: "secret" and "secret\0" would be one
/// password. None holds a NUL.
bool isAllowed(Bytes secret) { return !secret.empty() && secret.find('\0') == Bytes::npos; }

/// Verifies and enrols the passwords of users with auth_method regular.
class Password final : public gatehouse::Authenticator {
public:
  static constexpr std::uint32_t runsOn = GH_RUNS_ON_CPU;
  static constexpr std::uint32_t evidence[] = {GH_EVIDENCE_PASSWORD};
  static constexpr const char* methods[] = {"regular"};
  static constexpr gh_need needs[] = {gatehouse::require(GH_DIRECTORY)};

  [[nodiscard]] Answer verify(const gh_evidence& presented,
                              const gatehouse::Directory& directory) const override {
    if (presented.kind != GH_EVIDENCE_PASSWORD) return {GH_VERDICT_NEXT};
    const Bytes secret = gatehouse::bytes(presented.secret);
    // No such secret can have been enrolled. Judged before anybody is looked up, so it tells nothing of the
    // login.
    if (!isAllowed(secret) || secret.size() > longestSecret) return {GH_VERDICT_MISMATCH};

    gatehouse::User user;
    const std::uint32_t status = directory.lookup(GH_KEY_LOGIN, gatehouse::bytes(presented.login), user);
    const bool found = status == GH_OK;
    const bool mine = found && user.method == "regular";
    const auto stored = mine ? password::parseAll(user.verifier) : std::nullopt;

    // At least one scrypt whatever was found: the time must not tell whether a login exists. A user with
    // several passwords costs one for each until one fits.
    bool derived = false, equal = false;
    if (stored) {
      for (const password::Phc& one : *stored)
        if (equal = fits(secret, one, derived); equal || !derived) break;
    } else {
      static_cast<void>(fits(secret, dummy(), derived));
    }

    if (!found) return {status == GH_NOT_FOUND ? GH_VERDICT_UNKNOWN : GH_VERDICT_FAILURE};
    if (!mine) return {GH_VERDICT_NEXT};
    if (user.verifier.empty()) return {GH_VERDICT_MISMATCH}; // no password was ever set
    if (!stored) {
      host().log(GH_LOG_ERROR, "a stored verifier is malformed: set that user's password again");
      return {GH_VERDICT_FAILURE};
    }
    if (!derived) {
      host().log(GH_LOG_ERROR, "scrypt failed; there may be no memory for it");
      return {GH_VERDICT_FAILURE};
    }
    return equal ? Answer::accept(user) : Answer{GH_VERDICT_MISMATCH};
  }

  [[nodiscard]] gatehouse::Enrolled enroll(Bytes method, Bytes secret) const override {
    if (method != "regular") return {GH_UNSUPPORTED};
    if (!isAllowed(secret)) return {GH_INVALID};
    if (secret.size() > longestSecret) return {GH_LIMIT};
    const auto salt = password::newSalt();
    password::Key key;
    password::Phc phc;
    host().count("scrypt");
    if (!salt || !key.derive(secret, *salt, phc.cost)) return {GH_FAILED};
    phc.salt = *salt;
    phc.hash = key.view();
    return {GH_OK, password::format(phc)};
  }

private:
  /// One scrypt. `derived` false: it could not be done, and nothing fits.
  [[nodiscard]] bool fits(Bytes secret, const password::Phc& against, bool& derived) const {
    password::Key key;
    host().count("scrypt");
    derived = key.derive(secret, against.salt, against.cost);
    return derived && key.equals(against.hash);
  }
};

} // namespace

GATEHOUSE_AUTHENTICATOR("password", "1.0", "Verifies and enrols the passwords of regular users, by scrypt.",
                        Password)
