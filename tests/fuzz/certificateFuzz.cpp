// Whatever a peer or an administrator calls a certificate: DER, and PEM text. What is accepted must be
// readable again to the same value, and must survive a verification under itself.
#include "pki/Certificate.h"
#include "pki/Hash.h"
#include "pki/TrustList.h"

#include <openssl/err.h>

#include <cstdint>
#include <cstdlib>

using namespace gatehouse;
using namespace gatehouse::pki;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void look(const Certificate& certificate) {
  must(*Certificate::fromDer(certificate.der()) == certificate);
  const Result<std::vector<Certificate>> again = Certificate::fromPem(certificate.pem());
  must(again.ok() && again->size() == 1 && again->front() == certificate);
  must(certificate.subjectText().find('\0') == std::string::npos);
  (void)certificate.issuerText();
  (void)subjectTupleDigest(certificate.subject());
  if (!certificate.subject().empty()) {
    // What stands in the audit record can be entered as a subject line, and finds the same row (R7), unless
    // it was cut short.
    const std::string text = certificate.subject().text();
    const Result<model::Subject> parsed = model::Subject::parse(text);
    if (parsed.ok()) must(subjectKey(*parsed) == subjectKey(certificate.subject()));
  }
  const Result<std::shared_ptr<const TrustList>> list = TrustList::build({certificate});
  must(list.ok());
  const Verification verification = (*list)->verify(certificate.native(), nullptr, certificate.notBefore());
  if (const auto* facts = std::get_if<model::ChainFacts>(&verification))
    must(facts->leaf == certificate.digest());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const Result<Certificate> certificate = Certificate::fromDer(bytes); certificate.ok())
    look(*certificate);
  if (const Result<std::vector<Certificate>> list = Certificate::fromPem(bytes); list.ok())
    for (const Certificate& certificate : *list) look(certificate);
  must(ERR_peek_error() == 0);
  return 0;
}
