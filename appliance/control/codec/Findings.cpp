#include "control/codec/Findings.h"

#include "base/Text.h"

#include <algorithm>

namespace gatehouse::control {

Error asError(const std::vector<Finding>& findings) {
  constexpr std::size_t most = 20;
  if (findings.empty()) return {Code::internal_error, "an error without a finding"};
  Error error{findings.front().code, {}};
  for (std::size_t i = 0; i < std::min(findings.size(), most); ++i) {
    if (i > 0) error.description += "; ";
    error.description += findings[i].mistake.line();
  }
  if (findings.size() > most)
    error.description += "; and " + std::to_string(findings.size() - most) + " more";
  return error;
}

std::string didYouMean(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view near = nearest(word, known);
  return near.empty() ? std::string() : "; did you mean `" + std::string(near) + "`?";
}

} // namespace gatehouse::control
