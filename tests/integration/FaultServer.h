#pragma once
#include "support/HttpsClient.h"
#include "support/ServerProcess.h"
#include "support/TestPki.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <utility>

namespace gatehouse::test {

/// What these tests need of a server: a CA that is trusted, and one administrator with a certificate of it.
class FaultServer {
public:
  /// `options` says what is unusual; its manifest is the usual one.
  explicit FaultServer(ServerOptions options = {})
      : process(usual(std::move(options), pki)) {}

  [[nodiscard]] HttpsClient client() const { return client(pki.client("ada")); }
  [[nodiscard]] HttpsClient client(const Forged& certificate) const {
    ClientOptions wish;
    wish.port = process.port();
    wish.certificate = certificate;
    return HttpsClient(wish);
  }
  [[nodiscard]] HttpsClient stranger() const {
    ClientOptions wish;
    wish.port = process.port();
    return HttpsClient(wish);
  }
  [[nodiscard]] HttpsClient control() const {
    ClientOptions wish;
    wish.unixSocket = process.controlSocket();
    return HttpsClient(wish);
  }

  /// A valid client comes anew, asks, and is answered.
  void serves() const {
    HttpsClient ada = client();
    const HttpAnswer answer = ada.request("GET", "/v1/users/role");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(ada.error() + answer.body + process.log(), 200, answer.status);
  }

  /// Resident memory of the server, KiB.
  [[nodiscard]] std::size_t resident() const {
    const std::string all = readFile("/proc/" + std::to_string(process.pid()) + "/status");
    return std::stoul(all.substr(all.find("VmRSS:") + 6));
  }

  static ServerOptions usual(ServerOptions options, const TestPki& pki) {
    options.manifest = "cluster: {mtls_certificate_authentication: true}\n"
                       "certificates: [{name: mtls_trusted_ca, certificate: {file: ca.pem}}]\n"
                       "users:\n  - {name: ada, auth_method: certificate, certificate_subject_line: \"" +
                       TestPki::subjectLine("ada") + "\", roles: [Admin]}\n";
    options.files.emplace_back("ca.pem", pki.ca().pem());
    return options;
  }

  TestPki pki;
  ServerProcess process;
};

} // namespace gatehouse::test
