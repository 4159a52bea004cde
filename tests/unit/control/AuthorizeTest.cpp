// Protects: who gets a token, and what it is worth: no more than the login that it was given for (R5: several
// credentials name one user or nobody), bound to the certificate that was shown and no longer valid than it.
#include "ManagementFixture.h"

#include "pki/Hash.h"

using namespace gatehouse;
using namespace gatehouse::control;

class AuthorizeTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(AuthorizeTest);
  CPPUNIT_TEST(testALoginGetsAToken);
  CPPUNIT_TEST(testTheTimeToLive);
  CPPUNIT_TEST(testNobodyGetsNone);
  CPPUNIT_TEST(testTheBodysCredentials);
  CPPUNIT_TEST(testHeaderAndBodyMustAgree);
  CPPUNIT_TEST(testAFailedHeaderIsNotMendedByABody);
  CPPUNIT_TEST(testHalfCredentials);
  CPPUNIT_TEST(testAnExpiredPasswordIsTold);
  CPPUNIT_TEST(testATokenBelongsToTheCertificateThatWasShown);
  CPPUNIT_TEST(testACertificatesTokenEndsWithIt);
  CPPUNIT_TEST(testTheLocalAdministratorGetsNone);
  CPPUNIT_TEST(testOnlyTokensAreRefreshed);
  CPPUNIT_TEST(testATokenIsNotReadBeforeTheStart);
  CPPUNIT_TEST(testTheKeyStaysTheStores);
  CPPUNIT_TEST(testPermissionsByRole);
  CPPUNIT_TEST_SUITE_END();

  Answer authorize(const Caller& caller, const std::string& body = {}) {
    return ask(caller, {"POST", "/v1/users/authorize", body, body.empty() ? "" : "application/json"});
  }
  Answer refresh(const Caller& caller, const std::string& body = {}) {
    return ask(caller, {"POST", "/v1/users/refresh_jwt", body, body.empty() ? "" : "application/json"});
  }
  TokenClaims claimsIn(const Answer& answer) {
    expectOk(answer);
    auto claims = management_->readToken(textIn(answer, "access_token"));
    CPPUNIT_ASSERT_MESSAGE(answer.body, claims.ok());
    return *claims;
  }
  void refused(const Answer& answer) {
    expect(401, "unauthenticated", answer);
    CPPUNIT_ASSERT(!holds(answer, "access_token"));
  }
  /// A stranger whose body proves that caller, where login and password fit.
  Caller proving(Caller asker, const std::string& login, const std::string& password, const Caller& proven) {
    asker.prove = [=, this](std::string gotLogin, Secret gotPassword, std::function<void(Caller)> done) {
      ++proofs_;
      done(gotLogin == login && gotPassword.reveal() == password ? proven : nobody());
    };
    return asker;
  }
  static std::string body(const std::string& login, const std::string& password,
                          const std::string& more = {}) {
    return R"({"username":")" + login + R"(","password":")" + password + '"' + more + '}';
  }
  /// A certificate user on a connection that showed its certificate.
  Caller byCertificate(std::int64_t uid, std::int64_t notAfter) {
    model::Admission admission;
    admission.kind = model::EvidenceKind::certificate;
    admission.tlsVersion = 0x0304;
    admission.userUid = uid;
    admission.userRevision = row(uid).judged.revision;
    admission.chain.anchor = pki::sha256("a CA");
    admission.chain.leaf = admission.presented = pki::sha256("a leaf");
    admission.chain.notAfter = notAfter;
    Caller caller;
    caller.user = reader_->userByUid(uid)->record;
    caller.presented = admission.presented;
    caller.admission = std::make_shared<const model::Admission>(std::move(admission));
    return caller;
  }
  Caller byToken(std::int64_t uid, const model::Digest& leaf = {}) {
    Caller caller = user(uid);
    model::Admission admission = *caller.admission;
    admission.kind = model::EvidenceKind::token;
    admission.tokenExpires = clock_.wallSeconds() + 300;
    admission.tokenLeaf = admission.presented = caller.presented = leaf;
    caller.admission = std::make_shared<const model::Admission>(std::move(admission));
    caller.authorization = true;
    return caller;
  }
  std::int64_t ada() {
    return uidIn(
        root("POST", "/v1/users",
             R"({"auth_method":"certificate","certificate_subject_line":"CN=ada","role_uids":[5]})"));
  }

  int proofs_ = 0;

