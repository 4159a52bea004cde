#include "control/change/WayIn.h"

#include "store/Transaction.h"

#include <string>

namespace gatehouse::control {
namespace {

using model::AuthMethod;

bool certificatesOpen(const model::Snapshot& policy) noexcept {
  return policy.settings.mtls_certificate_authentication && !policy.anchors.empty();
}
bool passwordsOpen(const model::Snapshot& policy) noexcept {
  return policy.settings.control_plane_basic_authentication;
}

struct Administrators {
  bool byPassword = false, byCertificate = false;
  [[nodiscard]] bool any(const model::Snapshot& policy) const noexcept {
    return (byPassword && passwordsOpen(policy)) || (byCertificate && certificatesOpen(policy));
  }
};

/// Which kinds of administrators there are as the Draft stands; ends at the first of each.
Result<Administrators> administrators(Draft& draft, const model::Snapshot& after) {
  Administrators found;
  for (const auto& [uid, role] : after.roles) {
    if (role.management != model::Management::admin) continue;
    auto uids = draft.transaction.usersWithRole(uid);
    if (!uids) return std::move(uids).error();
    for (const std::int64_t user : *uids) {
      if (found.byPassword && found.byCertificate) return found;
      auto row = draft.transaction.user(user);
      if (!row) return std::move(row).error();
      if (!*row || (*row)->judged.user.status != model::UserStatus::active) continue;
      ((*row)->judged.user.auth_method == AuthMethod::certificate ? found.byCertificate : found.byPassword) =
          true;
    }
  }
  return found;
}

std::string left(const Administrators& found, const model::Snapshot& after) {
  if (found.byCertificate && certificatesOpen(after) && found.byPassword && passwordsOpen(after))
    return "what would be left: other administrators, by certificate and by password";
  if (found.byCertificate && certificatesOpen(after))
    return "what would be left: administrators by certificate";
  if (found.byPassword && passwordsOpen(after)) return "what would be left: administrators by password";
  return "what would be left over the network: nobody who could administer; only the control socket";
}

Error lastWayIn(const std::string& what, const Administrators& found, const model::Snapshot& after) {
  return {Code::last_way_in, what + "; " + left(found, after) +
                                 "; to do it all the same, add ?force, or --force to `gatehouse apply`"};
}

/// What of the policy this reason names, for people.
std::string_view named(model::Reason reason) noexcept {
  using model::Reason;
  switch (reason) {
  case Reason::certificates_off: return "mtls_certificate_authentication would be off";
  case Reason::untrusted: return "mtls_trusted_ca would no longer hold your certificate's issuer";
  case Reason::subject_not_authorized: return "your certificate's subject would not be authorized";
  case Reason::tls_too_old: return "min_control_TLS_version would be above your connection's";
  case Reason::basic_off: return "control_plane_basic_authentication would be off";
  default: return "your login would no longer stand";
  }
}

bool closes(const model::Snapshot& before, const model::Snapshot& after) noexcept {
  return (passwordsOpen(before) && !passwordsOpen(after)) ||
         (certificatesOpen(before) && !certificatesOpen(after));
}

} // namespace

Status keepsWayIn(Draft& draft, const WayIn& caller, const model::Snapshot& before,
                  const model::Snapshot& after) {
  if (draft.forced) return {};
  const bool came = model::judge(caller.admission, before, caller.row, draft.now).stands();
  const model::Judgement stays = model::judge(caller.admission, after, caller.row, draft.now);
  // A password that expires by the new rule may still be replaced by its owner.
  const bool locked = came && !stays.stands() && stays.reason != model::Reason::password_expired;
  if (!locked && !closes(before, after) && !draft.administratorsTouched) return {};
  auto found = administrators(draft, after);
  if (!found) return std::move(found).error();
  if (locked)
    return lastWayIn("this would close the way that you came in by: " + std::string(named(stays.reason)),
                     *found, after);
  // Where nobody could come in before, nothing is taken.
  const bool had = found->any(before) || draft.administratorsTouched;
  const bool anybody = found->byPassword || found->byCertificate;
  if (had && anybody && !found->any(after))
    return lastWayIn("no administrator could come in over the network any more", *found, after);
  return {};
}

} // namespace gatehouse::control
