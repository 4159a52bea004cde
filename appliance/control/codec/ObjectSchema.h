#pragma once
#include "model/Field.h"

#include <string>

namespace gatehouse::control {

/// Appends the JSON Schema of an object as REST reads and shows it, made from its table; objects inside it
/// are written in place. What /v1/jsonschema answers.
void appendObjectSchema(const model::Table&, std::string& out);

} // namespace gatehouse::control
