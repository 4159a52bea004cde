#pragma once
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::resp {

/// The words of one command that is held back: a login among them, so that its bytes are wiped.
///
/// Owns: copies of the words. The views that it gives live until the next change.
class Words {
public:
  Words() = default;
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  ~Words() { clear(); }

  /// A new word, empty.
  void begin() {
    if (bytes_.capacity() < firstReserve) bytes_.reserve(firstReserve); // growing leaves copies behind
    starts_.push_back(bytes_.size());
  }
  /// More of the last word.
  void append(std::string_view more) { bytes_ += more; }
  void append(char more) { bytes_ += more; }
  /// Forgets them all, and gives the memory back.
  void clear() noexcept {
    if (bytes_.capacity() > 0) explicit_bzero(bytes_.data(), bytes_.size());
    std::string().swap(bytes_);
    starts_.clear();
  }

  [[nodiscard]] bool empty() const noexcept { return starts_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return starts_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
    const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : bytes_.size();
    return std::string_view(bytes_).substr(starts_[i], end - starts_[i]);
  }

private:
  static constexpr std::size_t firstReserve = 2560; // the longest login that is asked about, and some

  std::string bytes_;
  std::vector<std::size_t> starts_;
};

/// ASCII letters of either case are one; Redis's command names and options are compared so.
inline bool sameName(std::string_view given, std::string_view small) noexcept {
  if (given.size() != small.size()) return false;
  for (std::size_t i = 0; i < small.size(); ++i) {
    const char c = given[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != small[i]) return false;
  }
  return true;
}

} // namespace gatehouse::resp
