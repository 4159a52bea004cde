// Protects: a database's life over REST: what is made, shown, changed and removed, its port and its uid, and
// what the part that serves it is told. R9 has a file of its own (ClientCertsTest).
#include "ManagementFixture.h"

#include "control/change/Changes.h"
#include "pki/Hash.h"

using namespace gatehouse;
using namespace gatehouse::control;
using model::DatabaseStatus;

class DatabasesTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(DatabasesTest);
  CPPUNIT_TEST(testTheShortestBodyMakesASafeDatabase);
  CPPUNIT_TEST(testTheAnswerWaitsUntilItHasSettled);
  CPPUNIT_TEST(testAStartThatFailsIsToldAndTheRowStays);
  CPPUNIT_TEST(testAnAnswerShowsTheActionAndAReadOnlyWhileItRuns);
  CPPUNIT_TEST(testDeleting);
  CPPUNIT_TEST(testPortsAreChosenAndShown);
  CPPUNIT_TEST(testAPortIsOneDatabases);
  CPPUNIT_TEST(testAUidMayBeChosenOnce);
  CPPUNIT_TEST(testBadInput);
  CPPUNIT_TEST(testARehearsalChangesNothing);
  CPPUNIT_TEST(testAWholeObjectMayComeBack);
  CPPUNIT_TEST(testFieldsOfAListAndOfOne);
  CPPUNIT_TEST(testAListComesInPieces);
  CPPUNIT_TEST(testPermissionsNameWhatIsThere);
  CPPUNIT_TEST(testPermissionsAreReplacedWhole);
  CPPUNIT_TEST(testARoleThatGoesTakesItsEntriesAlong);
  CPPUNIT_TEST(testWhatOpensADoorIsBuiltAnew);
  CPPUNIT_TEST(testWithoutARedisServer);
  CPPUNIT_TEST(testSubjectsBecomeDigests);
  CPPUNIT_TEST(testHoldsOfAManifestsDatabase);
  CPPUNIT_TEST(testNoManifestSwitchesPersistenceOffByItself);
  CPPUNIT_TEST(testOthersRevisionIsRefused);
  CPPUNIT_TEST_SUITE_END();

  Answer post(const std::string& body, const std::string& query = {}) {
    return ask(root(), {"POST", "/v1/bdbs", body, "application/json", query});
  }
  Answer withMore(const std::string& more) { return post(R"({"name":"x","memory_size":1024)" + more + '}'); }
  void state(std::int64_t uid, DatabaseStatus status, const std::string& reason = {}) {
    serving_->states[uid] = {status, reason, {}};
  }
  /// Waits for nothing: the answer of an operation that the fake may hold back.
  struct Held {
    std::optional<Answer> answer;
  };
  std::shared_ptr<Held> beginPost(const std::string& body) {
    auto held = std::make_shared<Held>();
    begin(root(), {"POST", "/v1/bdbs", body})->finish(*reader_, [held](Answer answer) {
      held->answer = std::move(answer);
    });
    settle();
    return held;
  }
  std::string listed(const std::string& query = {}) {
    Answer answer = ask(root(), {"GET", "/v1/bdbs", "", "", query});
    expectOk(answer);
    std::string out;
    while (answer.listing->next(*reader_, out).value()) {
    }
    return out;
  }

