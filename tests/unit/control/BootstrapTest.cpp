// Protects: the first administrator. Nobody becomes it over the network without the one-time word, and nobody
// at all once there is one.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;

class BootstrapTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(BootstrapTest);
  CPPUNIT_TEST(testTheLocalAdministratorCreates);
  CPPUNIT_TEST(testTheOneTimeWordCreatesOnce);
  CPPUNIT_TEST(testWithoutTheWordItIsAConflict);
  CPPUNIT_TEST(testAfterwardsItIsAConflict);
  CPPUNIT_TEST(testThereIsNoWordWhereSomebodyAdministers);
  CPPUNIT_TEST(testAnotherWayToAnAdministratorSpendsTheWord);
  CPPUNIT_TEST(testAWordIsOfOneStart);
  CPPUNIT_TEST(testTheBody);
  CPPUNIT_TEST(testTheRulesOfPasswordsCount);
  CPPUNIT_TEST(testARehearsalCreatesNobody);
  CPPUNIT_TEST(testHowFarItIs);
  CPPUNIT_TEST(testValidate);
  CPPUNIT_TEST(testOneNodeJoinsNothing);
  CPPUNIT_TEST_SUITE_END();

  static constexpr const char* path_ = "/v1/bootstrap/create_cluster";

  static std::string body(const std::string& more = {}, const std::string& cluster = "gw1.example.com",
                          const std::string& username = "admin@example.com") {
    return R"({"action":"create_cluster","cluster":{"name":")" + cluster +
           R"(","nodes":[]},"node":{"paths":{"persistent_path":"/var/x"}},"credentials":{"username":")" +
           username + R"(","password":"Good-enough1"})" + more + '}';
  }
  static std::string token(const std::string& word) { return R"(,"token":")" + word + '"'; }
  Answer create(const Caller& caller, const std::string& text) { return ask(caller, {"POST", path_, text}); }
  std::int64_t administrators() { return *reader_->administrators(); }

