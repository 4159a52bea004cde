#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::http_rest {

/// The head of one answer, before it is written.
struct ResponseHead {
  static constexpr std::uint64_t unknownLength = UINT64_MAX;

  using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

  int status = 500;
  Fields fields; // from the host; never bytes of the request
  std::uint64_t length =
      0;               // of the body, or unknownLength: then in chunks, or, without them, up to the close
  bool chunks = true;  // HTTP/1.0 has none
  bool closes = false; // `Connection: close`
};

/// May an answer of that status have a body? (RFC 9110 §15: 204 and 304 may not.)
[[nodiscard]] constexpr bool mayHaveBody(int status) noexcept { return status != 204 && status != 304; }

/// Status line, fields, empty line. Framing and connection are this function's alone: such fields among the
/// given are left out. It adds the Content-Type of JSON where there is a body, `Cache-Control: no-store`, and
/// WWW-Authenticate to a 401, where they are not given.
///
/// Errors: empty if a status or field is none: the caller must not answer with it.
[[nodiscard]] std::string writeHead(const ResponseHead& head);

/// The line before a piece of a body that goes in chunks; the piece and CRLF follow. Never for an empty
/// piece: that ends the body.
[[nodiscard]] std::string chunkLine(std::size_t size);
constexpr std::string_view lastChunk = "0\r\n\r\n";

/// `{"error_code":...,"description":...,"message":...}`; both texts are literals that need no escape.
[[nodiscard]] std::string errorBody(std::string_view code, std::string_view sentence);

} // namespace gatehouse::http_rest
