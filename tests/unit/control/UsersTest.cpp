// Protects: who becomes somebody. A certificate user never has a password (R4), a subject, a name or an
// address is one person's (R7, R8), nobody lifts itself up, and the last administrator stays.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;

class UsersTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(UsersTest);
  CPPUNIT_TEST(testTheDocumentedTwoMemberBody);
  CPPUNIT_TEST(testASubjectWithoutAFitNameAsksForOne);
  CPPUNIT_TEST(testARegularUser);
  CPPUNIT_TEST(testWhatEachAuthMethodNeeds);
  CPPUNIT_TEST(testACertificateUserHasNoPassword);
  CPPUNIT_TEST(testChangingTheAuthMethod);
  CPPUNIT_TEST(testSubjectsAreParsedAndUnique);
  CPPUNIT_TEST(testNamesAndAddressesAreOneNamespace);
  CPPUNIT_TEST(testNobodyIsCalledWhatTheLogCallsOthers);
  CPPUNIT_TEST(testTheRoleWordAndRoleUids);
  CPPUNIT_TEST(testGetChangePut);
  CPPUNIT_TEST(testAPutThatChangesNothingMakesNoRevision);
  CPPUNIT_TEST(testWhatIsNotThere);
  CPPUNIT_TEST(testTheLastAdministratorStays);
  CPPUNIT_TEST(testAUserManagerCannotMakeOrChangeAdministrators);
  CPPUNIT_TEST(testWhatAnyUserMayDoToItself);
  CPPUNIT_TEST(testListsComeInPieces);
  CPPUNIT_TEST(testTheCallersRole);
  CPPUNIT_TEST(testIfMatch);
  CPPUNIT_TEST(testDeletionIsAnsweredWithAnAction);
  CPPUNIT_TEST(testHoldsOfAManifestsUser);
  CPPUNIT_TEST(testTheStatusIsAsItIsNow);
  CPPUNIT_TEST(testAWholeUserIsWrittenBackWhileItsStatusMoves);
  CPPUNIT_TEST(testUnlocking);
  CPPUNIT_TEST(testOnlyTheFieldsThatAreWanted);
  CPPUNIT_TEST(testNobodyDeletesItselfUnasked);
  CPPUNIT_TEST_SUITE_END();

  Answer create(const std::string& body) { return root("POST", "/v1/users", body); }
  Answer change(std::int64_t uid, const std::string& body) { return root("PUT", path("users", uid), body); }

