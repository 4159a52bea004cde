#include "pki/Hash.h"

#include "pki/OpenSsl.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace gatehouse::pki {
namespace {

/// A length before each part, so that ("ab","c") and ("a","bc") differ.
void appendLengthPrefixed(std::string& out, std::string_view part) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((part.size() >> shift) & 0xff);
  out += part;
}

} // namespace

model::Digest sha256(std::initializer_list<std::string_view> parts) {
  model::Digest digest{};
  unsigned length = 0;
  const MdCtxPtr context(EVP_MD_CTX_new());
  bool ok = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const std::string_view part : parts)
    ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  ok = ok && EVP_DigestFinal_ex(context.get(), digest.data(), &length) == 1 && length == digest.size();
  if (!ok) std::abort();
  return digest;
}

model::Digest hmacSha256(std::string_view key, std::string_view bytes) {
  model::Digest digest{};
  unsigned length = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, bytes.size(), digest.data(),
           &length) == nullptr ||
      length != digest.size())
    std::abort();
  return digest;
}

Result<std::string> randomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  // The private generator: what is made here may be a key, and a public one's state is seen by anyone who
  // reads a TLS random.
  if (RAND_priv_bytes_ex(nullptr, reinterpret_cast<unsigned char*>(bytes.data()), count, 256) != 1)
    return opensslError(Code::internal_error, "there are no random bytes");
  return bytes;
}

model::Digest subjectKey(const model::Subject& subject) {
  return sha256({"gatehouse subject 1:", subject.canonical()});
}

model::Digest nameDigest(std::string_view name) { return sha256({"gatehouse name 1:", name}); }

model::Digest tupleDigest(const SubjectTuple& tuple) {
  std::vector<std::string> units;
  for (const std::string& unit : tuple.organizationalUnits)
    if (!unit.empty()) units.push_back(unit);
  std::sort(units.begin(), units.end());

  std::string bytes;
  // Empty and absent are one: a certificate has no empty attributes, and an entry's empty members are absent.
  for (const std::string* part :
       {&tuple.commonName, &tuple.organization, &tuple.locality, &tuple.state, &tuple.country})
    appendLengthPrefixed(bytes, *part);
  for (const std::string& unit : units) appendLengthPrefixed(bytes, unit);
  return sha256({"gatehouse subject tuple 1:", bytes});
}

std::optional<model::Digest> subjectTupleDigest(const model::Subject& subject) {
  SubjectTuple tuple;
  const std::array<std::pair<std::string_view, std::string*>, 5> members = {{
      {model::oid::commonName, &tuple.commonName},
      {model::oid::organizationName, &tuple.organization},
      {model::oid::localityName, &tuple.locality},
      {model::oid::stateOrProvinceName, &tuple.state},
      {model::oid::countryName, &tuple.country},
  }};
  for (const model::Rdn& rdn : subject.rdns()) {
    for (const model::Attribute& attribute : rdn) {
      if (attribute.oid == model::oid::organizationalUnitName) {
        tuple.organizationalUnits.push_back(attribute.value);
        continue;
      }
      const auto member = std::find_if(members.begin(), members.end(),
                                       [&](const auto& m) { return m.first == attribute.oid; });
      if (member == members.end() || !member->second->empty()) return std::nullopt;
      *member->second = attribute.value;
    }
  }
  if (tuple.commonName.empty()) return std::nullopt; // every entry names a CN
  return tupleDigest(tuple);
}

} // namespace gatehouse::pki
