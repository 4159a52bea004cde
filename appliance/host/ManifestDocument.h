#pragma once
#include "base/Node.h"
#include "base/Secret.h"
#include "control/manifest/Manifest.h"

#include <string>
#include <string_view>

namespace gatehouse::host {

/// The one JSON document of values that POST /v1/plan and POST /v1/apply take (R23): all files as one,
/// what they refer to opened. `manifest` was revealed and has no mistakes.
[[nodiscard]] Secret manifestDocument(const control::Manifest& manifest);

/// A sentence of the server about that document ("users[12].email: ...") with the place in the files that it
/// means: "provision/10-team.yaml:7:5: users[3].email: ...". One that means none stays as it is.
[[nodiscard]] std::string atItsPlace(const control::Manifest& manifest, std::string_view sentence);

/// A tree as JSON: what was bare and is a JSON literal stays so, all other scalars are strings.
void writeJson(std::string& out, const Node& node);

} // namespace gatehouse::host
