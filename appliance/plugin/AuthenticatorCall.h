#pragma once
#include "base/Result.h"
#include "plugin/AuthenticatorChain.h"
#include "plugin/Call.h"
#include "plugin/PluginInstance.h"

#include <string>
#include <string_view>

namespace gatehouse::plugin {

/// Asks one authenticator, on the calling thread. `owner` stands behind `view` for the directory's table; the
/// evidence's texts outlive the call. A verdict that plugin_abi.h does not name, and an ACCEPT without a
/// proposal, are faults and mean failure.
///
/// Threads: the one that ListedAuthenticator::runsOn names. Errors: none; what goes wrong is a failure, which
/// refuses.
[[nodiscard]] VerifyAnswer callVerify(PluginInstance& instance, gh_view view, CallOwner& owner,
                                      const gh_evidence& evidence) noexcept;

/// Makes the verifier of a new secret (printable, at most 512 bytes).
///
/// Threads: the cpu pool, or wherever waiting for a scrypt hurts nobody.
/// Errors:  password_not_complex if the plugin refuses the secret; unsupported_value if it does not enrol
/// this method; internal_error.
[[nodiscard]] Result<std::string> callEnroll(PluginInstance& instance, std::string_view authMethod,
                                             std::string_view secret);

} // namespace gatehouse::plugin
