#pragma once
#include "control/change/Changes.h"
#include "control/manifest/Manifest.h"
#include "control/manifest/SecretSource.h"

#include <functional>
#include <string>
#include <vector>

namespace gatehouse::store {
class Reader;
}

namespace gatehouse::control {

/// Makes a verifier of a password (Serving::enroll).
using Enroll = std::function<Result<std::string>(model::AuthMethod, const Secret&)>;

/// What the references of a manifest opened to; the order is the manifest's.
struct OpenedSecrets {
  std::vector<std::string> verifiers;           // one for each user; empty: no password was given
  std::vector<CertificateRequest> certificates; // one for each certificate
  std::vector<Node> databases;   // one for each, sources replaced by what they hold; null: not all
  std::vector<Mistake> mistakes; // seed repeats them among its own

  [[nodiscard]] bool ok() const noexcept { return mistakes.empty(); }
};

/// Opens every secret and certificate that the manifest refers to, and enrols the passwords. Slow, and needs
/// no transaction. Only for an empty store: later a manifest's secrets are not touched.
[[nodiscard]] OpenedSecrets openSecrets(const Manifest&, const SecretSource&, const Enroll&);

/// Makes the changes that a REST caller would make, over one Draft: certificates, settings, redis_acls,
/// roles, bdbs, users. The Draft's origin is `manifest` afterwards. The mistakes that the changes found, all
/// of them, at their places; with any, the Draft must not be committed. After an error that is not the
/// manifest's (the store's) it stops.
[[nodiscard]] Result<std::vector<Mistake>> seed(Draft&, const Manifest&, const OpenedSecrets&);

/// What differs between the manifest and a store that is not empty, one sentence each, for the log: fields
/// with both values, rows that only one of them has. Secrets are not compared and not opened.
[[nodiscard]] Result<std::vector<std::string>> differences(const Manifest&, const model::Snapshot& present,
                                                           store::Reader&);

/// All mistakes, one a line, as one Error (invalid_param).
[[nodiscard]] Error asError(const std::vector<Mistake>&);

/// The sentence that says how to make an administrator, for a log (R21).
[[nodiscard]] std::string howToMakeAnAdministrator();

} // namespace gatehouse::control
