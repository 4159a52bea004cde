#pragma once
#include <cstdint>
#include <string>
#include <string_view>

/// JSON writing (RFC 8259). Reading is Poco's, in control. Everything appends; nothing fails.
namespace gatehouse::json {

/// A string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that the output always is JSON.
void text(std::string& out, std::string_view value);
void integer(std::string& out, std::int64_t value);
void boolean(std::string& out, bool value);

} // namespace gatehouse::json
