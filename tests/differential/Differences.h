#pragma once
#include "Transcript.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::differential {

enum class Mode { password, certificate };

/// What one transcript gave: the replies of a redis-server reached directly, and those through the gateway,
/// written whole and byte by byte; and what the database held after each.
struct Outcome {
  std::string direct, whole, bytes;
  std::string directData, wholeData, bytesData;
};

/// The replies one by one, as they stand (RESP2 and RESP3); a last one that is cut short is one too.
[[nodiscard]] std::vector<std::string> splitReplies(std::string_view bytes);

/// The place of what looks like an engine's secret, 64 hexadecimal digits; npos: none.
[[nodiscard]] std::size_t secretIn(std::string_view bytes);

/// What must not be, in a sentence; nothing where all is as it must be. Differences that are meant stand in
/// the source, each with its reason.
[[nodiscard]] std::optional<std::string> complaint(Mode mode, const std::string& transcript, Outcome outcome);

} // namespace gatehouse::differential
