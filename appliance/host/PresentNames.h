#pragma once
#include "base/Result.h"
#include "host/Api.h"
#include "model/Snapshot.h"

#include <memory>

namespace gatehouse::host {

/// A policy with the names that every new store begins with, made from the migrations themselves.
/// Errors: unavailable without a temporary folder.
[[nodiscard]] Result<std::shared_ptr<const model::Snapshot>> builtinNames();

/// The same with the names of roles, ACLs and databases that are there now, asked of the server.
[[nodiscard]] Result<std::shared_ptr<const model::Snapshot>> presentNames(Api& api);

} // namespace gatehouse::host
