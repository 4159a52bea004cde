#include "Scrypt.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace password {

Key::~Key() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

bool Key::derive(std::string_view secret, std::string_view salt, const Cost& cost) noexcept {
  return EVP_PBE_scrypt(secret.data(), secret.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                        salt.size(), 1ULL << cost.ln, cost.r, cost.p, memoryLimit, bytes_.data(),
                        bytes_.size()) == 1;
}

bool Key::equals(std::string_view hash) const noexcept {
  return hash.size() == bytes_.size() && CRYPTO_memcmp(hash.data(), bytes_.data(), bytes_.size()) == 0;
}

std::string_view Key::view() const noexcept {
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

std::optional<std::string> newSalt() {
  std::array<unsigned char, saltSize> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return std::nullopt;
  return std::string(bytes.begin(), bytes.end());
}

} // namespace password
