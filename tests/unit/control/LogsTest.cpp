// Protects: the record of what was done, as it is read: the times and pages that are asked for and no others,
// bounded, and in the documented words.
#include "ManagementFixture.h"

#include "control/rest/IsoTime.h"
#include "control/rest/Logs.h"

using namespace gatehouse;
using namespace gatehouse::control;

class LogsTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(LogsTest);
  CPPUNIT_TEST(testTimesAsClientsWriteThem);
  CPPUNIT_TEST(testWhatARowLooksLike);
  CPPUNIT_TEST(testWhatIsDoneIsRecordedAndNothingElse);
  CPPUNIT_TEST(testTimesOrderAndPages);
  CPPUNIT_TEST(testQueriesThatAreNone);
  CPPUNIT_TEST(testAnAnswerIsBounded);
  CPPUNIT_TEST(testWhoMayReadIt);
  CPPUNIT_TEST_SUITE_END();

  Answer get(const std::string& query = {}) { return ask(root(), {"GET", "/v1/logs", "", "", query}); }
  /// Rows of these times, in hours after 2026-11-24T00:00:00Z; none else stands in the store but what the
  /// start wrote.
  void record(const std::vector<int>& hours) {
    asManifest([&](store::Transaction& transaction) {
      for (const int hour : hours) {
        store::AuditRow row;
        row.time = day + hour * 3600;
        row.type = "hour_" + std::to_string(hour);
        row.who = "ada";
        CPPUNIT_ASSERT(transaction.record(row).ok());
      }
    });
  }
  static constexpr std::int64_t day = 1795478400; // 2026-11-24T00:00:00Z
  static std::string types(const Answer& answer) {
    std::string out;
    const std::string key = R"("type":"hour_)";
    for (std::size_t at = answer.body.find(key); at != std::string::npos; at = answer.body.find(key, at + 1))
      out +=
          answer.body.substr(at + key.size(), answer.body.find('"', at + key.size()) - at - key.size()) + ' ';
    return out;
  }

public:
  void testTimesAsClientsWriteThem() {
    for (const char* good :
         {"2026-11-24", "2026-11-24T00:00:00Z", "2026-11-24 00:00:00", "2026-11-24T00:00:00.123456Z",
          "2026-11-24T01:30+01:30", "2026-11-23T23:00:00-0100", "2026-11-24t00:00:00z", "2026-11-24T00:00"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(good, day, control::readIsoTime(good).value_or(-1));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{-1}, control::readIsoTime("1969-12-31T23:59:59Z").value_or(0));
    for (const char* bad :
         {"", "2026", "2026-11", "2026-13-01", "2026-02-29", "2026-11-24T", "2026-11-24T24:00:00Z",
          "2026-11-24T00:60:00Z", "2026-11-24T00:00:00+", "2026-11-24T00:00:00+1", "2026-11-24T00:00:00.Z",
          "2026-11-24T00:00:00ZZ", "24.11.2026", "1795478400", "2026-11-24T00:00:00+24:00"})
      CPPUNIT_ASSERT_MESSAGE(bad, !control::readIsoTime(bad));
  }
  void testWhatARowLooksLike() {
    asManifest([&](store::Transaction& transaction) {
      store::AuditRow row;
      row.time = day;
      row.type = "user_updated";
      row.severity = "WARNING";
      row.who = "ada";
      row.peer = "192.0.2.1:5000";
      row.kind = "user";
      row.uid = 5;
      row.name = "job";
      row.fields = {"password", "role_uids"};
      row.description = "user updated";
      CPPUNIT_ASSERT(transaction.record(row).ok());
    });
    const Answer answer = get("stime=2026-11-24&etime=2026-11-24");
    expectOk(answer,
             R"([{"time":"2026-11-24T00:00:00Z","type":"user_updated","severity":"WARNING","who":"ada",)"
             R"("peer":"192.0.2.1:5000","user_uid":"5","name":"job","fields":["password","role_uids"])");
    CPPUNIT_ASSERT(holds(answer, R"("description":"user updated"}])"));
  }
  void testWhatIsDoneIsRecordedAndNothingElse() {
    const std::string since = "stime=" + isoTime(clock_.wallSeconds());
    const std::string before = get(since).body;
    Ask rehearsal{"POST", "/v1/roles", R"({"name":"reader","management":"none"})"};
    rehearsal.query = "dry_run";
    expectOk(ask(root(), rehearsal));
    expect(400, "invalid_schema", root("POST", "/v1/roles", "[]"));
    CPPUNIT_ASSERT_EQUAL(before, get(since).body);

    const std::int64_t ada = make("ada", "1");
    expectOk(ask(user(ada), {"PUT", path("users", ada), R"({"password":"another-one"})"}));
    const Answer answer = get(since + "&order=desc&limit=2");
    expectOk(answer, R"("type":"user_updated","severity":"INFO","who":"ada")");
    CPPUNIT_ASSERT(holds(answer, R"("type":"user_created","severity":"INFO","who":"local administrator)"));
    CPPUNIT_ASSERT(holds(answer, R"("user_uid":")" + std::to_string(ada) + R"(","name":"ada")"));
    CPPUNIT_ASSERT(holds(answer, R"("fields":["password")"));
    CPPUNIT_ASSERT(!holds(answer, "another-one") && !holds(answer, "fake"));
  }
  void testTimesOrderAndPages() {
    record({1, 2, 3, 4, 5});
    const std::string upTo = "etime=2026-11-24T23:00:00Z&";
    CPPUNIT_ASSERT_EQUAL(std::string("1 2 3 4 5 "), types(get(upTo)));
    CPPUNIT_ASSERT_EQUAL(std::string("5 4 3 2 1 "), types(get(upTo + "order=desc")));
    CPPUNIT_ASSERT_EQUAL(std::string("2 3 "),
                         types(get("stime=2026-11-24T02:00:00Z&etime=2026-11-24T03:00:00Z")));
    CPPUNIT_ASSERT_EQUAL(std::string("2 3 "), types(get(upTo + "order=asc&offset=1&limit=2")));
    CPPUNIT_ASSERT_EQUAL(std::string("[]"), get(upTo + "limit=0").body);
    CPPUNIT_ASSERT_EQUAL(std::string("[]"), get(upTo + "offset=9").body);
  }
  void testQueriesThatAreNone() {
    for (const char* bad : {"stime=yesterday", "etime=1795478400", "order=down", "limit=-1", "limit=x",
                            "offset=", "offset=1.0"})
      expect(400, "invalid_param", get(bad), std::string(bad).substr(0, std::string(bad).find('=')));
    expectOk(get("colour=red")); // what nobody knows is ignored
  }
  void testAnAnswerIsBounded() {
    record(std::vector<int>(static_cast<std::size_t>(logs::mostRows) + 5, 1));
    const Answer answer = get("limit=100000&stime=2026-11-24T01:00:00Z&etime=2026-11-24T01:00:00Z");
    expectOk(answer);
    CPPUNIT_ASSERT_EQUAL(static_cast<std::size_t>(logs::mostRows) * 2, types(answer).size());
  }
  void testWhoMayReadIt() {
    const Caller viewer = user(make("dora", "5")); // db_viewer
    expect(403, "unauthorized_action", ask(viewer, {"GET", "/v1/logs", ""}), "view_logged_events");
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LogsTest);
