#pragma once
#include "base/Result.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::control {

/// Percent-decodes strictly (RFC 3986 §2.1): a `%` without two hexadecimal digits, and what decodes to NUL or
/// to no UTF-8, is an error. A `+` stays a plus. Errors: invalid_param.
Result<std::string> percentDecode(std::string_view text);

/// What of a query is understood everywhere, and the rest, of which each handler takes what it knows; what
/// nobody knows is ignored, as Redis Software does.
struct Query {
  bool dryRun = false;             // `dry_run`, `dry_run=true`
  bool force = false;              // `force`: a change that would lock everyone out is wanted
  std::vector<std::string> fields; // `fields=a,b`: those of an object that are wanted; empty: all
  std::map<std::string, std::string, std::less<>> others; // further parameters, decoded; the first of a name
};

/// Errors: invalid_param for what cannot be decoded, for `dry_run` and `force` with another value than true
/// or false, and for either twice: whoever asks for a rehearsal must not get the real thing.
Result<Query> parseQuery(std::string_view query);

} // namespace gatehouse::control
