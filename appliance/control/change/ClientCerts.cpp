#include "control/change/ClientCerts.h"

#include "base/Text.h"
#include "control/change/ChangesRules.h"

#include <map>
#include <utility>

namespace gatehouse::control {
namespace {

constexpr std::string_view field = "authentication_ssl_client_certs";

std::string placeOf(std::size_t index) {
  return std::string(field) + '[' + std::to_string(index) + "].client_cert";
}

/// "certificate 2 of authentication_ssl_client_certs[0].client_cert (CN=ada)"
std::string which(const std::string& place, std::size_t number, const pki::Certificate& certificate) {
  return place + ": certificate " + std::to_string(number + 1) + " (\"" + certificate.subjectText() + "\")";
}

} // namespace

Result<std::vector<pki::Certificate>> readClientCerts(std::span<const model::ClientCert> entries) {
  std::vector<pki::Certificate> all;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto read = pki::Certificate::fromPem(entries[i].client_cert);
    if (!read) return at(placeOf(i), std::move(read).error());
    all.insert(all.end(), read->begin(), read->end());
  }
  return all;
}

Result<std::vector<std::string>> checkClientCerts(std::span<const model::ClientCert> entries,
                                                  std::int64_t now) {
  std::vector<std::string> meanings;
  std::map<model::Digest, std::string> seen; // a certificate to the place where it stands
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string place = placeOf(i);
    auto read = pki::Certificate::fromPem(entries[i].client_cert);
    if (!read) return at(Code::invalid_client_certificate, place, read.error().description);
    for (std::size_t k = 0; k < read->size(); ++k) {
      const pki::Certificate& certificate = (*read)[k];
      if (certificate.notAfter() <= now)
        return Error{Code::certificate_expired,
                     which(place, k, certificate) + " has expired on " + isoTime(certificate.notAfter())};
      const auto [first, fresh] = seen.emplace(certificate.digest(), place);
      if (!fresh)
        return Error{Code::duplicated_certs,
                     which(place, k, certificate) + " stands in " + first->second + " already"};
      meanings.push_back('"' + certificate.subjectText() + '"' +
                         (certificate.mayIssue() ? " issues" : " matches only itself"));
    }
  }
  if (seen.size() > pki::Certificate::maximumCount)
    return at(Code::invalid_client_certificate, field,
              "holds " + std::to_string(seen.size()) + " certificates; at most " +
                  std::to_string(pki::Certificate::maximumCount) + " are allowed");
  return meanings;
}

} // namespace gatehouse::control
