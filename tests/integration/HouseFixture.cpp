#include "HouseFixture.h"

#include "base/Json.h"

#include <array>
#include <cstdio>
#include <sys/wait.h>

namespace gatehouse::test {
namespace {

ServerOptions furnished(ServerOptions options, std::string_view cluster, const House& house) {
  if (!options.manifest.empty()) return options;
  options.manifest = "cluster: " + std::string(cluster) +
                     "\n"
                     "certificates:\n"
                     "  - {name: mtls_trusted_ca, certificate: {file: ca.pem}}\n"
                     "  - {name: api, certificate: {file: api.pem}, key: {file: api.key}}\n"
                     "roles:\n"
                     "  - {name: operator, management: admin}\n"
                     "  - {name: viewer, management: cluster_viewer}\n"
                     "users:\n"
                     "  - {name: " +
                     house.keeper + ", password: {file: keeper.txt}, roles: [operator]}\n";
  options.files.emplace_back("ca.pem", house.pki.ca().pem());
  options.files.emplace_back("api.pem", house.serverCertificate.pem());
  options.files.emplace_back("api.key", house.serverCertificate.keyPem());
  options.files.emplace_back("keeper.txt", house.keeperPassword);
  return options;
}

Forged serverLeaf() {
  const std::int64_t now = TestPki::now();
  return Forge().server("localhost").valid(now - 3600, now + 86'400).make();
}

} // namespace

House::House(ServerOptions options, std::string_view cluster)
    : keeper(randomName("keeper-"))
    , keeperPassword(randomName("secret-"))
    , serverCertificate(serverLeaf())
    , server(furnished(std::move(options), cluster, *this)) {}

HttpAnswer House::control(std::string_view method, std::string_view path, std::string_view body) {
  ClientOptions options;
  options.unixSocket = server.controlSocket();
  return HttpsClient(options).request(method, path, body);
}

std::string House::must(std::string_view method, std::string_view path, std::string_view body) {
  const HttpAnswer answer = control(method, path, body);
  CPPUNIT_ASSERT_MESSAGE(std::string(method) + ' ' + std::string(path) + ' ' + std::string(body) + ": " +
                             std::to_string(answer.status) + ' ' + answer.body + '\n' + server.log(),
                         answer.status == 200);
  return answer.body;
}

std::int64_t House::roleUid(std::string_view name) {
  const std::string roles = must("GET", "/v1/roles");
  const std::size_t at = roles.find("\"name\":" + jsonText(name));
  CPPUNIT_ASSERT_MESSAGE("no role " + std::string(name) + ": " + roles, at != std::string::npos);
  const std::size_t begin = roles.rfind('{', at), end = roles.find('}', at);
  return uidIn(std::string_view(roles).substr(begin, end - begin));
}

std::int64_t House::addByCertificate(std::string_view name, std::string_view line, std::string_view role) {
  return uidIn(must("POST", "/v1/users",
                    "{\"name\":" + jsonText(name) +
                        ",\"auth_method\":\"certificate\",\"certificate_subject_line\":" + jsonText(line) +
                        ",\"role_uids\":[" + std::to_string(roleUid(role)) + "]}"));
}

std::int64_t House::addByPassword(std::string_view name, std::string_view password, std::string_view role) {
  return uidIn(must("POST", "/v1/users",
                    "{\"name\":" + jsonText(name) + ",\"password\":" + jsonText(password) +
                        ",\"role_uids\":[" + std::to_string(roleUid(role)) + "]}"));
}

void House::trust(const std::vector<Forged>& cas) {
  must("PUT", "/v1/cluster/certificates", trustedCaBody(cas));
}

ClientOptions House::peer(std::string_view listener) const {
  ClientOptions options;
  options.port = server.port(listener);
  options.serverCa = serverCertificate;
  return options;
}

ClientOptions House::peer(const Forged& certificate, std::string_view listener) const {
  ClientOptions options = peer(listener);
  options.certificate = certificate;
  return options;
}

int House::status(const ClientOptions& options, const HttpFields& fields) const {
  HttpsClient client(options);
  return client.connected() ? client.request("GET", whoAmI, {}, fields).status : 0;
}

std::string House::roleOf(const Forged& certificate) const {
  const HttpAnswer answer = connect(certificate).request("GET", whoAmI);
  if (answer.status != 200) return {};
  const std::string_view key = "\"role\":\"";
  const std::size_t at = answer.body.find(key) + key.size();
  return answer.body.substr(at, answer.body.find('"', at) - at);
}

std::int64_t uidIn(std::string_view text) {
  const std::string_view key = "\"uid\":";
  const std::size_t at = text.find(key);
  CPPUNIT_ASSERT_MESSAGE("no uid: " + std::string(text), at != std::string_view::npos);
  return std::stoll(std::string(text.substr(at + key.size(), 20)));
}

std::string jsonText(std::string_view text) {
  std::string out;
  json::text(out, text);
  return out;
}

std::string trustedCaBody(const std::vector<Forged>& cas) {
  return "{\"certificates\":[{\"name\":\"mtls_trusted_ca\",\"certificate\":" + jsonText(pemOf(cas)) + "}]}";
}

CurlAnswer curl(const std::vector<std::string>& arguments) {
  std::string command = "curl -sS --max-time 20 -w '\\n%{http_code}'";
  for (const std::string& argument : arguments) {
    command += " '";
    for (const char c : argument) command += c == '\'' ? std::string("'\\''") : std::string(1, c);
    command += '\'';
  }
  command += " 2>&1 </dev/null";
  FILE* pipe = ::popen(command.c_str(), "re");
  CPPUNIT_ASSERT_MESSAGE("no shell", pipe != nullptr);
  CurlAnswer answer;
  std::array<char, 4096> piece{};
  for (std::size_t got = 0; (got = ::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    answer.output.append(piece.data(), got);
  const int ended = ::pclose(pipe);
  answer.exitCode = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
  // The status is the last line of what curl wrote; with an error its text stands behind or before it.
  const std::size_t at = answer.output.rfind("\n", answer.output.size() - 2);
  if (answer.exitCode == 0 && at != std::string::npos) {
    answer.status = std::atoi(answer.output.c_str() + at + 1);
    answer.output.resize(at);
  }
  return answer;
}

} // namespace gatehouse::test
