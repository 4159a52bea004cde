#include "http_rest/RequestParser.h"

#include "http_rest/Grammar.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace gatehouse::http_rest {
namespace {

using namespace grammar;
using namespace std::string_view_literals;

constexpr std::string_view badSchema = "invalid_schema", badHeader = "invalid_header";
constexpr std::size_t versionSize = "HTTP/1.1"sv.size();
constexpr std::size_t maxRequestLine =
    RequestParser::maxMethod + 1 + RequestParser::maxTarget + 1 + versionSize;

// Whoever reads one of these acts on it, so two of them are two opinions about one request.
constexpr std::array once = {
    "authorization"sv,     "host"sv,       "content-type"sv,     "content-length"sv,
    "transfer-encoding"sv, "expect"sv,     "origin"sv,           "x-api-version"sv,
    "if-match"sv,          "user-agent"sv, "cluster-state-id"sv,
};

void wipe(std::string& text) noexcept {
  explicit_bzero(text.data(), text.size());
  std::string().swap(text);
}

} // namespace

RequestParser::~RequestParser() { forgetHead(); }

RequestParser::Step RequestParser::step(std::string_view in) {
  switch (state_) {
  case State::failed: return failedAt(0);
  case State::requestLine:
  case State::fields: return readHead(in);
  default: return readBody(in);
  }
}

void RequestParser::forgetHead() noexcept {
  wipe(buffer_);
  std::vector<FieldPlace>().swap(places_);
  head_.method = head_.path = head_.query = {};
  std::vector<Field>().swap(head_.fields);
}

void RequestParser::next() noexcept {
  forgetHead();
  wipe(line_);
  head_ = RequestHead{};
  state_ = State::requestLine;
  lineBegin_ = headBytes_ = extensions_ = trailers_ = 0;
  left_ = 0;
  cr_ = false;
}

bool RequestParser::refuse(int status, std::string_view code, std::string_view sentence) noexcept {
  refusal_ = {status, code, sentence};
  state_ = State::failed;
  return false;
}

// ---- lines

bool RequestParser::takeLine(std::string_view in, std::size_t& consumed) {
  while (consumed < in.size()) {
    const char byte = in[consumed++];
    if (cr_) {
      if (byte != '\n') return refuse(400, badSchema, "A carriage return stands without its line feed.");
      cr_ = false;
      return true;
    }
    if (!takeByte(byte)) return false;
  }
  return false;
}

bool RequestParser::takeByte(char byte) {
  const bool inHead = state_ == State::requestLine || state_ == State::fields;
  if (inHead) ++headBytes_;
  if (state_ == State::trailers && ++trailers_ > maxTrailers)
    return refuse(431, badHeader, "The trailer fields are too long.");
  if (byte == '\r') {
    cr_ = true;
    headBytes_ += inHead ? 1 : 0; // its line feed
    return headBytes_ <= maxHead || refuse(431, badHeader, "The head of the request is too long.");
  }
  if (byte == '\n') return refuse(400, badSchema, "A line feed stands without its carriage return.");
  return keep(byte);
}

bool RequestParser::keep(char byte) {
  switch (state_) {
  case State::requestLine:
    if (byte < ' ' || byte > '~')
      return refuse(400, badSchema, "The request line holds bytes other than printable ASCII.");
    if (buffer_.size() - lineBegin_ >= maxRequestLine)
      return refuse(414, badSchema, "The request line is too long.");
    break;
  case State::fields:
    if (!isValueByte(byte)) return refuse(400, badHeader, "A header field holds a control character.");
    if (headBytes_ > maxHead) return refuse(431, badHeader, "The head of the request is too long.");
    break;
  case State::trailers:
    if (!isValueByte(byte)) return refuse(400, badHeader, "A trailer field holds a control character.");
    line_ += byte;
    return true;
  case State::chunkEnd: return refuse(400, badSchema, "A chunk is longer than its size.");
  default:
    if ((byte < ' ' && byte != '\t') || byte > '~')
      return refuse(400, badSchema, "A chunk's size line holds control characters.");
    if (line_.size() + 2 >= maxChunkLine) return refuse(400, badSchema, "A chunk's size line is too long.");
    line_ += byte;
    return true;
  }
  if (buffer_.size() == buffer_.capacity() ||
      buffer_.empty()) { // grow without leaving a copy of a password behind
    std::string wider;
    wider.reserve(std::min(std::max<std::size_t>(512, buffer_.capacity() * 2), maxHead));
    wider.append(buffer_);
    buffer_.swap(wider);
    wipe(wider);
  }
  buffer_ += byte;
  return true;
}

// ---- head

