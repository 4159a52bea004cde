#pragma once
#include "base/Result.h"

#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::host {

/// The members of a JSON object, or the items of a list, as views of its text: an answer about 100,000 users
/// is read piece by piece, each by control::readJson, and never stands in memory as one tree.
///
/// Threads: any. Errors: invalid_schema where brackets, strings and commas do not fit; what stands between
/// them is not looked at.
Result<std::vector<std::pair<std::string_view, std::string_view>>> jsonMembers(std::string_view object);

class JsonItems {
public:
  explicit JsonItems(std::string_view list);
  /// The next item; empty after the last one.
  Result<std::string_view> next();

private:
  std::string_view rest_;
  bool first_ = true, good_;
};

} // namespace gatehouse::host
