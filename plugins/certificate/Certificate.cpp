#include "sdk/Plugin.h"

namespace {

using gatehouse::Answer;

/// Maps a certificate that the host has verified to the user who owns its subject. Trust is the host's
/// question, mapping is this one's.
class Certificate final : public gatehouse::Authenticator {
public:
  static constexpr std::uint32_t runsOn = GH_RUNS_ON_LOOP; // one indexed lookup
  static constexpr std::uint32_t evidence[] = {GH_EVIDENCE_CERTIFICATE};
  static constexpr const char* methods[] = {"certificate"};
  static constexpr gh_need needs[] = {gatehouse::require(GH_DIRECTORY)};

  [[nodiscard]] Answer verify(const gh_evidence& presented,
                              const gatehouse::Directory& directory) const override {
    if (presented.kind != GH_EVIDENCE_CERTIFICATE) return {GH_VERDICT_NEXT};
    if (presented.subject_key.size == 0) return {GH_VERDICT_FAILURE}; // the host always computes one (R7)
    gatehouse::User user;
    switch (directory.lookup(GH_KEY_SUBJECT, gatehouse::bytes(presented.subject_key), user)) {
    case GH_OK: break;
    case GH_NOT_FOUND: return {GH_VERDICT_UNKNOWN};
    default: return {GH_VERDICT_FAILURE}; // nobody can tell: never the same as "no such user"
    }
    // Whoever has a subject, but logs in by something else, is not to be let in by a certificate.
    return user.method == "certificate" ? Answer::accept(user) : Answer{GH_VERDICT_NEXT};
  }
};

} // namespace

GATEHOUSE_AUTHENTICATOR("certificate", "1.0",
                        "Maps a verified client certificate to the user with its subject.", Certificate)
