#include "base/Text.h"
#include "control/change/Changes.h"
#include "control/change/ChangesRules.h"
#include "pki/KeyPair.h"
#include "pki/SelfSigned.h"
#include "pki/TrustList.h"
#include "store/Transaction.h"

#include <utility>

namespace gatehouse::control {
namespace {

using model::CertificateName;
using model::CertificateRole;

constexpr std::string_view trustedCa = "mtls_trusted_ca";

std::string inside(const std::string& place, std::string_view member) {
  return place.empty() ? std::string(member) : place + '.' + std::string(member);
}

store::Hold keysOf(std::string_view name) {
  store::Hold hold;
  hold.kind = "certificate";
  hold.name = name;
  return hold;
}

Result<const CertificateName*> offered(const CertificateRequest& request) {
  if (request.name.empty())
    return at(Code::missing_field, inside(request.place, "name"), "which certificate is it?");
  const CertificateName* name = model::findCertificateName(request.name);
  if (!name)
    return at(Code::unknown_certificate, inside(request.place, "name"),
              "there is no certificate `" + printable(request.name, 64) +
                  "`; known are api, proxy and mtls_trusted_ca");
  if (name->role == CertificateRole::unsupported)
    return at(Code::unsupported_value, inside(request.place, "name"),
              request.name + " is not offered; there are api, proxy and mtls_trusted_ca");
  return name;
}

/// All that can be said about a certificate without the store.
Status check(const Draft& draft, const CertificateRequest& request, const CertificateName& name) {
  if (request.certificate.empty())
    return at(Code::missing_field, inside(request.place, "certificate"), "a certificate in PEM is needed");
  if (name.role == CertificateRole::trusted_ca) {
    if (!request.key.empty())
      return at(Code::invalid_param, inside(request.place, "key"),
                "mtls_trusted_ca has no key: keep a CA's private key away from its servers");
    auto certificates = pki::Certificate::fromPem(request.certificate);
    if (!certificates) return at(inside(request.place, "certificate"), std::move(certificates).error());
    if (Status fit = pki::checkTrustedCa(*certificates, draft.now); !fit)
      return at(inside(request.place, "certificate"), std::move(fit).error());
    return {};
  }
  if (request.key.empty())
    return at(Code::missing_field, inside(request.place, "key"),
              request.name + " needs its private key in PEM");
  auto pair = pki::KeyPair::fromPem(request.certificate, request.key);
  if (!pair) return at(inside(request.place, "certificate"), std::move(pair).error());
  if (Status valid = pair->checkValidity(draft.now); !valid)
    return at(inside(request.place, "certificate"), std::move(valid).error());
  return {};
}

Status put(Draft& draft, const CertificateRequest& request) {
  auto stored = draft.transaction.certificate(request.name);
  if (!stored) return std::move(stored).error();
  const store::CertificateRow* before = *stored ? &**stored : nullptr;
  std::vector<FieldChange> changes;
  if (!before || before->certificate.certificate != request.certificate)
    changes.push_back({"certificate", true});
  if (!before || !equal(before->key.reveal(), request.key.reveal())) changes.push_back({"key", true});
  if (changes.empty()) return {};

  const store::Origin origin = before ? before->origin : draft.origin;
  if (before) GH_TRY(holdFields(draft, origin, keysOf(request.name), changes));
  store::CertificateRow row;
  row.certificate.name = request.name;
  row.certificate.certificate = request.certificate;
  row.key = request.key.copy();
  row.generated = request.generated;
  row.origin = ownerAfter(draft, origin);
  GH_TRY(draft.transaction.putCertificate(row));

  Done done{before ? "updated" : "created", "certificate", 0, request.name, {}, {}};
  for (const FieldChange& change : changes)
    if (change.field != "key" || !request.key.empty()) done.fields.push_back(change.field);
  draft.done.push_back(std::move(done));
  draft.next.certificates.insert_or_assign(request.name, row.certificate);
  if (request.name == "proxy") draft.next.settings.proxy_certificate = request.certificate;
  draft.policyChanged = true;
  return {};
}

} // namespace

Status putCertificates(Draft& draft, const std::vector<CertificateRequest>& requests) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto name = offered(requests[i]);
    if (!name) return std::move(name).error();
    for (std::size_t k = 0; k < i; ++k)
      if (requests[k].name == requests[i].name)
        return at(Code::invalid_param, inside(requests[i].place, "name"),
                  requests[i].name + " stands in the list twice");
    GH_TRY(check(draft, requests[i], **name));
  }
  for (const CertificateRequest& request : requests) GH_TRY(put(draft, request));
  return {};
}

Status rotateCertificates(Draft& draft, std::string_view name) {
  auto stored = draft.transaction.certificates();
  if (!stored) return std::move(stored).error();
  std::vector<CertificateRequest> requests;
  for (const store::CertificateRow& row : *stored) {
    if (!row.generated || (!name.empty() && row.certificate.name != name)) continue;
    auto pair = pki::generateSelfSigned(draft.next.settings.name, draft.now);
    if (!pair) return std::move(pair).error();
    CertificateRequest request;
    request.name = row.certificate.name;
    request.certificate = std::move(pair->certificatePem);
    request.key = std::move(pair->keyPem);
    request.generated = true;
    requests.push_back(std::move(request));
  }
  if (!requests.empty()) return putCertificates(draft, requests);
  if (name.empty())
    return Error{Code::not_acceptable,
                 "no certificate is one that Gatehouse made; put new ones with PUT /v1/cluster/certificates"};
  return at(
      Code::unknown_certificate, "name",
      '`' + printable(name, 64) +
          "` cannot be rotated, only an api or proxy certificate that Gatehouse made; put a new one with "
          "PUT /v1/cluster/certificates");
}

Status deleteCertificate(Draft& draft, std::string_view name) {
  const CertificateName* known = model::findCertificateName(name);
  const auto absent = [&] {
    return Error{Code::certificate_not_exist, "there is no certificate `" + printable(name, 64) + "`"};
  };
  if (!known) return absent();
  if (!known->removable)
    return Error{Code::certificate_required,
                 std::string(name) + " is needed to serve; it can be replaced, not deleted"};
  auto stored = draft.transaction.certificate(name);
  if (!stored) return std::move(stored).error();
  if (!*stored) return absent();
  GH_TRY(checkMatch(draft, (*stored)->revision));
  if (name == trustedCa && draft.next.settings.mtls_certificate_authentication)
    return Error{Code::not_acceptable, "mtls_trusted_ca is in use: set mtls_certificate_authentication to "
                                       "false with PUT /v1/cluster first"};
  GH_TRY(holdRow(draft, (*stored)->origin, keysOf(name)));
  GH_TRY(draft.transaction.removeCertificate(name));
  draft.next.certificates.erase(std::string(name));
  draft.done.push_back({"deleted", "certificate", 0, std::string(name), {}, {}});
  draft.policyChanged = true;
  return {};
}

} // namespace gatehouse::control
