#pragma once
#include "base/Result.h"
#include "model/Admission.h"
#include "model/Subject.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Hashes, a MAC and random bytes. Digests that stand for different kinds of things are domain separated: a
/// name never has the digest of a tuple, nor a tuple that of a subject.
///
/// Threads: any. Errors: a digest cannot fail for lack of anything but memory, and a wrong one could say yes:
/// failure ends the process.
namespace gatehouse::pki {

/// SHA-256 over the parts, one after the other.
[[nodiscard]] model::Digest sha256(std::initializer_list<std::string_view> parts);
[[nodiscard]] inline model::Digest sha256(std::string_view bytes) { return sha256({bytes}); }

[[nodiscard]] model::Digest hmacSha256(std::string_view key, std::string_view bytes);

/// Unpredictable bytes, fit for keys. Errors: internal_error when the generator has no entropy; never short,
/// never weaker.
[[nodiscard]] Result<std::string> randomBytes(std::size_t count);

/// The digest as bytes, for columns and comparisons.
[[nodiscard]] inline std::string_view view(const model::Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// The key of a user's row: equal for two subjects exactly when Subject::sameAs says so (R7). An empty
/// subject has a key too; whoever looks users up refuses an empty subject first.
[[nodiscard]] model::Digest subjectKey(const model::Subject&);

/// Of a CN or a SAN dNSName, for `san_cn`. Bytes as they are: no folding, no wildcards.
[[nodiscard]] model::Digest nameDigest(std::string_view name);

/// The members of an authorised subject (`mtls_authorized_subjects`, `authorized_subjects`). Empty means
/// absent.
struct SubjectTuple {
  std::string commonName;
  std::vector<std::string> organizationalUnits; // a multiset: the order has no meaning
  std::string organization;
  std::string locality;
  std::string state;
  std::string country;
};

/// Equal exactly when CN, O, L, ST and C are equal or both absent and the OUs are the same multiset, for
/// `full_subject`.
[[nodiscard]] model::Digest tupleDigest(const SubjectTuple&);

/// The tuple of a certificate's subject: nothing when it cannot match an entry: it has no CN, an attribute
/// outside CN, O, OU, L, ST, C, or more than one value of any of these but OU.
[[nodiscard]] std::optional<model::Digest> subjectTupleDigest(const model::Subject&);

} // namespace gatehouse::pki
