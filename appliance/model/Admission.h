#pragma once
#include "model/Evidence.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::model {

/// SHA-256 of something; pki makes them.
using Digest = std::array<std::uint8_t, 32>;

/// Numbers a stored state; every write makes the next.
using Revision = std::int64_t;

/// What stays of a verified certificate chain: enough to judge it again under another policy, never the chain
/// itself.
struct ChainFacts {
  /// One certificate of the verified path, leaf first, the anchor last.
  struct Link {
    Digest issuerKey{}; // SHA-256 of the issuer's SubjectPublicKeyInfo
    Digest serial{};    // SHA-256 of the serial number's bytes
  };

  Digest trustList{}; // identity of the list it was verified under: SHA-256 over its certificates
  Digest anchor{};    // SHA-256 of the anchor's DER
  Digest anchorKey{}; // SHA-256 of the anchor's SubjectPublicKeyInfo
  Digest leaf{};      // SHA-256 of the leaf's DER
  std::vector<Link> path;
  std::int64_t notAfter = 0;    // the earliest of the path, seconds since the epoch
  Digest subjectKey{};          // of the leaf's subject (R7)
  Digest commonName{};          // nameDigest of the CN; all zero when there is none
  std::vector<Digest> dnsNames; // nameDigest of each SAN dNSName
  Digest subjectTuple{};        // tupleDigest of (CN, OU..., O, L, ST, C); all zero where it cannot match (an
                                // attribute outside these)
  std::string subjectText;      // RFC 4514, for the audit record, bounded
};

/// All that a session remembers of its evidence, enough to judge it again without a second handshake or
/// scrypt. Immutable and shared.
struct Admission {
  EvidenceKind kind = EvidenceKind::certificate;
  std::int64_t database = 0;    // uid, at a database's listener; 0: the management API
  std::string listener;         // name of the listener it came in by
  bool control = false;         // the control socket: the peer's uid is the proof (design §6)
  std::uint32_t localUid = 0;   // of the peer process, when kind is local
  std::uint16_t tlsVersion = 0; // 0x0303, 0x0304; 0: no TLS
  ChainFacts chain;             // when kind is certificate
  std::string authenticator;    // the plugin that accepted
  std::int64_t userUid = 0;     // 0: local administrator, or a database's default user
  Revision userRevision = 0; // of the row that the proof was made with; a verifier is identified by it. Of a
                             // database's default user (userUid 0, kind password): DatabasePolicy's passwords
  Digest presented{};        // SHA-256 of the leaf that this connection showed and proved; all zero: none
  std::int64_t tokenExpires = 0; // when kind is token: seconds since the epoch
  Digest tokenLeaf{};            // ... the certificate that it is bound to; all zero: none
};

} // namespace gatehouse::model
