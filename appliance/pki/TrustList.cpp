#include "pki/TrustList.h"

#include "base/Text.h"
#include "pki/Hash.h"
#include "pki/Name.h"

#include <algorithm>
#include <map>
#include <optional>

namespace gatehouse::pki {
namespace {

Error bad(std::string description) { return Error{Code::invalid_certificate, std::move(description)}; }

bool sameName(const X509_NAME* a, const X509_NAME* b) { return X509_NAME_cmp(a, b) == 0; }

/// Lets an expiry pass. Done in the callback and not by X509_V_FLAG_NO_CHECK_TIME: that flag lets a notBefore
/// pass too, and makes OpenSSL choose between two issuers of one name without looking at which of them is
/// valid.
int toleratesExpiry(int ok, X509_STORE_CTX* context) {
  return ok == 1 || X509_STORE_CTX_get_error(context) == X509_V_ERR_CERT_HAS_EXPIRED ? 1 : 0;
}

/// How much a refusal tells: that a path led nowhere is said only when nothing better is known.
bool isVague(int verifyError) {
  switch (verifyError) {
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return true;
  default: return false;
  }
}

} // namespace

/// One issuer key, and the store that holds the listed certificates of that key alone.
struct TrustList::KeyStore {
  X509StorePtr store;
  std::vector<Certificate> anchors; // self-issued first, then by digest

