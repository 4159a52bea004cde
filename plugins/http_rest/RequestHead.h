#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::http_rest {

/// One field line of a request. The name is in lower case; the value has no white space around it.
struct Field {
  std::string_view name, value;
};

/// What the head of a request says, framing included. Views into the parser that made it.
struct RequestHead {
  std::string_view method;
  /// As sent. Only RFC 3986 characters, each % with two hex digits; no encoded control character, slash or
  /// backslash, so that decoding a segment can neither end it nor make another of it.
  std::string_view path;
  std::string_view query; // as sent, without the question mark; each % with two hex digits
  std::vector<Field> fields;
  int minorVersion = 1;         // of HTTP/1
  bool keepAlive = true;        // HTTP/1.1 without `Connection: close`
  bool expectsContinue = false; // `Expect: 100-continue`, with a body to come
  bool chunked = false;
  std::uint64_t length = 0; // of the body, unless chunked

  [[nodiscard]] bool hasBody() const noexcept { return chunked || length != 0; }
  /// The one field of that name (lower case), or nullptr.
  [[nodiscard]] const Field* find(std::string_view name) const noexcept {
    for (const Field& field : fields)
      if (field.name == name) return &field;
    return nullptr;
  }
};

} // namespace gatehouse::http_rest
