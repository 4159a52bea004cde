#pragma once
#include "resp/Words.h"

namespace gatehouse::resp {

/// Splits an inline command into words, to the letter as Redis does (sdssplitargs): quotes may begin inside a
/// word, VT and FF are blanks at a word's start and bytes inside it. `line` stands before LF, without the one
/// CR before that; it holds no NUL. No word at all is no command.
///
/// Errors: false for quotes that do not close, or close inside a word; `out` then holds some of it.
[[nodiscard]] bool splitInline(std::string_view line, Words& out);

} // namespace gatehouse::resp
