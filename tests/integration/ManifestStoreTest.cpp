// Protects: commands where no server runs, and to a server elsewhere. They open the store itself, under its
// lock and as its owner, so that nothing that root's command leaves is root's (design 6, R19); the next serve
// starts on it. Elsewhere both sides prove who they are, and the caller's rights are those of its user.
// Exported, applied to an empty store and exported again, the state is the same text.
#include "CommandFixture.h"
#include "DatabaseFixture.h"
#include "FaultProgram.h"

#include <filesystem>
#include <iostream>
#include <sys/stat.h>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr uid_t somebody = 65534; // nobody, who owns nothing

constexpr std::string_view team =
    "roles:\n"
    "  - {name: helper, management: admin}\n"
    "users:\n"
    "  - {name: eve, auth_method: certificate, certificate_subject_line: \"CN=eve, OU=dev, O=Example\",\n"
    "     roles: [helper]}\n";

/// Each file of a folder with its owner and mode, where they are not these.
std::string notOf(const std::string& folder, uid_t owner) {
  std::string out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    struct stat about {};
    CPPUNIT_ASSERT_EQUAL(0, ::lstat(entry.path().c_str(), &about));
    if (about.st_uid != owner || (about.st_mode & 07777U) != 0600U)
      out += entry.path().filename().string() + " is of " + std::to_string(about.st_uid) + ", mode " +
             std::to_string(about.st_mode & 07777U) + '\n';
  }
  return out;
}

void giveTo(const std::string& folder, uid_t owner) {
  CPPUNIT_ASSERT_EQUAL(0, ::chown(folder.c_str(), owner, owner));
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    CPPUNIT_ASSERT_EQUAL(0, ::lchown(entry.path().c_str(), owner, owner));
}

} // namespace

class ManifestStoreTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ManifestStoreTest);
  CPPUNIT_TEST(testWithoutAServerTheStoreItselfIsChanged);
  CPPUNIT_TEST(testWhatRootLeavesIsTheStoresOwners);
  CPPUNIT_TEST(testAPlanMakesNoStore);
  CPPUNIT_TEST(testAServerElsewhereDoesTheSame);
  CPPUNIT_TEST(testElsewhereBothSidesProveWhoTheyAre);
  CPPUNIT_TEST(testExportedAndAppliedElsewhereItIsTheSameText);
  CPPUNIT_TEST_SUITE_END();

