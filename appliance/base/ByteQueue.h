#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace gatehouse {

/// A bounded queue of bytes, contiguous to read. Holds no memory while it is empty: an idle connection costs
/// nothing here.
///
/// Threads: one at a time. Errors: append answers false when the limit would be passed, and then takes
/// nothing. Owns: its buffer. A view is valid until the next call that is not const.
class ByteQueue {
public:
  explicit ByteQueue(std::size_t limit) noexcept
      : limit_(limit) {}
  ByteQueue(ByteQueue&& other) noexcept;
  ByteQueue& operator=(ByteQueue&& other) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  [[nodiscard]] std::size_t room() const noexcept { return size() >= limit_ ? 0 : limit_ - size(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::string_view view() const noexcept { return {buffer_.get() + begin_, size()}; }

  [[nodiscard]] bool append(std::string_view bytes);

  /// Room to write into directly (read(2), SSL_read): at least `atLeast` bytes, no regard to the limit; then
  /// commit what was written.
  [[nodiscard]] std::span<char> reserve(std::size_t atLeast);
  void commit(std::size_t written) noexcept { end_ += written; }

  /// Drops bytes from the front; gives the buffer back when nothing is left.
  void consume(std::size_t count) noexcept;
  void clear() noexcept;

private:
  void makeRoom(std::size_t more);

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0, limit_;
};

} // namespace gatehouse
