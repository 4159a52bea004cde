#include "control/SnapshotBuilder.h"

#include "pki/Certificate.h"
#include "pki/Hash.h"
#include "pki/TrustList.h"

#include <utility>

namespace gatehouse::control {
namespace {

constexpr std::string_view trustedCa = "mtls_trusted_ca";

Status fillTrust(model::Snapshot& snapshot, const model::Snapshot* before) {
  const auto now = snapshot.certificates.find(trustedCa);
  if (now == snapshot.certificates.end()) return {};
  if (before) {
    const auto then = before->certificates.find(trustedCa);
    if (then != before->certificates.end() && then->second == now->second) {
      snapshot.anchors = before->anchors;
      snapshot.trustList = before->trustList;
      return {};
    }
  }
  auto certificates = pki::Certificate::fromPem(now->second.certificate);
  if (!certificates)
    return Error{certificates.error().code,
                 "mtls_trusted_ca cannot be read: " + certificates.error().description};
  auto list = pki::TrustList::build(*certificates);
  if (!list) return Error{list.error().code, "mtls_trusted_ca: " + list.error().description};
  snapshot.anchors.insert((*list)->anchors().begin(), (*list)->anchors().end());
  snapshot.trustList = (*list)->identity();
  return {};
}

void fillAuthorized(model::Snapshot& snapshot) {
  for (const model::AuthorizedSubject& entry : snapshot.settings.mtls_authorized_subjects) {
    snapshot.authorizedNames.insert(pki::nameDigest(entry.CN));
    // Clients send empty strings for what they leave out, in OU too.
    pki::SubjectTuple tuple{entry.CN, {}, entry.O, entry.L, entry.ST, entry.C};
    for (const std::string& unit : entry.OU)
      if (!unit.empty()) tuple.organizationalUnits.push_back(unit);
    snapshot.authorizedTuples.insert(pki::tupleDigest(tuple));
  }
}

} // namespace

void fillComputed(model::ClusterSettings& settings, const store::PolicyRows& rows, const NodeFacts& facts) {
  settings.name = facts.name;
  settings.cnm_https_port = facts.httpsPort;
  settings.proxy_certificate.reset();
  for (const store::CertificateRow& row : rows.certificates)
    if (row.certificate.name == "proxy") settings.proxy_certificate = row.certificate.certificate;
}

Result<std::shared_ptr<const model::Snapshot>>
buildSnapshot(const store::PolicyRows& rows, const NodeFacts& facts, const model::Snapshot* before) {
  auto snapshot = std::make_shared<model::Snapshot>();
  snapshot->revision = rows.revision;
  snapshot->committedAt = rows.committedAt;
  snapshot->settings = rows.settings.settings;
  fillComputed(snapshot->settings, rows, facts);
  for (const store::RoleRow& row : rows.roles) snapshot->roles.emplace(row.role.uid, row.role);
  for (const store::CertificateRow& row : rows.certificates)
    snapshot->certificates.emplace(row.certificate.name, row.certificate);
  GH_TRY(fillTrust(*snapshot, before));
  fillAuthorized(*snapshot);
  return std::shared_ptr<const model::Snapshot>(std::move(snapshot));
}

} // namespace gatehouse::control
