#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse {

/// Length of the UTF-8 sequence that `bytes` begins with, by RFC 3629 (no surrogates, no over-long forms); 0
/// if it is none.
[[nodiscard]] std::size_t utf8Length(std::string_view bytes) noexcept;
[[nodiscard]] bool isUtf8(std::string_view bytes) noexcept;

/// `value` fit for a log line or an error text: control characters and broken UTF-8 as \xNN, at most `most`
/// bytes, then "...".
[[nodiscard]] std::string printable(std::string_view value, std::size_t most = 200);

[[nodiscard]] std::string hex(std::string_view bytes);
/// RFC 4648 base64 with padding; decoding is strict: no white space, no missing padding, no stray bits.
[[nodiscard]] std::string base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> fromBase64(std::string_view text);

/// A decimal integer and nothing else; nothing on overflow, signs other than one leading '-', blanks or
/// leading zeros.
[[nodiscard]] std::optional<std::int64_t> toInteger(std::string_view text) noexcept;

/// ASCII letters folded; other bytes as they are. Names and e-mails share one namespace folded by this (R8).
[[nodiscard]] std::string folded(std::string_view text);

/// The word nearest to `word`, if one is near enough that somebody may have meant it; else empty.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> words);

/// 2026-11-24T10:00:00Z
[[nodiscard]] std::string isoTime(std::int64_t wallSeconds);
/// Seconds since the epoch of a time in exactly that form; nothing of any other text.
[[nodiscard]] std::optional<std::int64_t> fromIsoTime(std::string_view text) noexcept;

} // namespace gatehouse
