#pragma once
#include "model/Field.h"

#include <string>

namespace gatehouse::model {

/// The names that Redis Software documents (facts §3.1), and what Gatehouse does with each.
enum class CertificateRole : std::uint8_t { key_pair, trusted_ca, unsupported };
struct CertificateName {
  std::string_view name;
  CertificateRole role;
  bool removable;
};
inline constexpr CertificateName certificateNames[] = {
    {"api", CertificateRole::key_pair, false},
    {"proxy", CertificateRole::key_pair, false},
    {"mtls_trusted_ca", CertificateRole::trusted_ca, true},
    {"cm", CertificateRole::unsupported, false},
    {"syncer", CertificateRole::unsupported, false},
    {"metrics_exporter", CertificateRole::unsupported, false},
    {"ccs_internode_encryption", CertificateRole::unsupported, false},
    {"data_internode_encryption", CertificateRole::unsupported, false},
    {"ldap_client", CertificateRole::unsupported, true},
    {"sso_service", CertificateRole::unsupported, true},
    {"sso_issuer", CertificateRole::unsupported, true},
};
/// The row of a name; null when it is none of the documented ones.
[[nodiscard]] const CertificateName* findCertificateName(std::string_view) noexcept;

/// A named certificate of the cluster: a server's chain, or a list of trusted CAs. Its private key is in the
/// store's row alone.
struct ClusterCertificate {
  std::string name;
  std::string certificate; // PEM, as it was given
  bool operator==(const ClusterCertificate&) const = default;
};

template <>
const Table& table<ClusterCertificate>();

} // namespace gatehouse::model
