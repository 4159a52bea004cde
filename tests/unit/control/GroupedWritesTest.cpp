// Protects R20 over REST: requests that wait for one COMMIT see each other, are published together, and
// are all refused when it fails; a full disk leaves room for revocations alone; a password that was changed
// while another was compared.
#include "ManagementFixture.h"

#include "store/Sqlite.h"

#include <future>

using namespace gatehouse;
using namespace gatehouse::control;

class GroupedWritesTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(GroupedWritesTest);
  CPPUNIT_TEST(testTwoInOneCommitSeeEachOther);
  CPPUNIT_TEST(testTheyArePublishedTogether);
  CPPUNIT_TEST(testWhoFoundItDoneWaitsUntilItIsInForce);
  CPPUNIT_TEST(testAFailedCommitRefusesAllAndPublishesNothing);
  CPPUNIT_TEST(testARefusalWaitsForWhatItSaw);
  CPPUNIT_TEST(testWhatIsBuiltBuildsOnWhatIsInForce);
  CPPUNIT_TEST(testARehearsalSeesItsPredecessors);
  CPPUNIT_TEST(testOnAFullDiskOnlyRightsAreTaken);
  CPPUNIT_TEST(testPasswordsThatWereNotComparedAreAConflict);
  CPPUNIT_TEST(testAChangeLeavesItsRowInTheRecord);
  CPPUNIT_TEST(testManifestsPublishLikeRequests);
  CPPUNIT_TEST_SUITE_END();

  /// Requests that wait together, the writer being held; their answers in the same order.
  std::vector<Answer> together(const std::vector<Ask>& asks, bool spoil = false) {
    std::promise<void> held, go;
    auto released = go.get_future().share();
    CPPUNIT_ASSERT(writer_->submit([&](store::WriteConnection&) {
      held.set_value();
      released.wait();
    }));
    held.get_future().wait();
    std::vector<std::promise<Answer>> promises(asks.size());
    for (std::size_t i = 0; i < asks.size(); ++i)
      begin(root(), asks[i])->finish(*reader_, [&promises, i](Answer answer) {
        promises[i].set_value(std::move(answer));
      });
    if (spoil) CPPUNIT_ASSERT(writer_->submit(spoiler));
    go.set_value();
    std::vector<Answer> answers;
    answers.reserve(asks.size());
    for (auto& promise : promises) answers.push_back(promise.get_future().get());
    settle();
    return answers;
  }

  /// What makes the COMMIT fail, and nothing before it.
  static void spoiler(store::WriteConnection& connection) {
    auto transaction = connection.begin("spoiler", 0);
    store::Hold hold;
    hold.kind = "user";
    hold.name = "somebody";
    (void)transaction->hold(hold).ok();
    (void)connection.connection()
        .execute("PRAGMA defer_foreign_keys = ON; INSERT INTO user_roles (user_uid, position, role_uid) "
                 "VALUES (987654, 0, 1)")
        .ok();
    store::AuditRow row;
    row.type = "spoiled";
    (void)transaction->record(row).ok();
    store::Change change;
    (void)transaction->commit(change).ok();
  }

  std::uint64_t commits() {
    std::uint64_t count = 0;
    CPPUNIT_ASSERT(writer_->run([&](store::WriteConnection& c) { count = c.commits(); }));
    return count;
  }
  static std::string role(const std::string& name) {
    return R"({"name":")" + name + R"(","management":"none"})";
  }
  Ask put(std::int64_t uid, const std::string& body, const std::string& ifMatch = {}) {
    Ask ask{"PUT", path("users", uid), body};
    ask.ifMatch = ifMatch;
    return ask;
  }