public:
  void testTheLocalAdministratorCreates() {
    const Answer answer = create(root(), body());
    expectOk(answer, R"("state":"completed")");
    CPPUNIT_ASSERT(!holds(answer, "Good-enough1"));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, administrators());
    const auto found = reader_->userByLogin("admin@example.com");
    CPPUNIT_ASSERT(found->record != nullptr);
    const model::User& user = found->record->judged.user;
    CPPUNIT_ASSERT_EQUAL(std::string("admin@example.com"), user.name);
    CPPUNIT_ASSERT_EQUAL(std::string("admin@example.com"), user.email);
    CPPUNIT_ASSERT(user.role_uids == std::vector<std::int64_t>{1});
    CPPUNIT_ASSERT_EQUAL("$fake$" + hex("Good-enough1"), found->record->verifier);
  }
  void testTheOneTimeWordCreatesOnce() {
    int spent = 0;
    const std::string word = management_->bootstrapToken([&] { ++spent; });
    CPPUNIT_ASSERT_EQUAL(std::size_t{64}, word.size());
    expectOk(create(nobody(), body(token(word), "gw1.example.com", "admin")));
    CPPUNIT_ASSERT_EQUAL(1, spent);
    CPPUNIT_ASSERT(reader_->userByLogin("admin")->record->judged.user.email.empty());
    expect(409, "conflict", create(nobody(), body(token(word), "gw1.example.com", "another")));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({word}));
    CPPUNIT_ASSERT_EQUAL(1, spent);
  }
  void testWithoutTheWordItIsAConflict() {
    const std::string word = management_->bootstrapToken([] {});
    const std::int64_t eve = make("eve", "5");
    for (const Caller& caller : {nobody(), user(eve)})
      for (const std::string& more : {std::string(), token(""), token(word.substr(1)), token(word + "0"),
                                      std::string(R"(,"token":null)"), std::string(R"(,"token":7)")})
        expect(409, "conflict", create(caller, body(more)));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, administrators());
    CPPUNIT_ASSERT_EQUAL(1, serving_->enrolled); // eve's alone
  }
  void testAfterwardsItIsAConflict() {
    make("adam", "1");
    expect(409, "conflict", create(root(), body()));
    expect(409, "conflict", create(nobody(), body()));
    expect(409, "conflict", create(nobody(), "{}")); // whatever the body is
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, administrators());
  }
  void testThereIsNoWordWhereSomebodyAdministers() {
    make("adam", "1");
    CPPUNIT_ASSERT_EQUAL(std::string(), management_->bootstrapToken([] {}));
    expect(409, "conflict", create(nobody(), body(token(""))));
  }
  void testAnotherWayToAnAdministratorSpendsTheWord() {
    int spent = 0;
    const std::string word = management_->bootstrapToken([&] { ++spent; });
    make("bob", "5");
    CPPUNIT_ASSERT_EQUAL(0, spent);
    make("adam", "1");
    CPPUNIT_ASSERT_EQUAL(1, spent);
    expect(409, "conflict", create(nobody(), body(token(word))));
  }
  void testAWordIsOfOneStart() {
    const std::string word = management_->bootstrapToken([] {});
    CPPUNIT_ASSERT(word != management_->bootstrapToken([] {}));
    expect(409, "conflict", create(nobody(), body(token(word))));
  }
  void testTheBody() {
    const auto credentials = [](const std::string& members) {
      return R"({"cluster":{"name":"gw1.example.com"},"credentials":{)" + members + "}}";
    };
    const std::string login = R"("username":"a","password":"b")";
    const struct {
      std::string body;
      int status;
      const char *code, *naming;
    } cases[] = {
        {"{}", 400, "missing_field", "cluster"},
        {"[]", 400, "invalid_schema", "body"},
        {R"({"cluster":{},"credentials":{}})", 400, "missing_field", "cluster.name"},
        {R"({"cluster":{"name":7}})", 400, "invalid_schema", "cluster.name"},
        {R"({"cluster":{"name":""}})", 400, "invalid_param", "cluster.name"},
        {R"({"cluster":[]})", 400, "invalid_schema", "cluster"},
        {R"({"cluster":{"name":"gw1.example.com"}})", 400, "missing_field", "credentials"},
        {body({}, "another.example.com"), 406, "not_acceptable", "gw1.example.com"},
        {body({}, std::string(65, 'x')), 400, "invalid_param", "cluster.name"},
        {R"({"cluster":{"name":"gw1.example.com","nodes":["10.0.0.1"]}})", 406, "not_acceptable", "nodes"},
        {body(R"(,"license":"----- LICENSE START -----")"), 406, "unsupported_value", "license"},
        {body(R"(,"x":1)"), 400, "invalid_schema", "x"},
        {credentials(""), 400, "missing_field", "username"},
        {credentials(R"("username":"a")"), 400, "missing_field", "password"},
        {credentials(R"("username":"a","password":"")"), 400, "invalid_param", "password"},
        {credentials(R"("username":"a&b","password":"b")"), 400, "invalid_param", "username"},
        {credentials(R"("username":7,"password":"b")"), 400, "invalid_schema", "username"},
        {credentials(login + R"(,"client_cert":"x","client_key":"y")"), 406, "unsupported_value",
         "client_cert"},
        {R"({"action":"join_cluster","cluster":{"name":"gw1.example.com"}})", 400, "invalid_param", "action"},
    };
    for (const auto& c : cases) expect(c.status, c.code, create(root(), c.body), c.naming);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, administrators());
    expectOk(create(root(), credentials(login)));
  }
  void testTheRulesOfPasswordsCount() {
    expectOk(root("PUT", "/v1/cluster", R"({"password_complexity":true,"password_min_length":13})"));
    expect(400, "password_not_complex", create(root(), body()));
    expectOk(root("PUT", "/v1/cluster", R"({"password_min_length":8})"));
    expectOk(create(root(), body()));
  }
  void testARehearsalCreatesNobody() {
    int spent = 0;
    const std::string word = management_->bootstrapToken([&] { ++spent; });
    expectOk(ask(nobody(), {"POST", path_, body(token(word)), "application/json", "dry_run"}));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, administrators());
    CPPUNIT_ASSERT_EQUAL(0, spent);
  }
  void testHowFarItIs() {
    const auto get = [&](const Caller& caller) { return ask(caller, {"GET", "/v1/bootstrap", ""}); };
    const Answer before = get(nobody());
    expectOk(before, R"("state":"idle")");
    CPPUNIT_ASSERT(!holds(before, "os_version")); // a stranger learns little of the machine
    expectOk(get(root()), "os_version");
    const std::int64_t adam = make("adam", "1");
    expect(401, "unauthenticated", get(nobody()));
    expectOk(get(user(adam)), R"("state":"completed")");
  }
  void testValidate() {
    const auto validate = [&](const Caller& caller, const std::string& text) {
      return ask(caller, {"POST", "/v1/bootstrap/validate/create_cluster", text});
    };
    expectOk(validate(nobody(), body()));
    expect(406, "not_acceptable", validate(nobody(), body({}, "another.example.com")), "cluster.name");
    expect(406, "not_acceptable", validate(nobody(), "{}"), "cluster");
    expectOk(root("PUT", "/v1/cluster", R"({"password_complexity":true,"password_min_length":13})"));
    expect(406, "not_acceptable", validate(nobody(), body()), "13");
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, administrators());
    expectOk(root("POST", "/v1/users", R"({"name":"adam","password":"Good-enough-1234","role_uids":[1]})"));
    expect(401, "unauthenticated", validate(nobody(), body()));
    expect(409, "conflict", validate(root(), body()));
  }
  void testOneNodeJoinsNothing() {
    for (const char* what :
         {"join_cluster", "recover_cluster", "validate/join_cluster", "validate/recover_cluster"})
      expect(406, "not_acceptable", root("POST", "/v1/bootstrap/" + std::string(what), "{}"));
    expect(404, "not_found", root("POST", "/v1/bootstrap/leave_cluster", "{}"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(BootstrapTest);
