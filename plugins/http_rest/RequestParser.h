#pragma once
#include "http_rest/RequestHead.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::http_rest {

/// Why a request was refused by its framing. Texts are literals: nothing of the request comes back to anybody
/// in them.
struct Refusal {
  int status = 0;
  std::string_view code;     // error_code
  std::string_view sentence; // for people
};

/// A strict reader of HTTP/1.1 requests (RFC 9112), one after the other, fed in pieces of any size. The
/// events and the bytes that it reports are the same however the input is cut. Where readers of HTTP are
/// known to disagree (request smuggling), it refuses: a refusal is final, there is no resynchronising.
///
/// Threads: one at a time. Errors: the event `failed`, then refusal(); no exception but bad_alloc.
/// Owns: the head, at most maxHead bytes, from the first byte of a request until forgetHead or next; wiped
/// then, since it may hold a password. The body is never kept.
class RequestParser {
public:
  static constexpr std::size_t maxHead = 16'384;      // bytes, request line, fields and empty line
  static constexpr std::size_t maxTarget = 4'096;     // bytes
  static constexpr std::size_t maxMethod = 32;        // bytes
  static constexpr std::size_t maxFields = 64;        // lines
  static constexpr std::size_t maxChunkLine = 256;    // bytes of a chunk's size, its extensions and CRLF
  static constexpr std::size_t maxExtensions = 4'096; // bytes of all chunk extensions of a body
  static constexpr std::size_t maxTrailers = 4'096;   // bytes of all trailer lines of a body

  enum class Event : std::uint8_t {
    more,     // everything was consumed and the request goes on; also between requests
    head,     // head() is there; what follows is the body
    piece,    // some of the body: `piece`
    complete, // the request is over; call next()
    failed,   // refusal() says why; nothing more is consumed
  };
  struct Step {
    Event event = Event::more;
    std::size_t consumed = 0;
    std::string_view piece; // into the input; not empty with Event::piece, else empty
  };

  RequestParser() = default;
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  /// Takes bytes until there is something to tell. After `head` call it again, with nothing too: a request
  /// without a body is complete then.
  [[nodiscard]] Step step(std::string_view in);

  /// From the event `head` until forgetHead or next.
  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }
  [[nodiscard]] const Refusal& refusal() const noexcept { return refusal_; }
  /// Has a request begun that is not complete yet?
  [[nodiscard]] bool inside() const noexcept { return state_ != State::requestLine || headBytes_ != 0; }

  /// Wipes the head and gives its memory back, in mid-request: the body can still be read.
  void forgetHead() noexcept;
  /// Ready for the next request; after `complete`.
  void next() noexcept;

private:
  enum class State : std::uint8_t {
    requestLine,
    fields,
    bodyOfLength,
    chunkSize,
    chunkData,
    chunkEnd,
    trailers,
    complete,
    failed,
  };
  struct FieldPlace {
    std::size_t name, nameSize, value, valueSize; // in buffer_
  };

  Step readHead(std::string_view in);
  Step readBody(std::string_view in);
  Step readChunked(std::string_view in);
  /// Takes bytes up to and with an LF. True: a line ended, without its CRLF it is what was kept since the
  /// last one.
  bool takeLine(std::string_view in, std::size_t& consumed);
  bool takeByte(char byte);
  bool keep(char byte);
  bool requestLine(std::string_view line);
  bool target(std::size_t at, std::string_view target);
  bool fieldLine(std::size_t at, std::string_view line);
  bool trailerLine(std::string_view line);
  bool chunkLine(std::string_view line);
  bool endHead();
  bool checkHost();
  bool decideFraming();
  bool decideConnection();
  bool refuse(int status, std::string_view code, std::string_view sentence) noexcept;
  [[nodiscard]] Step failedAt(std::size_t consumed) const noexcept { return {Event::failed, consumed, {}}; }

  State state_ = State::requestLine;
  std::string buffer_;        // the head's lines, without CRLF; views of head_ point here
  std::string line_;          // of a chunked body: the present line
  std::size_t lineBegin_ = 0; // of the present line, in buffer_
  std::size_t headBytes_ = 0; // taken so far, CRLF included
  bool cr_ = false;           // the last byte was a CR: an LF must follow
  std::vector<FieldPlace> places_;
  RequestHead head_;
  Refusal refusal_;
  std::uint64_t left_ = 0;     // bytes of the body, or of the chunk, still to come
  std::size_t extensions_ = 0; // bytes so far
  std::size_t trailers_ = 0;   // bytes so far
};

} // namespace gatehouse::http_rest
