#include "TlsPair.h"

#include <algorithm>

namespace gatehouse::test {

pki::KeyPair TlsCast::pair(const Forged& who) {
  return pki::KeyPair::fromPem(who.pem(), Secret(who.keyPem())).value();
}

void TlsCast::present(transport::TlsClientPolicy& policy, const Forged& who) {
  policy.chain = certificates(who);
  policy.key = who.privateKey;
}

std::vector<pki::Certificate> TlsCast::certificates(const Forged& who) {
  return pki::Certificate::fromPem(who.pem()).value();
}

std::shared_ptr<const pki::TrustList> TlsCast::trust(const Forged& authority) {
  return pki::TrustList::build(certificates(authority)).value();
}

transport::TlsPolicy TlsCast::policy(transport::ClientCertificate wanted) const {
  transport::TlsPolicy policy;
  policy.keyPair = pair(server);
  policy.clientCertificate = wanted;
  if (wanted != transport::ClientCertificate::none) policy.trustList = trust(clientCa);
  policy.trustRevision = 7;
  return policy;
}

std::shared_ptr<const transport::TlsContext> TlsCast::serverContext(transport::TlsPolicy policy) const {
  return transport::TlsContext::build(std::move(policy), clock).value();
}

TlsPair::TlsPair(std::shared_ptr<const transport::TlsContext> server,
                 std::shared_ptr<const transport::TlsContext> client, std::size_t chunk)
    : chunk_(chunk)
    , server_(transport::TlsEngine::create(std::move(server), toServer, fromServer).value())
    , client_(transport::TlsEngine::create(std::move(client), toClient, fromClient).value()) {}

bool TlsPair::move() {
  bool moved = false;
  for (auto [from, to] : {std::pair(&fromClient, &toServer), std::pair(&fromServer, &toClient)}) {
    const std::string piece(from->view().substr(0, chunk_));
    if (piece.empty()) continue;
    from->consume(piece.size());
    moved = to->append(piece) || moved;
  }
  return moved;
}

void TlsPair::shakeHands() {
  do {
    // Each is asked once more after its end, as a connection would: an alert is found by reading.
    ByteQueue nothing(1);
    if (clientStep == Step::wants) clientStep = client_->handshake();
    if (serverStep == Step::wants) serverStep = server_->handshake();
    if (clientStep == Step::done && !toClient.empty() && client_->decrypt(nothing, 1) == Step::failed)
      clientStep = Step::failed;
  } while (move());
}

} // namespace gatehouse::test
