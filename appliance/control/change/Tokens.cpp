#include "control/change/Tokens.h"

#include "base/Node.h"
#include "base/Text.h"
#include "control/codec/JsonReader.h"
#include "pki/Hash.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>

#include <algorithm>
#include <array>
#include <optional>

namespace gatehouse::control {
namespace {

// The one header there is. What another one says (`none`, RS256, a kid) is never looked at: it is no token.
constexpr std::string_view header = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view thumbprint = "x5t#S256"; // RFC 8705 §3.1

std::string toBase64Url(std::string_view bytes) {
  std::string text = base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  return text;
}

/// Strict, so that one token has one spelling: no padding, no other alphabet, no stray bits.
std::optional<std::string> fromBase64Url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return fromBase64(padded);
}

Error noToken() { return {Code::unauthenticated, "the token is none of this cluster's"}; }

std::optional<std::int64_t> integerOf(const Node& payload, std::string_view claim) {
  const Node* node = payload.find(claim);
  if (!node || node->kind != Node::Kind::scalar || node->style != Node::Style::bare) return std::nullopt;
  return toInteger(node->text);
}

const Node* textOf(const Node& object, std::string_view claim) {
  const Node* node = object.find(claim);
  return node && node->kind == Node::Kind::scalar && node->style == Node::Style::quoted ? node : nullptr;
}

/// The claims of a payload whose signature was found right.
Result<TokenClaims> claimsOf(const Node& payload) {
  if (payload.kind != Node::Kind::mapping) return noToken();
  const auto issued = integerOf(payload, "iat"), expires = integerOf(payload, "exp"),
             revision = integerOf(payload, "rev");
  const Node* uid = textOf(payload, "uid");
  if (!issued || !expires || !revision || !uid || *revision <= 0) return noToken();
  TokenClaims claims;
  claims.userUid = toInteger(uid->text).value_or(0);
  claims.userRevision = *revision;
  claims.issuedAt = *issued;
  claims.expires = *expires;
  if (claims.userUid <= 0) return noToken();
  if (const Node* confirmation = payload.find("cnf")) {
    // One that says that it is bound, but not to what we know, is no free one.
    if (confirmation->kind != Node::Kind::mapping) return noToken();
    const Node* leaf = textOf(*confirmation, thumbprint);
    const auto bytes = leaf ? fromBase64Url(leaf->text) : std::nullopt;
    if (!bytes || bytes->size() != claims.leaf.size()) return noToken();
    std::copy(bytes->begin(), bytes->end(), claims.leaf.begin());
    if (claims.leaf == model::Digest{}) return noToken();
  }
  return claims;
}

/// header.payload.signature, each in base64url.
bool split(std::string_view token, std::array<std::string_view, 3>& parts) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return false;
  parts = {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
  return true;
}

} // namespace

Result<std::string> Tokens::issue(const TokenClaims& claims) const {
  try {
    Poco::JWT::Token token;
    token.setType("JWT");
    Poco::JSON::Object& payload = token.payload();
    payload.set("iat", Poco::Int64{claims.issuedAt});
    payload.set("exp", Poco::Int64{claims.expires});
    payload.set("uid", std::to_string(claims.userUid)); // a text, as Redis Software's
    payload.set("rev", Poco::Int64{claims.userRevision});
    if (claims.leaf != model::Digest{}) {
      Poco::JSON::Object::Ptr confirmation = new Poco::JSON::Object;
      confirmation->set(std::string(thumbprint), toBase64Url(pki::view(claims.leaf)));
      payload.set("cnf", confirmation);
    }
    return Poco::JWT::Signer(std::string(key_.reveal())).sign(token, Poco::JWT::Signer::ALGO_HS256);
  } catch (const Poco::Exception& e) {
    return Error{Code::internal_error, "a token could not be signed: " + printable(e.displayText())};
  }
}

Result<TokenClaims> Tokens::read(std::string_view token) const {
  std::array<std::string_view, 3> parts;
  if (token.size() > mostBytes || !split(token, parts)) return noToken();
  if (fromBase64Url(parts[0]) != header) return noToken();
  const auto payload = fromBase64Url(parts[1]), signature = fromBase64Url(parts[2]);
  if (!payload || !signature) return noToken();
  // In constant time, which Poco's comparison of texts is not: it is asked of right signatures alone.
  const std::string_view signedPart = token.substr(0, parts[0].size() + 1 + parts[1].size());
  if (!equal(pki::view(pki::hmacSha256(key_.reveal(), signedPart)), *signature)) return noToken();
  try {
    Poco::JWT::Token verified;
    Poco::JWT::Signer signer{std::string(key_.reveal())};
    signer.setAlgorithms({Poco::JWT::Signer::ALGO_HS256});
    if (!signer.tryVerify(std::string(token), verified)) return noToken();
  } catch (const Poco::Exception&) {
    return noToken();
  }
  auto node = readJson(*payload);
  return node ? claimsOf(*node) : noToken();
}

} // namespace gatehouse::control
