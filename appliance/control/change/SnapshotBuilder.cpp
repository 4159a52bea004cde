#include "control/change/SnapshotBuilder.h"

#include "control/change/ClientCerts.h"
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

void fillAuthorized(const std::vector<model::AuthorizedSubject>& entries, std::set<model::Digest>& names,
                    std::set<model::Digest>& tuples) {
  for (const model::AuthorizedSubject& entry : entries) {
    names.insert(pki::nameDigest(entry.CN));
    // Clients send empty strings for what they leave out, in OU too.
    pki::SubjectTuple tuple{entry.CN, {}, entry.O, entry.L, entry.ST, entry.C};
    for (const std::string& unit : entry.OU)
      if (!unit.empty()) tuple.organizationalUnits.push_back(unit);
    tuples.insert(pki::tupleDigest(tuple));
  }
}

/// R9: absent means mtls_trusted_ca, present that list alone, present and empty nobody.
Status fillTrust(model::DatabasePolicy& policy, const model::Snapshot& snapshot,
                 const model::Snapshot* before) {
  const auto& own = policy.database.authentication_ssl_client_certs;
  if (!own) {
    policy.anchors = snapshot.anchors;
    policy.trustList = snapshot.trustList;
    return {};
  }
  if (own->empty()) return {};
  const model::DatabasePolicy* then = before ? before->database(policy.database.uid) : nullptr;
  if (then && then->database.authentication_ssl_client_certs == own) {
    policy.anchors = then->anchors;
    policy.trustList = then->trustList;
    return {};
  }
  const auto about = [&](const Error& error) {
    return Error{error.code, "database " + policy.database.name + ": " + error.description};
  };
  auto certificates = readClientCerts(*own);
  if (!certificates) return about(certificates.error());
  auto list = pki::TrustList::build(*certificates);
  if (!list) return about(list.error());
  policy.anchors.insert((*list)->anchors().begin(), (*list)->anchors().end());
  policy.trustList = (*list)->identity();
  return {};
}

Result<model::DatabasePolicy> policyOf(const store::DatabaseRow& row, const model::Snapshot& snapshot,
                                       const model::Snapshot* before) {
  model::DatabasePolicy policy;
  policy.database = row.database;
  policy.database.ssl = row.database.tls_mode == model::TlsMode::enabled;
  policy.engineId = row.engineId;
  policy.revision = row.revision;
  policy.action_uid = row.actionUid;
  policy.passwordsRevision = row.passwordsRevision;
  policy.certificate = row.certificate;
  GH_TRY(fillTrust(policy, snapshot, before));
  fillAuthorized(row.database.authorized_subjects, policy.authorizedNames, policy.authorizedTuples);
  return policy;
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
buildSnapshot(const store::PolicyRows& rows, const NodeFacts& facts, const model::Snapshot* before,
              std::shared_ptr<const model::CommandTable> commands) {
  auto snapshot = std::make_shared<model::Snapshot>();
  snapshot->revision = rows.revision;
  snapshot->committedAt = rows.committedAt;
  snapshot->settings = rows.settings.settings;
  fillComputed(snapshot->settings, rows, facts);
  snapshot->clusterPolicy = rows.clusterPolicy.policy;
  for (const store::RoleRow& row : rows.roles) snapshot->roles.emplace(row.role.uid, row.role);
  for (const store::CertificateRow& row : rows.certificates)
    snapshot->certificates.emplace(row.certificate.name, row.certificate);
  GH_TRY(fillTrust(*snapshot, before));
  fillAuthorized(snapshot->settings.mtls_authorized_subjects, snapshot->authorizedNames,
                 snapshot->authorizedTuples);
  // Engines run on while the program cannot be asked (an upgrade, a machine without a moment to spare): what
  // was known of it still tells what to deny, and nobody loses a database over it.
  snapshot->commands = commands || !before ? std::move(commands) : before->commands;
  for (const store::RedisAclRow& row : rows.redisAcls) snapshot->redisAcls.emplace(row.acl.uid, row.acl);
  for (const store::DatabaseRow& row : rows.databases) {
    auto policy = policyOf(row, *snapshot, before);
    if (!policy) return std::move(policy).error();
    snapshot->databases.emplace(row.database.uid, std::move(*policy));
  }
  return std::shared_ptr<const model::Snapshot>(std::move(snapshot));
}

} // namespace gatehouse::control
