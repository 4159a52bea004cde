#include "pki/RememberedChains.h"

#include "pki/Certificate.h"
#include "pki/Hash.h"

#include <cstring>
#include <string>

namespace gatehouse::pki {
namespace {

/// False when there is no encoding: then nothing is remembered.
bool append(std::string& out, X509* certificate) {
  const std::string der = derOf(certificate);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(der.size() >> shift & 255);
  out += der;
  return !der.empty();
}

} // namespace

std::size_t RememberedChains::Hash::operator()(const model::Digest& digest) const noexcept {
  std::size_t h = 0;
  std::memcpy(&h, digest.data(), sizeof h);
  return h;
}

std::optional<model::Digest> RememberedChains::keyOf(const TrustList& list, X509* leaf,
                                                     STACK_OF(X509) * presented, VerifyOptions options) {
  std::string text = options.allowOutdated ? "outdated" : "valid";
  text += view(list.identity());
  if (!append(text, leaf)) return std::nullopt;
  for (int i = 0; i < (presented ? sk_X509_num(presented) : 0); ++i)
    if (!append(text, sk_X509_value(presented, i))) return std::nullopt;
  return sha256(text);
}

Verification RememberedChains::verify(const TrustList& list, X509* leaf, STACK_OF(X509) * presented,
                                      std::int64_t atTime, VerifyOptions options) {
  const auto key = options.allowOutdated ? std::nullopt : keyOf(list, leaf, presented, options);
  if (key)
    if (const auto known = chains_.find(*key); known != chains_.end()) {
      // Valid when it was verified, so valid until its first notAfter; a clock that was set back asks again.
      if (known->second.since <= atTime && atTime < known->second.facts.notAfter) {
        ++found_;
        return known->second.facts;
      }
    }
  Verification verification = list.verify(leaf, presented, atTime, options);
  const auto* facts = std::get_if<model::ChainFacts>(&verification);
  if (!key || !facts) return verification;
  if (chains_.insert_or_assign(*key, Accepted{*facts, atTime}).second) order_.push_back(*key);
  if (chains_.size() > most) {
    chains_.erase(order_.front());
    order_.pop_front();
  }
  return verification;
}

} // namespace gatehouse::pki