  [[nodiscard]] const Certificate* find(const X509* native) const noexcept {
    const auto at = std::find_if(anchors.begin(), anchors.end(),
                                 [&](const Certificate& c) { return c.native() == native; });
    return at == anchors.end() ? nullptr : &*at;
  }
};

/// What could stand between a leaf and an anchor, found by following issuers up from the leaf.
///
/// Listed certificates are no helpers: each listed issuer is an anchor, so a path that goes through one is a
/// path already when it ends there. That keeps the work per handshake to what was sent, whatever the length
/// of the list.
struct TrustList::Helpers {
  std::vector<X509*> certificates;     // sent, and may issue
  std::vector<const KeyStore*> stores; // those with an anchor that was reached, nearest to the leaf first
  const X509* mayNot = nullptr;        // a certificate that was reached but may not issue (R10)
};

TrustList::TrustList() = default;
TrustList::~TrustList() = default;

Result<std::shared_ptr<const TrustList>> TrustList::build(const std::vector<Certificate>& certificates) {
  if (certificates.empty()) return bad("a trust list needs at least one certificate");
  if (certificates.size() > Certificate::maximumCount)
    return bad("a trust list may hold at most " + std::to_string(Certificate::maximumCount) +
               " certificates");

  const std::shared_ptr<TrustList> list(new TrustList);
  const auto byDigest = [](const Certificate& a, const Certificate& b) { return a.digest() < b.digest(); };
  for (const Certificate& certificate : certificates) {
    const auto at =
        std::lower_bound(list->certificates_.begin(), list->certificates_.end(), certificate, byDigest);
    if (at != list->certificates_.end() && *at == certificate) continue;
    list->certificates_.insert(at, certificate);
    list->listed_.push_back(
        {certificate.digest(), certificate.mayIssue(), certificate.notAfter(), certificate.subjectText()});
  }

  std::map<model::Digest, std::vector<Certificate>> byKey;
  std::string identity;
  for (const Certificate& certificate : list->certificates_) {
    list->anchors_.push_back(certificate.digest());
    identity += view(certificate.digest());
    if (certificate.mayIssue())
      byKey[certificate.keyDigest()].push_back(certificate);
    else
      list->endEntities_.push_back(certificate);
  }
  list->identity_ = sha256({"gatehouse trust list 1:", identity});

  for (auto& [key, anchors] : byKey) {
    std::stable_partition(anchors.begin(), anchors.end(),
                          [](const Certificate& c) { return c.isSelfIssued(); });
    KeyStore entry{X509StorePtr(X509_STORE_new()), std::move(anchors)};
    if (!entry.store) return opensslError(Code::internal_error, "a certificate store cannot be made");
    for (const Certificate& anchor : entry.anchors)
      if (X509_STORE_add_cert(entry.store.get(), anchor.native()) != 1)
        return opensslError(Code::invalid_certificate, "a listed certificate cannot be an anchor");
    list->stores_.push_back(std::move(entry));
  }
  return std::shared_ptr<const TrustList>(list);
}

std::vector<Certificate> TrustList::issuers() const {
  std::vector<Certificate> found;
  for (const KeyStore& store : stores_) found.insert(found.end(), store.anchors.begin(), store.anchors.end());
  return found;
}

TrustList::Helpers TrustList::helpersFor(X509* leaf, STACK_OF(X509) * presented) const {
  Helpers helpers;
  std::vector<X509*> children = {leaf}; // whose issuers are sought; grows while it is walked
  const auto isIssuer = [](X509* issuer, X509* child) {
    return sameName(X509_get_subject_name(issuer), X509_get_issuer_name(child)) &&
           X509_check_issued(issuer, child) == X509_V_OK;
  };
  for (std::size_t at = 0; at < children.size(); ++at) {
    X509* child = children[at];
    for (const KeyStore& store : stores_) {
      const bool reached =
          std::any_of(store.anchors.begin(), store.anchors.end(),
                      [&](const Certificate& anchor) { return isIssuer(anchor.native(), child); });
      if (reached && std::find(helpers.stores.begin(), helpers.stores.end(), &store) == helpers.stores.end())
        helpers.stores.push_back(&store);
    }
    for (int i = 0; i < sk_X509_num(presented); ++i) {
      X509* sent = sk_X509_value(presented, i);
      if (!sameName(X509_get_subject_name(sent), X509_get_issuer_name(child))) continue;
      const auto same = [&](const X509* other) { return X509_cmp(other, sent) == 0; };
      if (std::any_of(children.begin(), children.end(), same)) continue;
      if (!pki::mayIssue(sent)) {
        helpers.mayNot = sent;
      } else if (isIssuer(sent, child)) {
        helpers.certificates.push_back(sent);
        children.push_back(sent);
      }
    }
    for (const Certificate& endEntity : endEntities_)
      if (sameName(X509_get_subject_name(endEntity.native()), X509_get_issuer_name(child)))
        helpers.mayNot = endEntity.native();
  }
  return helpers;
}

Verification TrustList::verify(X509* leaf, STACK_OF(X509) * presented, std::int64_t atTime,
                               VerifyOptions options) const {
  const Result<Certificate> own = Certificate::fromX509(leaf);
  if (!own)
    return Refusal{X509_V_ERR_CERT_REJECTED, "the client certificate is refused: " + own.error().description};
  if (own->mayIssue())
    return Refusal{X509_V_ERR_INVALID_PURPOSE,
                   "a CA certificate is not a client certificate: issue one with basicConstraints CA:FALSE"};
  if (!own->allowsClientAuth())
    return Refusal{X509_V_ERR_INVALID_PURPOSE,
                   "the client certificate's extendedKeyUsage does not name clientAuth"};
  if (!own->allowsSignature())
    return Refusal{X509_V_ERR_INVALID_PURPOSE,
                   "the client certificate's keyUsage does not name digitalSignature"};

  if (std::binary_search(anchors_.begin(), anchors_.end(), own->digest()))
    return verifyUnder(nullptr, *own, nullptr, atTime, options);

  if (sk_X509_num(presented) > static_cast<int>(maximumPresented) + 1)
    return Refusal{X509_V_ERR_CERT_CHAIN_TOO_LONG,
                   "more than " + std::to_string(maximumPresented) + " issuers were sent"};

  const Helpers helpers = helpersFor(leaf, presented);
  std::optional<Refusal> refusal;
  for (const KeyStore* store : helpers.stores) {
    const X509StackPtr untrusted(sk_X509_new_null());
    for (X509* helper : helpers.certificates)
      if (store->find(helper) == nullptr) sk_X509_push(untrusted.get(), helper);
    Verification verification = verifyUnder(store, *own, untrusted.get(), atTime, options);
    if (!std::holds_alternative<Refusal>(verification)) return verification;
    Refusal& found = std::get<Refusal>(verification);
    if (!refusal || (isVague(refusal->verifyError) && !isVague(found.verifyError)))
      refusal = std::move(found);
  }
  drainErrors();
  if (refusal && !(isVague(refusal->verifyError) && helpers.mayNot != nullptr)) return *refusal;
  return noIssuer(*own, helpers);
}

Refusal TrustList::noIssuer(const Certificate& leaf, const Helpers& helpers) const {
  if (helpers.mayNot != nullptr)
    return {X509_V_ERR_INVALID_CA,
            "\"" + subjectTextOf(helpers.mayNot) +
                "\" is no CA that may issue (CA:TRUE with keyCertSign is needed), and it is in the path"};
  if (leaf.isSelfIssued())
    return {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "the client certificate is self-signed and not listed"};
  return {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
          "no listed CA leads to the issuer \"" + leaf.issuerText() + "\""};
}

/// `store` null: the leaf is listed, and is its own anchor.
Verification TrustList::verifyUnder(const KeyStore* store, const Certificate& leaf, STACK_OF(X509) * helpers,
                                    std::int64_t atTime, VerifyOptions options) const {
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  if (!context || X509_STORE_CTX_init(context.get(), store != nullptr ? store->store.get() : nullptr,
                                      leaf.native(), helpers) != 1)
    return Refusal{X509_V_ERR_OUT_OF_MEM,
                   opensslError(Code::internal_error, "a verification cannot begin").description};
  X509StackPtr pinned;
  if (store == nullptr) {
    pinned.reset(sk_X509_new_null());
    if (!pinned || sk_X509_push(pinned.get(), leaf.native()) == 0)
      return Refusal{X509_V_ERR_OUT_OF_MEM, "out of memory"};
    X509_STORE_CTX_set0_trusted_stack(context.get(), pinned.get());
  }
  if (X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT) != 1)
    return Refusal{X509_V_ERR_UNSPECIFIED,
                   opensslError(Code::internal_error, "a verification has no purpose").description};
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_auth_level(
      param, 2); // the default is none: an SSL's level does not reach this context by itself
  X509_VERIFY_PARAM_set_depth(param, maximumDepth - 1); // counts what stands between leaf and anchor
  X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(atTime));
  if (options.allowOutdated) X509_STORE_CTX_set_verify_cb(context.get(), toleratesExpiry);

  const int answer = X509_verify_cert(context.get());
  const int error = X509_STORE_CTX_get_error(context.get());
  if (answer != 1) {
    const int depth = X509_STORE_CTX_get_error_depth(context.get());
    const X509* at = X509_STORE_CTX_get_current_cert(context.get());
    std::string sentence = X509_verify_cert_error_string(error);
    if (at != nullptr)
      sentence +=
          ": \"" + subjectTextOf(at) + "\", " + std::to_string(depth) + " above the client certificate";
    drainErrors();
    return Refusal{error != X509_V_OK ? error : X509_V_ERR_UNSPECIFIED, std::move(sentence)};
  }
  Verification facts = factsOf(leaf, X509_STORE_CTX_get0_chain(context.get()), store);
  drainErrors();
  return facts;
}

