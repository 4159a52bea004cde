// Protects: what must not start. A configuration, a manifest, a CA or a store that is wrong keeps the server
// down with a sentence that names the place, and never half up: without a client's certificate being asked
// for, with an empty store instead of a lost one, beside another server.
#include "FaultProgram.h"
#include "FaultServer.h"

#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace gatehouse::test;
namespace fs = std::filesystem;

class FaultStartTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FaultStartTest);
  CPPUNIT_TEST(testAWrongConfigurationIsNamedWithItsPlace);
  CPPUNIT_TEST(testACaThatCannotBeReadIsNoStart);
  CPPUNIT_TEST(testClientCertificatesWithoutACaAreNoStart);
  CPPUNIT_TEST(testAllMistakesOfManifestsAreListed);
  CPPUNIT_TEST(testAGlobWithoutAFileIsNoStart);
  CPPUNIT_TEST(testAPortInUseIsNamed);
  CPPUNIT_TEST(testOneStoreHasOneServer);
  CPPUNIT_TEST(testALostStoreIsNotMadeAnew);
  CPPUNIT_TEST(testALaterManifestChangesNothing);
  CPPUNIT_TEST(testWithoutAnAdministratorTheLogSaysHowToMakeOne);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override { program_ = std::make_unique<FaultProgram>(); }
  void tearDown() override { program_.reset(); }

  void testAWrongConfigurationIsNamedWithItsPlace() { // lesson 50
    const struct {
      const char* more;
      const char* says;
    } table[] = {
        {"lmits: {}\n", "lmits"},
        {"limits: {connections: many}\n", "limits.connections"},
        {"limits: {connections: 8}\n", "limits.connections"},
        {"limits: {body: }\n", "limits.body"},
        {"workers: 2\nworkers: 3\n", "workers"},
        {"authenticate: [certficate]\n", "certficate"},
        {"limits: [\n", ":"},
    };
    for (const auto& row : table) {
      program_->configure(row.more, "127.0.0.1:0", "");
      for (const char* command : {"serve", "check"}) {
        const auto run = program_->run({command});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(row.more + run.said, 78, run.code);
        CPPUNIT_ASSERT_MESSAGE(run.said, run.says("gatehouse.yaml:") && run.says(row.says));
      }
    }
    program_->configure("limits: {connections: many}\nworkers: none\nlmits: 1\n", "127.0.0.1:0", "");
    const auto run = program_->run({"serve"}); // all at once, each with its line and column
    for (const char* place : {"gatehouse.yaml:7:", "gatehouse.yaml:8:10", "gatehouse.yaml:9:1"})
      CPPUNIT_ASSERT_MESSAGE(run.said, run.says(place));
    CPPUNIT_ASSERT(!fs::exists(store()));
  }

  void testACaThatCannotBeReadIsNoStart() { // R11, lessons 17 and 18
    const Forged ca = TestPki::otherCa("Example CA", "start");
    program_->folder().write("manifest.yaml",
                             "cluster: {mtls_certificate_authentication: true}\n"
                             "certificates: [{name: mtls_trusted_ca, certificate: {file: ca.pem}}]\n");
    const std::string whole = ca.pem();
    CPPUNIT_ASSERT_EQUAL(78, refused("manifest.yaml:2:")); // there is none
    for (const std::string& content :
         {std::string(), std::string("\n"), std::string("garbage"), whole.substr(0, whole.size() / 2),
          whole + whole.substr(0, whole.size() / 2), std::string(3000, '\0'),
          Forge().client("leaf").signedBy(ca).make().pem()}) {
      program_->folder().write("ca.pem", content);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(content, 78, refused("manifest.yaml:2:"));
    }
    fs::remove(program_->folder() / "ca.pem");
    fs::create_directory(program_->folder() / "ca.pem");
    CPPUNIT_ASSERT_EQUAL(78, refused("manifest.yaml:2:"));
  }

  void testClientCertificatesWithoutACaAreNoStart() { // lesson 19
    program_->folder().write("manifest.yaml", "cluster: {mtls_certificate_authentication: true}\n");
    CPPUNIT_ASSERT_EQUAL(78, refused("mtls_trusted_ca"));
  }

  void testAllMistakesOfManifestsAreListed() {
    program_->folder().write("manifest-a.yaml",
                             "roles:\n  - {name: r, managment: none}\n"
                             "users:\n  - {name: ada, roles: [nobody], password: {file: absent}}\n"
                             "  - {name: bob, auth_method: passkey}\n");
    program_->folder().write("manifest-b.yaml",
                             "cluster: {mtls_certificate_authentication: yes}\nuser: []\n");
    const auto run = program_->run({"serve"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(run.said, 78, run.code);
    for (const char* place : {"manifest-a.yaml:2:15", "management", "manifest-a.yaml:4:25", "nobody",
                              "manifest-a.yaml:5:30", "manifest-b.yaml:1:44", "manifest-b.yaml:2:1"})
      CPPUNIT_ASSERT_MESSAGE(place + ("\n" + run.said), run.says(place));
    CPPUNIT_ASSERT_MESSAGE(run.said, !run.says("x0a")); // a line each
  }

  void testAGlobWithoutAFileIsNoStart() { // R21
    program_->configure("", "127.0.0.1:0", "absent/*.yaml");
    CPPUNIT_ASSERT_EQUAL(78, refused("absent/*.yaml"));
  }

  void testAPortInUseIsNamed() {
    const gatehouse::UniqueFd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CPPUNIT_ASSERT(::bind(other.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                   ::listen(other.get(), 1) == 0 &&
                   ::getsockname(other.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const std::string at = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    program_->configure("", at, "");
    CPPUNIT_ASSERT_EQUAL(1, refused(at));
    CPPUNIT_ASSERT(!fs::exists(program_->folder() / "control.sock")); // no listener stays behind
  }

  void testOneStoreHasOneServer() { // R19
    ServerProcess server(ServerOptions{});
    program_->configure("store: {path: " + (server.folder() / "state/gatehouse.db") + "}\n", "127.0.0.1:0",
                        "");
    std::string config = readFile(program_->config());
    config.erase(config.find("store: {path: state"),
                 config.find("plugins:") - config.find("store: {path: state"));
    program_->folder().write("gatehouse.yaml", config);
    CPPUNIT_ASSERT_EQUAL(1, refused("process " + std::to_string(server.pid())));
    CPPUNIT_ASSERT(server.running());
    server.kill9(); // the lock goes with its holder, whatever its file says
    server.start();
  }

  void testALostStoreIsNotMadeAnew() { // R23
    ServerProcess server(ServerOptions{});
    const std::string database = server.folder() / "state/gatehouse.db";
    CPPUNIT_ASSERT_EQUAL(0, server.stop());
    std::string config = readFile(server.configFile());
    program_->folder().write("gatehouse.yaml",
                             config.replace(config.find("state/gatehouse.db"), 18, database));
    { std::ofstream(database, std::ios::trunc); }
    CPPUNIT_ASSERT_EQUAL(1, refused("--new-store"));
    for (const char* part : {"", "-wal", "-shm"}) fs::remove(database + part);
    CPPUNIT_ASSERT_EQUAL(1, refused("--new-store"));
    CPPUNIT_ASSERT(!fs::exists(database));
    // Said explicitly, it starts afresh: as far as a port that is not there, so that the run ends by itself.
    program_->folder().write("gatehouse.yaml", config.replace(config.find("127.0.0.1:0"), 11, "192.0.2.1:1"));
    const auto run = program_->run({"serve", "--new-store"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(run.said, 1, run.code);
    CPPUNIT_ASSERT_MESSAGE(run.said, run.says("192.0.2.1:1") && fs::file_size(database) > 0);
    CPPUNIT_ASSERT_EQUAL(1, refused("--new-store", {"serve", "--new-store"})); // never over one that is there
    server.start();
  }

  void testALaterManifestChangesNothing() {
    FaultServer server;
    const std::string users = ask(server, "/v1/users"), cluster = ask(server, "/v1/cluster");
    CPPUNIT_ASSERT_EQUAL(0, server.process.stop());
    server.process.folder().write(
        "provision/10-test.yaml",
        "cluster: {mtls_certificate_authentication: false}\n"
        "certificates: [{name: mtls_trusted_ca, certificate: {file: ca.pem}}]\n"
        "users:\n  - {name: ada, auth_method: certificate, certificate_subject_line: \"CN=eve\", roles: []}\n"
        "  - {name: eve, password: {file: absent}, roles: [Admin]}\n");
    fs::remove(server.process.folder() / "provision/ca.pem"); // not opened any more
    server.process.start();
    for (const char* said :
         {"cluster.mtls_certificate_authentication: manifest false, store true",
          "users[ada].certificate_subject_line", R"(users[ada].roles: manifest [], store [\"Admin\"])",
          "users[eve] is in the manifest, not in the store", "were not compared"})
      CPPUNIT_ASSERT_MESSAGE(said + server.process.log(), server.process.logs("provision.differs", {said}));
    CPPUNIT_ASSERT_EQUAL(users, ask(server, "/v1/users"));
    CPPUNIT_ASSERT_EQUAL(cluster, ask(server, "/v1/cluster"));
    CPPUNIT_ASSERT_EQUAL(0, server.process.stop());
    server.process.folder().write("provision/10-test.yaml", "users: [{nme: x}]\n");
    server.process.start(); // a bad manifest is logged, the server starts
    CPPUNIT_ASSERT(server.process.logs("provision.mistake", {"10-test.yaml:1:10"}));
    server.serves();
  }

  void testWithoutAnAdministratorTheLogSaysHowToMakeOne() { // R21
    ServerOptions options;
    options.manifest = "roles: [{name: reader, management: none}]\n";
    const ServerProcess server(std::move(options));
    CPPUNIT_ASSERT(!server.lines("provision.no_administrator").empty());
    CPPUNIT_ASSERT(
        !server.lines("serve.no_administrator", {"curl --unix-socket " + server.controlSocket()}).empty());
  }

private:
  [[nodiscard]] std::string store() const { return program_->folder() / "state/gatehouse.db"; }
  /// The exit code of a serve that says this.
  [[nodiscard]] int refused(const std::string& says,
                            std::initializer_list<const char*> words = {"serve"}) const {
    const auto run = program_->run(words);
    CPPUNIT_ASSERT_MESSAGE(says + "\n" + run.said, run.says(says));
    return run.code;
  }
  static std::string ask(const FaultServer& server, std::string_view path) {
    return server.control().request("GET", path).body;
  }
  std::unique_ptr<FaultProgram> program_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(FaultStartTest);