public:
  void testWithoutAServerTheStoreItselfIsChanged() {
    House house;
    const std::string file = house.server.folder().write("team.yaml", team);
    const CommandRun running = command(house.server, {"plan", file});
    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    const CommandRun plan = command(house.server, {"plan", file});
    expectCode(2, plan);
    CPPUNIT_ASSERT_EQUAL(running.out, plan.out); // there is one way of planning
    expectCode(1, command(house.server, {"apply", file}));
    expectCode(0, command(house.server, {"apply", file, "--yes"}));
    expectCode(0, command(house.server, {"plan", file}));
    expectCode(0, command(house.server, {"cluster", "set", "smtp_port=2525"}));
    expectPart("name: eve", command(house.server, {"export"}).out);
    const CommandRun reset = command(house.server, {"user", "reset", house.keeper});
    expectCode(0, reset);

    house.server.start();
    CPPUNIT_ASSERT_EQUAL(std::string("admin"), house.roleOf(house.pki.client("eve")));
    expectPart(R"("smtp_port":2525)", house.must("GET", "/v1/cluster"));
    const std::string password = reset.out.substr(0, reset.out.find('\n'));
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(house.keeper, password)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic(house.keeper, house.keeperPassword)}));
  }

  void testWhatRootLeavesIsTheStoresOwners() {
    if (::geteuid() != 0) {
      std::cout << "NOT RUN: a store of somebody else's: only root can give one away" << std::endl;
      return;
    }
    House house;
    const TempFolder& folder = house.server.folder();
    const std::string file = folder.write("team.yaml", team), state = folder / "state";
    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0711));
    giveTo(state, somebody);
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"apply", file, "--yes"},
                                               {"plan", file},
                                               {"export"},
                                               {"user", "reset", house.keeper},
                                               {"user", "unlock", house.keeper},
                                               {"cluster", "set", "smtp_port=2525"}}) {
      expectCode(0, command(house.server, words));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(words[0], std::string(), notOf(state, somebody));
    }
    giveTo(state, 0);
    house.server.start();
    CPPUNIT_ASSERT_EQUAL(std::string("admin"), house.roleOf(house.pki.client("eve")));
  }

  void testAPlanMakesNoStore() { // a wrong path must not look like an empty cluster
    FaultProgram program;
    const std::string file = program.folder().write("team.yaml", team);
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"plan", file}, {"export"}, {"user", "unlock", "eve"}}) {
      std::vector<std::string> all = words;
      all.insert(all.end(), {"--config", program.config()});
      const CommandRun run = command(all);
      expectCode(1, run);
      expectPart("gatehouse serve", run.err);
    }
    CPPUNIT_ASSERT(std::filesystem::is_empty(program.folder() / "state"));
    expectCode(0, command({"apply", file, "--yes", "--config", program.config()}));
    expectCode(0, command({"plan", file, "--config", program.config()}));
  }

  void testAServerElsewhereDoesTheSame() {
    House house;
    house.addByCertificate("ci");
    const TempFolder& folder = house.server.folder();
    const std::string file = folder.write("team.yaml", team);
    const std::vector<std::string> elsewhere = server(house, house.pki.client("ci"), house.serverCertificate);
    const CommandRun there = command(with({"plan", file}, elsewhere));
    expectCode(2, there);
    CPPUNIT_ASSERT_EQUAL(command(house.server, {"plan", file}).out, there.out);
    expectCode(1, command(with({"apply", file}, elsewhere)));
    expectCode(0, command(with({"apply", file, "--yes"}, elsewhere)));
    CPPUNIT_ASSERT_EQUAL(std::string("admin"), house.roleOf(house.pki.client("eve")));
    const CommandRun exported = command(with({"export"}, elsewhere));
    expectCode(0, exported);
    CPPUNIT_ASSERT_EQUAL(command(house.server, {"export"}).out, exported.out);
    expectCode(0, command(with({"cluster", "set", "smtp_port=2525"}, elsewhere)));
    expectPart(R"("smtp_port":2525)", house.must("GET", "/v1/cluster"));
    const CommandRun reset = command(with({"user", "reset", house.keeper}, elsewhere));
    expectCode(0, reset);
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(house.keeper, reset.out.substr(0, reset.out.find('\n')))}));
    expectCode(0, command(with({"user", "unlock", house.keeper}, elsewhere)));
  }

  void testElsewhereBothSidesProveWhoTheyAre() {
    House house;
    house.addByCertificate("onlooker", TestPki::subjectLine("onlooker"), "viewer");
    house.addByCertificate("ci");
    const std::string file = house.server.folder().write("team.yaml", team);
    const auto fails = [&](const std::vector<std::string>& elsewhere, std::string_view why) {
      for (const char* verb : {"plan", "apply"}) {
        const CommandRun run = command(with({verb, file}, elsewhere));
        expectCode(1, run);
        expectPart(why, run.err);
        CPPUNIT_ASSERT_EQUAL(std::string(), run.out);
      }
    };
    const Forged& server = house.serverCertificate;
    const Forged stranger = TestPki::otherCa("Example CA", randomName("key-"));
    fails(this->server(house, house.pki.client("ci"), stranger), "certificate"); // not that server
    fails(this->server(house, house.pki.client("ci", stranger), server), "");    // not that client
    fails(this->server(house, house.pki.client(randomName("eve-")), server), "");
    fails(this->server(house, house.pki.client("onlooker"), server), "permission");
    std::vector<std::string> dead = this->server(house, house.pki.client("ci"), server);
    dead[1] = "https://localhost:1";
    fails(dead, "localhost");
    expectNoPart("helper", house.must("GET", "/v1/roles"));
  }

  void testExportedAndAppliedElsewhereItIsTheSameText() {
    DatabaseHouse house;
    house.addByCertificate("ada", "CN=ada, OU=a\\,b, O=Exämple");
    house.addByPassword("job", "A-long-secret-1");
    const std::int64_t role = house.addRole("everything"), acl = house.addAcl("caches", "+@all ~cache:* &*");
    house.addDatabase("cache", {{role, acl}}, "\"enforce_client_authentication\":\"enabled\"");
    house.must("PUT", "/v1/cluster", R"({"smtp_port":2525,"password_min_length":9})");
    house.must("PUT", "/v1/cluster/policy", R"({"login_lockout_threshold":7})");
    const CommandRun exported = command(house.server, {"export"});
    expectCode(0, exported);
    for (const char* part :
         {"name: ada", "name: cache", "secrets/job.password", "secrets/api.key", "smtp_port: 2525"})
      expectPart(part, exported.out);
    for (const char* part : {"PRIVATE KEY", "A-long-secret"}) expectNoPart(part, exported.out);

    // An empty store, with the secrets where the manifest expects them.
    FaultProgram other;
    other.configure(
        "engines: {directory: engines}\ndatabase_listeners: {address: 127.0.0.1, certificate: proxy}\n",
        "127.0.0.1:0", "");
    std::filesystem::create_directory(other.folder() / "secrets");
    other.folder().write("secrets/job.password", "A-long-secret-1");
    other.folder().write("secrets/" + house.keeper + ".password", house.keeperPassword);
    other.folder().write("secrets/api.key", house.serverCertificate.keyPem());
    other.folder().write("secrets/proxy.key", house.proxyCertificate.keyPem());
    const std::string file = other.folder().write("all.yaml", exported.out);
    expectCode(0, command({"check", "--offline", file}));
    expectCode(0, command({"apply", file, "--yes", "--config", other.config()}));
    const CommandRun again = command({"export", "--config", other.config()});
    expectCode(0, again);
    CPPUNIT_ASSERT_EQUAL(exported.out, again.out);
    const CommandRun settled = command({"plan", file, "--config", other.config()});
    expectCode(0, settled);
    expectPart("Nothing to do: everything is as the manifests say.", settled.out);
  }

private:
  static std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  /// --server and its three files.
  std::vector<std::string> server(const House& house, const Forged& client, const Forged& authority) {
    const std::string name = randomName("pem-");
    return {"--server", "https://localhost:" + std::to_string(house.server.port()),
            "--cert",   house.server.folder().write(name + ".pem", client.pem()),
            "--key",    house.server.folder().write(name + ".key", client.keyPem()),
            "--cacert", house.server.folder().write(name + "-ca.pem", authority.pem())};
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManifestStoreTest);
