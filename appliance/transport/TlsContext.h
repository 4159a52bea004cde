#pragma once
#include "base/Clock.h"
#include "base/Result.h"
#include "transport/TlsPolicy.h"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::transport {

/// OpenSSL's SSL_CTX of one listener at one trust revision, or of one kind of client. TLS 1.2 and 1.3; no
/// renegotiation, no compression, no tickets and no session cache (a resumed session would call no verify
/// callback: lessons, facts 1-4), and a session id context that is a hash of the policy, so that no session
/// fits another policy even so (lessons 32-35).
///
/// Threads: immutable; any. Owns: the SSL_CTX and the trust list; `clock` outlives it.
class TlsContext {
public:
  /// Errors: invalid_param naming a cipher word that means nothing or would encrypt or authenticate nothing;
  /// missing_certificate without a key pair or trust list; invalid_certificate for a pair that libssl
  /// refuses. What can be built can serve (R11).
  static Result<std::shared_ptr<const TlsContext>> build(TlsPolicy policy, const Clock& clock);
  static Result<std::shared_ptr<const TlsContext>> buildClient(const TlsClientPolicy& policy);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  [[nodiscard]] bool isClient() const noexcept { return client_; }
  [[nodiscard]] SSL_CTX* native() const noexcept { return context_; }
  /// Of a server.
  [[nodiscard]] const TlsPolicy& policy() const noexcept { return policy_; }
  [[nodiscard]] const std::string& serverName() const noexcept { return serverName_; } // of a client

private:
  struct VerifyPeer;
  explicit TlsContext(const Clock* clock) noexcept
      : clock_(clock) {}
  Status setUp(TlsVersion minimum, TlsVersion maximum, std::string_view list, std::string_view suites,
               const std::vector<std::string>& alpn);
  Status setUpServer();
  Status setUpClient(const TlsClientPolicy& policy);

  SSL_CTX* context_ = nullptr;
  const Clock* clock_;
  bool client_ = false;
  TlsPolicy policy_;
  std::string serverName_;
  std::string alpnWire_; // length-prefixed, as RFC 7301 has it
};

} // namespace gatehouse::transport
