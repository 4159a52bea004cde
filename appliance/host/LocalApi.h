#pragma once
#include "host/Api.h"

namespace gatehouse::host {

/// The REST API without a server: a child process opens the store under its lock, as the owner of the store's
/// file, and answers this process's requests as the local administrator. A process of its own, because root
/// must be able to read manifests and secrets here while nothing that it leaves there may be root's.
///
/// Call it before the first thread. Errors: unavailable: the store is in use, is not there (unless
/// `mayMake`), or cannot be opened. The child ends with the Api.
[[nodiscard]] Result<std::unique_ptr<Api>> openLocal(const Config& config, bool mayMake);

} // namespace gatehouse::host
