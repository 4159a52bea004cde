#pragma once
#include "base/Node.h"
#include "model/Field.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::control {

/// The canonical JSON of inert fields, opened: field name to the JSON text of its value.
using InertValues = std::map<std::string, std::string, std::less<>>;

/// Opens what writeInert wrote (nothing else makes such texts). A text that is not one gives no values.
[[nodiscard]] InertValues openInert(const model::Inert&);
/// Keys sorted, no blanks; "" when there is nothing.
[[nodiscard]] model::Inert writeInert(const InertValues&);

/// The JSON text of a field's default; "" when it is absent.
[[nodiscard]] std::string defaultJson(const model::Field&);

} // namespace gatehouse::control
