#pragma once
#include "support/CertForge.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::test {

/// Certificates for a server that runs by the real clock: valid from an hour ago until tomorrow.
class TestPki {
public:
  TestPki();

  /// The CA that the server under test trusts.
  [[nodiscard]] const Forged& ca() const noexcept { return ca_; }
  /// A CA of that name; `key` tells two of the same name apart.
  [[nodiscard]] static Forged otherCa(std::string_view commonName, std::string_view key);

  /// A client's leaf of ca(): CN=name, OU=dev, O=Example.
  [[nodiscard]] Forged client(std::string_view name) const;
  [[nodiscard]] Forged client(std::string_view name, const Forged& issuer) const;
  /// The same as a Forge, for what is unusual about it.
  [[nodiscard]] static Forge leaf(std::string_view name);
  /// What a user's certificate_subject_line says about client(name).
  [[nodiscard]] static std::string subjectLine(std::string_view name);

  [[nodiscard]] static std::int64_t now(); // seconds since the epoch

private:
  Forged ca_;
};

/// Eight random letters: names that no other test uses.
[[nodiscard]] std::string randomName(std::string_view prefix);

} // namespace gatehouse::test
