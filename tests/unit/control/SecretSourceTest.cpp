// Protects: how a manifest's secrets are opened. An empty, binary, huge or unreadable source is an error that
// says so, never an empty password or trust list (lesson 17), and nothing may hang a start.
#include "control/manifest/SecretSource.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>

using namespace gatehouse;
using namespace gatehouse::control;

namespace {

using From = SourceReference::From;

struct Fixture {
  test::TempFolder folder;
  std::map<std::string, std::string> variables;
  SecretSource source{[this](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }};

  Result<Secret> open(From from, const std::string& name, std::size_t most = 100) const {
    return source.open({from, name, "password", folder / "manifest.yaml", "users[0].password", {1, 1}}, most);
  }
  std::string text(From from, const std::string& name) const {
    auto opened = open(from, name);
    CPPUNIT_ASSERT_MESSAGE(opened.ok() ? "" : opened.error().description, opened.ok());
    return std::string(opened->reveal());
  }
  void refused(From from, const std::string& name, std::string_view why) const {
    const auto opened = open(from, name);
    CPPUNIT_ASSERT_MESSAGE(name, !opened.ok());
    const std::string& said = opened.error().description;
    CPPUNIT_ASSERT_MESSAGE(said,
                           said.find(why) != std::string::npos && said.find("hunter2") == std::string::npos);
  }
};

} // namespace

class SecretSourceTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SecretSourceTest);
  CPPUNIT_TEST(testAFileIsRelativeToItsManifest);
  CPPUNIT_TEST(testOneTrailingNewlineIsDropped);
  CPPUNIT_TEST(testWhatIsNoSecretIsRefused);
  CPPUNIT_TEST(testOnlyRegularFilesAreRead);
  CPPUNIT_TEST(testVariablesAndCredentials);
  CPPUNIT_TEST_SUITE_END();

public:
  void testAFileIsRelativeToItsManifest() {
    const Fixture f;
    const std::string absolute = f.folder.write("p", "hunter2");
    CPPUNIT_ASSERT_EQUAL(std::string("hunter2"), f.text(From::file, "p"));
    CPPUNIT_ASSERT_EQUAL(std::string("hunter2"), f.text(From::file, absolute));
  }

  void testOneTrailingNewlineIsDropped() {
    const Fixture f;
    f.folder.write("a", "hunter2\n");
    f.folder.write("b", "hunter2\n\n");
    f.folder.write("c", "hunter2\r\n");
    f.folder.write("d", " hunter2 ");
    CPPUNIT_ASSERT_EQUAL(std::string("hunter2"), f.text(From::file, "a"));
    CPPUNIT_ASSERT_EQUAL(std::string("hunter2\n"), f.text(From::file, "b"));
    CPPUNIT_ASSERT_EQUAL(std::string("hunter2"), f.text(From::file, "c"));
    CPPUNIT_ASSERT_EQUAL(std::string(" hunter2 "), f.text(From::file, "d"));
  }

  void testWhatIsNoSecretIsRefused() {
    const Fixture f;
    f.folder.write("empty", "");
    f.folder.write("newline", "\n");
    f.folder.write("nul", std::string("hunter2\0x", 9));
    f.folder.write("latin1", "hunter2\xE9");
    f.folder.write("large", std::string(101, 'a'));
    f.folder.write("fits", std::string(100, 'a') + "\n");
    f.refused(From::file, "empty", "is empty");
    f.refused(From::file, "newline", "is empty");
    f.refused(From::file, "nul", "is not text");
    f.refused(From::file, "latin1", "is not text");
    f.refused(From::file, "large", "larger than 100 bytes");
    CPPUNIT_ASSERT_EQUAL(std::size_t{100}, f.text(From::file, "fits").size());
    f.refused(From::file, "absent", "No such file");
  }

  void testOnlyRegularFilesAreRead() {
    const Fixture f;
    CPPUNIT_ASSERT_EQUAL(0, ::mkfifo((f.folder / "fifo").c_str(), 0600));
    std::filesystem::create_directory(f.folder / "folder");
    f.refused(From::file, "fifo", "is no regular file");
    f.refused(From::file, "folder", "is no regular file");
    f.refused(From::file, "/dev/zero", "is no regular file");
    f.folder.write("p", "hunter2");
    std::filesystem::create_symlink("p", f.folder / "link"); // how containers mount secrets
    CPPUNIT_ASSERT_EQUAL(std::string("hunter2"), f.text(From::file, "link"));
  }

  void testVariablesAndCredentials() {
    Fixture f;
    f.variables["PASSWORD"] = "hunter2";
    f.variables["EMPTY"] = "";
    CPPUNIT_ASSERT_EQUAL(std::string("hunter2"), f.text(From::env, "PASSWORD"));
    f.refused(From::env, "ABSENT", "`ABSENT` is not set");
    f.refused(From::env, "EMPTY", "is empty");
    f.folder.write("job", "hunter2\n");
    f.refused(From::credential, "job", "LoadCredential=job");
    f.variables["CREDENTIALS_DIRECTORY"] = f.folder.path().string();
    CPPUNIT_ASSERT_EQUAL(std::string("hunter2"), f.text(From::credential, "job"));
    for (const char* name : {"../job", ".", "..", "/etc/passwd"})
      f.refused(From::credential, name, "plain name");
    f.refused(From::credential, "other", "No such file");
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SecretSourceTest);
