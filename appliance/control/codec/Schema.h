#pragma once
#include <string>

namespace gatehouse::control {

/// The JSON Schema (draft-07, which editors' YAML plugins read) of a provisioning manifest, made from the
/// field tables: conf/provision.schema.json is its text. It helps an editor; the server's own reading is the
/// judge.
[[nodiscard]] std::string provisionSchema();

} // namespace gatehouse::control