public:
  void testTwoInOneCommitSeeEachOther() { // R20
    const std::int64_t uid = make("ada", "5");
    const std::string tag = field(root("GET", path("users", uid)), "ETag");
    CPPUNIT_ASSERT(!tag.empty());
    const std::uint64_t before = commits();
    const auto answers = together({put(uid, R"({"email":"a@example.com"})", tag),
                                   put(uid, R"({"name":"lovelace"})", tag), put(uid, R"({"name":"byron"})")});
    CPPUNIT_ASSERT_EQUAL(before + 1, commits());
    expectOk(answers[0], "a@example.com");
    expect(412, "precondition_failed", answers[1]); // nobody has read that state, but it was there before
    expectOk(answers[2], "a@example.com");          // laid onto what the first one left
    CPPUNIT_ASSERT_EQUAL(std::string("byron"), row(uid).judged.user.name);
  }

  void testWhoFoundItDoneWaitsUntilItIsInForce() { // R16
    const std::int64_t uid = make("ada", "5");
    serving_->holdSwept = true;
    std::promise<void> held, go;
    auto released = go.get_future().share();
    CPPUNIT_ASSERT(writer_->submit([&](store::WriteConnection&) {
      held.set_value();
      released.wait();
    }));
    held.get_future().wait();
    int answered = 0;
    for (int i = 0; i < 2; ++i) // the same twice: the second has nothing to do
      begin(root(), put(uid, R"({"role_uids":[6]})"))->finish(*reader_, [&answered](Answer) { ++answered; });
    go.set_value();
    CPPUNIT_ASSERT(writer_->run([](store::WriteConnection&) {})); // after that group
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, serving_->waiting.size());
    CPPUNIT_ASSERT_EQUAL(0, answered);
    serving_->waiting[0]();
    CPPUNIT_ASSERT_EQUAL(2, answered);
  }
  void testTheyArePublishedTogether() { // R20
    serving_->published.clear();
    const model::Revision before = revision();
    const auto answers = together({{"POST", "/v1/roles", role("a")},
                                   {"POST", "/v1/roles", role("b")},
                                   {"POST", "/v1/roles", role("c")}});
    for (const Answer& answer : answers) expectOk(answer);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, serving_->published.size());
    CPPUNIT_ASSERT_EQUAL(before + 3, serving_->published[0].revision);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, serving_->published[0].roles.size());
    for (std::size_t i = 0; i < 3; ++i)
      CPPUNIT_ASSERT_EQUAL(std::to_string(before + 1 + static_cast<model::Revision>(i)),
                           field(answers[i], "cluster-state-id"));
    CPPUNIT_ASSERT_EQUAL(before + 3, serving_->inForce.snapshot->revision);
  }

  void testAFailedCommitRefusesAllAndPublishesNothing() { // R20
    serving_->published.clear();
    const model::Revision before = revision();
    const auto answers = together({{"POST", "/v1/roles", role("a")}, {"POST", "/v1/roles", role("b")}}, true);
    for (const Answer& answer : answers) CPPUNIT_ASSERT_MESSAGE(answer.body, answer.status >= 500);
    CPPUNIT_ASSERT(serving_->published.empty());
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"change.committed", "\"a\""}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, events_.count({"change.refused"}));
    expectOk(root("POST", "/v1/roles", role("b"))); // judged and built on what is in force, not on that
    CPPUNIT_ASSERT_EQUAL(before + 1, serving_->inForce.snapshot->revision);
    for (const auto& [uid, there] : serving_->inForce.snapshot->roles) CPPUNIT_ASSERT(there.name != "a");
  }

  void testARefusalWaitsForWhatItSaw() { // R20: 409 would tell of a role that never was
    const auto answers = together({{"POST", "/v1/roles", role("a")}, {"POST", "/v1/roles", role("a")}}, true);
    for (const Answer& answer : answers) CPPUNIT_ASSERT_MESSAGE(answer.body, answer.status >= 500);
    const auto good = together({{"POST", "/v1/roles", role("a")}, {"POST", "/v1/roles", role("a")}});
    expectOk(good[0]);
    expect(409, "name_already_exists", good[1]);
  }

  void testWhatIsBuiltBuildsOnWhatIsInForce() { // R11: else two of them would open the same doors
    const std::uint64_t before = commits();
    const auto answers = together({{"POST", "/v1/bdbs", R"({"name":"one","memory_size":1048576})"},
                                   {"POST", "/v1/roles", role("between")},
                                   {"POST", "/v1/bdbs", R"({"name":"two","memory_size":1048576})"}});
    for (const Answer& answer : answers) expectOk(answer);
    CPPUNIT_ASSERT_EQUAL(before + 2, commits());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, serving_->inForce.snapshot->databases.size());
    CPPUNIT_ASSERT(policyOf(uidIn(answers[0])).database.port != policyOf(uidIn(answers[2])).database.port);
  }

  void testARehearsalSeesItsPredecessors() {
    Ask dry{"POST", "/v1/roles", role("a")};
    dry.query = "dry_run";
    const auto answers = together({dry, {"POST", "/v1/roles", role("a")}, dry});
    expectOk(answers[0]);
    expectOk(answers[1]);
    expect(409, "name_already_exists", answers[2]);
  }

  void testOnAFullDiskOnlyRightsAreTaken() {
    const std::int64_t gone = make("gone", "5"), less = make("less", "1"), stays = make("stays", "5");
    make("boss", "1");
    CPPUNIT_ASSERT(writer_->run([&](store::WriteConnection&) { // as after a revocation on a full disk
      CPPUNIT_ASSERT(writer_->submitFromReserve([](store::WriteConnection&) {}));
    }));
    settle();
    const Answer refused = root("POST", "/v1/roles", role("a"));
    expect(503, "unavailable", refused, "full");
    expect(503, "unavailable", root("PUT", path("users", stays), R"({"role_uids":[5,4]})"), "full");
    expectOk(root("GET", path("users", gone)));
    expectOk(root("DELETE", path("users", gone)));
    expectOk(root("PUT", path("users", less), R"({"role_uids":[]})"));
    CPPUNIT_ASSERT(row(less).judged.user.role_uids.empty());
  }

  void testPasswordsThatWereNotComparedAreAConflict() {
    const std::int64_t uid = make("ada", "5");
    serving_->beforeEnroll = [&] { // on the writer's thread, before the second pass is queued
      serving_->beforeEnroll = nullptr;
      CPPUNIT_ASSERT(writer_->submit([&, uid](store::WriteConnection& connection) {
        auto transaction = connection.begin("somebody", clock_.wallSeconds());
        auto user = transaction->user(uid);
        (*user)->verifier = "$fake$other";
        CPPUNIT_ASSERT(transaction->updateUser(**user).ok());
        store::Change change;
        CPPUNIT_ASSERT(transaction->commit(change).ok());
      }));
    };
    expect(409, "conflict",
           root("PUT", "/v1/users/password", R"({"username":"ada","new_password":"another"})"), "again");
    CPPUNIT_ASSERT_EQUAL(std::string("$fake$other"), row(uid).verifier);
    expectOk(root("PUT", "/v1/users/password", R"({"username":"ada","new_password":"another"})"));
  }

  void testAChangeLeavesItsRowInTheRecord() {
    const std::int64_t uid = make("ada", "5");
    expectOk(root("PUT", path("users", uid), R"({"email":"a@example.com"})"));
    Ask dry{"DELETE", path("users", uid), ""};
    dry.query = "dry_run";
    expectOk(ask(root(), dry));
    auto rows = reader_->audit({});
    CPPUNIT_ASSERT(rows.ok());
    std::vector<store::AuditRow> ofAda;
    for (const store::AuditRow& row : *rows)
      if (row.kind == "user") ofAda.push_back(row);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, ofAda.size());
    CPPUNIT_ASSERT_EQUAL(std::string("user_created"), ofAda[0].type);
    CPPUNIT_ASSERT_EQUAL(std::string("user_updated"), ofAda[1].type);
    CPPUNIT_ASSERT_EQUAL(uid, ofAda[1].uid);
    CPPUNIT_ASSERT_EQUAL(revision(), ofAda[1].revision);
    CPPUNIT_ASSERT((ofAda[1].fields == std::vector<std::string>{"email"}));
    CPPUNIT_ASSERT(ofAda[1].description.find("a@example.com") == std::string::npos); // names, never values
  }

  void testManifestsPublishLikeRequests() {
    const std::string manifest = folder_->write("10.yaml", "roles: [{name: made, management: none}]\n");
    serving_->published.clear();
    management_->reconcile({Provisioning::Mode::reconcile, {manifest}, false});
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, serving_->published.size());
    CPPUNIT_ASSERT_EQUAL(revision(), serving_->inForce.snapshot->revision);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(GroupedWritesTest);
