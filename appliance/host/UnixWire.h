#pragma once
#include "base/UniqueFd.h"
#include "host/Wire.h"

namespace gatehouse::host {

/// A unix stream socket: the control socket, or the one to the process that has the store open.
///
/// Threads: one; waits, for ten minutes of silence at the most. Owns: the descriptor.
class UnixWire final : public Wire {
public:
  static constexpr int silenceMs = 600'000;

  /// Errors: unavailable, naming the path and what to do.
  static Result<UnixWire> connect(const std::string& path);
  explicit UnixWire(UniqueFd fd) noexcept
      : fd_(std::move(fd)) {}

  Status send(std::string_view bytes, const Waiting& waiting) override;
  Result<std::string> receive(const Waiting& waiting) override;

private:
  Status wait(short events, const Waiting& waiting) const;

  UniqueFd fd_;
};

} // namespace gatehouse::host
