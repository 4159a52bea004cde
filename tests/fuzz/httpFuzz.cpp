// Looks for input on which the parser of requests passes a bound, tells what it did not get, or tells
// something else when the same bytes come in other pieces. The first byte of the input says where it is cut.
#include "http_rest/RequestParser.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using gatehouse::http_rest::Field;
using gatehouse::http_rest::RequestHead;
using gatehouse::http_rest::RequestParser;

namespace {

void need(bool holds) {
  if (!holds) std::abort();
}

void checkHead(const RequestHead& head) {
  need(!head.method.empty() && head.method.size() <= RequestParser::maxMethod);
  need(!head.path.empty() && head.path.front() == '/' &&
       head.path.size() + head.query.size() <= RequestParser::maxTarget);
  need(head.fields.size() <= RequestParser::maxFields);
  need(!(head.chunked && head.length != 0) && !(head.chunked && head.minorVersion == 0));
  std::size_t bytes = head.method.size() + head.path.size() + head.query.size(), lengths = 0, codings = 0,
              hosts = 0;
  for (const Field& field : head.fields) {
    bytes += field.name.size() + field.value.size();
    need(field.name.find_first_of("\r\n: \t") == std::string_view::npos && !field.name.empty());
    need(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    lengths += field.name == "content-length" ? 1 : 0;
    codings += field.name == "transfer-encoding" ? 1 : 0;
    hosts += field.name == "host" ? 1 : 0;
  }
  need(lengths + codings <= 1 && hosts <= 1 && (hosts == 1 || head.minorVersion == 0));
  need(head.chunked == (codings == 1));
  need(bytes <= RequestParser::maxHead);
}

/// Everything that the parser tells, as text; the bytes come in pieces of `size`.
std::string told(std::string_view input, std::size_t size) {
  RequestParser parser;
  std::string out;
  std::uint64_t body = 0;
  for (std::size_t at = 0;;) {
    const std::string piece(input.substr(at, size)); // of its own: reading past it is seen
    const RequestParser::Step step = parser.step(piece);
    need(step.consumed <= piece.size() && step.piece.size() <= step.consumed);
    at += step.consumed;
    switch (step.event) {
    case RequestParser::Event::more:
      need(step.consumed == piece.size());
      if (at == input.size()) return out + (parser.inside() ? "more" : "idle");
      break;
    case RequestParser::Event::head: {
      const RequestHead& head = parser.head();
      checkHead(head);
      out.append(head.method).append("\n").append(head.path).append("\n").append(head.query).append("\n");
      for (const Field& field : head.fields)
        out.append(field.name).append("\n").append(field.value).append("\n");
      out += std::to_string(head.length) + (head.chunked ? "c" : "l") + (head.keepAlive ? "k" : "-") +
             (head.expectsContinue ? "e" : "-");
      body = 0;
      if (input.size() % 2 == 0) parser.forgetHead(); // must not change what follows
      break;
    }
    case RequestParser::Event::piece:
      need(!step.piece.empty());
      need(step.piece.data() >= piece.data() &&
           step.piece.data() + step.piece.size() == piece.data() + step.consumed);
      body += step.piece.size();
      need(parser.head().chunked || body <= parser.head().length);
      out += step.piece;
      break;
    case RequestParser::Event::complete:
      need(parser.head().chunked || body == parser.head().length);
      out += "complete\n";
      parser.next();
      need(!parser.inside());
      break;
    case RequestParser::Event::failed:
      need(parser.refusal().status >= 400 && !parser.refusal().code.empty() &&
           !parser.refusal().sentence.empty());
      need(parser.step("GET / HTTP/1.1\r\nHost: h\r\n\r\n").event ==
           RequestParser::Event::failed); // for good
      return out + std::to_string(parser.refusal().status) + std::string(parser.refusal().sentence) +
             std::to_string(at);
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = told(input, input.size() + 1);
  need(told(input, data[0] % 64 + 1u) == whole);
  need(told(input, 1) == whole);
  return 0;
}
