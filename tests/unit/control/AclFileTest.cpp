// Protects: importing a Redis ACL file. Nobody may gain a right by it, and no password, no hash and no
// `nopass` user may come out of it.
#include "control/manifest/AclFile.h"
#include "yaml/YamlReader.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace gatehouse;
using namespace gatehouse::control;
using namespace std::string_literals;

class AclFileTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AclFileTest);
  CPPUNIT_TEST(testAUserBecomesAnAclARoleAndACertificateUser);
  CPPUNIT_TEST(testPasswordsAndNopassAreListedAndNeverMade);
  CPPUNIT_TEST(testWhoIsOffOrHasNoUsableNameIsLeftOut);
  CPPUNIT_TEST(testALostWordNeverWidensARight);
  CPPUNIT_TEST(testSelectorsStayWhole);
  CPPUNIT_TEST(testWhatIsNoAclFileIsRefusedWithoutRepeatingIt);
  CPPUNIT_TEST_SUITE_END();

  static AclFileImport imported(std::string_view text) {
    auto import = importAclFile(text);
    CPPUNIT_ASSERT_MESSAGE(import ? "" : import.error().description, import.ok());
    return std::move(*import);
  }
  static Node read(const AclFileImport& import) {
    yaml::Document document = yaml::readYaml("import.yaml", import.manifest);
    CPPUNIT_ASSERT_MESSAGE(import.manifest, document.ok());
    return std::move(document.root);
  }
  static bool has(const AclFileImport& import, std::string_view text) {
    return import.manifest.find(text) != std::string::npos;
  }

public:
  void testAUserBecomesAnAclARoleAndACertificateUser() {
    const AclFileImport import =
        imported("# comment\n\nuser ada on +@read ~cache:* &*\r\nuser job on allcommands allkeys\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, import.users);
    CPPUNIT_ASSERT(import.notes.empty());
    const Node root = read(import);
    CPPUNIT_ASSERT_EQUAL("+@read ~cache:* &*"s, root.find("redis_acls")->items[0].find("acl")->text);
    CPPUNIT_ASSERT_EQUAL("none"s, root.find("roles")->items[1].find("management")->text);
    const Node& ada = root.find("users")->items[0];
    CPPUNIT_ASSERT_EQUAL("certificate"s, ada.find("auth_method")->text);
    CPPUNIT_ASSERT_EQUAL("CN=ada"s, ada.find("certificate_subject_line")->text);
    CPPUNIT_ASSERT_EQUAL("ada"s, ada.find("roles")->items[0].text);
    CPPUNIT_ASSERT(has(import, "#       - {role: \"ada\", redis_acl: \"ada\"}")); // where the role goes
  }

  void testPasswordsAndNopassAreListedAndNeverMade() {
    const std::string hash(64, 'a');
    const AclFileImport import =
        imported("user ada on #" + hash + " >hunter2 +get ~*\nuser eve on nopass sanitize-payload +get ~*\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, import.users);
    CPPUNIT_ASSERT(!has(import, hash) && !has(import, "hunter2"));
    const Node root = read(import);
    for (const Node& user : root.find("users")->items) {
      CPPUNIT_ASSERT(!user.find("password"));
      CPPUNIT_ASSERT_EQUAL("certificate"s, user.find("auth_method")->text);
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, import.notes.size());
    CPPUNIT_ASSERT(import.notes[0].starts_with("line 1, user ada: 2 of its passwords"));
    CPPUNIT_ASSERT(import.notes[1].find("sanitize-payload") != std::string::npos);
    CPPUNIT_ASSERT(import.notes[2].find("nopass") != std::string::npos);
    for (const std::string& note : import.notes) CPPUNIT_ASSERT(has(import, "#   " + note + '\n'));
  }

  void testWhoIsOffOrHasNoUsableNameIsLeftOut() {
    const AclFileImport import =
        imported("user default on nopass +@all ~*\nuser a/b on +get\nuser off1 off +get\nuser off2 +get\n"
                 "user ada on +get\nuser ADA on +set\nuser back on reset +get\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{1},
                         import.users); // a new user of Redis is off, and so is one after reset
    CPPUNIT_ASSERT_EQUAL(std::size_t{6}, import.notes.size());
    CPPUNIT_ASSERT_EQUAL("+get"s, read(import).find("redis_acls")->items[0].find("acl")->text);
    // The builtin role Admin is nobody's by its name.
    CPPUNIT_ASSERT_EQUAL(
        "admin-imported"s,
        read(imported("user Admin on +get")).find("users")->items[0].find("roles")->items[0].text);
    CPPUNIT_ASSERT(has(imported("user none on +get"), "none-imported")); // others may have the builtin one
  }

  void testALostWordNeverWidensARight() {
    const AclFileImport grants = imported("user ada on +get +we'ird ~k\n");
    CPPUNIT_ASSERT_EQUAL("+get ~k"s, read(grants).find("redis_acls")->items[0].find("acl")->text);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, grants.notes.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, imported("user ada on +@all -we'ird ~k\n").users);
    const AclFileImport stray = imported("user ada on +get hunter2\n"); // a password whose `>` was forgotten
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, stray.users);
    CPPUNIT_ASSERT(!has(stray, "hunter2") && has(stray, "word 5 of the line"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0},
                         imported("user ada on +@all ~* ~k\n").users); // redis-server refuses it too
  }

  void testSelectorsStayWhole() {
    const AclFileImport import =
        imported("user ada on +get ~a (+set ~b) (%R~c +@read)\nuser eve on (+set ~b) clearselectors +get\n"
                 "user job on +get (+set we'ird)\nuser x on +get (+set\n");
    const Node root = read(import);
    CPPUNIT_ASSERT_EQUAL("+get ~a (+set ~b) (%R~c +@read)"s,
                         root.find("redis_acls")->items[0].find("acl")->text);
    CPPUNIT_ASSERT_EQUAL("+get"s, root.find("redis_acls")->items[1].find("acl")->text);
    CPPUNIT_ASSERT_EQUAL("+get"s,
                         root.find("redis_acls")->items[2].find("acl")->text); // the whole selector falls
    CPPUNIT_ASSERT_EQUAL("+get"s, root.find("redis_acls")->items[3].find("acl")->text);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, import.notes.size());
  }

  void testWhatIsNoAclFileIsRefusedWithoutRepeatingIt() {
    for (const std::string& text :
         {"requirepass hunter2\n"s, "user\n"s, "\xff"s, "user a\0b on"s,
          "user ada " + std::string(70'000, '+'), std::string(aclFileLimit + 1, '\n')}) {
      const auto import = importAclFile(text);
      CPPUNIT_ASSERT(!import.ok());
      CPPUNIT_ASSERT(import.error().description.find("hunter2") == std::string::npos);
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, imported("").users);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AclFileTest);
