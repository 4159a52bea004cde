#pragma once
#include "host/Section.h"

#include <string>

namespace gatehouse::host {

/// All keys of gatehouse.yaml, as its reader asks for them: there is no second list.
[[nodiscard]] KeyShape configShape();

/// The JSON Schema (draft 7) of gatehouse.yaml: names, types, words and limits. conf/gatehouse.schema.json
/// holds it for editors; a test compares the two.
[[nodiscard]] std::string configSchema();

} // namespace gatehouse::host
