#pragma once
#include "support/HttpsClient.h"
#include "support/ServerProcess.h"
#include "support/TestPki.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// A served cluster as most tests want it: one trusted CA, certificates on, `keeper` as an administrator by
/// password, roles `operator` (admin) and `viewer` (cluster_viewer). Other users are made by each test.
///
/// Errors: what the set-up cannot do ends the test with the server's log.
class House {
public:
  /// `cluster`: YAML of the manifest's cluster.
  explicit House(ServerOptions options = {},
                 std::string_view cluster = "{mtls_certificate_authentication: true, "
                                            "mtls_client_cert_subject_validation_type: disabled}");

  // ---- the local administrator, over the control socket
  HttpAnswer control(std::string_view method, std::string_view path, std::string_view body = {});
  /// One that must be answered by 200; gives the answer's body.
  std::string must(std::string_view method, std::string_view path, std::string_view body = {});
  /// Makes a user and gives the uid.
  std::int64_t addByCertificate(std::string_view name, std::string_view subjectLine,
                                std::string_view role = "operator");
  std::int64_t addByCertificate(std::string_view name) {
    return addByCertificate(name, TestPki::subjectLine(name));
  }
  std::int64_t addByPassword(std::string_view name, std::string_view password,
                             std::string_view role = "operator");
  std::int64_t roleUid(std::string_view name);
  void trust(const std::vector<Forged>& cas);

  // ---- peers
  [[nodiscard]] ClientOptions peer(std::string_view listener = "api") const;
  [[nodiscard]] ClientOptions peer(const Forged& certificate, std::string_view listener = "api") const;
  [[nodiscard]] HttpsClient connect() const { return HttpsClient(peer()); }
  [[nodiscard]] HttpsClient connect(const Forged& certificate) const {
    return HttpsClient(peer(certificate));
  }
  /// The status of one request on a new connection: 0 where the handshake or the connection ended without
  /// one.
  [[nodiscard]] int status(const ClientOptions& options, const HttpFields& fields = {}) const;
  [[nodiscard]] int status(const Forged& certificate, const HttpFields& fields = {}) const {
    return status(peer(certificate), fields);
  }
  [[nodiscard]] int status(const HttpFields& fields) const { return status(peer(), fields); }
  /// The management role that a new connection of this certificate has; empty: refused.
  [[nodiscard]] std::string roleOf(const Forged& certificate) const;

  TestPki pki;
  std::string keeper, keeperPassword;
  Forged serverCertificate;
  ServerProcess server;
};

/// What every test asks on a connection: it takes somebody, but no right.
inline constexpr std::string_view whoAmI = "/v1/users/role";

/// The number behind "uid" in an object.
[[nodiscard]] std::int64_t uidIn(std::string_view json);
/// A JSON string.
[[nodiscard]] std::string jsonText(std::string_view text);
/// PUT /v1/cluster/certificates' body.
[[nodiscard]] std::string trustedCaBody(const std::vector<Forged>& cas);

struct CurlAnswer {
  int exitCode = 0;
  int status = 0; // 0: none
  std::string output;
};
/// The real curl, quiet, with these arguments.
[[nodiscard]] CurlAnswer curl(const std::vector<std::string>& arguments);

} // namespace gatehouse::test
