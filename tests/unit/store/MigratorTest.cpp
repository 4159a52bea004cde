// Protects: a store is brought forward whole or not at all, and never by a program that does not know it.
#include "store/Migrator.h"
#include "StoreFixture.h"
#include "store/Sqlite.h"
#include "store/StoreLock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <sys/stat.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;

namespace {

// The parent of two tables made anew, as a step must that changes a column's rules.
constexpr std::string_view rebuilt = R"(
  CREATE TABLE new_roles (
    uid INTEGER PRIMARY KEY AUTOINCREMENT CHECK (uid > 0),
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    management TEXT NOT NULL,
    inert TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL,
    revision INTEGER NOT NULL,
    description TEXT NOT NULL DEFAULT 'none'
  ) STRICT;
  INSERT INTO new_roles (uid, name, management, inert, origin, revision)
    SELECT uid, name, management, inert, origin, revision FROM roles;
  DROP TABLE roles;
  ALTER TABLE new_roles RENAME TO roles;
  ALTER TABLE users ADD COLUMN note TEXT CHECK (note <> '');
)";

std::vector<Migration> with(std::string_view sql, std::string_view sha256 = "2222") {
  std::vector<Migration> list(builtinMigrations().begin(), builtinMigrations().end());
  list.push_back({static_cast<int>(list.size()) + 1, "synthetic", sha256, sql});
  return list;
}

/// Every row of every table, in order, as text.
std::string everyRow(const std::string& path) {
  auto connection = must(Connection::open(path, Connection::Mode::inspect));
  std::vector<std::string> tables;
  {
    Statement s = connection->prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    while (must(s.row())) tables.emplace_back(s.text(0));
  }
  std::string out;
  for (const std::string& table : tables) {
    out += "== " + table + "\n";
    const std::string sql = "SELECT * FROM " + table + " ORDER BY 1, 2";
    Statement s = connection->prepare(sql);
    sqlite3_stmt* raw = sqlite3_next_stmt(connection->handle(), nullptr);
    while (raw && std::string_view(sqlite3_sql(raw)) != sql)
      raw = sqlite3_next_stmt(connection->handle(), raw);
    while (must(s.row())) {
      for (int i = 0; i < sqlite3_column_count(raw); ++i)
        out += std::string(sqlite3_column_name(raw, i)) + "=" + std::string(s.text(i)) + "|";
      out += "\n";
    }
  }
  return out;
}

void fillStore(OpenStore& s) {
  s.change([](Transaction& t) {
    UserRecord job = passwordUser("job", "job@example.com");
    job.judged.user.role_uids = {3, 1};
    job.judged.user.last_login = 1000;
    must(t.insertUser(job));
    must(t.insertUser(certificateUser("ada", 7)));
    RoleRow role;
    role.role.name = "reader";
    must(t.removeRole(must(t.insertRole(role))));
    model::ClusterSettings settings = must(t.settings()).settings;
    settings.mtls_authorized_subjects.emplace_back().CN = "ada";
    settings.mtls_authorized_subjects.back().OU = {"dev", "ops"};
    must(t.putSettings(settings, Origin::api));
    CertificateRow certificate;
    certificate.certificate.name = "api";
    certificate.certificate.certificate = "PEM";
    certificate.key = Secret("KEY");
    must(t.putCertificate(certificate));
    Hold hold;
    hold.kind = "user";
    hold.name = "gone";
    must(t.hold(hold));
  });
  s.close();
}

} // namespace

class MigratorTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MigratorTest);
  CPPUNIT_TEST(testARebuiltParentKeepsItsChildren);
  CPPUNIT_TEST(testTheBackupBesideItIsTheStoreAsItWas);
  CPPUNIT_TEST(testAStepThatFailsLeavesTheStoreAsItWas);
  CPPUNIT_TEST(testAStepCannotLeaveItsTransaction);
  CPPUNIT_TEST(testAStepThatOrphansRowsIsRefused);
  CPPUNIT_TEST(testANewerStoreIsRefused);
  CPPUNIT_TEST(testAChangedStepIsRefused);
  CPPUNIT_TEST(testAFileOfAnotherProgramIsRefusedAndLeftAlone);
  CPPUNIT_TEST(testChecksumsAreOfTheTexts);
  CPPUNIT_TEST(testReadOnlyNeitherMigratesNorWrites);
  CPPUNIT_TEST_SUITE_END();

public:
  void testARebuiltParentKeepsItsChildren() {
    OpenStore s;
    fillStore(s);
    const auto list = with(rebuilt);
    s.store = must(Store::open(s.path(), {}, list));
    s.writer = must(s.store->writer());
    s.reader = must(s.store->reader());
    const auto job = must(s.reader->userByLogin("job@example.com")).record;
    CPPUNIT_ASSERT(job && job->judged.user.role_uids == (std::vector<std::int64_t>{3, 1}) &&
                   job->judged.user.last_login == 1000);
    CPPUNIT_ASSERT_EQUAL(std::size_t{7}, must(s.reader->policy()).roles.size());
    s.in([](Transaction& t) { // the rules between the tables hold as before
      assertCode(Code::role_in_use, codeOf(t.removeRole(3)));
      must(t.removeUser(must(t.userByLogin("job"))->judged.user.uid));
      CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, must(t.countUsersWithRole(3)));
      RoleRow role;
      role.role.name = "next";
      CPPUNIT_ASSERT_EQUAL(std::int64_t{9}, must(t.insertRole(role))); // 8 was given out and taken back (R8)
    });
  }

  void testTheBackupBesideItIsTheStoreAsItWas() {
    OpenStore s;
    fillStore(s);
    const std::string before = everyRow(s.path());
    const auto list = with(rebuilt);
    (void)must(Store::open(s.path(), {}, list));
    const std::string backup = s.path() + ".before-0003";
    CPPUNIT_ASSERT_EQUAL(before, everyRow(backup));
    struct stat info {};
    CPPUNIT_ASSERT(::stat(backup.c_str(), &info) == 0 && (info.st_mode & 0777) == 0600);
    // Every row of every table is there afterwards; the rebuilt ones have a column more.
    const std::string after = everyRow(s.path());
    std::size_t at = 0;
    while (at < before.size()) {
      const std::size_t end = before.find('\n', at);
      const std::string line = before.substr(at, end - at);
      CPPUNIT_ASSERT_MESSAGE(line, after.find(line) != std::string::npos);
      at = end + 1;
    }
    // The way back: the backup in the store's place.
    std::filesystem::rename(backup, s.path());
    s.open();
    CPPUNIT_ASSERT(must(s.reader->userByLogin("job")).record);
  }

  void testAStepThatFailsLeavesTheStoreAsItWas() {
    OpenStore s;
    fillStore(s);
    const std::string before = everyRow(s.path());
    const std::string sql = std::string(rebuilt) + "DELETE FROM users; INSERT INTO nothing VALUES (1);";
    const auto list = with(sql);
    const auto opened = Store::open(s.path(), {}, list);
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, "0003_synthetic");
    assertSays(opened.error().description, "nothing was changed");
    CPPUNIT_ASSERT_EQUAL(before, everyRow(s.path()));
    s.open(); // and the program that it belongs to goes on
    CPPUNIT_ASSERT(must(s.reader->userByLogin("job")).record);
  }

  void testAStepCannotLeaveItsTransaction() {
    OpenStore s;
    fillStore(s);
    const std::string before = everyRow(s.path());
    for (const char* sql : {"DELETE FROM users; COMMIT; BEGIN;", "PRAGMA foreign_keys = ON;",
                            "ATTACH ':memory:' AS other;", "SAVEPOINT x;"}) {
      const auto list = with(sql);
      CPPUNIT_ASSERT_MESSAGE(sql, !Store::open(s.path(), {}, list).ok());
      CPPUNIT_ASSERT_EQUAL(before, everyRow(s.path()));
    }
  }

  void testAStepThatOrphansRowsIsRefused() {
    OpenStore s;
    fillStore(s);
    const std::string before = everyRow(s.path());
    const auto list = with("DELETE FROM roles WHERE uid = 3;");
    const auto opened = Store::open(s.path(), {}, list);
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, "user_roles");
    CPPUNIT_ASSERT_EQUAL(before, everyRow(s.path()));
  }

  void testANewerStoreIsRefused() {
    OpenStore s;
    fillStore(s);
    const auto list = with("CREATE TABLE later (x INTEGER) STRICT;");
    (void)must(Store::open(s.path(), {}, list));
    const auto opened = Store::open(s.path());
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, "newer than this program");
    assertSays(opened.error().description, "0003_synthetic");
  }

  void testAChangedStepIsRefused() {
    OpenStore s;
    fillStore(s);
    const auto list = with("CREATE TABLE later (x INTEGER) STRICT;"),
               other = with("CREATE TABLE later (y INTEGER) STRICT;", "3333");
    (void)must(Store::open(s.path(), {}, list));
    const auto opened = Store::open(s.path(), {}, other);
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, "different build");
  }

  void testAFileOfAnotherProgramIsRefusedAndLeftAlone() {
    const TempFolder folder;
    const std::string path = folder / "other.db";
    sqlite3* other = nullptr;
    CPPUNIT_ASSERT_EQUAL(SQLITE_OK, sqlite3_open(path.c_str(), &other));
    CPPUNIT_ASSERT_EQUAL(SQLITE_OK,
                         sqlite3_exec(other, "CREATE TABLE theirs (x)", nullptr, nullptr, nullptr));
    sqlite3_close(other);
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto opened = Store::open(path);
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, "another program");
    CPPUNIT_ASSERT(!std::filesystem::exists(path + ".marker"));

    const std::string text = folder.write("text.db", "this is a letter, not a database, and long enough to "
                                                     "be taken for a header by somebody in a hurry. ......");
    assertCode(Code::corrupt, codeOf(Store::open(text)));
    CPPUNIT_ASSERT(readFile(text).starts_with("this is a letter"));
  }

  void testChecksumsAreOfTheTexts() {
    for (const Migration& migration : builtinMigrations()) {
      CPPUNIT_ASSERT_EQUAL(std::size_t{64}, migration.sha256.size());
      CPPUNIT_ASSERT(migration.sql.starts_with("--"));
    }
    CPPUNIT_ASSERT_EQUAL(1, builtinMigrations().front().number);
  }

  void testReadOnlyNeitherMigratesNorWrites() {
    OpenStore s;
    fillStore(s);
    const auto list = with("CREATE TABLE later (x INTEGER) STRICT;");
    StoreOptions look;
    look.readOnly = true;
    const auto opened = Store::open(s.path(), look, list);
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, "gatehouse migrate");
    std::set<std::string> before, after;
    for (const auto& entry : std::filesystem::directory_iterator(s.folder.path()))
      before.insert(entry.path().string());
    {
      auto store = must(Store::open(s.path(), look));
      CPPUNIT_ASSERT(must(must(store->reader())->userByLogin("job")).record);
      CPPUNIT_ASSERT(!store->writer().ok());
      CPPUNIT_ASSERT(!StoreLock::held(s.path()));
    }
    for (const auto& entry : std::filesystem::directory_iterator(s.folder.path()))
      after.insert(entry.path().string());
    CPPUNIT_ASSERT(before == after);
    s.open(); // beside a server too
    s.addUser(passwordUser("fresh"));
    CPPUNIT_ASSERT(must(must(must(Store::open(s.path(), look))->reader())->userByLogin("fresh")).record);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MigratorTest);