public:
  void testTheShortestBodyMakesASafeDatabase() {
    const Answer made = post(R"({"name":"test-database","memory_size":1073741824})");
    expectOk(made, R"("uid":1,"name":"test-database","port":10000,"memory_size":1073741824)");
    for (const char* part :
         {R"("tls_mode":"enabled","ssl":true)", R"("enforce_client_authentication":"disabled")",
          R"("default_user":false)", R"("data_persistence":"aof")", R"("roles_permissions":[])",
          R"("eviction_policy":"volatile-lru")", R"("status":"active")", R"("version":"7.0.15")",
          R"("action_uid":")", R"("port":10000,"addr":[],"addr_type":"external")",
          R"("created_time":"2027-01-15T08:00:00Z")"})
      CPPUNIT_ASSERT_MESSAGE(std::string(part) + "\n" + made.body, holds(made, part));
    CPPUNIT_ASSERT(!holds(made, "authentication_ssl_client_certs")); // R9: inherited
    const model::DatabasePolicy policy = policyOf(1);
    CPPUNIT_ASSERT_EQUAL(std::size_t{32}, policy.engineId.size());
    CPPUNIT_ASSERT_EQUAL(textIn(made, "action_uid"), policy.action_uid);
    CPPUNIT_ASSERT(serving_->published.back().databases.contains(1));
    CPPUNIT_ASSERT(policyOf(makeDatabase("other")).engineId != policy.engineId);
  }
  void testTheAnswerWaitsUntilItHasSettled() {
    serving_->holdSettled = true;
    state(1, DatabaseStatus::pending);
    const auto held = beginPost(R"({"name":"x","memory_size":1024})");
    CPPUNIT_ASSERT(!held->answer);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, serving_->settling.size());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{5000}, serving_->settleMs);
    CPPUNIT_ASSERT(holds(root("GET", "/v1/bdbs/1"), R"("status":"pending")")); // it is there meanwhile
    state(1, DatabaseStatus::active);
    serving_->settling.front().second();
    CPPUNIT_ASSERT(held->answer.has_value());
    expectOk(*held->answer, R"("status":"active")");

    state(2, DatabaseStatus::pending); // the five seconds pass
    const auto late = beginPost(R"({"name":"y","memory_size":1024})");
    serving_->settling.back().second();
    expectOk(late->answer.value(), R"("status":"pending")");
  }
  void testAStartThatFailsIsToldAndTheRowStays() {
    state(1, DatabaseStatus::creation_failed, "the directory cannot be made");
    const Answer made = post(R"({"name":"x","memory_size":1024})");
    expectOk(made, R"("status":"creation-failed","status_reason":"the directory cannot be made")");
    expectOk(root("GET", "/v1/bdbs/1"), "creation-failed");
  }
  void testAnAnswerShowsTheActionAndAReadOnlyWhileItRuns() {
    const std::int64_t uid = makeDatabase("x");
    CPPUNIT_ASSERT(!holds(root("GET", path("bdbs", uid)), "action_uid"));
    state(uid, DatabaseStatus::active_change_pending);
    const Answer changed = root("PUT", path("bdbs", uid), R"({"memory_size":2048})");
    expectOk(changed, R"("status":"active-change-pending")");
    CPPUNIT_ASSERT(holds(changed, R"("memory_size":2048)"));
    const std::string action = textIn(changed, "action_uid");
    CPPUNIT_ASSERT_EQUAL(action, policyOf(uid).action_uid);
    expectOk(root("GET", path("bdbs", uid)), action);
    state(uid, DatabaseStatus::recovery, "the engine ended");
    expectOk(root("GET", path("bdbs", uid)), R"("status":"recovery","status_reason":"the engine ended")");
  }
  void testDeleting() {
    const std::int64_t uid = makeDatabase("x");
    const Answer gone = root("DELETE", path("bdbs", uid));
    expectOk(gone, R"("name":"x")");
    CPPUNIT_ASSERT(holds(gone, R"("status":"delete-pending")") && holds(gone, R"("action_uid":")"));
    CPPUNIT_ASSERT(serving_->published.back().databases.contains(uid));
    expect(404, "db_not_exist", root("GET", path("bdbs", uid)));
    expect(404, "db_not_exist", root("PUT", path("bdbs", uid), R"({"memory_size":1})"));
    expect(404, "db_not_exist", root("DELETE", path("bdbs", uid)));
    CPPUNIT_ASSERT_EQUAL(std::string("[]"), listed());
    CPPUNIT_ASSERT(makeDatabase("x") > uid);
  }
  void testPortsAreChosenAndShown() {
    serving_->takenPorts = {10000, 10002};
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10001}, policyOf(makeDatabase("a")).database.port);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10003}, policyOf(makeDatabase("b", R"(,"port":0)")).database.port);
    for (std::int64_t port = 10000; port < 10050; ++port) serving_->takenPorts.insert(port);
    const std::int64_t uid = makeDatabase("c");
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10051}, policyOf(uid).database.port); // 10050 is never chosen
    expectOk(root("PUT", path("bdbs", uid), R"({"port":0,"memory_size":4096})"), R"("port":10051)");
    for (std::int64_t port = 10000; port < 20000; ++port) serving_->takenPorts.insert(port);
    expect(406, "port_unavailable", withMore(""), "10000 to 19999");
    expectOk(withMore(R"(,"port":20001)"));
  }
  void testAPortIsOneDatabases() {
    makeDatabase("first", R"(,"port":12000)");
    const std::int64_t second = makeDatabase("second", R"(,"port":12001)");
    expect(406, "port_unavailable", withMore(R"(,"port":12000)"), "first");
    expect(406, "port_unavailable", root("PUT", path("bdbs", second), R"({"port":12000})"), "first");
    serving_->takenPorts = {12001, 12002};
    expect(406, "port_unavailable", withMore(R"(,"port":12002)"), "something else listens on 12002");
    expectOk(root("PUT", path("bdbs", second), R"({"port":12001,"memory_size":4096})")); // its own
    expectOk(root("PUT", path("bdbs", second), R"({"port":12003})"));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{12003}, policyOf(second).database.port);
  }
  void testAUidMayBeChosenOnce() {
    CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, makeDatabase("a", R"(,"uid":7)"));
    expect(409, "uid_exists", withMore(R"(,"uid":7)"), "7");
    CPPUNIT_ASSERT_EQUAL(std::int64_t{8}, makeDatabase("b"));
    expectOk(root("DELETE", "/v1/bdbs/7"));
    expect(409, "uid_exists", withMore(R"(,"uid":7)")); // never used again
    expect(400, "invalid_schema", withMore(R"(,"uid":"9")"), "uid");
    expect(400, "invalid_schema", withMore(R"(,"uid":null)"), "uid");
    expect(400, "invalid_param", withMore(R"(,"uid":0)"), "uid");
    CPPUNIT_ASSERT_EQUAL(400, withMore(R"(,"uid":9223372036854775807)").status);
    expect(400, "invalid_param", root("PUT", "/v1/bdbs/8", R"({"uid":9})"), "uid");
  }
  void testBadInput() {
    const struct {
      const char* body;
      int status;
      const char* code;
      const char* naming;
    } cases[] = {
        {R"({"memory_size":1024})", 400, "missing_db_name", "name"},
        {R"({"name":"x"})", 400, "missing_memory_size", "memory_size"},
        {"{}", 400, "missing_db_name", "memory_size"},
        {R"({"name":null,"memory_size":1024})", 400, "invalid_schema", "name"},
        {R"({"name":"x","memory_size":null})", 400, "invalid_schema", "memory_size"},
        {R"({"name":7,"memory_size":1024})", 400, "invalid_schema", "name"},
        {R"({"name":"x","memory_size":"1024"})", 400, "invalid_schema", "memory_size"},
        {R"({"name":"x","memory_size":1.5})", 400, "invalid_schema", "memory_size"},
        {R"({"name":"x","memory_size":0})", 400, "invalid_param", "memory_size"},
        {R"({"name":"x","memory_size":-1})", 400, "invalid_param", "memory_size"},
        {R"({"name":"x","memory_size":99999999999999999999})", 400, "invalid_schema", "memory_size"},
        {R"({"name":"-x","memory_size":1024})", 400, "invalid_param", "name"},
        {R"({"name":"x y","memory_size":1024})", 400, "invalid_param", "name"},
        {R"({"name":"","memory_size":1024})", 400, "invalid_param", "name"},
        {R"({"name":"x","name":"y","memory_size":1024})", 400, "invalid_schema", "name"},
        {R"({"name":"x","memory_size":1024,"memory":1})", 400, "invalid_schema", "memory"},
        {R"({"name":"x","memory_size":1024,"port":65536})", 400, "invalid_param", "port"},
        {R"({"name":"x","memory_size":1024,"port":"1"})", 400, "invalid_schema", "port"},
        {R"({"name":"x","memory_size":1024,"tls_mode":"replica_ssl"})", 406, "unsupported_value", "tls_mode"},
        {R"({"name":"x","memory_size":1024,"tls_mode":"disabled","enforce_client_authentication":"enabled"})",
         406, "not_acceptable", "tls_mode"},
        {R"({"name":"x","memory_size":1024,"tls_mode":"on"})", 400, "invalid_param", "tls_mode"},
        {R"({"name":"x","memory_size":1024,"type":"memcached"})", 406, "unsupported_value", "type"},
        {R"({"name":"x","memory_size":1024,"replication":true})", 406, "unsupported_value", "replication"},
        {R"({"name":"x","memory_size":1024,"roles_permissions":{}})", 400, "invalid_schema",
         "roles_permissions"},
        {R"({"name":"x","memory_size":1024,"roles_permissions":[{"role_uid":1}]})", 400, "missing_field",
         "roles_permissions[0].redis_acl_uid"},
        {R"({"name":"x","memory_size":1024,"roles_permissions":[{"role_uid":1,"redis_acl_uid":1,"x":1}]})",
         400, "invalid_schema", "roles_permissions[0].x"},
        {R"({"name":"x","memory_size":1024,"authorized_subjects":[{"O":"x"}]})", 400, "missing_field",
         "authorized_subjects[0].CN"},
        {R"({"name":"x","memory_size":1024,"authentication_ssl_client_certs":[{"client_cert":{"file":"/etc/shadow"}}]})",
         400, "invalid_schema", "client_cert"}, // R23
        {"[]", 400, "invalid_schema", ""},
    };
    for (const auto& c : cases) expect(c.status, c.code, post(c.body), c.naming);
    expect(400, "invalid_param", post(R"({"memory_size":1024,"name":")" + std::string(256, 'n') + R"("})"),
           "name");
    CPPUNIT_ASSERT_EQUAL(std::string("[]"), listed());
    makeDatabase("x");
    expect(409, "name_already_exists", withMore(""), "x");
    expect(409, "name_already_exists", post(R"({"name":"X","memory_size":1024})"));
  }
  void testARehearsalChangesNothing() {
    const model::Revision before = revision();
    const Answer tried = post(R"({"name":"x","memory_size":1024})", "dry_run");
    expectOk(tried, R"("status":"pending")");
    CPPUNIT_ASSERT(holds(tried, R"("port":10000)") && !holds(tried, "action_uid"));
    expect(404, "role_not_exist",
           post(R"({"name":"x","memory_size":1,"roles_permissions":[{"role_uid":99,"redis_acl_uid":1}]})",
                "dry_run"));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(std::string("[]"), listed());
    const std::int64_t uid = makeDatabase("x");
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, uid); // the rehearsal used none
    const model::Revision made = revision();
    const std::size_t published = serving_->published.size();
    expectOk(ask(root(), {"PUT", path("bdbs", uid), R"({"port":12000})", "application/json", "dry_run"}),
             "12000");
    expectOk(ask(root(), {"DELETE", path("bdbs", uid), "", "", "dry_run"}), "delete-pending");
    CPPUNIT_ASSERT_EQUAL(made, revision());
    CPPUNIT_ASSERT_EQUAL(published, serving_->published.size());
    expectOk(root("GET", path("bdbs", uid)), R"("port":10000)");
  }
  void testAWholeObjectMayComeBack() {
    const test::Forged ca = test::Forge().ca("Database CA").make();
    const std::int64_t uid = makeDatabase(
        "x", R"(,"tls_mode":"disabled","tags":[{"key":"a","value":"b"}],"authorized_subjects":[{"CN":"ada"}])"
             R"(,"roles_permissions":[{"role_uid":1,"redis_acl_uid":1}])" +
                 listing({ca.pem()}));
    state(uid, DatabaseStatus::active_change_pending, "is being changed");
    const Answer read = root("GET", path("bdbs", uid));
    expectOk(read, R"("ssl":false)");
    const model::Revision before = revision();
    state(uid, DatabaseStatus::active);
    expectOk(root("PUT", path("bdbs", uid), read.body));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    std::string changed = read.body;
    changed.replace(changed.find("1048576"), 7, "2097152");
    clock_.advance(5000);
    expectOk(root("PUT", path("bdbs", uid), changed), R"("memory_size":2097152)");
    CPPUNIT_ASSERT(holds(root("GET", path("bdbs", uid)), R"("last_changed_time":"2027-01-15T08:00:05Z")"));
    CPPUNIT_ASSERT(holds(root("GET", path("bdbs", uid)), R"("created_time":"2027-01-15T08:00:00Z")"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1},
                         events_.count({"change.committed", R"("kind":"bdb")", R"("fields":"memory_size")"}));
    // tls_mode may change though `ssl` comes back as it was.
    changed = root("GET", path("bdbs", uid)).body;
    changed.replace(changed.find(R"("tls_mode":"disabled")"), 21, R"("tls_mode":"enabled")");
    expectOk(root("PUT", path("bdbs", uid), changed), R"("tls_mode":"enabled","ssl":true)");
  }
  void testFieldsOfAListAndOfOne() {
    makeDatabase("a");
    makeDatabase("b");
    CPPUNIT_ASSERT_EQUAL(std::string(R"([{"uid":1,"name":"a"},{"uid":2,"name":"b"}])"),
                         listed("fields=uid,name"));
    const Answer one =
        ask(root(), {"GET", "/v1/bdbs/2", "", "", "fields=name,status,nonsense&extended=true"});
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"name":"b","status":"active"})"), one.body);
    CPPUNIT_ASSERT(ask(root(), {"GET", "/v1/bdbs/2", "", "", "fields="}).body.size() > 500);
  }
  void testAListComesInPieces() {
    for (int i = 0; i < 101; ++i) makeDatabase("d" + std::to_string(i));
    Answer answer = root("GET", "/v1/bdbs");
    std::string out;
    CPPUNIT_ASSERT(answer.listing->next(*reader_, out).value());
    CPPUNIT_ASSERT(out.find("d99") != std::string::npos && out.find("d100") == std::string::npos);
    CPPUNIT_ASSERT(!answer.listing->next(*reader_, out).value());
    CPPUNIT_ASSERT(out.find("d100") != std::string::npos && out.ends_with("}]"));
  }
  void testPermissionsNameWhatIsThere() {
    expect(404, "role_not_exist", withMore(R"(,"roles_permissions":[{"role_uid":99,"redis_acl_uid":1}])"),
           "roles_permissions[0]");
    expect(
        404, "redis_acl_not_exist",
        withMore(
            R"(,"roles_permissions":[{"role_uid":1,"redis_acl_uid":1},{"role_uid":1,"redis_acl_uid":99}])"),
        "roles_permissions[1]");
    expect(400, "invalid_param",
           withMore(
               R"(,"roles_permissions":[{"role_uid":1,"redis_acl_uid":1},{"role_uid":1,"redis_acl_uid":1}])"),
           "roles_permissions[1]");
    expectOk(withMore(
        R"(,"roles_permissions":[{"role_uid":1,"redis_acl_uid":1},{"role_uid":1,"redis_acl_uid":2}])"));
  }
  void testPermissionsAreReplacedWhole() {
    const std::int64_t uid = makeDatabase(
        "x", R"(,"roles_permissions":[{"role_uid":4,"redis_acl_uid":1},{"role_uid":5,"redis_acl_uid":2}])");
    expectOk(root("PUT", path("bdbs", uid),
                  R"({"roles_permissions":[{"role_uid":5,"redis_acl_uid":3,"order":0}]})"));
    const auto now = policyOf(uid).database.roles_permissions;
    CPPUNIT_ASSERT(now == (std::vector<model::RolePermission>{{5, 3, {}}}));
    expect(404, "role_not_exist",
           root("PUT", path("bdbs", uid), R"({"roles_permissions":[{"role_uid":99,"redis_acl_uid":3}]})"));
  }
  void testARoleThatGoesTakesItsEntriesAlong() {
    const std::int64_t uid = makeDatabase(
        "x", R"(,"roles_permissions":[{"role_uid":4,"redis_acl_uid":1},{"role_uid":5,"redis_acl_uid":2}])");
    expectOk(root("DELETE", "/v1/roles/5"));
    CPPUNIT_ASSERT(serving_->published.back().databases.contains(uid));
    CPPUNIT_ASSERT(policyOf(uid).database.roles_permissions ==
                   (std::vector<model::RolePermission>{{4, 1, {}}}));
    expectOk(root("DELETE", "/v1/redis_acls/2")); // nobody names it any more
  }
  void testWhatOpensADoorIsBuiltAnew() {
    int built = serving_->prepared;
    const auto builds = [&](bool expected, const Answer& answer) {
      expectOk(answer);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, built + (expected ? 1 : 0), serving_->prepared);
      built = serving_->prepared;
    };
    builds(true, post(R"({"name":"x","memory_size":1024})"));
    builds(true, root("PUT", "/v1/bdbs/1", R"({"port":12000})"));
    builds(true, root("PUT", "/v1/bdbs/1", R"({"tls_mode":"disabled"})"));
    builds(true, root("PUT", "/v1/bdbs/1", R"({"tls_mode":"enabled"})"));
    builds(true, root("PUT", "/v1/bdbs/1", R"({"enforce_client_authentication":"enabled"})"));
    builds(true, root("PUT", "/v1/bdbs/1", R"({"mtls_allow_outdated_certs":true})"));
    builds(false, root("PUT", "/v1/bdbs/1", R"({"memory_size":4096,"data_persistence":"disabled"})"));
    builds(false, root("PUT", "/v1/bdbs/1", R"({"roles_permissions":[{"role_uid":1,"redis_acl_uid":1}]})"));
    builds(true, root("PUT", "/v1/cluster", R"({"min_data_TLS_version":"1.3"})"));
    builds(true, root("DELETE", "/v1/bdbs/1"));
    serving_->prepareFails = Error{Code::port_unavailable, "no"}; // R11
    const model::Revision before = revision();
    expect(406, "port_unavailable", withMore(""));
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }
  void testWithoutARedisServer() {
    const std::int64_t uid = makeDatabase("x");
    serving_->installed = nullptr;
    expect(406, "redis_acl_unsupported", post(R"({"name":"y","memory_size":1024})"), "redis-server");
    expect(406, "redis_acl_unsupported", root("PUT", path("bdbs", uid), R"({"memory_size":4096})"));
    expectOk(root("GET", path("bdbs", uid)));
    expectOk(root("DELETE", path("bdbs", uid)));
    // What was known of it stays: a redis-server that cannot be asked for a moment costs nobody a database.
    CPPUNIT_ASSERT(serving_->inForce.snapshot->commands != nullptr);
  }
  void testSubjectsBecomeDigests() {
    const std::int64_t uid = makeDatabase(
        "x", R"(,"client_cert_subject_validation_type":"full_subject",)"
             R"("authorized_subjects":[{"CN":"ada","OU":[""],"O":""},{"CN":"grace","OU":["dev"]}])");
    const model::DatabasePolicy policy = policyOf(uid);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, policy.authorizedNames.size());
    CPPUNIT_ASSERT(policy.authorizedNames.contains(pki::nameDigest("ada")));
    CPPUNIT_ASSERT(policy.authorizedTuples.contains(pki::tupleDigest({"ada", {}, "", "", "", ""})));
    CPPUNIT_ASSERT(policy.authorizedTuples.contains(pki::tupleDigest({"grace", {"dev"}, "", "", "", ""})));
    CPPUNIT_ASSERT(serving_->inForce.snapshot->authorizedNames.empty());
  }
  std::int64_t manifestsDatabase() {
    std::int64_t uid = 0;
    asManifest([&](store::Transaction& transaction) {
      store::DatabaseRow row;
      row.database.name = "theirs";
      row.database.port = 12000;
      row.database.memory_size = 4096;
      row.database.roles_permissions = {{4, 1, {}}, {5, 2, {}}};
      row.engineId = "e";
      row.actionUid = "a";
      row.origin = store::Origin::manifest;
      uid = transaction.insertDatabase(row).value();
    });
    expectOk(root("POST", "/v1/roles", R"({"name":"any"})")); // publishes it
    return uid;
  }
  void testHoldsOfAManifestsDatabase() { // R22
    const std::int64_t uid = manifestsDatabase();
    expectOk(root("PUT", path("bdbs", uid), R"({"memory_size":8192})")); // widens: nothing is held
    CPPUNIT_ASSERT(reader_->holds().value().empty());
    expectOk(root("PUT", path("bdbs", uid), R"({"memory_size":1024})"));
    expectOk(root("DELETE", "/v1/roles/5"));
    expectOk(root("DELETE", path("bdbs", uid)));
    std::vector<std::string> fields;
    const auto holds = reader_->holds().value();
    for (const store::Hold& hold : holds)
      if (hold.kind == "bdb" && hold.name == "theirs") fields.push_back(hold.field);
    CPPUNIT_ASSERT(fields == (std::vector<std::string>{"memory_size", "roles_permissions", ""}));
  }
  void testNoManifestSwitchesPersistenceOffByItself() { // R21
    const std::int64_t uid = manifestsDatabase();
    CPPUNIT_ASSERT(writer_->run([&](store::WriteConnection& connection) {
      auto transaction = connection.begin("manifest", clock_.wallSeconds());
      Draft draft(*transaction, *serving_->inForce.snapshot);
      draft.origin = store::Origin::manifest;
      draft.now = clock_.wallSeconds();
      const auto to = [&](model::Persistence persistence) {
        return updateDatabase(draft, uid,
                              {[&](model::Database& database) -> Result<Given> {
                                 database.data_persistence = persistence;
                                 return Given{"data_persistence"};
                               },
                               0});
      };
      CPPUNIT_ASSERT(to(model::Persistence::snapshot).ok());
      const auto off = to(model::Persistence::disabled);
      CPPUNIT_ASSERT(!off.ok() && off.error().code == Code::would_destroy);
      CPPUNIT_ASSERT(off.error().description.find("--destroy") != std::string::npos);
      draft.destroys.insert(uid + 1); // another one's may be lost
      CPPUNIT_ASSERT(!to(model::Persistence::disabled).ok());
      draft.destroys.insert(uid);
      CPPUNIT_ASSERT(to(model::Persistence::disabled).ok());
    }));
    expectOk(root("PUT", path("bdbs", uid), R"({"data_persistence":"disabled"})"));
  }
  void testOthersRevisionIsRefused() {
    const std::int64_t uid = makeDatabase("x");
    const std::string tag = field(root("GET", path("bdbs", uid)), "ETag");
    CPPUNIT_ASSERT(!tag.empty());
    expectOk(ask(root(), {"PUT", path("bdbs", uid), R"({"memory_size":2048})", "application/json", "", tag}));
    expect(412, "precondition_failed", ask(root(), {"DELETE", path("bdbs", uid), "", "", "", tag}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DatabasesTest);
