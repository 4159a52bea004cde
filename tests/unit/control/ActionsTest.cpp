// Protects: /v1/actions: every uid that an answer hands out can be asked for, a database's action says how
// its engine stands, and the memory of it is bounded.
#include "ManagementFixture.h"

#include "control/change/ActionLog.h"

using namespace gatehouse;
using namespace gatehouse::control;
using model::DatabaseStatus;

class ActionsTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(ActionsTest);
  CPPUNIT_TEST(testEveryUidThatIsHandedOutIsKnown);
  CPPUNIT_TEST(testADatabasesActionFollowsItsState);
  CPPUNIT_TEST(testALaterActionEndsTheOneBefore);
  CPPUNIT_TEST(testADeletionEndsWhenTheEngineHasGone);
  CPPUNIT_TEST(testTheListOfAll);
  CPPUNIT_TEST(testTheActionsOfADatabase);
  CPPUNIT_TEST(testARestartLeavesADatabasesLastAction);
  CPPUNIT_TEST(testUnknownOnes);
  CPPUNIT_TEST(testTheLogForgetsTheOldest);
  CPPUNIT_TEST_SUITE_END();

  Answer action(const std::string& uid) { return root("GET", "/v1/actions/" + uid); }
  Answer actionOf(const Answer& answer) {
    expectOk(answer);
    return action(textIn(answer, "action_uid"));
  }
  void state(std::int64_t uid, DatabaseStatus status, const std::string& reason = {}) {
    serving_->states[uid] = {status, reason, {}};
  }

public:
  void testEveryUidThatIsHandedOutIsKnown() {
    const struct {
      const char *method, *path, *body, *name, *object;
    } cases[] = {
        {"POST", "/v1/roles", R"({"name":"r"})", "create_role", "role:8"},
        {"PUT", "/v1/roles/8", R"({"management":"admin"})", "update_role", "role:8"},
        {"PUT", "/v1/roles/8", R"({"management":"admin"})", "update_role", "role:8"}, // changes nothing
        {"POST", "/v1/users", R"({"name":"a","password":"p","role_uids":[8]})", "create_user", "user:1"},
        {"POST", "/v1/redis_acls", R"({"name":"a","acl":"+get"})", "create_redis_acl", "redis_acl:4"},
        {"DELETE", "/v1/redis_acls/4", "", "delete_redis_acl", "redis_acl:4"},
    };
    for (const auto& c : cases) {
      const Answer known = actionOf(root(c.method, c.path, c.body));
      expectOk(known, R"("status":"completed","progress":"100")");
      CPPUNIT_ASSERT_MESSAGE(known.body, textIn(known, "name") == c.name);
      CPPUNIT_ASSERT_MESSAGE(known.body, textIn(known, "object_name") == c.object);
    }
  }
  void testADatabasesActionFollowsItsState() {
    state(1, DatabaseStatus::pending);
    const std::string uid =
        textIn(root("POST", "/v1/bdbs", R"({"name":"x","memory_size":1024})"), "action_uid");
    expectOk(action(uid), R"("name":"SMCreateBDB","object_name":"bdb:1","status":"running","progress":0)");
    state(1, DatabaseStatus::creation_failed, "no room");
    expectOk(action(uid), R"("status":"failed")");
    CPPUNIT_ASSERT(holds(action(uid), R"("error_message":"no room")"));
    state(1, DatabaseStatus::active);
    expectOk(action(uid), R"("status":"completed","progress":100)");
  }
  void testALaterActionEndsTheOneBefore() {
    const std::string first =
        textIn(root("POST", "/v1/bdbs", R"({"name":"x","memory_size":1024})"), "action_uid");
    state(1, DatabaseStatus::active_change_pending);
    const std::string second = textIn(root("PUT", "/v1/bdbs/1", R"({"memory_size":2048})"), "action_uid");
    expectOk(action(first), "completed");
    expectOk(action(second), R"("name":"SMUpdateBDB","object_name":"bdb:1","status":"running")");
  }
  void testADeletionEndsWhenTheEngineHasGone() {
    makeDatabase("x");
    state(1, DatabaseStatus::delete_pending);
    const std::string uid = textIn(root("DELETE", "/v1/bdbs/1"), "action_uid");
    expectOk(action(uid), R"("name":"SMDeleteBDB","object_name":"bdb:1","status":"running")");
    serving_->states[1] = {}; // of what is not there nothing is known
    expectOk(action(uid), "completed");
  }
  void testTheListOfAll() {
    const std::string role = textIn(root("POST", "/v1/roles", R"({"name":"r"})"), "action_uid");
    const std::string database =
        textIn(root("POST", "/v1/bdbs", R"({"name":"x","memory_size":1024})"), "action_uid");
    const Answer all = root("GET", "/v1/actions");
    expectOk(all);
    const std::size_t machines = all.body.find(R"(],"state-machines":[)");
    CPPUNIT_ASSERT(all.body.starts_with(R"({"actions":[)") && machines != std::string::npos);
    CPPUNIT_ASSERT(all.body.find(role) < machines && all.body.find(database) > machines);
  }
  void testTheActionsOfADatabase() {
    makeDatabase("x");
    makeDatabase("y");
    expectOk(root("PUT", "/v1/bdbs/1", R"({"memory_size":2048})"));
    const Answer its = root("GET", "/v1/actions/bdb/1");
    expectOk(its, "SMUpdateBDB");
    CPPUNIT_ASSERT(its.body.starts_with("[{") && holds(its, "SMCreateBDB") && !holds(its, "bdb:2"));
    expect(404, "db_not_exist", root("GET", "/v1/actions/bdb/9"));
  }
  void testARestartLeavesADatabasesLastAction() {
    const std::string uid =
        textIn(root("POST", "/v1/bdbs", R"({"name":"x","memory_size":1024})"), "action_uid");
    const std::string role = textIn(root("POST", "/v1/roles", R"({"name":"r"})"), "action_uid");
    management_ = std::make_unique<Management>(*store_, *writer_, *serving_, clock_, events_,
                                               NodeFacts{"gw1.example.com", 9443});
    start({});
    state(1, DatabaseStatus::pending);
    expectOk(action(uid), R"("name":"SMCreateBDB","object_name":"bdb:1","status":"running")");
    expectOk(root("GET", "/v1/actions"), uid);
    expectOk(root("GET", "/v1/actions/bdb/1"), uid);
    expect(404, "action_not_found", action(role));
  }
  void testUnknownOnes() {
    expect(404, "action_not_found", action("nonsense"));
    expect(404, "action_not_found", action("5"));
    expect(404, "action_not_found", root("GET", "/v1/actions/bdb"));
  }
  void testTheLogForgetsTheOldest() {
    ActionLog log;
    for (std::size_t i = 0; i <= ActionLog::most; ++i) {
      Action action;
      action.uid = std::to_string(i);
      log.remember(action);
    }
    CPPUNIT_ASSERT_EQUAL(ActionLog::most, log.all().size());
    CPPUNIT_ASSERT(!log.find("0") && log.find("1") && log.find(std::to_string(ActionLog::most)));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ActionsTest);
