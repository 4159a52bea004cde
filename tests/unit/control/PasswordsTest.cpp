// Protects: passwords of users: several are valid at once and equal in rights, none that was is taken again
// while the rules are on, nobody sets another's but an administrator, and an expired one is good for one
// thing alone.
#include "ManagementFixture.h"

#include "control/change/PasswordRules.h"

using namespace gatehouse;
using namespace gatehouse::control;

class PasswordsTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(PasswordsTest);
  CPPUNIT_TEST(testTheRulesOfComplexity);
  CPPUNIT_TEST(testWithoutComplexityOnlyTheFieldsLimitsCount);
  CPPUNIT_TEST(testComplexityIsJudgedBeforeAnythingIsHashed);
  CPPUNIT_TEST(testCertificateUsersAreNotJudged);
  CPPUNIT_TEST(testPutReplacesAll);
  CPPUNIT_TEST(testSeveralAreValidAtOnce);
  CPPUNIT_TEST(testOneOfSeveralGoes);
  CPPUNIT_TEST(testTheSameAgainIsRefused);
  CPPUNIT_TEST(testFormerOnesAreRefusedWhileTheRulesAreOn);
  CPPUNIT_TEST(testOneselfByNameOrAddress);
  CPPUNIT_TEST(testOthersOnlyByAnAdministrator);
  CPPUNIT_TEST(testTheLocalAdministratorNamesSomebody);
  CPPUNIT_TEST(testACertificateUserHasNone);
  CPPUNIT_TEST(testABodyThatIsNone);
  CPPUNIT_TEST(testAnExpiredPasswordSetsANewOneAndNoMore);
  CPPUNIT_TEST(testANewPasswordEndsALock);
  CPPUNIT_TEST(testAddingGivesTheOldOnesNoOtherLife);
  CPPUNIT_TEST(testARehearsalByTheCallerChangesNothing);
  CPPUNIT_TEST(testAManifestsPasswordIsHeld);
  CPPUNIT_TEST_SUITE_END();

  static constexpr const char* path_ = "/v1/users/password";

  static std::string verifier(const std::string& password) { return "$fake$" + hex(password); }
  Answer put(const Caller& caller, const std::string& password, const std::string& more = {}) {
    return ask(caller, {"PUT", path_, R"({"new_password":")" + password + '"' + more + '}'});
  }
  Answer add(const Caller& caller, const std::string& password, const std::string& more = {}) {
    return ask(caller, {"POST", path_, R"({"new_password":")" + password + '"' + more + '}'});
  }
  Answer drop(const Caller& caller, const std::string& password, const std::string& more = {}) {
    return ask(caller, {"DELETE", path_, R"({"old_password":")" + password + '"' + more + '}'});
  }
  void complex() { expectOk(root("PUT", "/v1/cluster", R"({"password_complexity":true})")); }
  static std::string named(const std::string& login) { return R"(,"username":")" + login + '"'; }

