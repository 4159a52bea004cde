// Protects: what an ACL may say (R14) and when it may change: read by grammar, no word that the installed
// redis-server does not know, the builtin one stays, one in use stays.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;

class RedisAclsTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(RedisAclsTest);
  CPPUNIT_TEST(testTheBuiltinOnes);
  CPPUNIT_TEST(testAnAclsLife);
  CPPUNIT_TEST(testBadInput);
  CPPUNIT_TEST(testWordsThatCannotStandNameThemselves);
  CPPUNIT_TEST(testARehearsalChangesNothing);
  CPPUNIT_TEST(testValidatingWritesNothing);
  CPPUNIT_TEST(testFullAccessIsReadOnly);
  CPPUNIT_TEST(testOneInUseStays);
  CPPUNIT_TEST(testWithoutARedisServer);
  CPPUNIT_TEST(testAnotherRedisServerLeavesWhatIsStored);
  CPPUNIT_TEST(testOthersRevisionIsRefused);
  CPPUNIT_TEST(testHoldsOfAManifestsAcl);
  CPPUNIT_TEST_SUITE_END();

  Answer post(const std::string& acl) {
    return root("POST", "/v1/redis_acls", R"({"name":"a","acl":")" + acl + R"("})");
  }
  std::int64_t makeAcl(const std::string& name, const std::string& acl) {
    return uidIn(root("POST", "/v1/redis_acls", R"({"name":")" + name + R"(","acl":")" + acl + R"("})"));
  }

