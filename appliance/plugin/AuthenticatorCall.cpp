#include "plugin/AuthenticatorCall.h"

#include "base/Text.h"

#include <algorithm>

namespace gatehouse::plugin {

VerifyAnswer callVerify(PluginInstance& instance, gh_view view, CallOwner& owner,
                        const gh_evidence& evidence) noexcept {
  const auto& table = instance.descriptor().authenticator;
  if (!table || !instance.running()) return {};
  gh_proposal proposal{};
  proposal.size = sizeof proposal;
  std::uint32_t verdict = 0;
  bool faulted = false;
  {
    CallScope scope(instance, view, &owner);
    if (table->runs_on == GH_RUNS_ON_LOOP) {
      const CallTimer timer(instance, "verify");
      verdict = table->verify(instance.handle(), view, &evidence, &proposal);
    } else {
      verdict = table->verify(instance.handle(), view, &evidence, &proposal);
    }
    faulted = scope.faulted();
  }
  if (faulted) return {}; // told already; an ACCEPT reached by misuse counts for nothing
  if (verdict < GH_VERDICT_ACCEPT || verdict > GH_VERDICT_FAILURE) {
    instance.fault("answered verify with an unknown verdict, " + std::to_string(verdict));
  } else if (verdict == GH_VERDICT_ACCEPT && proposal.user == 0) {
    instance.fault("accepted without proposing a user");
    return {};
  }
  return VerifyAnswer::from(verdict, proposal.user);
}

Result<std::string> callEnroll(PluginInstance& instance, std::string_view authMethod,
                               std::string_view secret) {
  const auto& table = instance.descriptor().authenticator;
  if (!table || table->enroll == nullptr || !instance.running())
    return Error{Code::unsupported_value,
                 "no plugin enrols secrets of auth_method " + printable(authMethod, 64)};
  std::string verifier(512, '\0');
  std::size_t used = 0;
  std::uint32_t status = GH_FAILED;
  {
    CallScope scope(instance, 0, nullptr);
    status = table->enroll(instance.handle(), {authMethod.data(), authMethod.size()},
                           {secret.data(), secret.size()}, verifier.data(), verifier.size(), &used);
  }
  switch (status) {
  case GH_OK: break;
  case GH_INVALID:
    return Error{Code::password_not_complex,
                 "the password is not allowed: it must neither be empty nor hold a NUL"};
  case GH_LIMIT: return Error{Code::password_not_complex, "the password is too long"};
  case GH_UNSUPPORTED:
    return Error{Code::unsupported_value, "the plugin " + instance.name() +
                                              " enrols no secret of auth_method " +
                                              printable(authMethod, 64)};
  default:
    return Error{Code::internal_error, "the plugin " + instance.name() + " could not enrol the secret"};
  }
  const auto graphic = [](char c) { return c > ' ' && c < 0x7f; };
  if (used == 0 || used > verifier.size() ||
      !std::all_of(verifier.begin(), verifier.begin() + static_cast<std::ptrdiff_t>(used), graphic)) {
    instance.fault("enrolled a secret with a verifier that is empty, too long or not printable");
    return Error{Code::internal_error, "the plugin " + instance.name() + " could not enrol the secret"};
  }
  verifier.resize(used);
  return verifier;
}

} // namespace gatehouse::plugin
