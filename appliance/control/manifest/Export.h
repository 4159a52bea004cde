#pragma once
#include "control/Operation.h"

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::control {

/// The whole state as one manifest, JSON in pieces, objects in the order of their names and one a line: what
/// apply makes of it on an empty store is exported as the same text. It has what differs from a fresh store
/// and from the fields' defaults. Secrets are references: `{"file":"secrets/ada.password"}`,
/// `{"file":"secrets/api.key"}`. Generated certificates are left out, and so are what manifests cannot say:
/// the own certificates and default users' passwords of databases.
///
/// Threads: the worker that owns the reader. Errors: the store's; conflict when the state changes while it is
/// being written, since the pieces would not be of one Revision.
[[nodiscard]] std::unique_ptr<Listing> exportManifest();

/// The file that a secret of that name would stand in, beside a manifest: "secrets/ada.password".
[[nodiscard]] std::string secretFile(std::string_view name, std::string_view field);

} // namespace gatehouse::control
