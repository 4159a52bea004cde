// Protects: the way back in, and a team's way with YAML. The README's recipe for who is locked out must work
// as it stands; plan, apply and export must say and do the same over the control socket, to a server
// elsewhere, and on a store that nobody serves.
#include "HouseFixture.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <sys/stat.h>
#include <sys/wait.h>

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::string_literals;

namespace {

std::string projectFile(std::string_view name) {
  return (std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / name).string();
}

struct Ran {
  int code = -1;
  std::string text; // both streams
};

/// Runs a shell script with nothing to read from, in `folder`.
Ran shell(const TempFolder& folder, const std::string& script) {
  const std::string file = folder.write("script.sh", script);
  std::FILE* pipe =
      ::popen(("cd '" + (folder / "") + "' && exec bash '" + file + "' 2>&1 </dev/null").c_str(), "r");
  CPPUNIT_ASSERT(pipe != nullptr);
  Ran out;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    out.text.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  out.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return out;
}

/// `gatehouse` and `curl` as the README writes them, of this server.
std::string functions(const ServerProcess& server) {
  return "set -e\n"
         "gatehouse() { '" GATEHOUSE_PROGRAM "' \"$@\" --config '" +
         server.configFile() +
         "'; }\n"
         "curl() { command curl -sS \"${@/\\/run\\/gatehouse\\/control.sock/" +
         server.controlSocket() + "}\"; }\n";
}

/// The first block of code below a heading.
std::string recipe(const std::string& heading) {
  const std::string text = readFile(projectFile("README.md"));
  const std::size_t at = text.find("\n## " + heading + '\n');
  CPPUNIT_ASSERT(at != std::string::npos);
  const std::size_t begin = text.find("\n```\n", at) + 5, end = text.find("\n```\n", begin);
  CPPUNIT_ASSERT(begin > 5 && end != std::string::npos);
  return text.substr(begin, end - begin) + '\n';
}

std::string passwordIn(const Ran& ran) { // printed alone on its line
  std::string last;
  std::istringstream lines(ran.text);
  for (std::string line; std::getline(lines, line);)
    if (line.size() == 26 && line.ends_with("-7x")) last = line;
  CPPUNIT_ASSERT_MESSAGE(ran.text, !last.empty());
  return last;
}

} // namespace

class ControlCommandsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ControlCommandsTest);
  CPPUNIT_TEST(testTheRecipeForWhoIsLockedOutWorksAsItStands);
  CPPUNIT_TEST(testAPasswordIsResetWhereNoServerRuns);
  CPPUNIT_TEST(testWhatAHostAppliesIsWhatAPipelinePlanned);
  CPPUNIT_TEST(testNobodyIsAskedWithoutATerminal);
  CPPUNIT_TEST(testTheOneTimeWordGoesWithTheFirstAdministrator);
  CPPUNIT_TEST_SUITE_END();

