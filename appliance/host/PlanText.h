#pragma once
#include "base/Result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::host {

/// What a plan comes to, beside its text.
struct PlanSummary {
  std::int64_t revision = 0;
  std::size_t changes = 0, held = 0, destroys = 0, mistakes = 0;
};

/// Writes an answer of POST /v1/plan for people: what is held back and what would be destroyed first, then
/// one line for each change with its fields below, who is concerned, and a sum. `place` turns a mistake's
/// sentence into one with a place.
///
/// Threads: any. Errors: invalid_schema for what is no such answer.
Result<PlanSummary> writePlan(std::string& out, std::string_view answer,
                              const std::function<std::string(std::string_view)>& place);

} // namespace gatehouse::host
