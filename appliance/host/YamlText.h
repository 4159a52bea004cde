#pragma once
#include "base/Result.h"

#include <string>
#include <string_view>

namespace gatehouse::host {

/// A JSON object as YAML in block style, in the same order: the same JSON gives the same bytes, and the
/// strict reader reads back what stood there. A text that YAML could read otherwise is quoted; one of several
/// lines, as PEM is, stands as a block.
///
/// Threads: any. Errors: invalid_schema for what is no JSON object.
Result<std::string> yamlText(std::string_view jsonObject);

} // namespace gatehouse::host
