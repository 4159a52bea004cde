#include "DatabaseFixture.h"

#include "base/UniqueFd.h"

#include <arpa/inet.h>
#include <fstream>
#include <random>
#include <sys/socket.h>

namespace gatehouse::test {
namespace {

ServerOptions withDatabases(ServerOptions options) {
  if (options.load == ServerOptions().load) options.load = "[certificate, password, http_rest, resp]";
  options.extra += "database_listeners: {address: 127.0.0.1, certificate: proxy}\n";
  if (options.extra.find("engines:") == std::string::npos) options.extra += "engines: {directory: engines}\n";
  return options;
}

} // namespace

DatabaseHouse::DatabaseHouse(ServerOptions options)
    : House(withDatabases(std::move(options)))
    , proxyCertificate(
          Forge().server("localhost").valid(TestPki::now() - 3600, TestPki::now() + 86'400).make()) {
  must("PUT", "/v1/cluster/certificates",
       "{\"certificates\":[{\"name\":\"proxy\",\"certificate\":" + jsonText(proxyCertificate.pem()) +
           ",\"key\":" + jsonText(proxyCertificate.keyPem()) + "}]}");
}

std::int64_t DatabaseHouse::addAcl(std::string_view name, std::string_view acl) {
  return uidIn(
      must("POST", "/v1/redis_acls", "{\"name\":" + jsonText(name) + ",\"acl\":" + jsonText(acl) + '}'));
}

std::int64_t DatabaseHouse::addRole(std::string_view name) {
  return uidIn(must("POST", "/v1/roles", "{\"name\":" + jsonText(name) + ",\"management\":\"none\"}"));
}

DatabaseHouse::Database
DatabaseHouse::addDatabase(std::string_view name,
                           std::initializer_list<std::pair<std::int64_t, std::int64_t>> rolesAndAcls,
                           std::string_view fields) {
  std::string permissions;
  for (const auto& [role, acl] : rolesAndAcls)
    permissions += (permissions.empty() ? "" : ",") + std::string("{\"role_uid\":") + std::to_string(role) +
                   ",\"redis_acl_uid\":" + std::to_string(acl) + '}';
  const std::string made =
      must("POST", "/v1/bdbs",
           "{\"name\":" + jsonText(name) + ",\"memory_size\":67108864,\"roles_permissions\":[" + permissions +
               ']' + (fields.empty() ? "" : "," + std::string(fields)) +
               (fields.find("\"port\"") == std::string_view::npos ? ",\"port\":" + std::to_string(freePort())
                                                                  : "") +
               '}');
  Database database;
  database.uid = std::stoll(fieldIn(made, "uid"));
  database.port = static_cast<std::uint16_t>(std::stoi(fieldIn(made, "port")));
  waitActive(database.uid);
  return database;
}

std::string DatabaseHouse::describe(std::int64_t uid) {
  return control("GET", "/v1/bdbs/" + std::to_string(uid)).body;
}

void DatabaseHouse::waitActive(std::int64_t uid) {
  const bool active =
      eventually([&] { return fieldIn(describe(uid), "status") == "active"; }, std::chrono::seconds(30));
  CPPUNIT_ASSERT_MESSAGE(describe(uid) + '\n' + server.log(), active);
}

ClientOptions DatabaseHouse::at(const Database& database) const {
  ClientOptions options;
  options.port = database.port;
  options.serverCa = proxyCertificate;
  return options;
}

ClientOptions DatabaseHouse::at(const Database& database, const Forged& certificate) const {
  ClientOptions options = at(database);
  options.certificate = certificate;
  return options;
}

std::string DatabaseHouse::whoIs(const ClientOptions& options) {
  RespClient client(options);
  return client.connected() ? client.say({"ACL", "WHOAMI"}) : "(closed)";
}

pid_t DatabaseHouse::engineOf(std::int64_t uid) const {
  const std::string title = "/gatehouse-engine/" + std::to_string(uid);
  for (const pid_t child : server.children()) {
    std::ifstream file("/proc/" + std::to_string(child) + "/cmdline");
    std::string line;
    std::getline(file, line, '\0');
    if (line == title) return child;
  }
  return 0;
}

Cache::Cache(ServerOptions options, std::string_view fields)
    : DatabaseHouse(std::move(options))
    , ada(randomName("ada-"))
    , job(randomName("job-"))
    , jobPassword(randomName("secret-"))
    , reader(randomName("reader-")) {
  everything = addRole("everything");
  readers = addRole("readers");
  everythingAcl = addAcl("everything", "+@all ~* &*");
  readersAcl = addAcl("readers", "+@read +ping +acl|whoami ~cache:*");
  adaUid = addByCertificate(ada, TestPki::subjectLine(ada), "everything");
  readerUid = addByCertificate(reader, TestPki::subjectLine(reader), "readers");
  jobUid = addByPassword(job, jobPassword, "everything");
  cache = addDatabase("cache", {{everything, everythingAcl}, {readers, readersAcl}}, fields);
}

void expect(std::string_view wanted, const std::string& got, const char* file, int line) {
  const bool begins = wanted.ends_with("...");
  if (begins) wanted.remove_suffix(3);
  const std::string compared = begins ? got.substr(0, wanted.size()) : got;
  CPPUNIT_NS::assertEquals(std::string(wanted), compared, CPPUNIT_NS::SourceLine(file, line), got);
}

std::uint16_t freePort() {
  static std::mt19937 random{std::random_device{}()};
  for (;;) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto port = static_cast<std::uint16_t>(20'000 + random() % 12'000);
    address.sin_port = htons(port);
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CPPUNIT_ASSERT(fd);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return port;
  }
}

std::string fieldIn(std::string_view json, std::string_view name) {
  const std::string key = '"' + std::string(name) + "\":";
  const std::size_t at = json.find(key);
  if (at == std::string_view::npos) return {};
  std::string_view rest = json.substr(at + key.size());
  if (rest.starts_with('"')) return std::string(rest.substr(1, rest.find('"', 1) - 1));
  return std::string(rest.substr(0, rest.find_first_of(",}]")));
}

} // namespace gatehouse::test