RequestParser::Step RequestParser::readHead(std::string_view in) {
  Step step;
  while (takeLine(in, step.consumed)) {
    const std::size_t at = lineBegin_;
    const std::string_view line = std::string_view(buffer_).substr(at);
    lineBegin_ = buffer_.size();
    if (state_ == State::requestLine) {
      if (!requestLine(line)) break;
      state_ = State::fields;
    } else if (!line.empty()) {
      if (!fieldLine(at, line)) break;
    } else {
      if (!endHead()) break;
      step.event = Event::head;
      return step;
    }
  }
  return state_ == State::failed ? failedAt(step.consumed) : step;
}

bool RequestParser::requestLine(std::string_view line) {
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return refuse(400, badSchema, "The request line is not: method, target, version.");
  const std::string_view version = line.substr(last + 1);
  if (version.size() != versionSize || !version.starts_with("HTTP/") || !isDigit(version[5]) ||
      version[6] != '.' || !isDigit(version[7]))
    return refuse(400, badSchema, "The request line does not end with a version of HTTP.");
  if (version[5] != '1' || version[7] > '1')
    return refuse(505, badSchema, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
  head_.minorVersion = version[7] - '0';

  head_.method = line.substr(0, first);
  if (!isToken(head_.method)) return refuse(400, badSchema, "The method is not a token.");
  if (head_.method.size() > maxMethod) return refuse(501, badSchema, "No method is that long.");
  return target(first + 1, line.substr(first + 1, last - first - 1));
}

bool RequestParser::target(std::size_t at, std::string_view target) {
  if (target.size() > maxTarget) return refuse(414, badSchema, "The target is too long.");
  if (target.empty() || target.front() != '/')
    return refuse(400, badSchema, "The target must begin with a slash.");
  bool inQuery = false;
  std::size_t question = target.size();
  for (std::size_t i = 0; i < target.size(); ++i) {
    const char c = target[i];
    if (c == '%') {
      const auto byte = percentTriple(target.substr(i));
      if (!byte)
        return refuse(400, badSchema,
                      "A percent sign in the target is not followed by two hexadecimal digits.");
      if (!inQuery && (*byte < ' ' || *byte == 0x7f || *byte == '/' || *byte == '\\'))
        return refuse(400, badSchema, "The path holds an encoded slash, backslash or control character.");
      i += 2;
    } else if (c == '?' && !inQuery) {
      inQuery = true;
      question = i;
    } else if (!isPathByte(c) && c != '/' && !(inQuery && (c == '?' || c == '[' || c == ']'))) {
      return refuse(400, badSchema, "The target holds a character that must be percent-encoded.");
    }
  }
  // Kept as offsets until the head has ended: the buffer still moves.
  places_.push_back({0, at - 1, at, question});
  const std::size_t query = std::min(question + 1, target.size());
  places_.push_back({0, 0, at + query, target.size() - query});
  return true;
}

bool RequestParser::fieldLine(std::size_t at, std::string_view line) {
  if (places_.size() - 2 >= maxFields) return refuse(431, badHeader, "There are too many header fields.");
  if (line.front() == ' ' || line.front() == '\t')
    return refuse(400, badHeader, "A header field is folded over two lines.");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refuse(400, badHeader, "A header line has no colon.");
  if (!isToken(line.substr(0, colon)))
    return refuse(400, badHeader, "The name of a header field is not a token.");
  for (std::size_t i = at; i < at + colon; ++i) buffer_[i] = lower(buffer_[i]);
  const std::string_view value = trimmed(line.substr(colon + 1));
  places_.push_back({at, colon, static_cast<std::size_t>(value.data() - buffer_.data()), value.size()});
  return true;
}

bool RequestParser::endHead() {
  const std::string_view all = buffer_;
  head_.method = all.substr(0, places_[0].nameSize);
  head_.path = all.substr(places_[0].value, places_[0].valueSize);
  head_.query = all.substr(places_[1].value, places_[1].valueSize);
  head_.fields.reserve(places_.size() - 2);
  for (std::size_t i = 2; i < places_.size(); ++i)
    head_.fields.push_back({all.substr(places_[i].name, places_[i].nameSize),
                            all.substr(places_[i].value, places_[i].valueSize)});
  std::vector<FieldPlace>().swap(places_);

  for (const std::string_view name : once)
    if (std::count_if(head_.fields.begin(), head_.fields.end(),
                      [&](const Field& f) { return f.name == name; }) > 1)
      return refuse(400, badHeader, "A header field that may stand once stands twice.");
  return checkHost() && decideFraming() && decideConnection();
}

bool RequestParser::checkHost() {
  const Field* host = head_.find("host");
  if (host == nullptr) return head_.minorVersion == 0 || refuse(400, badHeader, "The Host field is missing.");
  for (const char c : host->value)
    if (!isPathByte(c) && c != '[' && c != ']' && c != '%')
      return refuse(400, badHeader, "The Host field names no host.");
  return host->value.find('@') == std::string_view::npos ||
         refuse(400, badHeader, "The Host field names no host.");
}

bool RequestParser::decideFraming() {
  const Field* length = head_.find("content-length");
  const Field* coding = head_.find("transfer-encoding");
  if (coding !=
      nullptr) { // RFC 9112 §6.1; each of these is how two readers come to see two different requests
    if (length != nullptr)
      return refuse(400, badHeader, "Content-Length and Transfer-Encoding exclude each other.");
    if (head_.minorVersion == 0) return refuse(400, badHeader, "HTTP/1.0 has no Transfer-Encoding.");
    if (coding->value != "chunked")
      return refuse(501, badHeader, "The only Transfer-Encoding understood here is: chunked");
    head_.chunked = true;
    state_ = State::chunkSize;
    return true;
  }
  if (length != nullptr) {
    const std::string_view digits = length->value;
    if (digits.empty() || digits.size() > 18 || !std::all_of(digits.begin(), digits.end(), isDigit) ||
        (digits.size() > 1 && digits.front() == '0'))
      return refuse(400, badHeader, "Content-Length is not a number.");
    for (const char c : digits) head_.length = head_.length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  left_ = head_.length;
  state_ = left_ == 0 ? State::complete : State::bodyOfLength;
  return true;
}

bool RequestParser::decideConnection() {
  head_.keepAlive = head_.minorVersion == 1;
  for (const Field& field : head_.fields) {
    if (field.name != "connection") continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (same(trimmed(rest.substr(0, comma)), "close")) head_.keepAlive = false;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  if (const Field* expect = head_.find("expect")) {
    if (!same(expect->value, "100-continue"))
      return refuse(417, badHeader, "The only expectation met here is: 100-continue");
    head_.expectsContinue = head_.minorVersion == 1 && head_.hasBody(); // RFC 9110 §10.1.1
  }
  return true;
}

// ---- body

RequestParser::Step RequestParser::readBody(std::string_view in) {
  if (state_ == State::complete) return {Event::complete, 0, {}};
  if (head_.chunked) return readChunked(in);
  if (in.empty()) return {};
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
  left_ -= size;
  if (left_ == 0) state_ = State::complete;
  return {Event::piece, size, in.substr(0, size)};
}

RequestParser::Step RequestParser::readChunked(std::string_view in) {
  std::size_t consumed = 0;
  for (;;) {
    if (state_ == State::chunkData) {
      if (consumed == in.size()) return {Event::more, consumed, {}};
      const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size() - consumed));
      left_ -= size;
      if (left_ == 0) state_ = State::chunkEnd;
      return {Event::piece, consumed + size, in.substr(consumed, size)};
    }
    if (!takeLine(in, consumed))
      return state_ == State::failed ? failedAt(consumed) : Step{Event::more, consumed, {}};
    if (state_ == State::chunkEnd) {
      state_ = State::chunkSize;
    } else if (state_ == State::chunkSize) {
      chunkLine(line_);
    } else if (line_.empty()) {
      state_ = State::complete;
      return {Event::complete, consumed, {}};
    } else {
      trailerLine(line_);
    }
    if (state_ == State::failed) return failedAt(consumed);
    line_.clear();
  }
}

bool RequestParser::chunkLine(std::string_view line) {
  const std::size_t size = std::min(line.find(';'), line.size());
  if (size == 0 || size > 8)
    return refuse(400, badSchema, "A chunk's size is not a hexadecimal number of at most 8 digits.");
  left_ = 0;
  for (const char c : line.substr(0, size)) {
    if (hexDigit(c) < 0)
      return refuse(400, badSchema, "A chunk's size is not a hexadecimal number of at most 8 digits.");
    left_ = left_ * 16 + static_cast<std::uint64_t>(hexDigit(c));
  }
  extensions_ += line.size() - size; // ignored, but they are bytes that no limit on the body counts
  if (extensions_ > maxExtensions) return refuse(400, badSchema, "The chunk extensions are too long.");
  state_ = left_ == 0 ? State::trailers : State::chunkData;
  return true;
}

bool RequestParser::trailerLine(std::string_view line) {
  const std::size_t colon = line.find(':');
  return (colon != std::string_view::npos && isToken(line.substr(0, colon))) ||
         refuse(400, badHeader, "A trailer line is no header field.");
}

} // namespace gatehouse::http_rest
