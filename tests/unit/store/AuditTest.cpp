// Protects: the record of what was done goes with the change itself (R20), makes no Revision of its own, and
// is bounded.
#include "StoreFixture.h"
#include "store/Sqlite.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;

namespace {

AuditRow auditRow(const std::string& type, std::int64_t time) {
  AuditRow row;
  row.type = type;
  row.time = time;
  row.who = "ada";
  return row;
}

std::string types(const std::vector<AuditRow>& rows) {
  std::string out;
  for (const AuditRow& row : rows) out += row.type + " ";
  return out;
}

} // namespace

class AuditTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AuditTest);
  CPPUNIT_TEST(testEveryMemberComesBack);
  CPPUNIT_TEST(testARecordBearsTheNumberOfItsCommit);
  CPPUNIT_TEST(testARecordAloneIsKeptAndMakesNoRevision);
  CPPUNIT_TEST(testWhatIsRolledBackWasNotRecorded);
  CPPUNIT_TEST(testQueriesByTimeInBothOrdersAndPages);
  CPPUNIT_TEST(testTheOldestRowsGo);
  CPPUNIT_TEST_SUITE_END();

public:
  void testEveryMemberComesBack() {
    OpenStore s;
    AuditRow row = auditRow("user_updated", 1000);
    row.severity = "WARNING";
    row.peer = "192.0.2.1";
    row.kind = "user";
    row.uid = 7;
    row.name = "job 'x'";
    row.fields = {"email", "role_uids"};
    row.description = "more \xC3\xA9";
    row.revision = 99; // not the caller's to say
    s.in([&](Transaction& t) {
      must(t.record(row));
      must(t.record(auditRow("bare", 1001)));
      Change change;
      must(t.commit(change));
    });
    const std::vector<AuditRow> found = must(s.reader->audit({}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, found.size());
    CPPUNIT_ASSERT(found[0].id > 0 && found[1].id > found[0].id);
    CPPUNIT_ASSERT(found[0].time == 1000 && found[0].type == row.type && found[0].severity == row.severity &&
                   found[0].who == "ada" && found[0].peer == row.peer && found[0].kind == row.kind &&
                   found[0].uid == 7 && found[0].name == row.name && found[0].fields == row.fields &&
                   found[0].description == row.description && found[0].revision == 0);
    CPPUNIT_ASSERT(found[1].severity == "INFO" && found[1].fields.empty() && found[1].uid == 0);
  }

  void testARecordBearsTheNumberOfItsCommit() {
    OpenStore s;
    s.change([](Transaction& t) { must(t.record(auditRow("nothing", 1))); });
    const Change change = s.change([](Transaction& t) {
      must(t.record(auditRow("before", 2))); // the order within a transaction does not matter
      must(t.insertUser(passwordUser("job")));
      must(t.record(auditRow("after", 3)));
    });
    const std::vector<AuditRow> found = must(s.reader->audit({}));
    CPPUNIT_ASSERT_EQUAL(std::string("nothing before after "), types(found));
    CPPUNIT_ASSERT_EQUAL(model::Revision{0}, found[0].revision);
    CPPUNIT_ASSERT_EQUAL(change.revision, found[1].revision);
    CPPUNIT_ASSERT_EQUAL(change.revision, found[2].revision);
    s.change([](Transaction& t) { must(t.record(auditRow("later", 4))); });
    CPPUNIT_ASSERT_EQUAL(change.revision, must(s.reader->audit({}))[2].revision); // the past stays as it was
  }

  void testARecordAloneIsKeptAndMakesNoRevision() {
    OpenStore s;
    const model::Revision before = must(s.reader->revision());
    const Change change = s.change([](Transaction& t) {
      must(t.record(auditRow("refused", 1)));
      CPPUNIT_ASSERT(!t.changed());
    });
    CPPUNIT_ASSERT_EQUAL(before, change.revision);
    CPPUNIT_ASSERT_EQUAL(before, must(s.reader->revision()));
    CPPUNIT_ASSERT(must(s.reader->empty())); // and is nobody's first change
    s.close();
    s.open();
    CPPUNIT_ASSERT_EQUAL(std::string("refused "), types(must(s.reader->audit({}))));
  }

  void testWhatIsRolledBackWasNotRecorded() {
    OpenStore s;
    s.in([](Transaction& t) {
      must(t.record(auditRow("undone", 1)));
      must(t.insertUser(passwordUser("job")));
    });
    CPPUNIT_ASSERT(must(s.reader->audit({})).empty());
    s.change([](Transaction& t) { must(t.record(auditRow("done", 1))); });
    CPPUNIT_ASSERT_EQUAL(std::string("done "), types(must(s.reader->audit({}))));
  }

  void testQueriesByTimeInBothOrdersAndPages() {
    OpenStore s;
    s.change([](Transaction& t) {
      for (const auto& [type, time] :
           {std::pair{"b", 20}, std::pair{"a", 10}, std::pair{"c1", 30}, std::pair{"c2", 30}})
        must(t.record(auditRow(type, time)));
    });
    const auto asked = [&](AuditQuery query) { return types(must(s.reader->audit(query))); };
    CPPUNIT_ASSERT_EQUAL(std::string("a b c1 c2 "), asked({}));
    CPPUNIT_ASSERT_EQUAL(std::string("c2 c1 b a "), asked({.ascending = false}));
    CPPUNIT_ASSERT_EQUAL(std::string("b "), asked({.from = 11, .until = 29}));
    CPPUNIT_ASSERT_EQUAL(std::string("a b "), asked({.from = 10, .until = 20})); // both ends included
    CPPUNIT_ASSERT_EQUAL(std::string("b c1 "), asked({.offset = 1, .limit = 2}));
    CPPUNIT_ASSERT_EQUAL(std::string("c1 b "), asked({.ascending = false, .offset = 1, .limit = 2}));
    CPPUNIT_ASSERT_EQUAL(std::string(), asked({.offset = 4}));
    CPPUNIT_ASSERT_EQUAL(std::string(), asked({.limit = 0}));
    CPPUNIT_ASSERT_EQUAL(std::string(), asked({.limit = -1})); // never all
    CPPUNIT_ASSERT_EQUAL(std::string("a b c1 c2 "), asked({.offset = -5}));
    CPPUNIT_ASSERT_EQUAL(std::string(), asked({.from = 40, .until = 30}));
  }

  void testTheOldestRowsGo() {
    OpenStore s;
    s.change([](Transaction& t) {
      must(t.record(auditRow("first", 900))); // by when they were written, not by what their time says
      must(t.record(auditRow("second", 100)));
    });
    // As if as many had come as are kept.
    CPPUNIT_ASSERT(s.writer->run([](WriteConnection& connection) {
      (void)connection.connection().execute("UPDATE sqlite_sequence SET seq = " +
                                            std::to_string(Transaction::auditKept) + " WHERE name = 'audit'");
    }));
    s.change([](Transaction& t) { must(t.record(auditRow("third", 500))); });
    CPPUNIT_ASSERT_EQUAL(std::string("second third "), types(must(s.reader->audit({}))));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AuditTest);