/// Everything that must hold of a path is looked at again here: what OpenSSL was asked for and what it built
/// may differ.
Verification TrustList::factsOf(const Certificate& leaf, STACK_OF(X509) * path, const KeyStore* store) const {
  const int length = sk_X509_num(path);
  if (length < 1 || sk_X509_value(path, 0) != leaf.native() || (store == nullptr && length != 1) ||
      (store != nullptr && length < 2))
    return Refusal{X509_V_ERR_UNSPECIFIED, "the verified path is not the client certificate's"};

  std::vector<Certificate> certificates = {leaf};
  for (int i = 1; i < length; ++i) {
    X509* native = sk_X509_value(path, i);
    const Certificate* anchor = store->find(native);
    Result<Certificate> certificate =
        anchor != nullptr ? Result<Certificate>(*anchor) : Certificate::fromX509(native);
    if (!certificate)
      return Refusal{X509_V_ERR_CERT_REJECTED,
                     "an issuer of the client certificate is refused: " + certificate.error().description};
    if (!certificate->mayIssue())
      return Refusal{X509_V_ERR_INVALID_CA,
                     "\"" + certificate->subjectText() + "\" is in the path and may not issue"};
    certificates.push_back(std::move(*certificate));
  }
  const Certificate& anchor = certificates.back();
  if (store != nullptr && store->find(anchor.native()) == nullptr)
    return Refusal{X509_V_ERR_UNSPECIFIED, "the verified path does not end at a listed certificate"};

  model::ChainFacts facts;
  facts.trustList = identity_;
  facts.anchor = anchor.digest();
  facts.anchorKey = anchor.keyDigest();
  facts.leaf = leaf.digest();
  facts.notAfter = leaf.notAfter();
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    model::ChainFacts::Link link;
    if (i + 1 < certificates.size())
      link.issuerKey = certificates[i + 1].keyDigest();
    else if (certificates[i].isSelfIssued())
      link.issuerKey = certificates[i].keyDigest();
    link.serial = certificates[i].serialDigest();
    facts.path.push_back(link);
    facts.notAfter = std::min(facts.notAfter, certificates[i].notAfter());
  }
  facts.subjectKey = subjectKey(leaf.subject());
  if (const auto name = leaf.subject().commonName()) facts.commonName = nameDigest(*name);
  for (const std::string& name : leaf.dnsNames()) facts.dnsNames.push_back(nameDigest(name));
  if (const auto tuple = subjectTupleDigest(leaf.subject())) facts.subjectTuple = *tuple;
  facts.subjectText = leaf.subjectText();
  return facts;
}

Status checkTrustedCa(const std::vector<Certificate>& certificates, std::int64_t now) {
  if (certificates.empty()) return bad("mtls_trusted_ca needs at least one certificate");
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const Certificate& certificate = certificates[i];
    const std::string which =
        "certificate " + std::to_string(i + 1) + " (\"" + certificate.subjectText() + "\")";
    if (!certificate.mayIssue())
      return bad(which + " cannot issue: mtls_trusted_ca takes CAs alone, with CA:TRUE and keyCertSign, or "
                         "CA:TRUE and neither keyUsage "
                         "nor extendedKeyUsage");
    if (certificate.notAfter() <= now)
      return Error{Code::certificate_expired, which + " has expired on " + isoTime(certificate.notAfter())};
  }
  return {};
}

} // namespace gatehouse::pki
