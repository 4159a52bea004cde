// Protects: the door of the management: who is nobody learns nothing, what is ambiguous is refused, and the
// order in which a request is judged.
#include "ManagementFixture.h"

#include "control/rest/Query.h"
#include "control/rest/Router.h"

using namespace gatehouse;
using namespace gatehouse::control;

class RouterTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(RouterTest);
  CPPUNIT_TEST(testNobodyLearnsNoRoutes);
  CPPUNIT_TEST(testNoVerdictIsNotNobody);
  CPPUNIT_TEST(testUnknownPathsAreNotFound);
  CPPUNIT_TEST(testHeadAnswersWhatGetDoes);
  CPPUNIT_TEST(testOtherMethodsAreToldWhatIsAllowed);
  CPPUNIT_TEST(testLocalEvidenceCountsOnTheControlSocketAlone);
  CPPUNIT_TEST(testVersions);
  CPPUNIT_TEST(testContentType);
  CPPUNIT_TEST(testBodiesAreBounded);
  CPPUNIT_TEST(testRightsAreJudgedBeforeTheBody);
  CPPUNIT_TEST(testPercentDecodingIsStrict);
  CPPUNIT_TEST(testQueriesAreStrictAboutDryRun);
  CPPUNIT_TEST(testEveryRefusalIsRecorded);
  CPPUNIT_TEST_SUITE_END();

