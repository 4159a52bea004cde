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

/// "0007": of the step that with() adds.
std::string nextNumber() { return "000" + std::to_string(builtinMigrations().size() + 1); }

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

/// Every row of every table is there afterwards; a column more at a row's end is no difference.
void assertEveryLineIn(const std::string& before, const std::string& after) {
  std::size_t at = 0;
  while (at < before.size()) {
    const std::size_t end = before.find('\n', at);
    const std::string line = before.substr(at, end - at);
    CPPUNIT_ASSERT_MESSAGE(line, after.find('\n' + line) != std::string::npos || after.starts_with(line));
    at = end + 1;
  }
}

/// Rows of every table of the first schema, as its program wrote them.
constexpr const char* firstRows = R"(
  UPDATE revision SET number = 41, changed_at = 1800000000, commits = 7;
  UPDATE settings SET mtls_certificate_authentication = 1, min_control_TLS_version = '1.3', inert = '{"slave_ha":true}',
    origin = 'api', revision = 40;
  INSERT INTO authorized_subjects VALUES (0, 'ada', 'Example', '', '', 'DE'), (1, 'job', '', '', '', '');
  INSERT INTO authorized_subject_units VALUES (0, 0, 'dev'), (0, 1, 'ops');
  INSERT INTO certificates VALUES ('api', 'PEM', 'KEY', 1, 'builtin', 2);
  INSERT INTO roles VALUES (9, 'reader', 'none', '{"account_id":4}', 'manifest', 5);
  INSERT INTO users VALUES (3, 'ada', '', 'certificate', 'CN=ada', x'0101010101010101010101010101010101010101010101010101010101010101',
    NULL, NULL, 'active', '', 'manifest', 6), (4, 'job', 'job@example.com', 'regular', '', NULL, '$scrypt$', '2026', 'locked', '', 'api', 7);
  INSERT INTO logins VALUES ('ada', 3, 'name'), ('job', 4, 'name'), ('job@example.com', 4, 'email');
  INSERT INTO user_roles VALUES (3, 0, 9), (4, 0, 1), (4, 1, 9);
  INSERT INTO last_logins VALUES (4, 1799999999);
  INSERT INTO retired_uids VALUES ('role', 8), ('user', 1), ('user', 2);
  INSERT INTO holds VALUES (2, 'user', 'Gone', 'gone', 'G@x.y', 'g@x.y', 'ab', '', 12, 'ada'),
    (5, 'cluster', '', '', '', '', '', 'mtls_authorized_subjects', 13, 'ada');
)";

/// ... and of the tables that the second schema added.
constexpr const char* secondRows = R"(
  UPDATE settings SET min_data_TLS_version = '1.3';
  INSERT INTO redis_acls VALUES (9, 'readers', '+@read ~cache:*', '{"account_id":4}', 'manifest', 30);
  INSERT INTO databases VALUES (4, 'cache', 12000, 1048576, 'disabled', 'enabled', 1, 'full_subject', 1, 1, 'snapshot',
    'appendfsync-always', 'noeviction', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', 'engine-4', 'action-4', '{"tags":[]}',
    'manifest', 31);
  INSERT INTO database_client_certs VALUES (4, 0, 'PEM 0'), (4, 1, 'PEM 1');
  INSERT INTO database_authorized_subjects VALUES (4, 0, 'ada', 'Example', '', '', 'DE');
  INSERT INTO database_authorized_subject_units VALUES (4, 0, 0, 'dev'), (4, 0, 1, 'ops');
  INSERT INTO roles_permissions VALUES (4, 0, 9, 9), (4, 1, 1, 1);
  INSERT INTO retired_uids VALUES ('redis_acl', 8), ('bdb', 3);
  INSERT INTO holds VALUES (7, 'bdb', 'gone', 'gone', '', '', '', '', 35, 'ada');
)";

