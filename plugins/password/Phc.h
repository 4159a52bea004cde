#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace password {

constexpr std::size_t saltSize = 16, hashSize = 32; // bytes, of what is made here

/// scrypt's parameters (RFC 7914): N = 2^ln, block size r, parallelism p.
struct Cost {
  std::uint32_t ln = 15, r = 8, p = 1; // 32 MiB, some 80 ms
};

/// The memory that OpenSSL may use for one scrypt, bytes. A verifier that needs more is malformed.
constexpr std::uint64_t memoryLimit = 64ULL << 20;

constexpr std::size_t mostVerifiers = 5; // of one user

/// A stored password: "$scrypt$ln=15,r=8,p=1$<salt>$<hash>", base64 without padding (the PHC string format).
struct Phc {
  Cost cost;
  std::string salt, hash; // bytes
};

/// Reads a verifier. Strict, since it may come from a manifest or an old backup: one spelling of each value,
/// ln 10..20, r 1..32, p 1..4, at most memoryLimit, a salt of 16..64 bytes, a hash of 32. Nothing for
/// anything else.
[[nodiscard]] std::optional<Phc> parse(std::string_view text);
/// Reads the verifiers of a user with several passwords, one a line, at most `mostVerifiers`: what one login
/// may cost is bounded. Nothing if one of them is malformed.
[[nodiscard]] std::optional<std::vector<Phc>> parseAll(std::string_view lines);
[[nodiscard]] std::string format(const Phc&);

} // namespace password