public:
  void testALoginGetsAToken() {
    const std::int64_t uid = make("bob", "5");
    const TokenClaims claims = claimsIn(authorize(user(uid)));
    CPPUNIT_ASSERT_EQUAL(uid, claims.userUid);
    CPPUNIT_ASSERT_EQUAL(row(uid).judged.revision, claims.userRevision);
    CPPUNIT_ASSERT_EQUAL(clock_.wallSeconds(), claims.issuedAt);
    CPPUNIT_ASSERT_EQUAL(clock_.wallSeconds() + 300, claims.expires);
    CPPUNIT_ASSERT(claims.leaf == model::Digest{});
  }
  void testTheTimeToLive() {
    const Caller bob = user(make("bob", "5"));
    const auto life = [&](const std::string& ttl) {
      const TokenClaims claims = claimsIn(authorize(bob, R"({"ttl":)" + ttl + '}'));
      return claims.expires - claims.issuedAt;
    };
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, life("1"));
    CPPUNIT_ASSERT_EQUAL(std::int64_t{86'400}, life("86400"));
    for (const char* ttl : {"0", "-1", "86401", R"("300")", "1.5", "null"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(ttl, 400, authorize(bob, R"({"ttl":)" + std::string(ttl) + '}').status);
    expect(400, "invalid_schema", authorize(bob, R"({"tll":1})"), "ttl");
    expect(400, "invalid_param", refresh(byToken(bob.user->judged.user.uid), R"({"ttl":0})"));
  }
  void testNobodyGetsNone() {
    refused(authorize(nobody()));
    refused(authorize(nobody(), "{}"));
    refused(refresh(nobody()));
    Caller unsure = nobody();
    unsure.refusedAs = Code::unavailable;
    expect(503, "unavailable", authorize(unsure));
  }
  void testTheBodysCredentials() {
    const std::int64_t uid = make("bob", "5");
    const Caller asker = proving(nobody(), "bob", "secret-bob", user(uid));
    const TokenClaims claims = claimsIn(authorize(asker, body("bob", "secret-bob", R"(,"ttl":60)")));
    CPPUNIT_ASSERT_EQUAL(uid, claims.userUid);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{60}, claims.expires - claims.issuedAt);
    refused(authorize(asker, body("bob", "wrong")));
    CPPUNIT_ASSERT_EQUAL(2, proofs_);
    refused(authorize(nobody(), body("bob", "secret-bob"))); // nowhere to prove it
  }
  // R5
  void testHeaderAndBodyMustAgree() {
    const std::int64_t bob = make("bob", "5"), eve = make("eve", "5"), certificate = ada();
    const Caller self = proving(user(bob), "bob", "secret-bob", user(bob)),
                 other = proving(user(bob), "eve", "secret-eve", user(eve)),
                 mixed = proving(byCertificate(certificate, clock_.wallSeconds() + 1000), "bob", "secret-bob",
                                 user(bob));
    CPPUNIT_ASSERT_EQUAL(bob, claimsIn(authorize(self, body("bob", "secret-bob"))).userUid);
    refused(authorize(self, body("bob", "wrong")));
    refused(authorize(other, body("eve", "secret-eve")));
    refused(authorize(mixed, body("bob", "secret-bob")));
  }
  void testAFailedHeaderIsNotMendedByABody() {
    const std::int64_t bob = make("bob", "5");
    Caller asker = proving(nobody(), "bob", "secret-bob", user(bob));
    asker.authorization = true;
    refused(authorize(asker, body("bob", "secret-bob")));
    CPPUNIT_ASSERT_EQUAL(0, proofs_);
  }
  void testHalfCredentials() {
    const Caller bob = user(make("bob", "5"));
    expect(400, "missing_field", authorize(bob, R"({"username":"bob"})"), "password");
    expect(400, "missing_field", authorize(bob, R"({"password":"secret-bob"})"), "username");
  }
  void testAnExpiredPasswordIsTold() {
    const Caller bob = user(make("bob", "5"));
    Caller expired = nobody();
    expired.expired = bob.admission;
    expect(401, "password_expired", authorize(expired));
    expect(401, "password_expired",
           authorize(proving(nobody(), "bob", "secret-bob", expired), body("bob", "secret-bob")));
  }
  void testATokenBelongsToTheCertificateThatWasShown() {
    const std::int64_t bob = make("bob", "5"), certificate = ada();
    const Caller holder = byCertificate(certificate, clock_.wallSeconds() + 1000);
    CPPUNIT_ASSERT(claimsIn(authorize(holder)).leaf == holder.presented);
    // Also of a password that was tried beside a certificate, which may be nobody's.
    Caller beside = user(bob);
    beside.presented = pki::sha256("another leaf");
    CPPUNIT_ASSERT(claimsIn(authorize(beside)).leaf == beside.presented);
    Caller stranger = nobody();
    stranger.presented = beside.presented;
    CPPUNIT_ASSERT(
        claimsIn(authorize(proving(stranger, "bob", "secret-bob", user(bob)), body("bob", "secret-bob")))
            .leaf == beside.presented);
    // A certificate user's never goes without.
    Caller lost = holder;
    lost.presented = {};
    refused(authorize(lost));
  }
  void testACertificatesTokenEndsWithIt() {
    const std::int64_t certificate = ada(), end = clock_.wallSeconds() + 100;
    CPPUNIT_ASSERT_EQUAL(end, claimsIn(authorize(byCertificate(certificate, end))).expires);
    CPPUNIT_ASSERT_EQUAL(end - 1,
                         claimsIn(authorize(byCertificate(certificate, end), R"({"ttl":99})")).expires);
  }
  void testTheLocalAdministratorGetsNone() { expect(406, "not_acceptable", authorize(root())); }
  void testOnlyTokensAreRefreshed() {
    const std::int64_t bob = make("bob", "5"), certificate = ada();
    refused(refresh(user(bob)));
    refused(refresh(byCertificate(certificate, clock_.wallSeconds() + 1000)));
    refused(refresh(root()));
    const TokenClaims claims = claimsIn(refresh(byToken(bob), R"({"ttl":900})"));
    CPPUNIT_ASSERT_EQUAL(bob, claims.userUid);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{900}, claims.expires - claims.issuedAt);
    const model::Digest leaf = pki::sha256("a leaf");
    CPPUNIT_ASSERT(claimsIn(refresh(byToken(certificate, leaf))).leaf == leaf);
  }
  void testATokenIsNotReadBeforeTheStart() {
    const Management management(*store_, *writer_, *serving_, clock_, events_, {"gw1.example.com", 9443});
    CPPUNIT_ASSERT(management.readToken("x").error().code == Code::unavailable);
  }
  void testTheKeyStaysTheStores() {
    const Answer answer = authorize(user(make("bob", "5")));
    Management again(*store_, *writer_, *serving_, clock_, events_, {"gw1.example.com", 9443});
    CPPUNIT_ASSERT(again.start({}).ok());
    CPPUNIT_ASSERT(again.readToken(textIn(answer, "access_token")).ok());
    CPPUNIT_ASSERT_EQUAL(std::size_t{32}, (*reader_->key("token"))->reveal().size());
  }
  void testPermissionsByRole() {
    const Caller bob = user(make("bob", "5"));
    const Answer all = ask(bob, {"GET", "/v1/users/permissions", ""});
    expectOk(all, R"("none":{"api_permissions":[],"ui_permissions":[]})");
    for (const char* word :
         {"admin", "cluster_member", "cluster_viewer", "db_member", "db_viewer", "user_manager"}) {
      const Answer one = ask(bob, {"GET", "/v1/users/permissions/" + std::string(word), ""});
      expectOk(one, '"' + std::string(word) + R"(":{"api_permissions":[")");
      CPPUNIT_ASSERT(holds(all, one.body.substr(1, one.body.size() - 2)));
      CPPUNIT_ASSERT_EQUAL(std::string(word) == "admin", holds(one, R"("update_cluster")"));
      CPPUNIT_ASSERT(!holds(one, R"("authenticated")"));
    }
    expect(404, "not_found", ask(bob, {"GET", "/v1/users/permissions/root", ""}));
    expect(401, "unauthenticated", ask(nobody(), {"GET", "/v1/users/permissions", ""}));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AuthorizeTest);
