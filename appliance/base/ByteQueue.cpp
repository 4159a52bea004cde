#include "base/ByteQueue.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gatehouse {

ByteQueue::ByteQueue(ByteQueue&& other) noexcept
    : buffer_(std::move(other.buffer_))
    , capacity_(std::exchange(other.capacity_, 0))
    , begin_(std::exchange(other.begin_, 0))
    , end_(std::exchange(other.end_, 0))
    , limit_(other.limit_) {}

ByteQueue& ByteQueue::operator=(ByteQueue&& other) noexcept {
  buffer_ = std::move(other.buffer_);
  capacity_ = std::exchange(other.capacity_, 0);
  begin_ = std::exchange(other.begin_, 0);
  end_ = std::exchange(other.end_, 0);
  limit_ = other.limit_;
  return *this;
}

bool ByteQueue::append(std::string_view bytes) {
  if (bytes.size() > room()) return false;
  if (bytes.empty()) return true;
  makeRoom(bytes.size());
  std::memcpy(buffer_.get() + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
  return true;
}

std::span<char> ByteQueue::reserve(std::size_t atLeast) {
  makeRoom(atLeast);
  return {buffer_.get() + end_, capacity_ - end_};
}

void ByteQueue::consume(std::size_t count) noexcept {
  begin_ += std::min(count, size());
  if (begin_ == end_) clear();
}

void ByteQueue::clear() noexcept {
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
}

void ByteQueue::makeRoom(std::size_t more) {
  if (capacity_ - end_ >= more) return;
  if (begin_ > 0 && capacity_ - size() >= more &&
      begin_ >= size()) { // sliding costs no more than was consumed
    std::memcpy(buffer_.get(), buffer_.get() + begin_, size());
    end_ = size();
    begin_ = 0;
    return;
  }
  const std::size_t wanted = std::max({size() + more, capacity_ * 2, std::size_t{512}});
  auto larger = std::make_unique_for_overwrite<char[]>(wanted);
  if (!empty()) std::memcpy(larger.get(), buffer_.get() + begin_, size());
  end_ = size();
  begin_ = 0;
  buffer_ = std::move(larger);
  capacity_ = wanted;
}

} // namespace gatehouse