public:
  void testNobodyLearnsNoRoutes() {
    for (const char* path : {"/v1/cluster", "/v1/nothing", "/"}) {
      const Answer answer = ask(nobody(), {"GET", path, ""});
      expect(401, "unauthenticated", answer);
      CPPUNIT_ASSERT(!holds(answer, "password is wrong")); // the reason is for the audit record
    }
    expect(401, "unauthenticated", ask(nobody(), {"PATCH", "/v1/cluster", "", "text/plain"}));
    CPPUNIT_ASSERT(events_.count({"access.refused"}) == 0);
    Caller half = nobody(); // an admission without its user is nobody's
    half.admission = std::make_shared<const model::Admission>();
    expect(401, "unauthenticated", ask(half, {"GET", "/v1/cluster", ""}));
  }
  void testNoVerdictIsNotNobody() {
    Caller caller = nobody();
    caller.refusedAs = Code::unavailable;
    expect(503, "unavailable", ask(caller, {"GET", "/v1/cluster", ""}));
  }
  void testUnknownPathsAreNotFound() {
    for (const char* path :
         {"/", "/v1", "/v1/", "/v1/cluster/", "//v1/cluster", "/v1/./cluster", "/v1/users/ada", "/v1/users/0",
          "/v1/users/-1", "/v1/users/01", "/v1/users/1/x", "/V1/cluster", "/v1/cluster%2Fcertificates",
          "/v1/users/99999999999999999999", "/1/2/3/4/5/6/7/8/9/10"})
      expect(404, "not_found", root("GET", path));
    expectOk(root("GET", "/v1/%63luster"));
  }
  void testHeadAnswersWhatGetDoes() {
    const Answer get = root("GET", "/v1/users"), head = root("HEAD", "/v1/users");
    CPPUNIT_ASSERT_EQUAL(get.status, head.status);
    CPPUNIT_ASSERT_EQUAL(field(get, "Content-Type"), field(head, "Content-Type"));
    expect(404, "user_not_exist", root("HEAD", "/v1/users/12"));
    expect(405, "method_not_allowed", root("HEAD", "/v2/bdbs"));
    expect(401, "unauthenticated", ask(nobody(), {"HEAD", "/v1/users", ""}));
  }
  void testOtherMethodsAreToldWhatIsAllowed() {
    const Answer answer = root("DELETE", "/v1/cluster");
    expect(405, "method_not_allowed", answer);
    CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, PUT, OPTIONS"), field(answer, "Allow"));
    expect(405, "method_not_allowed", root("get", "/v1/cluster"));
    const Answer options = root("OPTIONS", "/v1/users/12");
    expectOk(options);
    CPPUNIT_ASSERT_EQUAL(std::string("GET, HEAD, PUT, DELETE, OPTIONS"), field(options, "Allow"));
  }
  void testLocalEvidenceCountsOnTheControlSocketAlone() {
    model::Admission admission;
    admission.kind = model::EvidenceKind::local; // but control is false
    Caller caller;
    caller.admission = std::make_shared<const model::Admission>(admission);
    expect(401, "unauthenticated", ask(caller, {"GET", "/v1/cluster", ""}));
  }
  void testVersions() {
    Ask what{"GET", "/v1/cluster", ""};
    for (const char* good : {"", "1", "v1"}) {
      what.apiVersion = good;
      expectOk(ask(root(), what));
    }
    what.apiVersion = "2";
    expect(505, "unsupported_api_version", ask(root(), what), "2");
    what.path = "/v2/actions";
    expectOk(ask(root(), what));
    what.apiVersion = "3";
    expect(505, "unsupported_api_version", ask(root(), what), "3");
  }
  void testContentType() {
    for (const char* good : {"application/json", "Application/JSON;charset=UTF-8",
                             "application/json ; charset=\"utf-8\"", "application/json;"})
      expectOk(ask(root(), {"PUT", "/v1/cluster", "{}", good}));
    for (const char* bad : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
                            "application/json; charset=latin1", "application/json, text/plain"})
      expect(400, "invalid_header", ask(root(), {"PUT", "/v1/cluster", "{}", bad}), "curl --json");
    expectOk(ask(root(), {"GET", "/v1/cluster", "", ""}));
  }
  void testBodiesAreBounded() {
    const std::string large(Management::bodyLimit + 1, ' ');
    expect(413, "body_too_large", root("PUT", "/v1/cluster", large)); // by its length
    Head head;
    head.method = "PUT";
    head.path = "/v1/cluster";
    head.contentType = "application/json"; // without a length: by what comes
    auto operation = management_->begin(root(), head, serving_->inForce);
    CPPUNIT_ASSERT(operation->body(std::string(Management::bodyLimit, ' ')).ok());
    CPPUNIT_ASSERT(!operation->body("x").ok());
    CPPUNIT_ASSERT(!operation->body("").ok());
    expect(413, "body_too_large", finish(std::move(operation)));
  }
  void testRightsAreJudgedBeforeTheBody() {
    const Caller viewer = user(make("vera", "3"));
    auto operation = begin(viewer, {"PUT", "/v1/cluster", "{}", "text/plain"});
    CPPUNIT_ASSERT(!operation->wantsBody());
    expect(403, "unauthorized_action", finish(std::move(operation)), "update_cluster");
    expect(405, "method_not_allowed", ask(viewer, {"POST", "/v1/cluster", "{}"}));
    expect(400, "invalid_schema", root("PUT", "/v1/cluster", "{"));
    expect(400, "invalid_schema", root("PUT", "/v1/cluster", ""));
    expect(400, "invalid_schema", root("PUT", "/v1/cluster", R"({"name":"a","name":"a"})"));
  }
  void testPercentDecodingIsStrict() {
    CPPUNIT_ASSERT_EQUAL(std::string("a b+/"), percentDecode("a%20b+%2f").value());
    for (const char* bad : {"%", "%2", "%zz", "a%0", "%00", "%ff", "%c3"})
      CPPUNIT_ASSERT_MESSAGE(bad, !percentDecode(bad).ok());
    expect(400, "invalid_param", root("DELETE", "/v1/cluster/certificates/%zz"));
  }
  void testQueriesAreStrictAboutDryRun() {
    CPPUNIT_ASSERT(parseQuery("dry_run")->dryRun && parseQuery("a=b&dry_run=true")->dryRun);
    CPPUNIT_ASSERT(parseQuery("dry%5Frun=%74rue")->dryRun);
    CPPUNIT_ASSERT(!parseQuery("")->dryRun && !parseQuery("fields=name&dry_run=false")->dryRun);
    // Whoever misspells the value must not get the real thing.
    for (const char* bad : {"dry_run=", "dry_run=True", "dry_run=1", "dry_run&dry_run", "dry_run=%"})
      CPPUNIT_ASSERT_MESSAGE(bad, !parseQuery(bad).ok());
    Ask what{"DELETE", "/v1/roles/5", ""};
    what.query = "dry_run=yes";
    expect(400, "invalid_param", ask(root(), what), "dry_run");
    what.query = "dry_run";
    expectOk(ask(root(), what));
    expectOk(root("GET", "/v1/roles/5"), "DB Viewer");
  }
  void testEveryRefusalIsRecorded() {
    ask(user(make("vera", "3")), {"PUT", "/v1/cluster", "{}"});
    CPPUNIT_ASSERT(events_.count({"access.refused", "\"who\":\"vera\"", "\"method\":\"PUT\"",
                                  "\"path\":\"/v1/cluster\"", "unauthorized_action"}) == 1);
    root("PUT", "/v1/cluster", R"({"nonsense":1})");
    CPPUNIT_ASSERT(events_.count({"change.refused", "local administrator", "/v1/cluster"}) == 1);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RouterTest);
