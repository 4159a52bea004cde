// Protects: the passwords of a database's default user (kept as verifiers, several at once, whose sessions
// end with them), whether a database can be reached, and commands, which run with their caller's own rights.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;
using model::DatabaseStatus;

class DatabaseAccessTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(DatabaseAccessTest);
  CPPUNIT_TEST(testPasswordsAreKeptAsVerifiers);
  CPPUNIT_TEST(testAddingAndRemoving);
  CPPUNIT_TEST(testNoMoreThanFive);
  CPPUNIT_TEST(testEveryChangeIsSeenByTheSessions);
  CPPUNIT_TEST(testANewPasswordEndsTheLockOfTheDefaultUser);
  CPPUNIT_TEST(testPasswordsThatAreNone);
  CPPUNIT_TEST(testARehearsalLeavesThePasswords);
  CPPUNIT_TEST(testAvailability);
  CPPUNIT_TEST(testACommandRunsAsItsCaller);
  CPPUNIT_TEST(testWhoIsNoUserRunsNoCommand);
  CPPUNIT_TEST(testCommandsThatAreNone);
  CPPUNIT_TEST(testWhatTheEngineRefuses);
  CPPUNIT_TEST_SUITE_END();

  std::int64_t uid_ = 0;
  std::string database_;

  Answer passwords(const std::string& method, const std::string& password, const std::string& query = {}) {
    return ask(root(), {method, database_ + "/passwords", R"({"password":")" + password + R"("})",
                        "application/json", query});
  }
  /// The passwords that the fake's verifiers are made of.
  std::string kept() {
    std::string out = reader_->databasePasswords(uid_).value();
    for (const char* word : {"one", "two", "three", "four", "five", "six"}) {
      const std::string verifier = "$fake$" + hex(word);
      for (std::size_t at = out.find(verifier); at != std::string::npos; at = out.find(verifier))
        if (at + verifier.size() == out.size() || out[at + verifier.size()] == '\n')
          out.replace(at, verifier.size(), word);
        else
          break;
    }
    return out;
  }
  void state(DatabaseStatus status, const std::string& reason = {}) {
    serving_->states[uid_] = {status, reason, {}};
  }
  Answer command(const Caller& caller, const std::string& body, const std::string& query = {}) {
    return ask(caller, {"POST", database_ + "/command", body, "application/json", query});
  }

