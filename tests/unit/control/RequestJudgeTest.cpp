// Protects: what a request's head decides beside route and right. A page of another site cannot use
// somebody's client certificate, a writer who knew another state is told so, and who is nobody passes where
// nobody may.
#include "ManagementFixture.h"

#include "control/rest/Router.h"

using namespace gatehouse;
using namespace gatehouse::control;

namespace {
struct More {
  std::string origin = {}, host = {}, stateId = {}, contentType = "application/json";
  std::optional<std::uint64_t> length = {};
};
} // namespace

class RequestJudgeTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(RequestJudgeTest);
  CPPUNIT_TEST(testAnotherSitesPageCannotUseACertificate);
  CPPUNIT_TEST(testTheSameOriginMay);
  CPPUNIT_TEST(testAnotherSitesPageCannotUseAPassword);
  CPPUNIT_TEST(testOtherCredentialsAreNoBrowsers);
  CPPUNIT_TEST(testAWriterOfAnotherStateIsTold);
  CPPUNIT_TEST(testEveryAnswerSaysTheState);
  CPPUNIT_TEST(testOpenEndpointsTakeNobody);
  CPPUNIT_TEST(testAnExpiredPasswordIsNamed);
  CPPUNIT_TEST(testBodiesThatMayBeMissing);
  CPPUNIT_TEST_SUITE_END();

  std::unique_ptr<Operation> judge(const Caller& caller, const std::string& method, const std::string& path,
                                   const More& more = {}) {
    Head head;
    head.method = method;
    head.path = path;
    head.origin = more.origin;
    head.host = more.host;
    head.clusterStateId = more.stateId;
    head.contentType = more.contentType;
    head.length = more.length;
    return management_->begin(caller, head, serving_->inForce);
  }
  Answer asked(const Caller& caller, const std::string& method, const std::string& path,
               const More& more = {}, const std::string& body = {}) {
    auto operation = judge(caller, method, path, more);
    if (operation->wantsBody() && !body.empty()) CPPUNIT_ASSERT(operation->body(body).ok());
    return finish(std::move(operation));
  }
  /// An administrator whose only credential is the connection's certificate.
  Caller byCertificate() { return by(model::EvidenceKind::certificate); }
  Caller by(model::EvidenceKind kind) {
    model::Admission admission = *user(boss_).admission;
    admission.kind = kind;
    Caller caller = user(boss_);
    caller.admission = std::make_shared<const model::Admission>(std::move(admission));
    return caller;
  }
  std::int64_t boss_ = 0;

