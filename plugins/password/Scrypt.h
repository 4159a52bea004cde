#pragma once
#include "Phc.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace password {

/// A derived key; wiped when it goes.
class Key {
public:
  Key() = default;
  ~Key();
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  /// scrypt(secret, salt) at that cost. False: no memory, or OpenSSL would not.
  [[nodiscard]] bool derive(std::string_view secret, std::string_view salt, const Cost& cost) noexcept;
  /// Same bytes? In the same time wherever they differ.
  [[nodiscard]] bool equals(std::string_view hash) const noexcept;
  [[nodiscard]] std::string_view view() const noexcept;

private:
  std::array<unsigned char, hashSize> bytes_{};
};

/// Random bytes for a salt; nothing if the system has none to give.
[[nodiscard]] std::optional<std::string> newSalt();

} // namespace password
