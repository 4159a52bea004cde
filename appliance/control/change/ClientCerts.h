#pragma once
#include "base/Result.h"
#include "model/Database.h"
#include "pki/Certificate.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// A database's `authentication_ssl_client_certs`.
namespace gatehouse::control {

/// The certificates of all entries, in order. Errors: invalid_certificate, naming the entry.
Result<std::vector<pki::Certificate>> readClientCerts(std::span<const model::ClientCert>);

/// What a list must be when it is written: each entry whole and unexpired, no certificate twice. Gives a
/// sentence for each certificate that says what it means there (R10): whether it issues or matches only
/// itself.
/// Errors: invalid_client_certificate, certificate_expired, duplicated_certs (406).
Result<std::vector<std::string>> checkClientCerts(std::span<const model::ClientCert>, std::int64_t now);

} // namespace gatehouse::control