public:
  void testTheDocumentedTwoMemberBody() {
    const Answer answer =
        create(R"({"auth_method":"certificate","certificate_subject_line":"CN=ada, OU=dev, O=Example"})");
    expectOk(answer, R"("name":"ada")");
    CPPUNIT_ASSERT(holds(answer, R"("certificate_subject_line":"CN=ada, OU=dev, O=Example")"));
    CPPUNIT_ASSERT(holds(answer, R"("role":"none")") && holds(answer, R"("role_uids":[])"));
    CPPUNIT_ASSERT(holds(answer, R"("status":"active")") && holds(answer, R"("action_uid":")"));
    CPPUNIT_ASSERT(!holds(answer, "password"));
    const store::UserRecord ada = row(uidIn(answer));
    CPPUNIT_ASSERT(ada.verifier.empty() && !ada.judged.hasVerifier &&
                   ada.judged.subjectKey != model::Digest{});
    CPPUNIT_ASSERT(ada.origin == store::Origin::api);
    CPPUNIT_ASSERT_EQUAL(0, serving_->enrolled);
  }
  void testASubjectWithoutAFitNameAsksForOne() {
    for (const char* line : {"OU=dev,O=Example", "CN=a&b,O=Example", "CN=J\xC3\xBCrgen"})
      expect(
          400, "missing_field",
          create(std::string(R"({"auth_method":"certificate","certificate_subject_line":")") + line + "\"}"),
          "name");
    expectOk(create(
        R"({"auth_method":"certificate","name":"dev","certificate_subject_line":"OU=dev,O=Example"})"));
  }
  void testARegularUser() {
    const Answer answer = create(R"({"email":"Job@Example.com","password":"hunter2","role_uids":[5,7]})");
    expectOk(answer, R"("name":"Job@Example.com")");
    CPPUNIT_ASSERT(holds(answer, R"("role":"user_manager")"));
    CPPUNIT_ASSERT(holds(answer, R"("password_issue_date":"2027-)"));
    CPPUNIT_ASSERT(!holds(answer, "hunter2") && !holds(answer, "$fake$"));
    CPPUNIT_ASSERT_EQUAL("$fake$" + hex("hunter2"), row(uidIn(answer)).verifier);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"hunter2"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"change.committed", "password"}));
  }
  void testWhatEachAuthMethodNeeds() {
    expect(400, "missing_field", create(R"({"name":"a"})"), "password");
    expect(400, "missing_field", create(R"({"password":"x"})"), "name");
    expect(400, "missing_field", create(R"({"name":"a","auth_method":"certificate"})"),
           "certificate_subject_line");
    expect(400, "missing_field",
           create(R"({"name":"a","auth_method":"certificate","certificate_subject_line":""})"),
           "certificate_subject_line");
    expect(400, "invalid_param", create(R"({"name":"a","password":"x","certificate_subject_line":"CN=a"})"),
           "certificate_subject_line");
    expect(406, "unsupported_value", create(R"({"name":"a","auth_method":"sso"})"), "auth_method");
    CPPUNIT_ASSERT_EQUAL(0, serving_->enrolled); // nothing was hashed for what cannot be done
  }
  // R4, lesson 42: a certificate identity with an empty password was let in on another listener.
  void testACertificateUserHasNoPassword() {
    for (const char* password : {"x", ""}) {
      const Answer answer = create(
          std::string(R"({"auth_method":"certificate","certificate_subject_line":"CN=a","password":")") +
          password + "\"}");
      CPPUNIT_ASSERT_EQUAL(400, answer.status);
      CPPUNIT_ASSERT(holds(answer, "password"));
    }
    const std::int64_t ada =
        uidIn(create(R"({"auth_method":"certificate","certificate_subject_line":"CN=ada"})"));
    expect(400, "invalid_param", change(ada, R"({"password":"x"})"), "password");
    CPPUNIT_ASSERT(row(ada).verifier.empty());
  }
  void testChangingTheAuthMethod() {
    const std::int64_t uid = make("bob", "5");
    expect(400, "missing_field", change(uid, R"({"auth_method":"certificate"})"), "certificate_subject_line");
    expect(400, "invalid_param",
           change(uid, R"({"auth_method":"certificate","certificate_subject_line":"CN=bob","password":"x"})"),
           "password");
    expectOk(change(uid, R"({"auth_method":"certificate","certificate_subject_line":"CN=bob"})"));
    CPPUNIT_ASSERT(row(uid).verifier.empty() && !row(uid).judged.user.password_issue_date); // R4
    expect(400, "missing_field", change(uid, R"({"auth_method":"regular"})"), "password");
    const Answer back = change(uid, R"({"auth_method":"regular","password":"new"})");
    expectOk(back, R"("certificate_subject_line":"")");
    CPPUNIT_ASSERT(row(uid).judged.subjectKey == model::Digest{} && !row(uid).verifier.empty());
  }
  void testSubjectsAreParsedAndUnique() {
    expect(400, "invalid_subject_line",
           create(R"({"auth_method":"certificate","name":"x","certificate_subject_line":"CN=a,,O=b"})"),
           "certificate_subject_line");
    expectOk(create(R"({"auth_method":"certificate","certificate_subject_line":"CN=a,O=b"})"));
    // R7: the same name read from the other end.
    expect(409, "subject_already_exists",
           create(R"({"auth_method":"certificate","name":"c","certificate_subject_line":"O=b, CN=a"})"));
    // ... and one that differs by case is another person.
    const Answer other =
        create(R"({"auth_method":"certificate","name":"d","certificate_subject_line":"CN=A,O=b"})");
    expectOk(other);
    expect(409, "subject_already_exists", change(uidIn(other), R"({"certificate_subject_line":"CN=a,O=b"})"));
  }
  // R8
  void testNamesAndAddressesAreOneNamespace() {
    const std::int64_t uid = uidIn(create(R"({"name":"ada","email":"a@b.c","password":"x"})"));
    expect(409, "name_already_exists", create(R"({"name":"ADA","password":"x"})"), "ADA");
    expect(409, "email_already_exists", create(R"({"name":"z","email":"A@B.C","password":"x"})"));
    expect(409, "name_already_exists", create(R"({"name":"A@b.c","password":"x"})"));
    expect(409, "name_already_exists", change(make("eve", ""), R"({"name":"Ada"})"));
    expectOk(change(uid, R"({"name":"Ada"})"), R"("name":"Ada")"); // one's own
    expectOk(root("DELETE", path("users", uid)));
    CPPUNIT_ASSERT(uidIn(create(R"({"name":"ada","password":"x"})")) > uid); // uids are never used again
  }
  void testNobodyIsCalledWhatTheLogCallsOthers() {
    const std::int64_t uid = make("eve", "6");
    for (const char* name :
         {"local administrator (uid 0)", "Local Administrator", "gatehouse", "Manifest", "nobody"}) {
      const std::string body = std::string(R"({"name":")") + name + "\"}";
      expect(400, "invalid_param", ask(user(uid), {"PUT", path("users", uid), body}), "name");
      expect(400, "invalid_param", change(uid, body), "name");
      expect(400, "invalid_param", create(std::string(R"({"password":"x","name":")") + name + "\"}"), "name");
    }
    expectOk(ask(user(uid), {"PUT", path("users", uid), R"({"name":"the local administrator"})"}));
  }
  void testTheRoleWordAndRoleUids() {
    expectOk(create(R"({"name":"a","password":"x","role":"db_viewer"})"), R"("role_uids":[5])");
    expectOk(create(R"({"name":"b","password":"x","role":"none"})"), R"("role_uids":[6])");
    expectOk(create(R"({"name":"c","password":"x","role":"admin","role_uids":[5,1]})"), R"("role":"admin")");
    expect(400, "invalid_param", create(R"({"name":"d","password":"x","role":"admin","role_uids":[5]})"),
           "role");
    expect(400, "invalid_param", create(R"({"name":"d","password":"x","role":"none","role_uids":[5]})"),
           "role");
    expect(400, "invalid_param", create(R"({"name":"d","password":"x","role_uids":[5,99]})"),
           "role_uids[1]: there is no role 99");
    expect(400, "invalid_param", create(R"({"name":"d","password":"x","role":"king"})"), "role");
    const std::int64_t uid = make("e", "5");
    expectOk(change(uid, R"({"role":"cluster_viewer"})"), R"("role_uids":[3])");
    // A whole object that comes back with other role_uids still bears the old word.
    expectOk(change(uid, R"({"role":"cluster_viewer","role_uids":[5]})"), R"("role":"db_viewer")");
    expect(400, "invalid_param", change(uid, R"({"role":"admin","role_uids":[3]})"), "role");
  }
  void testGetChangePut() {
    const std::int64_t uid = make("ada", "5");
    expectOk(change(uid, R"({"email_alerts":false})"), R"("email_alerts":false)");
    Answer answer = root("GET", path("users", uid));
    expectOk(answer);
    const std::size_t at = answer.body.find("\"email\":\"\"");
    CPPUNIT_ASSERT(at != std::string::npos);
    answer.body.replace(at, 10, "\"email\":\"a@b.c\"");
    const Answer put = change(uid, answer.body);
    expectOk(put, R"("email":"a@b.c")");
    CPPUNIT_ASSERT(holds(put, R"("email_alerts":false)"));
    CPPUNIT_ASSERT_EQUAL(1, serving_->enrolled);
    CPPUNIT_ASSERT(!row(uid).verifier.empty());
  }
  void testAPutThatChangesNothingMakesNoRevision() {
    const std::int64_t uid = make("ada", "5");
    const model::Revision before = revision();
    const std::size_t published = serving_->published.size();
    expectOk(change(uid, "{}"), R"("name":"ada")");
    expectOk(change(uid, root("GET", path("users", uid)).body));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(published, serving_->published.size());
  }
  void testWhatIsNotThere() {
    expect(404, "user_not_exist", root("GET", "/v1/users/99"), "99");
    expect(404, "user_not_exist", change(99, "{}"), "99");
    expect(404, "user_not_exist", root("DELETE", "/v1/users/99"), "99");
    expect(400, "invalid_schema", create("[]"));
    CPPUNIT_ASSERT_EQUAL(400, create(R"({"nam":"ada","password":"x"})").status);
    CPPUNIT_ASSERT_EQUAL(400, create(R"({"name":7,"password":"x"})").status);
  }
  // R21 and facts §4.1.
  void testTheLastAdministratorStays() {
    const std::int64_t first = make("first", "1"), second = make("second", "1,5");
    CPPUNIT_ASSERT(management_->hasAdministrator());
    expectOk(change(second, R"({"role_uids":[5]})"));
    expect(406, "change_last_admin_role_not_allowed", change(first, R"({"role_uids":[5]})"));
    expect(406, "change_last_admin_role_not_allowed", change(first, R"({"role":"none"})"));
    expect(406, "change_last_admin_role_not_allowed", root("DELETE", path("users", first)));
    const model::Revision before = revision();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, row(first).judged.user.role_uids.size());
    CPPUNIT_ASSERT_EQUAL(before, revision());
    expectOk(change(second, R"({"role_uids":[1]})"));
    expectOk(root("DELETE", path("users", first)));
  }
  void testAUserManagerCannotMakeOrChangeAdministrators() {
    const std::int64_t boss = make("boss", "1"), uma = make("uma", "7"), ann = make("ann", "5");
    const auto as = [&](const std::string& method, const std::string& where, const std::string& body) {
      return ask(user(uma), {method, where, body});
    };
    const auto mayNot = [&](const Answer& answer) {
      expect(403, "unauthorized_action", answer, "administrator");
    };
    mayNot(as("POST", "/v1/users", R"({"name":"x","password":"x","role":"admin"})"));
    mayNot(as("PUT", path("users", ann), R"({"role_uids":[5,1]})"));
    mayNot(as("PUT", path("users", uma), R"({"role":"admin"})"));
    mayNot(as("PUT", path("users", boss), R"({"password":"mine"})"));
    mayNot(as("DELETE", path("users", boss), ""));
    mayNot(as("POST", "/v1/roles", R"({"name":"x","management":"admin"})"));
    mayNot(as("PUT", "/v1/roles/7", R"({"management":"admin"})"));
    CPPUNIT_ASSERT_EQUAL(3, serving_->enrolled); // the three above alone
    expectOk(as("PUT", path("users", ann), R"({"role_uids":[4,7]})"));
    expectOk(as("POST", "/v1/users", R"({"name":"x","password":"x","role":"db_member"})"));
  }
  void testWhatAnyUserMayDoToItself() {
    const std::int64_t ann = make("ann", "6"), bob = make("bob", "");
    const auto as = [&](const std::string& method, std::int64_t uid, const std::string& body) {
      return ask(user(ann), {method, path("users", uid), body});
    };
    expectOk(as("GET", ann, ""), R"("name":"ann")");
    expect(403, "unauthorized_action", as("GET", bob, ""), "view_user_info");
    expectOk(as("PUT", ann, R"({"password":"another","email_alerts":false})"));
    expectOk(as("PUT", ann, R"({"name":"anna"})"));
    expect(403, "unauthorized_action", as("PUT", ann, R"({"role_uids":[5]})"), "role_uids");
    expect(403, "unauthorized_action", as("PUT", ann, R"({"email":"a@b.c"})"), "email");
    expect(403, "unauthorized_action",
           as("PUT", ann, R"({"auth_method":"certificate","certificate_subject_line":"CN=a"})"));
    expect(403, "unauthorized_action", as("PUT", bob, R"({"password":"x"})"));
    expect(403, "unauthorized_action", as("DELETE", ann, ""));
    expectOk(as("PUT", ann, root("GET", path("users", ann)).body)); // the whole, unchanged
  }
  void testListsComeInPieces() {
    expectOk(root("GET", "/v1/roles"), "Admin");
    Answer none = root("GET", "/v1/users");
    std::string out;
    CPPUNIT_ASSERT(none.listing && !none.listing->next(*reader_, out).value());
    CPPUNIT_ASSERT_EQUAL(std::string("[]"), out);
    asManifest([](store::Transaction& transaction) {
      for (int i = 0; i < 200; ++i) {
        store::UserRecord row;
        row.judged.user.name = "user" + std::to_string(i);
        row.judged.user.role_uids = {5};
        row.verifier = "$x$";
        CPPUNIT_ASSERT(transaction.insertUser(row).ok());
      }
    });
    Answer all = root("GET", "/v1/users");
    out.clear();
    int pieces = 1;
    while (all.listing->next(*reader_, out).value()) ++pieces;
    CPPUNIT_ASSERT_EQUAL(3, pieces);
    CPPUNIT_ASSERT(out.starts_with("[{") && out.ends_with("}]"));
    std::size_t users = 0;
    for (std::size_t at = 0; (at = out.find("\"role\":\"db_viewer\"", at)) != out.npos; ++at) ++users;
    CPPUNIT_ASSERT_EQUAL(std::size_t{200}, users);
    CPPUNIT_ASSERT(out.find("$x$") == out.npos && out.find("}{") == out.npos && out.find(",]") == out.npos);
  }
  void testTheCallersRole() {
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"role":"admin"})"), root("GET", "/v1/users/role").body);
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"role":"user_manager"})"),
                         ask(user(make("u", "7,5")), {"GET", "/v1/users/role", ""}).body);
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"role":"none"})"),
                         ask(user(make("n", "")), {"GET", "/v1/users/role", ""}).body);
  }
  void testIfMatch() {
    const std::int64_t uid = make("ada", "5");
    Ask put{"PUT", path("users", uid), R"({"email":"a@b.c"})"};
    put.ifMatch = field(root("GET", path("users", uid)), "ETag");
    CPPUNIT_ASSERT(!put.ifMatch.empty());
    const Answer first = ask(root(), put);
    expectOk(first);
    CPPUNIT_ASSERT(field(first, "ETag") != put.ifMatch);
    expect(412, "precondition_failed", ask(root(), put));
    for (const char* never : {"W/\"1\"", "\"\"", "\"x\"", "7"}) {
      put.ifMatch = never;
      expect(412, "precondition_failed", ask(root(), put));
    }
    put.ifMatch = "*";
    expectOk(ask(root(), put));
    Ask remove{"DELETE", path("users", uid), ""};
    remove.ifMatch = "\"1\"";
    expect(412, "precondition_failed", ask(root(), remove));
  }
  void testDeletionIsAnsweredWithAnAction() {
    const std::int64_t uid = make("ada", "5");
    const Answer answer = root("DELETE", path("users", uid));
    expectOk(answer);
    CPPUNIT_ASSERT(answer.body.starts_with(R"({"action_uid":")") && answer.body.size() == 53);
    expect(404, "user_not_exist", root("GET", path("users", uid)));
    CPPUNIT_ASSERT(serving_->published.back().users.contains(uid));
  }
  // R22
  void testHoldsOfAManifestsUser() {
    std::int64_t uid = 0;
    asManifest([&](store::Transaction& transaction) {
      store::UserRecord row;
      row.judged.user.name = "ada";
      row.judged.user.email = "a@b.c";
      row.judged.user.role_uids = {4, 5};
      row.verifier = "$x$";
      row.origin = store::Origin::manifest;
      uid = transaction.insertUser(row).value();
    });
    expectOk(change(uid, R"({"role_uids":[4,5,3]})")); // widened: nothing was taken away
    CPPUNIT_ASSERT(reader_->holds()->empty());
    expectOk(change(uid, R"({"role_uids":[5],"password":"new"})"));
    auto holds = reader_->holds().value();
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, holds.size());
    CPPUNIT_ASSERT_EQUAL(std::string("ada"), holds[0].name);
    CPPUNIT_ASSERT_EQUAL(std::string("local administrator (uid 0)"), holds[0].who);
    CPPUNIT_ASSERT(row(uid).origin == store::Origin::manifest);
    expectOk(root("DELETE", path("users", uid)));
    holds = reader_->holds().value();
    bool whole = false;
    for (const store::Hold& hold : holds) whole = whole || (hold.field.empty() && hold.email == "a@b.c");
    CPPUNIT_ASSERT(whole);
    // What the API made is nobody's wish but the API's.
    const std::size_t before = holds.size();
    expectOk(root("DELETE", path("users", make("eve", "5"))));
    CPPUNIT_ASSERT_EQUAL(before, reader_->holds()->size());
  }
  void testTheStatusIsAsItIsNow() {
    const std::int64_t uid = make("bob", "5");
    const std::int64_t ada =
        uidIn(create(R"({"auth_method":"certificate","certificate_subject_line":"CN=ada"})"));
    const auto status = [&](std::int64_t of) { return textIn(root("GET", path("users", of)), "status"); };
    CPPUNIT_ASSERT_EQUAL(std::string("active"), status(uid));
    expectOk(root("PUT", "/v1/cluster", R"({"password_expiration_duration":1})"));
    clock_.wall += 86'399;
    CPPUNIT_ASSERT_EQUAL(std::string("active"), status(uid));
    clock_.wall += 1;
    CPPUNIT_ASSERT_EQUAL(std::string("password_expired"), status(uid));
    serving_->lockedUsers = {uid, ada};
    CPPUNIT_ASSERT_EQUAL(std::string("locked"), status(uid));
    CPPUNIT_ASSERT_EQUAL(std::string("active"), status(ada)); // locks and dates are of passwords alone
    CPPUNIT_ASSERT(holds(change(uid, R"({"email":"a@b.c"})"), R"("status":"locked")"));
    CPPUNIT_ASSERT(row(uid).judged.user.status == model::UserStatus::active); // nothing of it is stored
    std::string list;
    Answer answer = root("GET", "/v1/users");
    while (*answer.listing->next(*reader_, list)) {
    }
    CPPUNIT_ASSERT_MESSAGE(list, list.find(R"("status":"locked")") != std::string::npos);
  }
  void testAWholeUserIsWrittenBackWhileItsStatusMoves() {
    const std::int64_t uid = make("bob", "5");
    serving_->lockedUsers = {uid};
    const std::string whole = root("GET", path("users", uid)).body;
    CPPUNIT_ASSERT(whole.find("locked") != std::string::npos);
    expectOk(change(uid, whole));
    // It ends between the worker, which understood the request, and the writer.
    auto operation = begin(root(), {"PUT", path("users", uid), whole});
    std::promise<Answer> promise;
    CPPUNIT_ASSERT(writer_->run([&](store::WriteConnection&) {
      operation->finish(*reader_, [&](Answer answer) { promise.set_value(std::move(answer)); });
      serving_->lockedUsers.clear();
    }));
    expectOk(promise.get_future().get(), R"("status":"active")");
    expect(400, "invalid_param", change(uid, whole), "status"); // now it is a wish, and not one to have
  }
  void testUnlocking() {
    const std::int64_t bob = make("bob", "5"), adam = make("adam", "1"), manager = make("mia", "7");
    serving_->lockedUsers = {bob, adam};
    const model::Revision before = revision();
    const auto unlock = [&](const Caller& caller, std::int64_t uid) {
      return ask(caller, {"POST", path("users", uid) + "/unlock", "", ""});
    };
    expect(403, "unauthorized_action", unlock(user(bob), bob));
    expect(403, "unauthorized_action",
           unlock(user(manager), adam)); // only administrators touch administrators
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, serving_->lockedUsers.size());
    expectOk(unlock(user(manager), bob), R"("status":"active")");
    expectOk(unlock(root(), adam));
    CPPUNIT_ASSERT(serving_->lockedUsers.empty());
    expect(404, "user_not_exist", unlock(root(), 99));
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }
  void testOnlyTheFieldsThatAreWanted() {
    const std::int64_t uid = make("bob", "5");
    const Answer one = ask(root(), {"GET", path("users", uid), "", "", "fields=name,uid"});
    CPPUNIT_ASSERT_EQUAL(R"({"uid":)" + std::to_string(uid) + R"(,"name":"bob"})", one.body);
    std::string list;
    Answer answer = ask(root(), {"GET", "/v1/users", "", "", "fields=name"});
    CPPUNIT_ASSERT(!*answer.listing->next(*reader_, list));
    CPPUNIT_ASSERT_EQUAL(std::string(R"([{"name":"bob"}])"), list);
  }
  void testNobodyDeletesItselfUnasked() {
    const std::int64_t adam = make("adam", "1");
    make("anne", "1");
    expect(406, "not_acceptable", ask(user(adam), {"DELETE", path("users", adam), ""}), "yourself");
    expectOk(ask(user(adam), {"DELETE", path("users", adam), "", "", "force"}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(UsersTest);
