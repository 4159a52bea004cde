#include "model/ClusterCertificate.h"

#include <algorithm>
#include <iterator>

namespace gatehouse::model {

const CertificateName* findCertificateName(std::string_view name) noexcept {
  const auto found = std::find_if(std::begin(certificateNames), std::end(certificateNames),
                                  [&](const CertificateName& row) { return row.name == name; });
  return found == std::end(certificateNames) ? nullptr : &*found;
}

namespace {

constexpr Field fields[] = {
    enforced<&ClusterCertificate::name>("name", text(1, 64), required, Narrows::unknown,
                                        "Which certificate: api, proxy or mtls_trusted_ca."),
    enforced<&ClusterCertificate::certificate>(
        "certificate", text(1, 1 << 20), required, Narrows::unknown,
        "PEM: the server's chain, or the certificates that are trusted.")
        .sourced(),
    write_only("key", secret(1, 1 << 16),
               "PEM of the private key; never returned; none for mtls_trusted_ca."),
};
constexpr Table certificateTable = {
    "certificate", ObjectKind::certificate, fields, "A named certificate of the cluster.", {}};
static_assert(sound(certificateTable));

} // namespace

template <>
const Table& table<ClusterCertificate>() {
  return certificateTable;
}

} // namespace gatehouse::model
