#pragma once
#include "base/Result.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::control {

/// Percent-decodes strictly (RFC 3986 §2.1): a `%` without two hexadecimal digits, and what decodes to NUL or
/// to no UTF-8, is an error. A `+` stays a plus. Errors: invalid_param.
Result<std::string> percentDecode(std::string_view text);

/// What of a query is understood; other parameters are ignored, as Redis Software does.
struct Query {
  bool dryRun = false;             // `dry_run`, `dry_run=true`
  std::vector<std::string> fields; // `fields=a,b`: those of a database that are wanted; empty: all
};

/// Errors: invalid_param for what cannot be decoded, for `dry_run` with another value than true or false, and
/// for `dry_run` twice: whoever asks for a rehearsal must not get the real thing.
Result<Query> parseQuery(std::string_view query);

} // namespace gatehouse::control
