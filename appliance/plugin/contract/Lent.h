#pragma once
#include "sdk/plugin_abi.h"

#include <cstddef>
#include <cstring>
#include <string_view>

namespace gatehouse::plugin::contract {

/// Memory that is lent for one call (plugin_abi.h, BORROWED). Each piece ends at the end of a page that is
/// followed by one which nobody may touch, is read-only while it is lent, and unreadable when this object has
/// gone: a plugin that keeps a pointer, reads past the end, or writes where it should only read, is caught at
/// that very instruction (isLent).
///
/// Threads: each thread its own objects. Errors: none; without memory the process ends.
class Lent {
public:
  Lent() = default;
  ~Lent();
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

  /// A copy of `text`; of nothing: no pointer at all.
  [[nodiscard]] gh_bytes bytes(std::string_view text);
  /// A copy of `count` structs, each followed by `growth` bytes that only a later version would name.
  template <class T>
  [[nodiscard]] const T* structs(const T* first, std::size_t count, std::size_t growth = 0) {
    if (count == 0) return nullptr;
    const std::size_t step = sizeof(T) + growth;
    char* at = take(count * step);
    std::memset(at, 0xdb, count * step);
    for (std::size_t i = 0; i < count; ++i) std::memcpy(at + i * step, first + i, sizeof(T));
    seal();
    return reinterpret_cast<const T*>(at);
  }

  /// Lies the address in memory that was ever lent? Async-signal-safe.
  [[nodiscard]] static bool isLent(const void* address) noexcept;

private:
  [[nodiscard]] char* take(std::size_t size);
  void seal() const;

  struct Piece {
    char* first = nullptr; // of the pages
    std::size_t size = 0;
    Piece* before = nullptr;
  };
  Piece* last_ = nullptr;
};

} // namespace gatehouse::plugin::contract
