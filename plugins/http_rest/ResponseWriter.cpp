#include "http_rest/ResponseWriter.h"

#include "http_rest/Grammar.h"

#include <Poco/Net/HTTPResponse.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace gatehouse::http_rest {
namespace {

using namespace std::string_view_literals;

constexpr std::array ours = {"connection"sv, "content-length"sv,    "keep-alive"sv,
                             "trailer"sv,    "transfer-encoding"sv, "upgrade"sv};

void field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool isOneOfOurs(std::string_view name) {
  return std::any_of(ours.begin(), ours.end(),
                     [&](std::string_view our) { return grammar::same(our, name); });
}

} // namespace

std::string writeHead(const ResponseHead& head) {
  if (head.status < 200 || head.status > 599) return {};
  std::string out = "HTTP/1.1 "; // to HTTP/1.0 too (RFC 9110 §6.2)
  out += std::to_string(head.status);
  out += ' ';
  out += Poco::Net::HTTPResponse::getReasonForStatus(
      static_cast<Poco::Net::HTTPResponse::HTTPStatus>(head.status));
  out += "\r\n";

  bool typed = false, cached = false, challenged = false;
  for (const auto& [name, value] : head.fields) {
    if (!grammar::isToken(name) || !std::all_of(value.begin(), value.end(), grammar::isValueByte)) return {};
    if (isOneOfOurs(name)) continue;
    typed = typed || grammar::same(name, "content-type");
    cached = cached || grammar::same(name, "cache-control");
    challenged = challenged || grammar::same(name, "www-authenticate");
    field(out, name, value);
  }
  if (!typed && head.length != 0 && mayHaveBody(head.status)) field(out, "Content-Type", "application/json");
  if (!challenged && head.status == 401) field(out, "WWW-Authenticate", "Basic realm=\"gatehouse\"");
  if (!cached) field(out, "Cache-Control", "no-store");
  if (mayHaveBody(head.status)) {
    if (head.length != ResponseHead::unknownLength)
      field(out, "Content-Length", std::to_string(head.length));
    else if (head.chunks)
      field(out, "Transfer-Encoding", "chunked");
  }
  if (head.closes) field(out, "Connection", "close");
  return out += "\r\n";
}

std::string chunkLine(std::size_t size) {
  std::array<char, 2 * sizeof size> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string(digits.data(), end) + "\r\n";
}

std::string errorBody(std::string_view code, std::string_view sentence) {
  std::string out = "{\"error_code\":\"";
  out.append(code).append("\",\"description\":\"").append(sentence);
  return out.append("\",\"message\":\"").append(sentence).append("\"}");
}

} // namespace gatehouse::http_rest
