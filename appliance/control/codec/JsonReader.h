#pragma once
#include "base/Node.h"
#include "base/Result.h"

#include <cstddef>
#include <string_view>

namespace gatehouse::control {

/// Nested arrays and objects that a JSON text may have.
inline constexpr int jsonDepth = 64;

/// Values that a JSON text may have, each of them, list and object: a tree takes many times a text's bytes.
inline constexpr std::size_t jsonValues = 4'000'000;

/// Reads one JSON text (RFC 8259) strictly: what could be read two ways is refused.
///
/// Refused beyond the grammar: duplicate members, NUL (`\u0000`), unpaired surrogates, invalid UTF-8,
/// comments, a byte order mark, anything after the value, nesting beyond jsonDepth, more than jsonValues. A
/// number keeps its text, so that `1.0` is no integer and 2^64 is not 0. Strings are Node::Style::quoted,
/// `true`, `false` and numbers bare.
///
/// Threads: any. Errors: invalid_schema with one sentence, which gives the member's path where it is known.
/// The caller bounds the size.
[[nodiscard]] Result<Node> readJson(std::string_view text);

/// Overwrites every scalar's text: a body that carried a secret must not outlive its decoding.
void wipe(Node&) noexcept;

} // namespace gatehouse::control
