#pragma once
#include "base/ByteQueue.h"
#include "support/CertForge.h"
#include "support/ManualClock.h"
#include "transport/TlsContext.h"
#include "transport/TlsEngine.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// A certificate authority for clients, one for the server, and who they made.
struct TlsCast {
  ManualClock clock;
  Forged clientCa = Forge().ca("Client CA").make();
  Forged serverCa = Forge().ca("Server CA").make();
  Forged server = Forge().server("gw1.example.com").signedBy(serverCa).make();
  Forged ada = Forge().client("ada").signedBy(clientCa).make();

  [[nodiscard]] static pki::KeyPair pair(const Forged& who);
  static void present(transport::TlsClientPolicy& policy, const Forged& who);
  [[nodiscard]] static std::vector<pki::Certificate> certificates(const Forged& who);
  [[nodiscard]] static std::shared_ptr<const pki::TrustList> trust(const Forged& authority);

  [[nodiscard]] transport::TlsPolicy
  policy(transport::ClientCertificate wanted = transport::ClientCertificate::require) const;
  [[nodiscard]] std::shared_ptr<const transport::TlsContext> serverContext(transport::TlsPolicy policy) const;
};

/// Two engines back to back. Bytes go over in pieces of `chunk`.
class TlsPair {
public:
  using Step = transport::TlsEngine::Step;

  TlsPair(std::shared_ptr<const transport::TlsContext> server,
          std::shared_ptr<const transport::TlsContext> client, std::size_t chunk = 16 * 1024);

  /// Until both are done or one has failed, or nothing moves any more.
  void shakeHands();
  /// Moves one piece each way; false when there was nothing to move.
  bool move();

  transport::TlsEngine& server() { return *server_; }
  transport::TlsEngine& client() { return *client_; }

  ByteQueue toServer{1 << 20}, toClient{1 << 20};     // arrived
  ByteQueue fromServer{1 << 20}, fromClient{1 << 20}; // on their way
  Step serverStep = Step::wants, clientStep = Step::wants;

private:
  std::size_t chunk_;
  std::unique_ptr<transport::TlsEngine> server_, client_;
};

} // namespace gatehouse::test