public:
  void setUp() override {
    ManagementFixture::setUp();
    boss_ = make("boss", "1");
  }

  void testAnotherSitesPageCannotUseACertificate() {
    for (const char* origin :
         {"https://evil.example", "null", "http://gw1.example.com:9443", "https://gw1.example.com",
          "https://gw1.example.com:9444", "https://gw1.example.com:9443 https://evil.example",
          "https://gw1.example.com:9443.evil.example", "gw1.example.com:9443", "https://", " "})
      for (const char* method : {"GET", "POST", "DELETE", "OPTIONS"})
        expect(403, "cross_site_request",
               asked(byCertificate(), method, "/v1/users", {origin, "gw1.example.com:9443"}));
    expect(403, "cross_site_request", asked(byCertificate(), "GET", "/v1/users", {"https://a", ""}));
    // Before anything else is looked at: it learns no path either.
    expect(403, "cross_site_request",
           asked(byCertificate(), "GET", "/nowhere", {"https://evil.example", "gw1.example.com"}));
    CPPUNIT_ASSERT(events_.count({"access.refused", "cross_site_request"}) > 0);
  }
  void testTheSameOriginMay() {
    expectOk(asked(byCertificate(), "GET", "/v1/users", {"", "gw1.example.com:9443"})); // no browser
    expectOk(
        asked(byCertificate(), "GET", "/v1/users", {"https://gw1.example.com:9443", "gw1.example.com:9443"}));
    expectOk(
        asked(byCertificate(), "GET", "/v1/users", {"HTTPS://GW1.example.com:9443", "gw1.Example.com:9443"}));
    expectOk(asked(byCertificate(), "GET", "/v1/users", {"https://gw1.example.com", "gw1.example.com:443"}));
    expectOk(asked(byCertificate(), "GET", "/v1/users", {"https://[::1]:9443", "[::1]:9443"}));
  }
  /// A browser that was once given it sends it with whatever a page makes it ask (Basic).
  void testAnotherSitesPageCannotUseAPassword() {
    const More evil{"https://evil.example", "gw1.example.com"},
        own{"https://gw1.example.com", "gw1.example.com"};
    Caller caller = by(model::EvidenceKind::password);
    caller.authorization = true;
    expect(403, "cross_site_request", asked(caller, "POST", "/v1/cluster/certificates/rotate", evil));
    expectOk(asked(caller, "GET", "/v1/users", own));
    expectOk(asked(caller, "GET", "/v1/users", {"", "gw1.example.com"}));
  }
  void testOtherCredentialsAreNoBrowsers() {
    const More evil{"https://evil.example", "gw1.example.com"};
    Caller token = by(model::EvidenceKind::token);
    token.authorization = true;
    expectOk(asked(token, "GET", "/v1/users", evil));
    expectOk(asked(root(), "GET", "/v1/users", evil)); // the control socket
    expect(401, "unauthenticated", asked(nobody(), "GET", "/v1/users", evil));
  }

  void testAWriterOfAnotherStateIsTold() {
    const std::string body = R"({"name":"a","management":"none"})";
    const model::Revision now = revision();
    const auto post = [&](const std::string& stateId) {
      More more;
      more.stateId = stateId;
      return asked(root(), "POST", "/v1/roles", more, body);
    };
    for (const std::string& other : {std::to_string(now - 1), std::to_string(now + 1), std::string("0"),
                                     std::string("-1"), std::string("nonsense")}) {
      const Answer answer = post(other);
      expect(409, "wrong_cluster_state_id", answer);
      CPPUNIT_ASSERT_EQUAL(std::to_string(now), field(answer, "cluster-state-id")); // what to read again
    }
    CPPUNIT_ASSERT_EQUAL(now, revision());
    const Answer made = post(std::to_string(now));
    expectOk(made);
    CPPUNIT_ASSERT_EQUAL(std::to_string(now + 1), field(made, "cluster-state-id"));
    More old;
    old.stateId = "1";
    expectOk(asked(root(), "GET", "/v1/roles", old)); // it guards writes
  }
  void testEveryAnswerSaysTheState() {
    const auto state = [&](const Answer& answer) { return field(answer, "cluster-state-id"); };
    const std::string now = std::to_string(revision());
    CPPUNIT_ASSERT_EQUAL(now, state(root("GET", "/v1/users")));
    CPPUNIT_ASSERT_EQUAL(now, state(root("GET", "/v1/nowhere")));
    CPPUNIT_ASSERT_EQUAL(now, state(root("POST", "/v1/roles", "{}")));
    CPPUNIT_ASSERT_EQUAL(now, state(root("OPTIONS", "/v1/users")));
    CPPUNIT_ASSERT_EQUAL(now, state(root("PUT", path("users", boss_), "{}"))); // changed nothing
    Ask dry{"DELETE", path("users", boss_), ""};
    dry.query = "dry_run&force";
    CPPUNIT_ASSERT_EQUAL(now, state(ask(root(), dry)));
    CPPUNIT_ASSERT_EQUAL(std::string(), state(ask(nobody(), {"GET", "/v1/users", ""})));
  }

  void testOpenEndpointsTakeNobody() {
    const Endpoint* open = nullptr;
    for (const Endpoint& one : endpoints())
      if (one.open && one.body && !one.mayLackBody) open = &one;
    CPPUNIT_ASSERT(open != nullptr);
    const auto elsewhere = judge(nobody(), "GET", "/v1/users");
    CPPUNIT_ASSERT(elsewhere->refusesStranger()); // the session keeps that record
    CPPUNIT_ASSERT(judge(nobody(), "GET", "/v1/nowhere")->refusesStranger());
    const auto here = judge(nobody(), std::string(open->method), std::string(open->path));
    CPPUNIT_ASSERT(here->wantsBody() && !here->refusesStranger());
    More text;
    text.contentType = "text/plain";
    const auto untyped = judge(nobody(), std::string(open->method), std::string(open->path), text);
    CPPUNIT_ASSERT(!untyped->wantsBody() && !untyped->refusesStranger());
    CPPUNIT_ASSERT(!judge(user(boss_), "GET", "/v1/nowhere")->refusesStranger());
  }
  void testAnExpiredPasswordIsNamed() {
    Caller caller;
    caller.refusal = "password_expired";
    caller.expired = user(boss_).admission;
    expect(401, "password_expired", asked(caller, "GET", "/v1/users"), "/v1/users/password");
    CPPUNIT_ASSERT(judge(caller, "GET", "/v1/users")->refusesStranger());
    CPPUNIT_ASSERT(judge(caller, "PUT", "/v1/users/password")->wantsBody());
    // It has not expired by the policy of the writer: then it is not good for this either.
    expect(401, "unauthenticated",
           asked(caller, "PUT", "/v1/users/password", {}, R"({"new_password":"another"})"));
    caller.expired = nullptr;
    CPPUNIT_ASSERT(judge(caller, "PUT", "/v1/users/password")->refusesStranger());
  }
  void testBodiesThatMayBeMissing() {
    const Endpoint* lax = nullptr;
    for (const Endpoint& one : endpoints())
      if (one.mayLackBody && one.path.find('{') == std::string_view::npos) lax = &one;
    CPPUNIT_ASSERT(lax != nullptr);
    const std::string method(lax->method), at(lax->path);
    More none;
    none.contentType = "";
    none.length = 0;
    CPPUNIT_ASSERT(judge(root(), method, at, none)->wantsBody());
    CPPUNIT_ASSERT(asked(root(), method, at, none).errorCode != "invalid_header");
    none.length = 2;
    expect(400, "invalid_header", asked(root(), method, at, none));
    none.length.reset(); // of no known length: judged once there is one
    CPPUNIT_ASSERT(asked(root(), method, at, none).errorCode != "invalid_header");
    expect(400, "invalid_header", asked(root(), method, at, none, "{}"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RequestJudgeTest);