void assertNoTableIsEmpty(const std::string& rows) {
  CPPUNIT_ASSERT_MESSAGE(rows, rows.find("\n== ") != std::string::npos);
  for (std::size_t at = rows.find("== "); at != std::string::npos; at = rows.find("\n== ", at + 1)) {
    const std::size_t begin = rows.find("== ", at), end = rows.find('\n', begin);
    const std::string title = rows.substr(begin, end - begin);
    CPPUNIT_ASSERT_MESSAGE(title, end + 1 < rows.size() && !rows.substr(end + 1).starts_with("== "));
  }
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
  CPPUNIT_TEST(testAFullStoreOfTheFirstSchemaKeepsEveryRow);
  CPPUNIT_TEST(testAFullStoreOfTheSecondSchemaKeepsEveryRow);
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
    const std::string backup = s.path() + ".before-" + nextNumber();
    CPPUNIT_ASSERT_EQUAL(before, everyRow(backup));
    struct stat info {};
    CPPUNIT_ASSERT(::stat(backup.c_str(), &info) == 0 && (info.st_mode & 0777) == 0600);
    assertEveryLineIn(before, everyRow(s.path())); // the rebuilt ones have a column more
    // The way back: the backup in the store's place.
    std::filesystem::rename(backup, s.path());
    s.open();
    CPPUNIT_ASSERT(must(s.reader->userByLogin("job")).record);
  }

  void testAFullStoreOfTheFirstSchemaKeepsEveryRow() {
    const TempFolder folder;
    const std::string path = folder / "gatehouse.db";
    (void)must(Store::open(path, {}, builtinMigrations().first(1)));
    must(must(Connection::open(path, Connection::Mode::write))->execute(firstRows));
    const std::string before = everyRow(path);
    assertNoTableIsEmpty(before);

    auto store = must(Store::open(path));
    assertEveryLineIn(before, everyRow(path));
    CPPUNIT_ASSERT_EQUAL(before, everyRow(path + ".before-0002"));
    const PolicyRows policy = must(must(store->reader())->policy());
    CPPUNIT_ASSERT_EQUAL(model::Revision{41}, policy.revision); // a step is nobody's write
    CPPUNIT_ASSERT(policy.settings.settings.min_data_TLS_version == model::TlsVersion::v1_2 &&
                   policy.settings.settings.min_control_TLS_version == model::TlsVersion::v1_3);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, policy.settings.settings.mtls_authorized_subjects.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, policy.redisAcls.size());
    CPPUNIT_ASSERT_EQUAL(model::Revision{41}, policy.redisAcls[0].revision);
    CPPUNIT_ASSERT(policy.databases.empty());

    auto writer = must(store->writer());
    std::string failure;
    CPPUNIT_ASSERT(writer->run([&](WriteConnection& connection) {
      Transaction t = must(connection.begin("tester", OpenStore::now));
      UserRecord again = passwordUser("again");
      again.judged.user.uid = 2;
      const auto uid = t.insertUser(again); // R8: retired before, retired still
      if (uid.ok() || uid.error().code != Code::uid_exists) failure = "uid 2 was given out again";
      RoleRow role;
      role.role.name = "next";
      if (const auto next = t.insertRole(role); !next.ok() || *next != 10)
        failure = "the next role is not 10";
      if (const auto held = t.holdsMeeting("user", "gone"); !held.ok() || held->size() != 1)
        failure = "the hold is gone"; // R22
      Hold hold;
      hold.kind = "bdb";
      hold.name = "cache";
      if (!t.hold(hold).ok()) failure = "no hold of a database";
    }));
    CPPUNIT_ASSERT_EQUAL(std::string(), failure);
  }

  void testAFullStoreOfTheSecondSchemaKeepsEveryRow() {
    const TempFolder folder;
    const std::string path = folder / "gatehouse.db";
    (void)must(Store::open(path, {}, builtinMigrations().first(2)));
    {
      auto connection = must(Connection::open(path, Connection::Mode::write));
      must(connection->execute(firstRows));
      must(connection->execute(secondRows));
    }
    const std::string before = everyRow(path);
    assertNoTableIsEmpty(before);

    auto store = must(Store::open(path));
    assertEveryLineIn(before, everyRow(path));
    CPPUNIT_ASSERT_EQUAL(before, everyRow(path + ".before-0003"));
    auto reader = must(store->reader());
    const PolicyRows policy = must(reader->policy());
    CPPUNIT_ASSERT_EQUAL(model::Revision{41}, policy.revision);
    CPPUNIT_ASSERT_EQUAL(model::Revision{41}, policy.clusterPolicy.revision);
    CPPUNIT_ASSERT(policy.clusterPolicy.policy == model::ClusterPolicy());
    CPPUNIT_ASSERT(policy.settings.settings.control_plane_basic_authentication); // who came in comes in still
    CPPUNIT_ASSERT(!policy.settings.settings.password_complexity &&
                   policy.settings.settings.password_expiration_duration == 0);
    const DatabaseRow& cache = policy.databases.at(0);
    CPPUNIT_ASSERT(cache.certificate.empty() && cache.passwordsRevision == 0 && policy.databaseKeys.empty());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, cache.database.authorized_subjects.at(0).OU.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, cache.database.roles_permissions.size());
    const auto job = must(reader->userByLogin("job")).record;
    CPPUNIT_ASSERT(job && job->verifier == "$scrypt$" && job->formerVerifiers.empty());
    // What manifests own is noted as they are: an unknown past is no drift.
    const std::vector<store::ManifestRow> owned = must(reader->manifestRows());
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, owned.size());
    CPPUNIT_ASSERT(owned[1].kind == "redis_acl" && owned[1].key == "9" && owned[1].revision == 30);
    CPPUNIT_ASSERT(must(reader->audit({})).empty());

    auto writer = must(store->writer());
    std::string failure;
    CPPUNIT_ASSERT(writer->run([&](WriteConnection& connection) {
      Transaction t = must(connection.begin("tester", OpenStore::now));
      for (const char* kind : {"user", "bdb"})
        if (const auto held = t.holdsMeeting(kind, "gone"); !held.ok() || held->size() != 1)
          failure = "the hold is gone"; // R22
      Hold hold;
      hold.kind = "cluster_policy";
      hold.field = "login_lockout_threshold";
      if (!t.hold(hold).ok()) failure = "no hold of the cluster's policy";
    }));
    CPPUNIT_ASSERT_EQUAL(std::string(), failure);
  }

  void testAStepThatFailsLeavesTheStoreAsItWas() {
    OpenStore s;
    fillStore(s);
    const std::string before = everyRow(s.path());
    const std::string sql = std::string(rebuilt) + "DELETE FROM users; INSERT INTO nothing VALUES (1);";
    const auto list = with(sql);
    const auto opened = Store::open(s.path(), {}, list);
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, nextNumber() + "_synthetic");
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
    assertSays(opened.error().description, nextNumber() + "_synthetic");
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