public:
  void testTheRulesOfComplexity() {
    model::ClusterSettings settings;
    settings.password_complexity = true;
    settings.password_min_length = 10;
    model::User user;
    user.name = "Administrator";
    user.email = "job@example.com";
    const auto fit = [&](const char* password) {
      return checkComplexity(Secret(password), settings, user).ok();
    };
    CPPUNIT_ASSERT(fit("Good-enough1"));
    CPPUNIT_ASSERT(fit("aaaB1-aaaB")); // three in a row are not more than three
    for (const char* bad :
         {"Shrt-1abc", "no-upper-case1", "NO-LOWER-CASE1", "No-Digit-Here", "NoSpecial1here", "Aaaab1-ccccx",
          "Xjob@example.com1", "XMOC.ELPMAXE@BOJ1b", "1-aDMINISTRATORx", "Rotartsinimda-1"})
      CPPUNIT_ASSERT_MESSAGE(bad, !fit(bad));
    const Status why = checkComplexity(Secret("short"), settings, user);
    CPPUNIT_ASSERT(why.error().code == Code::password_not_complex);
    CPPUNIT_ASSERT(why.error().description.find("10") != std::string::npos);
    CPPUNIT_ASSERT(why.error().description.find("short") == std::string::npos);
    user.name = "b1"; // too short to be looked for
    CPPUNIT_ASSERT(fit("aaaB1-aaaB"));
  }
  void testWithoutComplexityOnlyTheFieldsLimitsCount() {
    const std::int64_t uid = make("bob", "5");
    expectOk(put(user(uid), "x"));
    expect(400, "invalid_param", put(user(uid), ""));
    expect(400, "invalid_param", put(user(uid), std::string(1025, 'x')));
  }
  void testComplexityIsJudgedBeforeAnythingIsHashed() {
    const std::int64_t uid = make("bob", "5");
    complex();
    const int before = serving_->enrolled;
    expect(400, "password_not_complex", put(user(uid), "simple"));
    expect(400, "password_not_complex", add(user(uid), "simple"));
    expect(400, "password_not_complex", root("PUT", path("users", uid), R"({"password":"simple"})"));
    expect(400, "password_not_complex", root("POST", "/v1/users", R"({"name":"x","password":"simple"})"));
    CPPUNIT_ASSERT_EQUAL(before, serving_->enrolled);
    expectOk(put(user(uid), "Good-enough1"));
    expectOk(root("POST", "/v1/users", R"({"name":"x","password":"Good-enough1"})"));
  }
  void testCertificateUsersAreNotJudged() {
    complex();
    expectOk(root("POST", "/v1/users", R"({"auth_method":"certificate","certificate_subject_line":"CN=a"})"));
  }
  void testPutReplacesAll() {
    const std::int64_t uid = make("bob", "5");
    expectOk(add(user(uid), "second"));
    clock_.wall += 100;
    const Answer answer = put(user(uid), "third");
    expectOk(answer);
    CPPUNIT_ASSERT_EQUAL(std::string(), answer.body);
    CPPUNIT_ASSERT_EQUAL(verifier("third"), row(uid).verifier);
    CPPUNIT_ASSERT_EQUAL(verifier("secret-bob") + '\n' + verifier("second"), row(uid).formerVerifiers);
    CPPUNIT_ASSERT_EQUAL(clock_.wallSeconds(), row(uid).judged.passwordSetAt);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"third"}));
  }
  void testSeveralAreValidAtOnce() {
    const std::int64_t uid = make("bob", "5");
    std::string all = verifier("secret-bob");
    for (std::size_t i = 1; i < mostPasswords; ++i) {
      expectOk(add(user(uid), "number-" + std::to_string(i)));
      all += '\n' + verifier("number-" + std::to_string(i));
    }
    CPPUNIT_ASSERT_EQUAL(all, row(uid).verifier);
    const int before = serving_->enrolled;
    expect(406, "not_acceptable", add(user(uid), "one-too-many"));
    CPPUNIT_ASSERT_EQUAL(before, serving_->enrolled);
    CPPUNIT_ASSERT_EQUAL(all, row(uid).verifier);
  }
  void testOneOfSeveralGoes() {
    const std::int64_t uid = make("bob", "5");
    expect(400, "cannot_delete_last_password", drop(user(uid), "secret-bob"));
    expectOk(add(user(uid), "second"));
    expect(400, "invalid_param", drop(user(uid), "third"), "old_password");
    expectOk(drop(user(uid), "secret-bob"));
    CPPUNIT_ASSERT_EQUAL(verifier("second"), row(uid).verifier);
    expect(400, "cannot_delete_last_password", drop(user(uid), "second"));
  }
  void testTheSameAgainIsRefused() {
    const std::int64_t uid = make("bob", "5");
    expectOk(add(user(uid), "second"));
    for (const char* current : {"secret-bob", "second"}) {
      expect(400, "new_password_same_as_current", put(user(uid), current));
      expect(400, "new_password_same_as_current", add(user(uid), current));
      expect(400, "new_password_same_as_current",
             root("PUT", path("users", uid), R"({"password":")" + std::string(current) + "\"}"));
    }
    CPPUNIT_ASSERT_EQUAL(verifier("secret-bob") + '\n' + verifier("second"), row(uid).verifier);
  }
  void testFormerOnesAreRefusedWhileTheRulesAreOn() {
    const std::int64_t uid = make("bob", "5");
    for (std::size_t i = 0; i <= mostFormerPasswords; ++i)
      expectOk(put(user(uid), "Good-enough-" + std::to_string(i)));
    expectOk(put(user(uid), "Good-enough-1")); // without the rules any but the present one
    complex();
    expect(400, "new_password_same_as_current", put(user(uid), "Good-enough-5"));
    expect(400, "new_password_same_as_current", add(user(uid), "Good-enough-2"));
    expectOk(put(user(uid), "Good-enough-0")); // long enough ago
  }
  void testOneselfByNameOrAddress() {
    const std::int64_t uid = uidIn(root(
        "POST", "/v1/users", R"({"name":"Bob","email":"bob@example.com","password":"x","role_uids":[5]})"));
    expectOk(put(user(uid), "one", named("bOB")));
    expectOk(put(user(uid), "two", named("BOB@example.COM")));
    expectOk(put(user(uid), "three", R"(,"old_password":"whatever")"));
    CPPUNIT_ASSERT_EQUAL(verifier("three"), row(uid).verifier);
  }
  void testOthersOnlyByAnAdministrator() {
    const std::int64_t bob = make("bob", "5"), eve = make("eve", "5"), manager = make("mia", "7"),
                       administrator = make("adam", "1");
    for (const std::int64_t uid : {eve, manager})
      for (const char* login : {"bob", "nobody-of-that-name"}) { // who is not there is not to be learned
        expect(403, "unauthorized_action", put(user(uid), "x", named(login)));
        expect(403, "unauthorized_action", add(user(uid), "x", named(login)));
        expect(403, "unauthorized_action", drop(user(uid), "x", named(login)));
      }
    CPPUNIT_ASSERT_EQUAL(verifier("secret-bob"), row(bob).verifier);
    expectOk(put(user(administrator), "x", named("bob")));
    expect(404, "user_not_exist", put(user(administrator), "x", named("nobody-of-that-name")));
    CPPUNIT_ASSERT_EQUAL(verifier("x"), row(bob).verifier);
  }
  void testTheLocalAdministratorNamesSomebody() {
    const std::int64_t bob = make("bob", "5");
    expect(400, "missing_field", put(root(), "x"), "username");
    expectOk(put(root(), "x", named("bob")));
    CPPUNIT_ASSERT_EQUAL(verifier("x"), row(bob).verifier);
  }
  // R4
  void testACertificateUserHasNone() {
    const std::int64_t uid = uidIn(
        root("POST", "/v1/users", R"({"auth_method":"certificate","certificate_subject_line":"CN=ada"})"));
    for (const Answer& answer :
         {put(root(), "x", named("ada")), add(root(), "x", named("ada")), drop(root(), "x", named("ada"))})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, 400, answer.status);
    CPPUNIT_ASSERT(row(uid).verifier.empty() && row(uid).formerVerifiers.empty());
  }
  void testABodyThatIsNone() {
    const Caller bob = user(make("bob", "5"));
    expect(400, "missing_field", ask(bob, {"PUT", path_, "{}"}), "new_password");
    expect(400, "missing_field", ask(bob, {"DELETE", path_, "{}"}), "old_password");
    expect(400, "invalid_schema", ask(bob, {"PUT", path_, R"({"new_password":7})"}), "new_password");
    expect(400, "invalid_schema", ask(bob, {"PUT", path_, R"({"new_password":null})"}), "new_password");
    expect(400, "invalid_schema", ask(bob, {"PUT", path_, R"({"new_password":"x","user":"bob"})"}), "user");
    expect(400, "invalid_schema", ask(bob, {"DELETE", path_, R"({"new_password":"x"})"}), "new_password");
  }
  void testAnExpiredPasswordSetsANewOneAndNoMore() {
    for (const char* role : {"5", "1"}) { // an administrator too, who has no right until then
      const std::int64_t uid = make(std::string("bob") + role, role);
      const Caller before = user(uid);
      expectOk(root("PUT", "/v1/cluster", R"({"password_expiration_duration":1})"));
      clock_.wall += 86'400;
      Caller expired;
      expired.refusal = model::word(model::Reason::password_expired);
      expired.expired = before.admission;
      CPPUNIT_ASSERT(holds(root("GET", path("users", uid)), R"("status":"password_expired")"));
      expect(401, "password_expired", ask(expired, {"GET", path("users", uid), ""}));
      expect(401, "password_expired", add(expired, "new"));
      expect(401, "password_expired", drop(expired, "new"));
      expect(403, "unauthorized_action", put(expired, "new", named("another")));
      expectOk(put(expired, "new"));
      CPPUNIT_ASSERT_EQUAL(verifier("new"), row(uid).verifier);
      CPPUNIT_ASSERT(holds(root("GET", path("users", uid)), R"("status":"active")"));
      expectOk(root("PUT", "/v1/cluster", R"({"password_expiration_duration":0})"));
    }
  }
  void testANewPasswordEndsALock() {
    const std::int64_t bob = make("bob", "5"), eve = make("eve", "5");
    serving_->lockedUsers = {bob, eve};
    expectOk(put(root(), "x", named("bob")));
    CPPUNIT_ASSERT(!serving_->lockedUsers.contains(bob) && serving_->lockedUsers.contains(eve));
    expectOk(root("PUT", path("users", eve), R"({"password":"y"})"), R"("status":"active")");
    CPPUNIT_ASSERT(serving_->lockedUsers.empty());
  }
  void testAddingGivesTheOldOnesNoOtherLife() {
    const std::int64_t uid = make("bob", "5");
    const std::int64_t set = row(uid).judged.passwordSetAt;
    clock_.wall += 100;
    expectOk(add(user(uid), "second"));
    expectOk(drop(user(uid), "second"));
    CPPUNIT_ASSERT_EQUAL(set, row(uid).judged.passwordSetAt);
  }
  void testARehearsalByTheCallerChangesNothing() {
    const std::int64_t uid = make("bob", "5");
    expectOk(add(user(uid), "second"));
    const model::Revision before = revision();
    const int enrolled = serving_->enrolled;
    const auto dry = [&](const char* method, const std::string& body) {
      return ask(user(uid), {method, path_, body, "application/json", "dry_run"});
    };
    expectOk(dry("PUT", R"({"new_password":"new"})"));
    expectOk(dry("POST", R"({"new_password":"new"})"));
    expectOk(dry("DELETE", R"({"old_password":"second"})"));
    expect(400, "new_password_same_as_current", dry("PUT", R"({"new_password":"second"})"));
    expect(400, "invalid_param", dry("DELETE", R"({"old_password":"third"})"));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(enrolled, serving_->enrolled);
    // Guesses leave a trace though they leave nothing else.
    CPPUNIT_ASSERT_EQUAL(std::size_t{5}, events_.count({"change.password_tried", "bob"}));
  }
  // R22
  void testAManifestsPasswordIsHeld() {
    const std::int64_t uid = make("bob", "5");
    asManifest([&](store::Transaction& transaction) {
      auto found = transaction.user(uid);
      (*found)->origin = store::Origin::manifest;
      CPPUNIT_ASSERT(transaction.updateUser(**found).ok());
    });
    expectOk(add(user(uid), "second"));
    CPPUNIT_ASSERT(row(uid).origin == store::Origin::manifest);
    const auto found = reader_->holds();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, found->size());
    CPPUNIT_ASSERT_EQUAL(std::string("password"), found->front().field);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PasswordsTest);
