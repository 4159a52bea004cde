#include "gateway/ServingContexts.h"

#include "pki/KeyPair.h"
#include "pki/TrustList.h"

namespace gatehouse::gateway {
namespace {

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

} // namespace

Result<std::shared_ptr<const ServingContexts>>
ServingContexts::build(std::span<const Listener> listeners, const model::Snapshot& next,
                       const control::StoredCertificates& stored, const Clock& clock) {
  const bool on = next.settings.mtls_certificate_authentication;
  std::shared_ptr<const pki::TrustList> trust;
  if (const auto ca = stored.find("mtls_trusted_ca"); ca != stored.end()) {
    auto certificates = pki::Certificate::fromPem(ca->second->certificate.certificate);
    if (!certificates) return named("mtls_trusted_ca", std::move(certificates).error());
    auto list = pki::TrustList::build(*certificates);
    if (!list) return named("mtls_trusted_ca", std::move(list).error());
    trust = std::move(*list);
  }
  if (on && !trust)
    return Error{Code::missing_certificate, "mtls_certificate_authentication needs the certificate "
                                            "mtls_trusted_ca; put it with PUT /v1/cluster/certificates"};

  auto contexts = std::make_shared<ServingContexts>();
  for (const Listener& listener : listeners) {
    if (listener.control) continue;
    const auto pair = stored.find(listener.certificate);
    if (pair == stored.end())
      return Error{Code::missing_certificate, "listener " + listener.name + " shows the certificate '" +
                                                  listener.certificate + "', which is not in the store"};
    auto keyPair = pki::KeyPair::fromPem(pair->second->certificate.certificate, pair->second->key);
    if (!keyPair) return named(listener.certificate, std::move(keyPair).error());

    transport::TlsPolicy policy;
    policy.keyPair = std::move(*keyPair);
    policy.minimum = next.settings.min_control_TLS_version == model::TlsVersion::v1_3
                         ? transport::TlsVersion::tls13
                         : transport::TlsVersion::tls12;
    policy.cipherList = cipherList(next.settings);
    policy.clientCertificate = listener.clientCertificate.value_or(on ? transport::ClientCertificate::request
                                                                      : transport::ClientCertificate::none);
    if (!trust) {
      // Nobody can be verified. Where a certificate must come there is no context: nobody gets in by this
      // listener, while the others, and the control socket by which a CA can be put, are open.
      if (policy.clientCertificate == transport::ClientCertificate::require) continue;
      policy.clientCertificate = transport::ClientCertificate::none;
    }
    if (policy.clientCertificate != transport::ClientCertificate::none) {
      policy.trustList = trust;
      policy.trustRevision = next.revision;
    }
    auto context = transport::TlsContext::build(std::move(policy), clock);
    if (!context)
      return named(context.error().code == Code::invalid_param ? "control_cipher_suites"
                                                               : listener.certificate,
                   std::move(context).error());
    contexts->contexts_[listener.name] = std::move(*context);
  }
  return std::shared_ptr<const ServingContexts>(std::move(contexts));
}

std::shared_ptr<const transport::TlsContext> ServingContexts::contextOf(const std::string& listener) const {
  const auto found = contexts_.find(listener);
  return found == contexts_.end() ? nullptr : found->second;
}

} // namespace gatehouse::gateway
