// Protects: a login and a write look rows up; neither reads through a table that grows with the number of
// users. One statement without its index is a second at a million users, and each write pays it.
#include "DatabaseRows.h"
#include "store/Sqlite.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;

namespace {

/// Tables with a row for each user, or for each thing done to one.
constexpr std::string_view growing[] = {
    "users", "logins", "user_roles",    "last_logins",      "login_failures",
    "holds", "audit",  "manifest_rows", "manifest_secrets", "retired_uids"};

/// What SQLite would read through, of all statements that the connection has prepared.
std::string scansOf(Connection& connection) {
  std::vector<std::string> statements;
  for (sqlite3_stmt* s = sqlite3_next_stmt(connection.handle(), nullptr); s;
       s = sqlite3_next_stmt(connection.handle(), s))
    statements.emplace_back(sqlite3_sql(s));
  std::string out;
  for (const std::string& sql : statements) {
    if (sql.starts_with("EXPLAIN") || sql.starts_with("PRAGMA")) continue;
    const std::string explain = "EXPLAIN QUERY PLAN " + sql;
    Statement plan = connection.prepare(explain);
    while (must(plan.row()))
      for (const std::string_view table : growing) {
        const std::string_view step = plan.text(3);
        const std::string scan = "SCAN " + std::string(table);
        const bool allOfAKind = step.starts_with("SEARCH holds") && step.ends_with("(kind=?)");
        if (step == scan || step.starts_with(scan + " ") || allOfAKind)
          out += std::string(step) + " in: " + sql + "\n";
      }
  }
  return out;
}

} // namespace

class QueryPlanTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(QueryPlanTest);
  CPPUNIT_TEST(testWritesAndLoginsReadThroughNoTableOfUsers);
  CPPUNIT_TEST(testAScanIsSeen);
  CPPUNIT_TEST_SUITE_END();

  static void everything(Transaction& t) {
    const auto uid = must(t.insertUser(passwordUser("ada", "ada@example.com")));
    const auto other = must(t.insertUser(certificateUser("job", 7)));
    UserRecord record = *must(t.user(uid));
    record.judged.user.role_uids = {1, 3};
    must(t.updateUser(record));
    (void)must(t.userByLogin("ada"));
    (void)must(t.userBySubject(digest(7)));
    (void)must(t.users(0, 100));
    (void)must(t.usersWithRole(1));
    (void)must(t.countUsersWithRole(1));
    (void)must(t.administrators());
    Hold hold;
    hold.kind = "user";
    hold.name = "job";
    must(t.hold(hold));
    (void)must(t.holdsMeeting("user", "job", "job@example.com", "ab"));
    must(t.putManifestRow("user", std::to_string(other)));
    must(t.putSecretDigest("user", std::to_string(other), "password", digest(1)));
    (void)must(t.secretDigest("user", std::to_string(other), "password"));
    must(t.record({}));
    must(t.removeUser(other));
    RoleRow role;
    role.role.name = "operators";
    must(t.removeRole(must(t.insertRole(role))));
    const auto acl = must(t.insertRedisAcl(redisAcl("readers", "+@read ~*")));
    const auto bdb = must(t.insertDatabase(database("cache", 12000)));
    must(t.updateDatabase(*must(t.database(bdb))));
    must(t.removeDatabase(bdb));
    must(t.removeRedisAcl(acl));
    (void)must(t.policy());
    Change change;
    must(t.commit(change));
  }

public:
  void testWritesAndLoginsReadThroughNoTableOfUsers() {
    OpenStore s;
    s.in(everything);
    std::string scans;
    CPPUNIT_ASSERT(
        s.writer->run([&](WriteConnection& connection) { scans = scansOf(connection.connection()); }));
    CPPUNIT_ASSERT_EQUAL(std::string(), scans);
  }

  void testAScanIsSeen() {
    OpenStore s;
    std::string scans;
    CPPUNIT_ASSERT(s.writer->run([&](WriteConnection& connection) {
      (void)connection.connection().number("SELECT count(*) FROM users WHERE email = 'x'");
      scans = scansOf(connection.connection());
    }));
    assertSays(scans, "SCAN users in: SELECT count(*)");
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(QueryPlanTest);