public:
  void testTheRecipeForWhoIsLockedOutWorksAsItStands() {
    House house;
    house.addByPassword("ada", "Forgotten-1n-time");
    house.must(
        "PUT", "/v1/cluster?force=true",
        R"({"control_plane_basic_authentication":false,"mtls_client_cert_subject_validation_type":"san_cn"})");
    const Ran ran = shell(house.server.folder(), functions(house.server) + recipe("Locked out"));
    CPPUNIT_ASSERT_EQUAL_MESSAGE(ran.text, 0, ran.code);
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic("ada", passwordIn(ran))}));
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic("rescue", "Once-more-1n")})); // an administrator
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic("ada", "Forgotten-1n-time")}));
    CPPUNIT_ASSERT(
        house.must("GET", "/v1/cluster").find(R"("mtls_client_cert_subject_validation_type":"disabled")") !=
        std::string::npos);
  }

  void testAPasswordIsResetWhereNoServerRuns() { // R19: the lock says so
    House house;
    house.addByPassword("ada", "Forgotten-1n-time");
    house.server.stop();
    const Ran ran = shell(house.server.folder(), functions(house.server) + "gatehouse user reset ada\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(ran.text, 0, ran.code);
    const Ran nobody =
        shell(house.server.folder(), functions(house.server) + "gatehouse user unlock nobody-of-that-name\n");
    CPPUNIT_ASSERT_EQUAL(1, nobody.code);
    CPPUNIT_ASSERT(nobody.text.find("there is no user `nobody-of-that-name`") != std::string::npos);
    house.server.start();
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic("ada", passwordIn(ran))}));
  }

  void testWhatAHostAppliesIsWhatAPipelinePlanned() {
    House house;
    const TempFolder& folder = house.server.folder();
    const Forged ci = house.pki.client("ci");
    house.addByCertificate("ci");
    folder.write("ci.pem", ci.pem());
    folder.write("ci.key", ci.keyPem());
    folder.write("api.pem", house.serverCertificate.pem());
    folder.write("team.yaml", "users:\n  - {name: eve, auth_method: certificate, certificate_subject_line: "
                              "CN=eve, roles: [operator]}\n");
    const std::string elsewhere = "'" GATEHOUSE_PROGRAM "' plan team.yaml --server https://localhost:" +
                                  std::to_string(house.server.port()) +
                                  " --cert ci.pem --key ci.key --cacert ";
    const Ran planned = shell(folder, elsewhere + "api.pem\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(planned.text, 2, planned.code);
    CPPUNIT_ASSERT(planned.text.find("+ users/eve") != std::string::npos);
    // Not under another CA: the server is verified always.
    const Ran stranger = shell(folder, elsewhere + "ci.pem\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(stranger.text, 1, stranger.code);

    const Ran here = shell(folder, functions(house.server) + "gatehouse plan team.yaml\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(here.text, 2, here.code);
    CPPUNIT_ASSERT_EQUAL(planned.text, here.text);
    const Ran applied = shell(folder, functions(house.server) + "gatehouse apply team.yaml --yes\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(applied.text, 0, applied.code);
    const Ran again = shell(folder, elsewhere + "api.pem\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(again.text, 0, again.code);
    CPPUNIT_ASSERT(again.text.find("Nothing to do") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL("admin"s, house.roleOf(house.pki.client("ci")));

    folder.write("wrong.yaml", "users:\n  - {name: eva, roles: [nowhere]}\n");
    const Ran wrong = shell(folder, functions(house.server) + "gatehouse apply wrong.yaml --yes\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(wrong.text, 1, wrong.code);
    CPPUNIT_ASSERT_MESSAGE(wrong.text, wrong.text.starts_with("wrong.yaml:2:"));

    const Ran exported =
        shell(folder, functions(house.server) + "gatehouse export --output all.yaml && gatehouse export\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(exported.text, 0, exported.code);
    CPPUNIT_ASSERT_EQUAL(readFile(folder / "all.yaml"), exported.text); // the same state, the same text
    CPPUNIT_ASSERT(exported.text.find("PRIVATE KEY") == std::string::npos);
    struct stat about {};
    CPPUNIT_ASSERT_EQUAL(0, ::stat((folder / "all.yaml").c_str(), &about));
    CPPUNIT_ASSERT_EQUAL(0600U, about.st_mode & 07777U);
  }

  void testNobodyIsAskedWithoutATerminal() {
    House house;
    house.server.folder().write("team.yaml", "roles:\n  - {name: helper, management: none}\n");
    const Ran ran = shell(house.server.folder(), functions(house.server) + "gatehouse apply team.yaml\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(ran.text, 1, ran.code);
    CPPUNIT_ASSERT(ran.text.find("--yes") != std::string::npos);
    CPPUNIT_ASSERT(house.must("GET", "/v1/roles").find("helper") == std::string::npos);
  }

  void testTheOneTimeWordGoesWithTheFirstAdministrator() {
    ServerProcess server{ServerOptions{}};
    CPPUNIT_ASSERT(server.logs("serve.bootstrap_token"));
    const std::vector<std::string> lines = server.lines("serve.bootstrap_token");
    const std::string& line = lines.at(0);
    const std::size_t begin = line.find("\"file\":\"") + 8;
    const std::string file = line.substr(begin, line.find('"', begin) - begin);
    const std::string word = readFile(file);
    CPPUNIT_ASSERT(word.size() > 16);
    CPPUNIT_ASSERT(server.log().find(word.substr(0, word.size() - 1)) ==
                   std::string::npos); // the place, not the word
    server.folder().write(
        "team.yaml", "users:\n  - {name: eve, auth_method: certificate, certificate_subject_line: CN=eve, "
                     "roles: [Admin]}\n");
    const Ran ran = shell(server.folder(), functions(server) + "gatehouse apply team.yaml --yes\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(ran.text, 0, ran.code);
    CPPUNIT_ASSERT(!std::filesystem::exists(file));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ControlCommandsTest);
