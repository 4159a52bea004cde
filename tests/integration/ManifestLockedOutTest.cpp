// Protects: the way back in when the last administrator's certificate has expired. README.md's recipe is
// taken out of its section "Locked out" and executed, the control socket's path being this server's, and the
// commands' configuration too.
#include "CommandFixture.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

using namespace gatehouse::test;

namespace {

std::string readme() {
  return readFile(
      (std::filesystem::path(__FILE__).parent_path() / "../../README.md").lexically_normal().string());
}

/// The lines of a section's first block of code.
std::vector<std::string> codeOf(const std::string& text, const std::string& heading) {
  std::istringstream lines(text);
  std::vector<std::string> out;
  bool section = false, code = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) section = line == "## " + heading;
    if (!section) continue;
    if (line.starts_with("```")) {
      if (code) return out;
      code = true;
    } else if (code) {
      out.push_back(line);
    }
  }
  CPPUNIT_FAIL("README.md has no code under \"" + heading + '"');
  return out;
}

struct Shell {
  int code = -1;
  std::string out;
};
Shell shell(const TempFolder& folder, const std::string& script) {
  const std::string file = folder.write("recipe.sh", script), out = folder / "recipe.out";
  const int ended = std::system(("setsid -w bash " + file + " >" + out + " 2>&1 </dev/null").c_str());
  return {WIFEXITED(ended) ? WEXITSTATUS(ended) : -1, readFile(out)};
}

} // namespace

class ManifestLockedOutTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ManifestLockedOutTest);
  CPPUNIT_TEST(testTheReadmesRecipeLetsAnAdministratorInAfterTheLastCertificateExpired);
  CPPUNIT_TEST_SUITE_END();

public:
  void testTheReadmesRecipeLetsAnAdministratorInAfterTheLastCertificateExpired() {
    House house;
    const std::string last = randomName("last-"), forgotten = "Forgotten-1n-time";
    house.addByCertificate(last);
    house.addByPassword("ada", forgotten, "viewer");
    const Forged expiring =
        TestPki::leaf(last).signedBy(house.pki.ca()).valid(TestPki::now() - 3600, TestPki::now() + 3).make();
    HttpsClient before = house.connect(expiring);
    CPPUNIT_ASSERT_EQUAL(200, before.request("GET", "/v1/users").status);
    // She is the only one, she comes by certificate alone, and only listed subjects may.
    house.must("DELETE", "/v1/users/" + std::to_string(keeperUid(house)));
    house.must("PUT", "/v1/cluster?force=true",
               R"({"mtls_client_cert_subject_validation_type":"san_cn","mtls_authorized_subjects":[{"CN":")" +
                   last + R"("}],"control_plane_basic_authentication":false})");
    CPPUNIT_ASSERT(before.closedWithin(10'000));
    CPPUNIT_ASSERT_EQUAL(0, house.status(expiring));

    std::string script = "set -eu\ngatehouse() { " + builtProgram() + " \"$@\" --config " +
                         house.server.configFile() + "; }\n";
    const std::string socket = "/run/gatehouse/control.sock";
    bool named = false;
    for (std::string line : codeOf(readme(), "Locked out")) {
      if (const std::size_t at = line.find(socket); at != std::string::npos) {
        line.replace(at, socket.size(), house.server.controlSocket());
        named = true;
      }
      script += line + '\n';
    }
    CPPUNIT_ASSERT_MESSAGE(script, named);
    const Shell ran = shell(house.server.folder(), script);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(ran.out, 0, ran.code);

    // The new administrator's password is the recipe's own word.
    const std::string key = "\"password\": \"";
    const std::size_t at = script.rfind(key) + key.size();
    const std::string password = script.substr(at, script.find('"', at) - at);
    const HttpAnswer back = house.connect().request("GET", "/v1/users", {}, {basic("rescue", password)});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(ran.out + back.body, 200, back.status);
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic("ada", forgotten)}));
    // Who is an administrator now makes the certificate good again, over the network.
    const HttpAnswer made = house.connect().request(
        "POST", "/v1/users",
        R"({"name":"grace","auth_method":"certificate","certificate_subject_line":"CN=grace, OU=dev, O=Example","role_uids":[1]})",
        {basic("rescue", password)});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(made.body, 200, made.status);
    CPPUNIT_ASSERT_EQUAL(std::string("admin"), house.roleOf(house.pki.client("grace")));
  }

private:
  static std::int64_t keeperUid(House& house) {
    const std::string users = house.must("GET", "/v1/users");
    return uidIn(users.substr(users.rfind("{\"uid\":", users.find(house.keeper))));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManifestLockedOutTest);
