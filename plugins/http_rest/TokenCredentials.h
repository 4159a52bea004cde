#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace gatehouse::http_rest {

/// The longest token that is asked about, bytes.
inline constexpr std::size_t maxToken = 4096;

/// Reads the value of an Authorization field: `JWT` or `Bearer`, spaces, and a token68 of 1 to 4096 bytes
/// (RFC 6750 §2.1); a view into it. Nothing for anything else.
[[nodiscard]] std::optional<std::string_view> readToken(std::string_view authorization) noexcept;

} // namespace gatehouse::http_rest
