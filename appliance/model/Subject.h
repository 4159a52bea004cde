#pragma once
#include "base/Result.h"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::model {

/// One attribute of a distinguished name: a type by its dotted OID, a value in UTF-8, decoded, never empty,
/// without NUL.
struct Attribute {
  std::string oid;
  std::string value;
  auto operator<=>(const Attribute&) const = default;
};

/// A relative distinguished name: a multiset of attributes, kept sorted (RFC 5280 §4.1.2.4; order inside an
/// RDN has no meaning).
using Rdn = std::vector<Attribute>;

/// A certificate's distinguished name: a parsed value, compared by code points, never as text (R7).
///
/// `CN=a,O=b` and `O=b,CN=a` are one person: sameAs and canonical() take either whole order; a reordering
/// that is not the exact reverse is another name. No case folding, no normalisation (lessons 5, 6: OpenSSL's
/// own comparison folds both).
///
/// Threads: a value. Errors: parse and fromRdns refuse what no rule may see: NUL, a second CN, undecodable or
/// over-long values.
class Subject {
public:
  static constexpr std::size_t maximumLine = 4096;     // bytes of a subject line
  static constexpr std::size_t maximumAttributes = 64; // in the whole name
  static constexpr std::size_t maximumValue = 1024;    // bytes of one value

  Subject() = default;

  /// Reads a subject line by RFC 4514, with or without blanks after separators. The error points at the place
  /// ("at character 14: ...").
  static Result<Subject> parse(std::string_view line);

  /// From decoded RDNs in the certificate's order. Checks the same limits as parse.
  static Result<Subject> fromRdns(std::vector<Rdn> rdns);

  [[nodiscard]] const std::vector<Rdn>& rdns() const noexcept { return rdns_; }
  [[nodiscard]] bool empty() const noexcept { return rdns_.empty(); }

  /// The one value of a type: nothing if there is none or more than one.
  [[nodiscard]] std::optional<std::string_view> single(std::string_view oid) const noexcept;
  [[nodiscard]] std::vector<std::string_view> all(std::string_view oid) const;
  [[nodiscard]] std::optional<std::string_view> commonName() const noexcept;

  /// Bytes that are the same for two names exactly when sameAs is true; pki::subjectKey hashes them.
  [[nodiscard]] std::string canonical() const;
  [[nodiscard]] bool sameAs(const Subject& other) const { return canonical() == other.canonical(); }

  /// RFC 4514 text, last RDN first, for people and logs.
  [[nodiscard]] std::string text() const;

private:
  explicit Subject(std::vector<Rdn> rdns)
      : rdns_(std::move(rdns)) {}
  std::vector<Rdn> rdns_; // in the order given
};

/// The attribute types with a short name (RFC 4514 §3 and what certificates carry in the wild).
namespace oid {
inline constexpr std::string_view commonName = "2.5.4.3";
inline constexpr std::string_view countryName = "2.5.4.6";
inline constexpr std::string_view localityName = "2.5.4.7";
inline constexpr std::string_view stateOrProvinceName = "2.5.4.8";
inline constexpr std::string_view organizationName = "2.5.4.10";
inline constexpr std::string_view organizationalUnitName = "2.5.4.11";
} // namespace oid

} // namespace gatehouse::model
