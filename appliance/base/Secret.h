#pragma once
#include <cstring>
#include <string>
#include <string_view>

namespace gatehouse {

/// Text that must not outlive its use: a password, a private key. Wiped when it goes; has no way into a log.
///
/// Threads: a value. Owns: its bytes. Copies are deliberate: call copy().
class Secret {
public:
  Secret() = default;
  explicit Secret(std::string text)
      : text_(std::move(text)) {}
  Secret(Secret&& other) noexcept
      : text_(std::move(other.text_)) {
    other.wipe();
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = std::move(other.text_);
      other.wipe();
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  [[nodiscard]] Secret copy() const { return Secret(text_); }
  [[nodiscard]] std::string_view reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  /// Same bytes? Takes the same time wherever they differ; the lengths are not hidden.
  [[nodiscard]] friend bool equal(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
  }

  void wipe() noexcept {
    text_.resize(
        text_.capacity()); // short text lives inside the object; resize never grows past capacity here
    explicit_bzero(text_.data(), text_.size());
    text_.clear();
  }

private:
  std::string text_;
};

bool equal(std::string_view a, std::string_view b) noexcept;

} // namespace gatehouse
