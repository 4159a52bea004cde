// Protects a database's life as its administrator sees it: made, changed while it serves, kept over restarts,
// deleted with its files put aside (R21), and one engine on one directory whatever is killed (R19).
#include "DatabaseFixture.h"

#include "base/UniqueFd.h"

#include <cppunit/extensions/HelperMacros.h>

#include <arpa/inet.h>
#include <csignal>
#include <filesystem>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace gatehouse::test {
namespace {

namespace fs = std::filesystem;

/// Something else on a port of 127.0.0.1.
UniqueFd listenOn(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // A port whose sockets close at this moment is free at the next.
  CPPUNIT_ASSERT(eventually(
      [&] { return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0; },
      std::chrono::seconds(1)));
  CPPUNIT_ASSERT(::listen(fd.get(), 8) == 0);
  return fd;
}

std::string portField(std::uint16_t port) { return "\"port\":" + std::to_string(port); }

/// The processes that run in a folder or below it.
std::vector<pid_t> processesIn(const fs::path& folder) {
  std::vector<pid_t> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const fs::path at = fs::read_symlink(entry.path() / "cwd", error);
    if (!error && at.string().starts_with(folder.string() + '/')) out.push_back(std::stoi(name));
  }
  return out;
}

class DatabaseLifeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseLifeTest);
  CPPUNIT_TEST(aNewDatabaseSaysWhereItIs);
  CPPUNIT_TEST(aPortInUseNamesTheDatabaseAndTheOthersServe);
  CPPUNIT_TEST(aRestartBringsAllBack);
  CPPUNIT_TEST(aDeletedDatabasePutsItsFilesAside);
  CPPUNIT_TEST(itsMemoryAndItsKeepingChangeWhileItServes);
  CPPUNIT_TEST(aManifestSeedsDatabases);
  CPPUNIT_TEST(withoutRedisServerTheRestServes);
  CPPUNIT_TEST(anEngineThatIsKilledComesBack);
  CPPUNIT_TEST(aKilledGatewayLosesNothingThatWasAcknowledged);
  CPPUNIT_TEST_SUITE_END();

