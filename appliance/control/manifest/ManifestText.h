#pragma once
#include "control/manifest/Manifest.h"
#include "model/Field.h"

#include <string>

/// Values as a manifest writes them: JSON, with its words, and names instead of uids.
namespace gatehouse::control {

/// Appends the value of a field that has a member; `at` is what its place finds.
void writeManifestValue(const model::Field&, const void* at, const ObjectNames&, std::string& out);

/// Appends the members that a manifest may write and that are away from their defaults, those that it must
/// write always; each led by a comma. Secrets are not among them.
void writeManifestMembers(model::View object, const ObjectNames&, std::string& out);

/// A field's value, inert ones too; empty where there is none.
[[nodiscard]] std::string manifestValue(const model::Field&, model::View object, const ObjectNames&);

} // namespace gatehouse::control
