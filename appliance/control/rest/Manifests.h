#pragma once
#include "control/rest/Resource.h"

/// `/v1/plan`, `/v1/apply`, `/v1/manifest`: the whole state as one document. For administrators alone: a
/// manifest may make anything.
namespace gatehouse::control::manifests {

/// {"manifest":{...},"options":{"prune":"owned","adopt":[],"release":[],"destroy":[]},"impact":true}: what it
/// would do, as planJson writes it, with "impact" where that was asked for. Writes nothing.
void plan(const Reading&, Node& body, std::function<void(Answer)> done);
/// The same with "revision": does it, in one Revision, on that one or not at all. What was done; "revision"
/// is the store's afterwards.
void apply(const Reading&, Node& body, std::function<void(Answer)> done);
/// The state as a manifest.
Result<Answer> get(const Reading&, store::Reader&);

} // namespace gatehouse::control::manifests
