// Protects: the reading of manifests. All mistakes of all files come at once and at their places; a missing
// file or a commented-out list is never an empty wish (R9, R21); the examples that are shipped are right.
#include "control/manifest/Manifest.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <string>

using namespace gatehouse;
using namespace gatehouse::control;

namespace {

model::Snapshot builtin() {
  model::Snapshot present;
  present.settings.name = "gw1.example.com";
  model::Role admin;
  admin.uid = 1;
  admin.name = "Admin";
  admin.management = model::Management::admin;
  present.roles.emplace(1, admin);
  return present;
}

Manifest read(const std::vector<std::string>& patterns) { return readManifest(patterns, builtin()); }

std::string all(const Manifest& manifest) {
  std::string out;
  for (const Mistake& mistake : manifest.mistakes) out += mistake.line() + '\n';
  return out;
}

/// The one mistake of a text, without its file's folder.
void mistake(const std::string& text, const std::string& expected) {
  const test::TempFolder folder;
  const std::string file = folder.write("m.yaml", text);
  const std::string said = all(read({file}));
  CPPUNIT_ASSERT_EQUAL(folder.path().string() + "/m.yaml:" + expected + '\n', said);
}

} // namespace

class ManifestTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ManifestTest);
  CPPUNIT_TEST(testTheShippedExamplesAreRight);
  CPPUNIT_TEST(testFilesAreOneWishInTheOrderOfTheirNames);
  CPPUNIT_TEST(testAMissingFileIsAMistake);
  CPPUNIT_TEST(testAllMistakesOfAllFilesComeAtOnce);
  CPPUNIT_TEST(testEachMistakeHasItsPlace);
  CPPUNIT_TEST(testTheSameObjectTwiceIsAMistake);
  CPPUNIT_TEST(testRolesAreKnownByName);
  CPPUNIT_TEST(testSecretsAreNotOpened);
  CPPUNIT_TEST(testReadOnlySettingsMustAgree);
  CPPUNIT_TEST_SUITE_END();

