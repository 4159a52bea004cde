#pragma once
#include "base/Result.h"

#include <cstdint>
#include <string>

namespace gatehouse::store {

/// Space on the store's disk that is kept aside, so that what takes rights away can be written when the disk
/// is full: a file of that size beside the store (0600), given back piece by piece.
///
/// Threads: one at a time. Errors: unavailable, in a sentence. Owns: nothing but the name; the file stays.
class Reserve {
public:
  static constexpr std::int64_t wholeSize = 8 << 20, pieceSize = 1 << 20; // bytes

  /// "<store>.reserve"
  explicit Reserve(const std::string& storePath);

  /// Makes it whole. Where there is no room for that it stays as large as it is.
  Status fill();
  /// Gives one piece free; false when there is none left.
  bool give() noexcept;
  [[nodiscard]] bool whole() const noexcept { return size_ >= wholeSize; }

private:
  std::string path_;
  std::int64_t size_ = 0; // bytes that are set aside
};

} // namespace gatehouse::store
