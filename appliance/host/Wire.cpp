#include "host/Wire.h"

#include "base/Text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace gatehouse::host {
namespace {

constexpr std::size_t largestHead = 64 * 1024; // bytes

Error bad(const char* what) {
  return {Code::unavailable, std::string("the server's answer is not to be understood: ") + what};
}

/// The bytes of an answer as they come.
class Incoming {
public:
  Incoming(Wire& wire, const Waiting& waiting)
      : wire_(wire)
      , waiting_(waiting) {}

  /// A line without its CRLF.
  Result<std::string> line() {
    for (;;) {
      const std::size_t end = buffer_.find("\r\n", at_);
      if (end != std::string::npos) {
        std::string out = buffer_.substr(at_, end - at_);
        at_ = end + 2;
        return out;
      }
      if (buffer_.size() - at_ > largestHead) return bad("a line without end");
      GH_TRY(more());
    }
  }
  /// Appends exactly so many bytes.
  Status take(std::size_t count, std::string& out) {
    for (;;) {
      const std::size_t part = std::min(count, buffer_.size() - at_);
      out.append(buffer_, at_, part);
      at_ += part;
      count -= part;
      if (count == 0) return {};
      GH_TRY(more());
    }
  }

private:
  Status more() {
    auto next = wire_.receive(waiting_);
    if (!next) return std::move(next).error();
    if (next->empty()) return bad("it ends too early");
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_ += *next;
    return {};
  }

  Wire& wire_;
  const Waiting& waiting_;
  std::string buffer_;
  std::size_t at_ = 0;
};

struct Framing {
  int status = 0;
  std::optional<std::size_t> length;
  bool chunked = false;
};

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return out;
}

Result<Framing> head(Incoming& in) {
  auto line = in.line();
  if (!line) return std::move(line).error();
  Framing out;
  const auto status =
      line->starts_with("HTTP/1.1 ") && line->size() >= 12 ? number(line->substr(9, 3), 10) : std::nullopt;
  if (!status || *status < 200) return bad("no status line");
  out.status = static_cast<int>(*status);
  for (std::size_t total = 0;;) {
    line = in.line();
    if (!line) return std::move(line).error();
    if (line->empty()) break;
    total += line->size();
    const std::size_t colon = line->find(':');
    if (total > largestHead || colon == std::string::npos || colon == 0) return bad("its head");
    const std::string name = folded(line->substr(0, colon));
    const std::size_t from = line->find_first_not_of(" \t", colon + 1);
    const std::string value = from == std::string::npos ? std::string() : line->substr(from);
    if (name == "content-length") {
      if (out.length) return bad("two lengths");
      out.length = number(value, 10);
      if (!out.length) return bad("its length");
    } else if (name == "transfer-encoding") {
      if (out.chunked || folded(value) != "chunked") return bad("its coding");
      out.chunked = true;
    }
  }
  if (out.chunked == out.length.has_value()) return bad("its length is not known");
  return out;
}

Status chunks(Incoming& in, std::string& body) {
  for (;;) {
    auto line = in.line();
    if (!line) return std::move(line).error();
    const auto size = number(*line, 16);
    if (!size || *size > largestReply - body.size()) return bad("a chunk's size");
    if (*size > 0) GH_TRY(in.take(*size, body));
    auto end = in.line();
    if (!end) return std::move(end).error();
    if (!end->empty()) return bad("the end of a chunk");
    if (*size == 0) return {};
  }
}

} // namespace

Result<Reply> exchange(Wire& wire, std::string_view host, std::string_view method, std::string_view path,
                       std::string_view body, const Waiting& waiting) {
  std::string request;
  request.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
  request += "\r\nAccept: application/json\r\nConnection: close\r\n";
  if (!body.empty()) request += "Content-Type: application/json\r\n";
  if (method != "GET") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request += "\r\n";
  GH_TRY(wire.send(request, waiting));
  // A refusal may come before the body is taken, and with it the end of the connection: the answer counts.
  const Status sent = body.empty() ? Status() : wire.send(body, waiting);
  Incoming in(wire, waiting);
  auto framing = head(in);
  if (!framing) return sent ? std::move(framing).error() : sent.error();
  Reply reply;
  reply.status = framing->status;
  if (framing->chunked) {
    GH_TRY(chunks(in, reply.body));
  } else {
    if (*framing->length > largestReply) return bad("it is too large");
    GH_TRY(in.take(*framing->length, reply.body));
  }
  return reply;
}

} // namespace gatehouse::host