public:
  void testTheShippedExamplesAreRight() {
    const auto folder =
        (std::filesystem::path(__FILE__).parent_path() / "../../../conf/provision").lexically_normal();
    const Manifest manifest = read({folder.string() + "/*.yaml"});
    CPPUNIT_ASSERT_MESSAGE(all(manifest), manifest.ok());
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, manifest.files.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, manifest.databases.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, manifest.users.size());
    for (const std::string& file : manifest.files)
      CPPUNIT_ASSERT(
          test::readFile(file).starts_with("# yaml-language-server: $schema=../provision.schema.json\n"));
  }

  void testFilesAreOneWishInTheOrderOfTheirNames() {
    const test::TempFolder folder;
    folder.write("20.yaml", "users: [{name: b, roles: [r]}]\n");
    folder.write("10.yaml", "users: [{name: a, roles: [r]}]\n");
    folder.write("30.yaml", "roles: [{name: r}]\ncluster: {mtls_certificate_authentication: true}\n");
    folder.write("other.txt", "?");
    const Manifest manifest = read({folder / "*.yaml", folder / "10.yaml"});
    CPPUNIT_ASSERT_MESSAGE(all(manifest), manifest.ok());
    CPPUNIT_ASSERT_EQUAL(std::string("a"), manifest.users[0].object.name);
    CPPUNIT_ASSERT_EQUAL(std::string("b"), manifest.users[1].object.name);
    CPPUNIT_ASSERT(manifest.cluster[0].object.mtls_certificate_authentication);
    CPPUNIT_ASSERT(manifest.cluster[0].given.size() == 1);
    CPPUNIT_ASSERT(read({}).ok() && read({}).files.empty());
  }

  void testAMissingFileIsAMistake() { // R21
    const test::TempFolder folder;
    const std::string file = folder.write("a.yaml", "roles: []\n");
    CPPUNIT_ASSERT_EQUAL((folder / "*.yml") + ": this pattern matches no file\n",
                         all(read({file, folder / "*.yml"})));
    CPPUNIT_ASSERT_EQUAL((folder / "b.yaml") + ": there is no such file\n", all(read({folder / "b.yaml"})));
    CPPUNIT_ASSERT(!read({folder.path().string()}).ok()); // a folder
    const std::string nothing = folder.write("nothing.yaml", "# users:\n");
    CPPUNIT_ASSERT(all(read({nothing})).find("says nothing") != std::string::npos);
  }

  void testAllMistakesOfAllFilesComeAtOnce() {
    const test::TempFolder folder;
    folder.write("a.yaml", "users:\n  - {name: a, rolees: [x]}\n  - {name: b, auth_method: certifcate}\n");
    folder.write("b.yaml", "roles: [\n");
    folder.write("c.yaml", "user: []\nroles: {name: x}\n");
    const std::string said = all(read({folder / "*.yaml"}));
    for (const char* part :
         {"/a.yaml:2:15: users[0].rolees: is no field of a user; did you mean `roles`?",
          "/a.yaml:3:28: users[1].auth_method: `certifcate` is none of regular, certificate; did you mean "
          "`certificate`?",
          "/b.yaml:", "/c.yaml:1:1: `user` is no part of a manifest; did you mean `users`?",
          "/c.yaml:2:8: roles: a list is wanted"})
      CPPUNIT_ASSERT_MESSAGE(said, said.find(part) != std::string::npos);
  }

  void testEachMistakeHasItsPlace() {
    mistake("bdbs: [{port: 12000}]\n", "1:8: bdbs[0].name: is missing");
    mistake("users:\n  - x\n", "2:5: users[0]: the fields of a user are wanted here");
    mistake("users:\n  - {email: a@b.cd}\n", "2:5: users[0].name: is missing");
    mistake("users: [{name: a, renamed_from: [b]}]\n", "1:33: users[0].renamed_from: a name is wanted");
    mistake(
        "certificates: [{name: api, certificate: x, renamed_from: y}]\n",
        "1:44: certificates[0].renamed_from: a certificate's name says what it is for, and cannot change");
    mistake("certificates: [{name: api, certificate: x, source: {file: y}}]\n",
            "1:44: certificates[0].source: is not available yet");
    mistake("cluster: {http_support: true}\n",
            "1:25: cluster.http_support: is known but not offered; only its default false is accepted");
    mistake("cluster: {cnm_https_port: 1}\n",
            "1:27: cluster.cnm_https_port: is read-only: it is accepted only as it is");
  }

  void testTheSameObjectTwiceIsAMistake() {
    const test::TempFolder folder;
    folder.write("a.yaml",
                 "cluster: {}\nroles: [{name: r}, {name: r}]\nusers:\n  - {name: Ada, email: x@y.zz}\n");
    folder.write(
        "b.yaml",
        "cluster: {}\nusers:\n  - {name: ada}\n  - {name: c, email: ada@y.zz}\n  - {name: x@Y.zz}\n");
    const std::string said = all(read({folder / "*.yaml"}));
    for (const char* part :
         {"/b.yaml:1:1: cluster: ", "/a.yaml:2:20: roles[1]: ",
          "/b.yaml:3:5: users[0]: `login ada` stands in ", "/a.yaml:4 already", "/b.yaml:5:5: users[2]: "})
      CPPUNIT_ASSERT_MESSAGE(said, said.find(part) != std::string::npos);
    CPPUNIT_ASSERT(said.find("users[1]") == std::string::npos);
  }

  void testRolesAreKnownByName() {
    const test::TempFolder folder;
    const std::string file =
        folder.write("a.yaml", "roles: [{name: r}]\nusers: [{name: a, roles: [Admin, r]}]\n");
    const Manifest manifest = read({file});
    CPPUNIT_ASSERT_MESSAGE(all(manifest), manifest.ok());
    CPPUNIT_ASSERT(manifest.users[0].object.role_uids == (std::vector<std::int64_t>{1, -1})); // provisional
    mistake("users: [{name: a, roles: [admin]}]\n",
            "1:27: users[0].roles[0]: there is no role `admin`; did you mean `Admin`?");
  }

  void testSecretsAreNotOpened() {
    const test::TempFolder folder;
    const std::string file =
        folder.write("a.yaml", "users: [{name: a, password: {file: /nowhere/at/all}}]\n");
    const Manifest manifest = read({file});
    CPPUNIT_ASSERT_MESSAGE(all(manifest), manifest.ok() && manifest.users[0].references.size() == 1);
    CPPUNIT_ASSERT(manifest.users[0].references[0].manifest == file);
  }

  void testReadOnlySettingsMustAgree() {
    const test::TempFolder folder;
    const std::string file =
        folder.write("a.yaml", "cluster: {name: gw1.example.com, cnm_https_port: 9443}\n");
    CPPUNIT_ASSERT_MESSAGE(all(read({file})), read({file}).ok());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ManifestTest);
