#include "gateway/ServingContexts.h"

#include "control/change/ClientCerts.h"
#include "pki/KeyPair.h"
#include "pki/TrustList.h"

namespace gatehouse::gateway {
namespace {

using transport::ClientCertificate;
using Trust = std::shared_ptr<const pki::TrustList>;

Error named(std::string_view what, Error error) {
  error.description = std::string(what) + ": " + error.description;
  return error;
}

/// The documented default is wider than anybody should want; it means Mozilla's intermediate profile here
/// (README.md).
std::string cipherList(const model::ClusterSettings& settings) {
  static const std::string documentedDefault = model::ClusterSettings{}.control_cipher_suites;
  return settings.control_cipher_suites == documentedDefault ? std::string() : settings.control_cipher_suites;
}

transport::TlsVersion minimumOf(model::TlsVersion version) {
  return version == model::TlsVersion::v1_3 ? transport::TlsVersion::tls13 : transport::TlsVersion::tls12;
}

Result<Trust> inheritedTrust(const control::StoredCertificates& stored) {
  const auto ca = stored.cluster.find("mtls_trusted_ca");
  if (ca == stored.cluster.end()) return Trust();
  auto certificates = pki::Certificate::fromPem(ca->second->certificate.certificate);
  if (!certificates) return named("mtls_trusted_ca", std::move(certificates).error());
  auto list = pki::TrustList::build(*certificates);
  if (!list) return named("mtls_trusted_ca", std::move(list).error());
  return std::move(*list);
}

/// R9: absent is the inherited list, present that list alone, present and empty nobody.
Result<Trust> trustOf(const model::Database& database, const Trust& inherited) {
  if (!database.authentication_ssl_client_certs) return inherited;
  if (database.authentication_ssl_client_certs->empty()) return Trust();
  auto certificates = control::readClientCerts(*database.authentication_ssl_client_certs);
  if (!certificates) return std::move(certificates).error();
  return pki::TrustList::build(*certificates);
}

Result<pki::KeyPair> clusterPair(std::string_view name, const control::StoredCertificates& stored) {
  const auto pair = stored.cluster.find(name);
  if (pair == stored.cluster.end())
    return Error{Code::missing_certificate,
                 "the certificate '" + std::string(name) + "' is not in the store"};
  auto keyPair = pki::KeyPair::fromPem(pair->second->certificate.certificate, pair->second->key);
  if (!keyPair) return named(name, std::move(keyPair).error());
  return keyPair;
}

/// Of a database that has a certificate of its own. Never the cluster's in its place: who put it there wants
/// clients to see it.
Result<pki::KeyPair> ownPair(const model::DatabasePolicy& database,
                             const control::StoredCertificates& stored) {
  const auto key = stored.databaseKeys.find(database.database.uid);
  if (key == stored.databaseKeys.end() || !key->second)
    return Error{Code::missing_certificate, "the key of its own certificate is not in the store"};
  auto keyPair = pki::KeyPair::fromPem(database.certificate, *key->second);
  if (!keyPair) return named("its own certificate", std::move(keyPair).error());
  return keyPair;
}

/// What differs between listeners; the rest of a TlsPolicy is the same for all.
struct Asked {
  std::string_view certificate; // name
  transport::TlsVersion minimum;
  std::string cipherList;
  ClientCertificate clientCertificate;
  Trust trust;
  pki::VerifyOptions options;
  const model::DatabasePolicy* own = nullptr; // shows its own certificate instead
};

/// No context where a certificate must come and nobody can be verified: nobody gets in by that listener,
/// while the others, and the control socket by which a CA can be put, are open.
Result<std::shared_ptr<const transport::TlsContext>> contextFor(Asked asked, const model::Snapshot& next,
                                                                const control::StoredCertificates& stored,
                                                                const Clock& clock) {
  if (!asked.trust) {
    if (asked.clientCertificate == ClientCertificate::require)
      return std::shared_ptr<const transport::TlsContext>();
    asked.clientCertificate = ClientCertificate::none;
  }
  auto keyPair = asked.own ? ownPair(*asked.own, stored) : clusterPair(asked.certificate, stored);
  if (!keyPair) return std::move(keyPair).error();

  transport::TlsPolicy policy;
  policy.keyPair = std::move(*keyPair);
  policy.minimum = asked.minimum;
  policy.cipherList = std::move(asked.cipherList);
  policy.clientCertificate = asked.clientCertificate;
  policy.verifyOptions = asked.options;
  if (asked.clientCertificate != ClientCertificate::none) {
    policy.trustList = std::move(asked.trust);
    policy.trustRevision = next.revision;
  }
  auto context = transport::TlsContext::build(std::move(policy), clock);
  if (!context)
    return named(context.error().code == Code::invalid_param ? "control_cipher_suites" : asked.certificate,
                 std::move(context).error());
  return context;
}

} // namespace

Result<std::shared_ptr<const ServingContexts>>
ServingContexts::build(std::span<const Listener> listeners, DatabaseDoors doors, const model::Snapshot& next,
                       const control::StoredCertificates& stored, const Clock& clock) {
  const bool on = next.settings.mtls_certificate_authentication;
  auto trust = inheritedTrust(stored);
  if (!trust) return std::move(trust).error();
  if (on && !*trust)
    return Error{Code::missing_certificate, "mtls_certificate_authentication needs the certificate "
                                            "mtls_trusted_ca; put it with PUT /v1/cluster/certificates"};

  auto contexts = std::make_shared<ServingContexts>();
  for (const Listener& listener : listeners) {
    if (listener.control) continue;
    auto context = contextFor(
        {listener.certificate,
         minimumOf(next.settings.min_control_TLS_version),
         cipherList(next.settings),
         listener.clientCertificate.value_or(on ? ClientCertificate::request : ClientCertificate::none),
         *trust,
         {},
         nullptr},
        next, stored, clock);
    if (!context) return named("listener " + listener.name, std::move(context).error());
    contexts->entries_[listener.name].tls = std::move(*context);
  }
  for (const auto& [uid, door] : doors) {
    if (!door.listener) continue;
    const model::DatabasePolicy& policy = next.databases.at(uid);
    const model::Database& database = policy.database;
    Entry& entry = contexts->entries_[door.listener->name];
    entry.plain = database.tls_mode == model::TlsMode::disabled;
    if (entry.plain) continue;
    auto own = trustOf(database, *trust);
    if (!own) return named("database " + database.name, std::move(own).error());
    auto context = contextFor({door.listener->certificate,
                               minimumOf(next.settings.min_data_TLS_version),
                               {},
                               database.enforce_client_authentication == model::Enforcement::enabled
                                   ? ClientCertificate::require
                                   : ClientCertificate::request,
                               std::move(*own),
                               {database.mtls_allow_outdated_certs},
                               policy.certificate.empty() ? nullptr : &policy},
                              next, stored, clock);
    if (!context) return named("database " + database.name, std::move(context).error());
    entry.tls = std::move(*context);
  }
  contexts->doors_ = std::move(doors);
  return std::shared_ptr<const ServingContexts>(std::move(contexts));
}

ServingContexts::Entry ServingContexts::entryOf(const std::string& listener) const {
  const auto found = entries_.find(listener);
  return found == entries_.end() ? Entry{} : found->second;
}

} // namespace gatehouse::gateway
