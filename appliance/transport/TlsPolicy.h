#pragma once
#include "pki/KeyPair.h"
#include "pki/TrustList.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::transport {

/// Is a client certificate asked for, and must it come? One that comes must verify in both cases.
enum class ClientCertificate : std::uint8_t { none, request, require };

/// The protocol versions there are here, by their number on the wire.
enum class TlsVersion : std::uint16_t { tls12 = 0x0303, tls13 = 0x0304 };

/// What one listener says about TLS at one trust revision.
struct TlsPolicy {
  std::optional<pki::KeyPair> keyPair; // required
  TlsVersion minimum = TlsVersion::tls12;
  std::string cipherList;   // TLS 1.2, OpenSSL's grammar; empty: Mozilla's intermediate profile
  std::string cipherSuites; // TLS 1.3, names joined by ':'; empty: the same
  std::vector<std::string>
      alpn; // what is spoken, preferred first; a client that offers none of it goes without
  ClientCertificate clientCertificate = ClientCertificate::none;
  std::shared_ptr<const pki::TrustList> trustList; // required unless clientCertificate is none
  pki::VerifyOptions verifyOptions;
  std::int64_t trustRevision = 0; // that the trust list belongs to (R6)
};

/// What we say as a client.
struct TlsClientPolicy {
  /// What the client proves itself by, leaf first; empty: nothing. No pki::KeyPair, which is a server's: a
  /// client's leaf need not be fit for servers.
  std::vector<pki::Certificate> chain;
  std::shared_ptr<EVP_PKEY> key;
  /// Certificates that may have issued the server's. Empty: the server is not verified, for tests alone.
  std::vector<pki::Certificate> authorities;
  std::string
      serverName; // sent as SNI, and compared with the certificate when it is verified; empty: neither
  std::vector<std::string> alpn;
  TlsVersion minimum = TlsVersion::tls12, maximum = TlsVersion::tls13;
};

} // namespace gatehouse::transport
