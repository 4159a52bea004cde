#pragma once
#include "base/Result.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::host {

/// What a server answered to one request.
struct Reply {
  int status = 0; // 200 is success, always
  std::string body;
};

/// Called about once a second while a command waits: for a progress line. May be empty.
using Waiting = std::function<void()>;

/// One connection that bytes go over.
class Wire {
public:
  virtual ~Wire() = default;
  virtual Status send(std::string_view bytes, const Waiting& waiting) = 0;
  /// At least one byte; empty at the end. Errors: unavailable.
  virtual Result<std::string> receive(const Waiting& waiting) = 0;
};

inline constexpr std::size_t largestReply = std::size_t{1} << 30; // bytes: an export of a million users

/// One HTTP/1.1 request over a connection that is closed afterwards, and its answer: framed by Content-Length
/// or chunks, one of them, and whole. What is not strictly so is an error: half an answer must not look like
/// one.
///
/// Threads: the caller's; waits. Errors: unavailable, with a sentence. `host` is what the Host field says.
Result<Reply> exchange(Wire& wire, std::string_view host, std::string_view method, std::string_view path,
                       std::string_view body, const Waiting& waiting);

} // namespace gatehouse::host
