#pragma once
#include "base/Error.h"
#include "base/Node.h"

#include <string>
#include <vector>

namespace gatehouse::control {

/// Something wrong with an object as it was written: where and what (Mistake), and what REST answers (Code).
struct Finding {
  Code code = Code::invalid_param;
  Mistake mistake;
};

/// One Error of all findings: the first's code, every text ("name: ...; role_uids[1]: ..."), at most 20 of
/// them. There must be one.
[[nodiscard]] Error asError(const std::vector<Finding>&);

/// "; did you mean `x`?", or nothing when no known word is near enough.
[[nodiscard]] std::string didYouMean(std::string_view word, const std::vector<std::string_view>& known);

} // namespace gatehouse::control