public:
  void setUp() override {
    ManagementFixture::setUp();
    uid_ = makeDatabase("cache");
    database_ = path("bdbs", uid_);
  }

  void testPasswordsAreKeptAsVerifiers() {
    const Answer answer = passwords("PUT", "one");
    expectOk(answer);
    CPPUNIT_ASSERT(answer.body.empty());
    CPPUNIT_ASSERT_EQUAL(std::string("one"), kept());
    CPPUNIT_ASSERT(reader_->databasePasswords(uid_).value().starts_with("$fake$"));
    CPPUNIT_ASSERT_EQUAL(field(answer, "ETag"), field(root("GET", database_), "ETag"));
    expectOk(passwords("PUT", "two"));
    CPPUNIT_ASSERT_EQUAL(std::string("two"), kept());
    CPPUNIT_ASSERT(!holds(root("GET", database_), "fake"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"two"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, events_.count({"change.committed", "\"fields\":\"passwords\""}));
  }
  void testAddingAndRemoving() {
    expectOk(passwords("PUT", "one"));
    expectOk(passwords("POST", "two"));
    CPPUNIT_ASSERT_EQUAL(std::string("one\ntwo"), kept());
    const model::Revision before = revision();
    expectOk(passwords("POST", "one")); // is there
    CPPUNIT_ASSERT_EQUAL(before, revision());
    expect(406, "not_acceptable", passwords("DELETE", "three"), "none of the database's passwords");
    const int enrolled = serving_->enrolled;
    expectOk(passwords("DELETE", "one"));
    CPPUNIT_ASSERT_EQUAL(enrolled, serving_->enrolled); // nothing is hashed to be removed
    CPPUNIT_ASSERT_EQUAL(std::string("two"), kept());
    expectOk(passwords("DELETE", "two")); // the last one, too
    CPPUNIT_ASSERT_EQUAL(std::string(), kept());
    expect(406, "not_acceptable", passwords("DELETE", "two"), "has none");
  }
  void testNoMoreThanFive() {
    for (const char* word : {"one", "two", "three", "four", "five"}) expectOk(passwords("POST", word));
    expect(406, "not_acceptable", passwords("POST", "six"), "DELETE");
    CPPUNIT_ASSERT_EQUAL(std::string("one\ntwo\nthree\nfour\nfive"), kept());
    expectOk(passwords("PUT", "six"));
    CPPUNIT_ASSERT_EQUAL(std::string("six"), kept());
  }
  void testEveryChangeIsSeenByTheSessions() {
    CPPUNIT_ASSERT_EQUAL(model::Revision{0}, policyOf(uid_).passwordsRevision);
    model::Revision last = 0;
    for (const auto& [method, word] : {std::pair{"PUT", "one"}, {"POST", "two"}, {"DELETE", "one"}}) {
      expectOk(passwords(method, word));
      CPPUNIT_ASSERT(policyOf(uid_).passwordsRevision > last);
      CPPUNIT_ASSERT(serving_->published.back().databases.contains(uid_));
      last = policyOf(uid_).passwordsRevision;
    }
    expectOk(root("PUT", database_, R"({"memory_size":2097152})"));
    CPPUNIT_ASSERT_EQUAL(last, policyOf(uid_).passwordsRevision); // another change ends no session
    expectOk(passwords("DELETE", "two"));
    CPPUNIT_ASSERT_EQUAL(model::Revision{0}, policyOf(uid_).passwordsRevision);
  }
  void testANewPasswordEndsTheLockOfTheDefaultUser() { // there is no other way: it is no user
    for (const char* method : {"PUT", "POST"}) {
      serving_->lockedUsers = {-uid_, uid_};
      expectOk(passwords(method, std::string("by ") + method));
      CPPUNIT_ASSERT(serving_->lockedUsers == std::set<std::int64_t>{uid_}); // no user of that number
    }
    serving_->lockedUsers = {-uid_};
    expectOk(passwords("DELETE", "by PUT"));
    CPPUNIT_ASSERT(serving_->lockedUsers.contains(-uid_));
  }
  void testPasswordsThatAreNone() {
    for (const char* body : {"{}", "[]", R"({"password":1})", R"({"password":["one"]})",
                             R"({"password":"one","x":1})", R"({"password":null})"})
      expect(400, "invalid_schema", root("PUT", database_ + "/passwords", body));
    expect(400, "invalid_param", passwords("PUT", ""), "1 to 1024");
    expect(400, "invalid_param", passwords("PUT", std::string(1025, 'x')));
    expect(404, "db_not_exist", root("PUT", "/v1/bdbs/4711/passwords", R"({"password":"one"})"));
    Ask late{"PUT", database_ + "/passwords", R"({"password":"one"})"};
    late.ifMatch = "\"1\"";
    expect(412, "precondition_failed", ask(root(), late));
    CPPUNIT_ASSERT_EQUAL(std::string(), kept());
  }
  void testARehearsalLeavesThePasswords() {
    expectOk(passwords("PUT", "one"));
    const model::Revision before = revision();
    for (const char* method : {"PUT", "POST"}) expectOk(passwords(method, "two", "dry_run"));
    expectOk(passwords("DELETE", "one", "dry_run"));
    expect(406, "not_acceptable", passwords("DELETE", "two", "dry_run"));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(std::string("one"), kept());
  }
  void testAvailability() {
    const auto both = [&](std::string_view uid, const std::string& query = {}) {
      Answer far = ask(root(), {"GET", "/v1/bdbs/" + std::string(uid) + "/availability", "", "", query});
      const Answer near = ask(
          root(), {"GET", "/v1/local/bdbs/" + std::string(uid) + "/endpoint/availability", "", "", query});
      CPPUNIT_ASSERT_EQUAL(far.body, near.body);
      CPPUNIT_ASSERT_EQUAL(far.status, near.status);
      return far;
    };
    const std::string uid = std::to_string(uid_);
    expectOk(both(uid));
    CPPUNIT_ASSERT(both(uid).body.empty());
    expectOk(both(uid, "extend_check=lag&availability_lag_tolerance_ms=100"));
    expect(400, "invalid_schema", both(uid, "extend_check=all"));
    expect(400, "invalid_schema", both(uid, "availability_lag_tolerance_ms=soon"));
    expect(404, "db_not_found", both("4711"));
    state(DatabaseStatus::active_change_pending);
    expectOk(both(uid)); // clients are served meanwhile
    for (const DatabaseStatus status : {DatabaseStatus::pending, DatabaseStatus::recovery,
                                        DatabaseStatus::creation_failed, DatabaseStatus::delete_pending}) {
      state(status, "the engine ended");
      expect(503, "bdb_unavailable", both(uid), "the engine ended");
    }
  }
  void testACommandRunsAsItsCaller() {
    std::vector<std::string> ran;
    serving_->engine = [&](std::int64_t database, const std::vector<std::string>& words) {
      CPPUNIT_ASSERT_EQUAL(uid_, database);
      ran = words;
      return Result<std::string>(R"(["a",1])");
    };
    const Caller ada = user(make("ada", "5"));
    const Answer answer = command(ada, R"({"command":"SET","args":["k","a b",12,1.50]})");
    expectOk(answer);
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"response":["a",1]})"), answer.body);
    CPPUNIT_ASSERT(ran == (std::vector<std::string>{"SET", "k", "a b", "12", "1.50"}));
    expectOk(command(ada, R"({"command":"PING"})"));
    CPPUNIT_ASSERT(ran == (std::vector<std::string>{"PING"}));
  }
  void testWhoIsNoUserRunsNoCommand() {
    bool ran = false;
    serving_->engine = [&](std::int64_t, const std::vector<std::string>&) {
      ran = true;
      return Result<std::string>("1");
    };
    expect(403, "unauthorized_action", command(root(), R"({"command":"PING"})"), "local administrator");
    expect(403, "unauthorized_action", command(user(make("none", "6")), R"({"command":"PING"})"));
    // dry_run must never do the real thing.
    expect(400, "invalid_param", command(user(make("ada", "5")), R"({"command":"PING"})", "dry_run"),
           "dry_run");
    CPPUNIT_ASSERT(!ran);
  }
  void testCommandsThatAreNone() {
    const Caller ada = user(make("ada", "5"));
    for (const char* body :
         {"[]", R"({"command":1})", R"({"command":"GET","args":"k"})", R"({"command":"GET","args":[null]})",
          R"({"command":"GET","args":[["k"]]})", R"({"command":"GET","key":"k"})"})
      expect(400, "invalid_schema", command(ada, body));
    expect(400, "missing_field", command(ada, "{}"), "command");
    expect(400, "missing_field", command(ada, R"({"command":""})"), "command");
    expect(404, "db_not_exist", ask(ada, {"POST", "/v1/bdbs/4711/command", R"({"command":"PING"})"}));
  }
  void testWhatTheEngineRefuses() {
    const Caller ada = user(make("ada", "5"));
    expect(503, "bdb_unavailable", command(ada, R"({"command":"PING"})"));
    serving_->engine = [](std::int64_t, const std::vector<std::string>&) -> Result<std::string> {
      return Error{Code::unauthorized_action, "no role of ada may come in"};
    };
    expect(403, "unauthorized_action", command(ada, R"({"command":"PING"})"), "no role of ada");
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseAccessTest);