public:
  void aNewDatabaseSaysWhereItIs() {
    DatabaseHouse house;
    const HttpAnswer made = house.control("POST", "/v1/bdbs", R"({"name":"first","memory_size":67108864})");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(made.body + house.server.log(), 200, made.status);
    expect("active", fieldIn(made.body, "status"));
    const std::int64_t uid = uidIn(made.body), port = std::stoll(fieldIn(made.body, "port"));
    CPPUNIT_ASSERT(port >= 10'000 && port <= 19'999); // chosen
    const std::string endpoint = "\"dns_name\":\"localhost\",\"port\":" + std::to_string(port);
    CPPUNIT_ASSERT_MESSAGE(made.body, made.body.find("\"endpoints\":[") != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(made.body, made.body.find(endpoint) != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(made.body, made.body.find("\"127.0.0.1\"") != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(made.body, made.body.find("\"version\":\"7.") != std::string::npos);

    const std::string action = fieldIn(made.body, "action_uid");
    CPPUNIT_ASSERT_MESSAGE(made.body, !action.empty());
    const std::string told = house.must("GET", "/v1/actions/" + action);
    expect("SMCreateBDB", fieldIn(told, "name"));
    CPPUNIT_ASSERT_MESSAGE(told, told.find("completed") != std::string::npos);
    CPPUNIT_ASSERT(house.must("GET", "/v1/actions").find(action) != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(404,
                         house.control("GET", "/v1/actions/00000000-0000-4000-8000-000000000000").status);

    const std::string all = house.must("GET", "/v1/bdbs");
    CPPUNIT_ASSERT_MESSAGE(all, all.find("\"name\":\"first\"") != std::string::npos);
    const std::string few = house.must("GET", "/v1/bdbs?fields=name,port");
    CPPUNIT_ASSERT_MESSAGE(few, few.find("memory_size") == std::string::npos);
    // A rehearsal makes nothing.
    house.must("POST", "/v1/bdbs?dry_run=true", R"({"name":"second","memory_size":67108864})");
    CPPUNIT_ASSERT(house.must("GET", "/v1/bdbs").find("second") == std::string::npos);
    const auto second = house.addDatabase("second", {});
    CPPUNIT_ASSERT(second.uid != uid);
    CPPUNIT_ASSERT(house.engineOf(uid) > 0 && house.engineOf(second.uid) > 0);
  }

  void aPortInUseNamesTheDatabaseAndTheOthersServe() {
    const std::uint16_t port = freePort();
    Cache house({}, portField(port));
    const auto other =
        house.addDatabase("other", {{house.everything, house.everythingAcl}}, portField(freePort()));
    const HttpAnswer taken = house.control(
        "POST", "/v1/bdbs", "{\"name\":\"third\",\"memory_size\":67108864," + portField(port) + '}');
    CPPUNIT_ASSERT_EQUAL_MESSAGE(taken.body, 406, taken.status);
    expect("port_unavailable", fieldIn(taken.body, "error_code"));
    CPPUNIT_ASSERT_MESSAGE(taken.body, taken.body.find("cache") != std::string::npos);
    {
      const std::uint16_t foreign = freePort();
      const UniqueFd listener = listenOn(foreign);
      const HttpAnswer used = house.control(
          "POST", "/v1/bdbs", "{\"name\":\"third\",\"memory_size\":67108864," + portField(foreign) + '}');
      CPPUNIT_ASSERT_EQUAL_MESSAGE(used.body, 406, used.status);
      CPPUNIT_ASSERT(house.must("GET", "/v1/bdbs").find("third") == std::string::npos);
    }
    expect("OK", house.client(house.cache, house.ada).say({"SET", "kept", "x"}));

    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    UniqueFd listener = listenOn(port);
    house.server.start();
    house.waitActive(other.uid);
    expect(house.ada, house.client(other, house.ada).say({"ACL", "WHOAMI"}));
    std::string told;
    CPPUNIT_ASSERT(eventually(
        [&] { return fieldIn(told = house.describe(house.cache.uid), "status") == "creation-failed"; }));
    CPPUNIT_ASSERT_MESSAGE(told,
                           fieldIn(told, "status_reason").find(std::to_string(port)) != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(house.server.log(),
                           house.server.log().find("database cache") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(house.keeper, house.keeperPassword)}));

    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    listener.reset();
    house.server.start();
    house.waitActive(house.cache.uid);
    expect("x", house.client(house.cache, house.ada).say({"GET", "kept"}));
  }

  void aRestartBringsAllBack() {
    Cache house({}, "\"default_user\":true");
    const auto snapshot = house.addDatabase("snapshot", {{house.everything, house.everythingAcl}},
                                            "\"data_persistence\":\"snapshot\"");
    const auto nothing = house.addDatabase("nothing", {{house.everything, house.everythingAcl}},
                                           "\"data_persistence\":\"disabled\"");
    const std::string before =
        house.must("GET", "/v1/bdbs?fields=uid,name,port,roles_permissions,data_persistence");
    for (const DatabaseHouse::Database& database : {house.cache, snapshot, nothing})
      expect("OK", house.client(database, house.ada).say({"SET", "kept", "x"}));
    const std::vector<pid_t> engines = house.server.children();
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, engines.size());
    CPPUNIT_ASSERT_EQUAL_MESSAGE(house.server.log(), 0, house.server.stop());
    for (const pid_t engine : engines) CPPUNIT_ASSERT(::kill(engine, 0) != 0); // it waited for them
    CPPUNIT_ASSERT(processesIn(house.server.folder().path()).empty());

    house.server.start();
    CPPUNIT_ASSERT_EQUAL(
        before, house.must("GET", "/v1/bdbs?fields=uid,name,port,roles_permissions,data_persistence"));
    for (const DatabaseHouse::Database& database : {house.cache, snapshot, nothing})
      house.waitActive(database.uid);
    expect("x", house.client(house.cache, house.ada).say({"GET", "kept"}));
    expect("x", house.client(snapshot, house.ada).say({"GET", "kept"}));
    expect("(nil)", house.client(nothing, house.ada).say({"GET", "kept"}));
    // Who may come in, and for what, is as it was.
    expect("-NOPERM...", house.client(house.cache, house.reader).say({"GET", "kept"}));
    expect("-NOPERM...", house.client(snapshot, house.reader).say({"ACL", "WHOAMI"}));
    expect("OK", house.client(snapshot).say({"AUTH", house.job, house.jobPassword}));
    expect("x", house.client(house.cache).say({"GET", "kept"}));
    expect("-NOAUTH...", house.client(nothing).say({"GET", "kept"}));
  }

  void aDeletedDatabasePutsItsFilesAside() { // R21
    Cache house;
    const fs::path engines = house.server.folder().path() / "engines", aside = engines / "aside";
    const pid_t engine = house.engineOf(house.cache.uid);
    CPPUNIT_ASSERT(engine > 0);
    CPPUNIT_ASSERT(!fs::exists(aside) || fs::is_empty(aside));
    const std::string path = "/v1/bdbs/" + std::to_string(house.cache.uid);
    std::string gone;
    {
      RespClient ada = house.client(house.cache, house.ada), blocked = house.client(house.cache, house.ada);
      expect("OK", ada.say({"SET", "kept", "x"}));
      CPPUNIT_ASSERT(blocked.send({"BLPOP", "never", "0"}));
      gone = house.must("DELETE", path);
      CPPUNIT_ASSERT(ada.closedWithin(1000));
      CPPUNIT_ASSERT(blocked.closedWithin(1000));
    }
    expect("delete-pending", fieldIn(gone, "status"));
    CPPUNIT_ASSERT_EQUAL(404, house.control("GET", path).status);
    CPPUNIT_ASSERT_EQUAL(404, house.control("DELETE", path).status);
    CPPUNIT_ASSERT_EQUAL(404, house.control("PUT", path, "{\"memory_size\":67108865}").status);
    CPPUNIT_ASSERT(eventually([&] { return ::kill(engine, 0) != 0; }));
    std::string files;
    CPPUNIT_ASSERT_MESSAGE(house.server.log(),
                           eventually([&] { return fs::exists(aside) && !fs::is_empty(aside); }));
    for (const auto& entry : fs::recursive_directory_iterator(aside)) files += entry.path().string() + '\n';
    CPPUNIT_ASSERT_MESSAGE(files, files.find("aof") != std::string::npos);
    const std::string action = fieldIn(gone, "action_uid");
    CPPUNIT_ASSERT(eventually([&] {
      return house.control("GET", "/v1/actions/" + action).body.find("completed") != std::string::npos;
    }));
    static_cast<void>(listenOn(house.cache.port)); // the port is free once its clients have gone

    const auto again =
        house.addDatabase("cache", {{house.everything, house.everythingAcl}}, portField(house.cache.port));
    CPPUNIT_ASSERT(again.uid != house.cache.uid);
    RespClient newer = house.client(again, house.ada);
    expect("(nil)", newer.say({"GET", "kept"}));
    expect("0", newer.say({"DBSIZE"}));
    CPPUNIT_ASSERT(!fs::is_empty(aside));
  }

  void itsMemoryAndItsKeepingChangeWhileItServes() {
    Cache house;
    RespClient ada = house.client(house.cache, house.ada);
    const pid_t engine = house.engineOf(house.cache.uid);
    const auto change = [&](const std::string& fields, std::string_view section, const std::string& wanted) {
      house.must("PUT", "/v1/bdbs/" + std::to_string(house.cache.uid), '{' + fields + '}');
      std::string said;
      const bool came = eventually([&] {
        return (said = ada.say({"INFO", section})).find(wanted) != std::string::npos;
      });
      CPPUNIT_ASSERT_MESSAGE(wanted + '\n' + said, came);
      house.waitActive(house.cache.uid);
    };
    CPPUNIT_ASSERT(ada.say({"INFO", "memory"}).find("maxmemory:67108864") != std::string::npos);
    change("\"memory_size\":134217728", "memory", "maxmemory:134217728");
    change("\"eviction_policy\":\"allkeys-lru\"", "memory", "maxmemory_policy:allkeys-lru");
    change("\"data_persistence\":\"disabled\"", "persistence", "aof_enabled:0");
    change("\"data_persistence\":\"aof\"", "persistence", "aof_enabled:1");
    change("\"data_persistence\":\"snapshot\"", "persistence", "aof_enabled:0");
    change("\"data_persistence\":\"aof\",\"aof_policy\":\"appendfsync-always\"", "persistence",
           "aof_enabled:1");
    change("\"eviction_policy\":\"noeviction\",\"memory_size\":16777216", "memory",
           "maxmemory_policy:noeviction");
    std::string said = "OK"; // more than it may take is refused
    for (int i = 0; i < 300 && said == "OK"; ++i)
      said = ada.say({"SET", "big:" + std::to_string(i), std::string(100'000, 'x')});
    expect("-OOM...", said);
    expect(house.ada, ada.say({"ACL", "WHOAMI"})); // on the same connection
    CPPUNIT_ASSERT_EQUAL(engine, house.engineOf(house.cache.uid));
  }

  void aManifestSeedsDatabases() {
    const TestPki pki;
    const std::uint16_t port = freePort();
    ServerOptions options;
    options.load = "[certificate, password, http_rest, resp]";
    options.extra = "database_listeners: {address: 127.0.0.1}\nengines: {directory: engines}\n";
    options.files = {{"ca.pem", pki.ca().pem()}, {"job.txt", "a password\n"}};
    options.manifest =
        "cluster: {mtls_certificate_authentication: true}\n"
        "certificates: [{name: mtls_trusted_ca, certificate: {file: ca.pem}}]\n"
        "redis_acls: [{name: readers, acl: \"+@read +acl|whoami ~cache:*\"}]\n"
        "roles: [{name: reader, management: none}, {name: operator, management: admin}]\n"
        "users:\n"
        "  - {name: root, auth_method: certificate, certificate_subject_line: CN=root, roles: [operator]}\n"
        "  - {name: ada, auth_method: certificate, certificate_subject_line: \"" +
        TestPki::subjectLine("ada") +
        "\", roles: [reader]}\n"
        "  - {name: job, password: {file: job.txt}, roles: [reader]}\n"
        "bdbs:\n"
        "  - {name: cache, port: " +
        std::to_string(port) +
        ", memory_size: 67108864, enforce_client_authentication: enabled,\n"
        "     roles_permissions: [{role: reader, redis_acl: readers}]}\n";
    ServerProcess server(options);
    ClientOptions local;
    local.unixSocket = server.controlSocket();
    const auto active = [&] {
      return HttpsClient(local).request("GET", "/v1/bdbs").body.find("\"status\":\"active\"") !=
             std::string::npos;
    };
    CPPUNIT_ASSERT_MESSAGE(server.log(), eventually(active));
    ClientOptions peer;
    peer.port = port;
    expect("(closed)", DatabaseHouse::whoIs(peer));
    peer.certificate = pki.client("ada");
    expect("ada", DatabaseHouse::whoIs(peer));
    expect("-NOPERM...", RespClient(peer).say({"SET", "cache:1", "x"}));
    expect("(nil)", RespClient(peer).say({"GET", "cache:1"}));
    peer.certificate = pki.client("nobody");
    RespClient job(peer);
    expect("OK", job.say({"AUTH", "job", "a password"}));
    expect("job", job.say({"ACL", "WHOAMI"}));
    CPPUNIT_ASSERT_EQUAL(0, server.stop());
    server.start(); // seeding is over; what stands is served
    CPPUNIT_ASSERT_MESSAGE(server.log(), eventually(active));
    peer.certificate = pki.client("ada");
    expect("ada", DatabaseHouse::whoIs(peer));
  }

  void withoutRedisServerTheRestServes() {
    Cache house;
    expect("OK", house.client(house.cache, house.ada).say({"SET", "kept", "x"}));
    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    const std::string with = readFile(house.server.configFile());
    std::string without = with;
    const std::string directory = "{directory: engines";
    without.replace(without.find(directory), directory.size(),
                    directory + ", redis_server: /nonexistent/redis-server");
    house.server.folder().write("gatehouse.yaml", without);
    house.server.start();
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(house.keeper, house.keeperPassword)}));
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client(house.ada)));
    const auto refused = [&](std::string_view method, const std::string& path, std::string_view body) {
      const HttpAnswer answer = house.control(method, path, body);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(path + ' ' + answer.body, 406, answer.status);
    };
    refused("POST", "/v1/bdbs", R"({"name":"second","memory_size":67108864})");
    refused("PUT", "/v1/bdbs/" + std::to_string(house.cache.uid), R"({"memory_size":67108865})");
    refused("POST", "/v1/redis_acls", R"({"name":"second","acl":"+@read ~*"})");
    refused("PUT", "/v1/redis_acls/" + std::to_string(house.readersAcl), R"({"acl":"+@read ~*"})");
    CPPUNIT_ASSERT_EQUAL(200, house.control("GET", "/v1/redis_acls").status);
    const std::string told = house.describe(house.cache.uid);
    expect("creation-failed", fieldIn(told, "status"));
    CPPUNIT_ASSERT_MESSAGE(told, !fieldIn(told, "status_reason").empty());
    house.addByPassword(randomName("bob-"), "a password"); // other writes go on
    // Its clients are told, and let in nowhere.
    expect("-LOADING...", house.client(house.cache, house.ada).say({"GET", "kept"}));
    expect("-NOAUTH...", house.client(house.cache).say({"GET", "kept"}));

    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    house.server.folder().write("gatehouse.yaml", with);
    house.server.start();
    house.waitActive(house.cache.uid);
    expect("x", house.client(house.cache, house.ada).say({"GET", "kept"}));
  }

  void anEngineThatIsKilledComesBack() {
    Cache house({}, "\"aof_policy\":\"appendfsync-always\"");
    const auto other = house.addDatabase("other", {{house.everything, house.everythingAcl}});
    RespClient ada = house.client(house.cache, house.ada), waiting = house.client(house.cache, house.ada),
               elsewhere = house.client(other, house.ada), stranger = house.client(house.cache);
    expect("OK", ada.say({"SET", "kept", "x"}));
    expect("PONG", elsewhere.say({"PING"}));
    expect("-NOAUTH...", stranger.say({"PING"}));
    expect("PONG", waiting.say({"PING"})); // has a link
    CPPUNIT_ASSERT(waiting.send({"BLPOP", "never", "0"}));
    std::string status; // as often as it takes to be seen
    CPPUNIT_ASSERT(eventually([&] {
      if (const pid_t engine = house.engineOf(house.cache.uid); engine > 0) ::kill(engine, SIGKILL);
      return (status = fieldIn(house.describe(house.cache.uid), "status")) == "recovery";
    }));
    CPPUNIT_ASSERT(waiting.closedWithin(1000)); // nobody knows what it is owed
    CPPUNIT_ASSERT(ada.closedWithin(1000));
    house.waitActive(house.cache.uid);
    RespClient again = house.client(house.cache, house.ada);
    expect("x", again.say({"GET", "kept"}));
    expect(house.ada, again.say({"ACL", "WHOAMI"}));
    expect("-NOPERM...", house.client(house.cache, house.reader).say({"GET", "kept"})); // projected anew
    expect("OK", stranger.say({"AUTH", house.job, house.jobPassword})); // had no link, and goes on
    expect(house.job, stranger.say({"ACL", "WHOAMI"}));
    expect("PONG", elsewhere.say({"PING"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, processesIn(house.server.folder().path() / "engines").size());
  }

  void aKilledGatewayLosesNothingThatWasAcknowledged() { // R19, R20
    Cache house({}, "\"aof_policy\":\"appendfsync-always\"");
    const fs::path engines = house.server.folder().path() / "engines";
    int acknowledged = 0;
    for (int round = 0; round < 3; ++round) {
      RespClient ada = house.client(house.cache, house.ada);
      expect(house.ada, ada.say({"ACL", "WHOAMI"}));
      std::string out;
      for (int i = 0; i < 200; ++i) resp::appendCommand(out, {"INCR", "n"});
      CPPUNIT_ASSERT(ada.write(out));
      for (int i = 0; i < 50 * (round + 1); ++i) { // killed in the middle
        const auto reply = ada.receive();
        CPPUNIT_ASSERT(reply && reply->kind == resp::Kind::integer);
        acknowledged = static_cast<int>(reply->integer);
      }
      const std::vector<pid_t> before = processesIn(engines);
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, before.size());
      house.server.kill9();
      house.server.start();
      house.waitActive(house.cache.uid);
      const std::vector<pid_t> after = processesIn(engines);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(house.server.log(), std::size_t{1}, after.size());
      CPPUNIT_ASSERT(after.front() != before.front());
      CPPUNIT_ASSERT_EQUAL(after.front(), house.engineOf(house.cache.uid));
      const std::string kept = house.client(house.cache, house.ada).say({"GET", "n"});
      CPPUNIT_ASSERT_MESSAGE(kept, std::stoi(kept) >= acknowledged);
    }
    // What REST had acknowledged is there as well.
    house.must("PUT", "/v1/users/" + std::to_string(house.adaUid), "{\"role_uids\":[]}");
    house.server.kill9();
    house.server.start();
    house.waitActive(house.cache.uid);
    expect("-NOPERM...", DatabaseHouse::whoIs(house.at(house.cache, house.pki.client(house.ada))));
    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    CPPUNIT_ASSERT(processesIn(engines).empty());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseLifeTest);

} // namespace
} // namespace gatehouse::test
