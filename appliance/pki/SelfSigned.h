#pragma once
#include "base/Result.h"
#include "base/Secret.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::pki {

/// A generated certificate and its key, as they are stored.
struct GeneratedPair {
  std::string certificatePem;
  Secret keyPem; // PKCS#8
};

/// Days that a generated certificate is valid. The README says why.
inline constexpr int selfSignedDays = 825;

/// Makes the `api` or `proxy` certificate that nobody provided (design §8): P-256, CN and SAN `nodeName`, SAN
/// localhost, 127.0.0.1 and
/// ::1, CA:FALSE, serverAuth and clientAuth, valid from an hour before `now` (clocks differ). A node name
/// that is an address goes into an iPAddress.
///
/// Errors: invalid_param for a name that is empty, longer than a CN may be (64 characters) or not ASCII
/// without blanks and controls; internal_error when there is no entropy.
[[nodiscard]] Result<GeneratedPair> generateSelfSigned(std::string_view nodeName, std::int64_t now);

} // namespace gatehouse::pki
