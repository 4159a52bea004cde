#pragma once
#include "base/Result.h"

#include <string_view>

namespace gatehouse::transport {

/// Mozilla's intermediate profile, 5.7: forward secrecy and AEAD only; no finite-field DHE, whose key
/// exchange a stranger can make us pay for (CVE-2002-20001).
inline constexpr std::string_view intermediateCipherList =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
inline constexpr std::string_view intermediateCipherSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
inline constexpr std::string_view groups = "X25519:P-256:P-384";

/// A TLS 1.2 cipher list in OpenSSL's words, each of which must mean something (libssl passes over what it
/// does not know:
/// `!RC4-MD6` would exclude nothing, silently), and which together enable no cipher that encrypts or
/// authenticates nothing. Errors: invalid_param naming the word.
[[nodiscard]] Status checkCipherList(std::string_view list);

/// TLS 1.3 suites, by name. Errors: invalid_param naming the word.
[[nodiscard]] Status checkCipherSuites(std::string_view suites);

} // namespace gatehouse::transport