public:
  void testTheBuiltinOnes() {
    const Answer all = root("GET", "/v1/redis_acls");
    for (const char* part : {R"("uid":1,"name":"Full Access","acl":"+@all ~*")",
                             R"("uid":2,"name":"Read Only","acl":"+@read ~*")",
                             R"("uid":3,"name":"Not Dangerous","acl":"+@all -@dangerous ~*")"})
      CPPUNIT_ASSERT_MESSAGE(all.body, holds(all, part));
    expectOk(root("GET", "/v1/redis_acls/1"), R"("min_version":"6.0","max_version":"9999")");
  }
  void testAnAclsLife() {
    const Answer made = root("POST", "/v1/redis_acls", R"({"name":"readers","acl":"+@read ~cache:*"})");
    expectOk(made, R"("acl":"+@read ~cache:*")");
    CPPUNIT_ASSERT(holds(made, R"("action_uid":")"));
    const std::int64_t uid = uidIn(made);
    CPPUNIT_ASSERT(uid > 3);
    CPPUNIT_ASSERT(serving_->published.back().redisAcls.contains(uid));
    CPPUNIT_ASSERT(serving_->inForce.snapshot->redisAcls.at(uid).acl == "+@read ~cache:*");
    const Answer read = root("GET", path("redis_acls", uid));
    expectOk(read, R"("name":"readers")");
    const model::Revision before = revision();
    expectOk(root("PUT", path("redis_acls", uid), read.body));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    expectOk(root("PUT", path("redis_acls", uid), R"({"acl":"+get (+set ~w:*) ~r:*"})"),
             R"("name":"readers","acl":"+get (+set ~w:*) ~r:*")");
    CPPUNIT_ASSERT(serving_->published.back().redisAcls.contains(uid));
    CPPUNIT_ASSERT(root("DELETE", path("redis_acls", uid)).body.starts_with(R"({"action_uid":")"));
    expect(404, "redis_acl_not_exist", root("GET", path("redis_acls", uid)));
    expect(404, "redis_acl_not_exist", root("PUT", path("redis_acls", uid), R"({"acl":"+get"})"));
    expect(404, "redis_acl_not_exist", root("DELETE", path("redis_acls", uid)));
    CPPUNIT_ASSERT(makeAcl("readers", "+get") > uid); // uids are never used again
  }
  void testBadInput() {
    const struct {
      const char* body;
      int status;
      const char* code;
      const char* naming;
    } cases[] = {
        {R"({"acl":"+get"})", 400, "missing_field", "name"},
        {R"({"name":"a"})", 400, "missing_field", "acl"},
        {R"({"name":null,"acl":"+get"})", 400, "invalid_schema", "name"},
        {R"({"name":"a","acl":null})", 400, "invalid_schema", "acl"},
        {R"({"name":1,"acl":"+get"})", 400, "invalid_schema", "name"},
        {R"({"name":"a","acl":["+get"]})", 400, "invalid_schema", "acl"},
        {R"({"name":"","acl":"+get"})", 400, "invalid_param", "name"},
        {R"({"name":"a<b","acl":"+get"})", 400, "invalid_param", "name"},
        {R"({"name":"a","acl":"+get","rules":""})", 400, "invalid_schema", "rules"},
        {R"({"name":"a","name":"b","acl":"+get"})", 400, "invalid_schema", "name"},
        {R"({"name":"Read Only","acl":"+get"})", 409, "name_already_exists", "Read Only"},
        {R"({"name":"a","acl":"+get","uid":0})", 400, "invalid_param", "uid"},
        {R"({"name":"a","acl":"+get","uid":"7"})", 400, "invalid_schema", "uid"},
        {R"({"name":"a","acl":"+get","uid":3})", 409, "uid_exists", "3"},
        {R"({"name":"a","acl":"+get","min_version":"7.0"})", 400, "invalid_param", "min_version"},
        {"[]", 400, "invalid_schema", ""},
        {"", 400, "invalid_schema", ""},
    };
    for (const auto& c : cases) expect(c.status, c.code, root("POST", "/v1/redis_acls", c.body), c.naming);
    const std::string tooLong(model::aclTextLimit + 1, 'x');
    expect(400, "invalid_param", post("~" + tooLong), "acl");
    expect(400, "invalid_param",
           root("POST", "/v1/redis_acls", R"({"name":")" + std::string(256, 'n') + R"(","acl":"+get"})"),
           "name");
    CPPUNIT_ASSERT(!holds(root("GET", "/v1/redis_acls"), R"("uid":4)"));
  }
  void testWordsThatCannotStandNameThemselves() {
    for (const char* word : {">secret", "on", "nopass", "resetpass", "reset", "#abc", "+nosuchcommand",
                             "+@nosuch", "get", "~a(", "+config|nosuch"})
      expect(400, "invalid_param", post("+get " + std::string(word)), word);
    for (const char* text : {"+get (", "+get )", "(+get (+set))", "()", "+get \\\\", "+get \\\"x"})
      expect(400, "invalid_param", post(text), "acl");
    expectOk(post("")); // grants nothing
  }
  void testARehearsalChangesNothing() {
    const model::Revision before = revision();
    const std::size_t published = serving_->published.size();
    const Answer tried = ask(
        root(), {"POST", "/v1/redis_acls", R"({"name":"a","acl":"+get"})", "application/json", "dry_run"});
    expectOk(tried, R"("acl":"+get")");
    CPPUNIT_ASSERT(!holds(tried, "action_uid"));
    expect(400, "invalid_param",
           ask(root(), {"POST", "/v1/redis_acls", R"({"name":"a","acl":"+gett"})", "application/json",
                        "dry_run=true"}));
    expectOk(ask(root(), {"PUT", "/v1/redis_acls/2", R"({"acl":"+get"})", "application/json", "dry_run"}));
    expectOk(ask(root(), {"DELETE", "/v1/redis_acls/2", "", "", "dry_run"}));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(published, serving_->published.size());
    expectOk(root("GET", "/v1/redis_acls/2"), "+@read");
  }
  void testValidatingWritesNothing() {
    const auto validate = [&](const std::string& body) {
      return root("POST", "/v1/redis_acls/validate", body);
    };
    const model::Revision before = revision();
    const Answer good = validate(R"({"acl":"+@read ~cache:*"})");
    expectOk(good);
    CPPUNIT_ASSERT(good.body.empty());
    expect(400, "invalid_param", validate(R"({"acl":"+@read >secret"})"), "acl");
    expect(400, "invalid_param", validate(R"({"acl":"+nonsense"})"), "nonsense");
    expect(400, "missing_field", validate("{}"), "acl");
    expect(400, "invalid_schema", validate(R"({"acl":1})"));
    expect(400, "invalid_schema", validate(R"({"acl":"","x":1})"));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    expect(403, "unauthorized_action",
           ask(user(make("dora", "5")), {"POST", "/v1/redis_acls/validate", R"({"acl":""})"}));
  }
  void testFullAccessIsReadOnly() {
    expect(409, "read_only", root("PUT", "/v1/redis_acls/1", R"({"acl":"+get"})"), "Full Access");
    expect(409, "read_only", root("DELETE", "/v1/redis_acls/1"));
    expectOk(root("PUT", "/v1/redis_acls/1", root("GET", "/v1/redis_acls/1").body)); // changes nothing
    expectOk(root("PUT", "/v1/redis_acls/3", R"({"acl":"+get"})"));
    expectOk(root("DELETE", "/v1/redis_acls/3"));
  }
  void testOneInUseStays() {
    const std::int64_t uid =
        makeDatabase("cache", R"(,"roles_permissions":[{"role_uid":1,"redis_acl_uid":2}])");
    expect(406, "redis_acl_in_use", root("DELETE", "/v1/redis_acls/2"), "cache");
    expectOk(root("PUT", path("bdbs", uid), R"({"roles_permissions":[]})"));
    expectOk(root("DELETE", "/v1/redis_acls/2"));
  }
  void testWithoutARedisServer() {
    serving_->installed = nullptr;
    expect(406, "redis_acl_unsupported", post("+get"), "redis-server");
    expect(406, "redis_acl_unsupported", root("PUT", "/v1/redis_acls/2", R"({"acl":"+get"})"));
    expectOk(root("GET", "/v1/redis_acls/2"));
    expectOk(root("DELETE", "/v1/redis_acls/2")); // what is taken away needs nobody's words
  }
  void testAnotherRedisServerLeavesWhatIsStored() {
    const std::int64_t uid = makeAcl("old", "+hget +@hash ~h:*");
    model::CommandTable older;
    older.version = "5.0";
    older.commands = {"get", "set"};
    older.categories = {"read"};
    serving_->installed = std::make_shared<const model::CommandTable>(older);
    expectOk(root("GET", path("redis_acls", uid)), "+hget");
    expectOk(root("PUT", path("redis_acls", uid), R"({"name":"older"})"),
             "+hget"); // not written: not checked
    CPPUNIT_ASSERT_EQUAL(std::string("5.0"), serving_->inForce.snapshot->commands->version);
    expect(400, "invalid_param", root("PUT", path("redis_acls", uid), R"({"acl":"+hget ~h:*"})"), "hget");
  }
  void testOthersRevisionIsRefused() {
    const Answer read = root("GET", "/v1/redis_acls/2");
    const std::string tag = field(read, "ETag");
    CPPUNIT_ASSERT(!tag.empty());
    expectOk(ask(root(), {"PUT", "/v1/redis_acls/2", R"({"acl":"+get"})", "application/json", "", tag}));
    expect(412, "precondition_failed",
           ask(root(), {"PUT", "/v1/redis_acls/2", R"({"acl":"+set"})", "application/json", "", tag}));
  }
  void testHoldsOfAManifestsAcl() { // R22
    std::int64_t uid = 0;
    asManifest([&](store::Transaction& transaction) {
      store::RedisAclRow row;
      row.acl.name = "theirs";
      row.acl.acl = "+get";
      row.origin = store::Origin::manifest;
      uid = transaction.insertRedisAcl(row).value();
    });
    expectOk(root("PUT", path("redis_acls", uid), R"({"acl":"+get ~a"})"));
    expectOk(root("DELETE", path("redis_acls", uid)));
    const auto found = reader_->holds().value();
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, found.size());
    for (const store::Hold& hold : found) CPPUNIT_ASSERT(hold.kind == "redis_acl" && hold.name == "theirs");
    CPPUNIT_ASSERT(found[0].field == "acl" && found[1].field.empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RedisAclsTest);
