// Protects: nobody saws off the branch it sits on. A change of the settings or the trust that would shut out
// its own caller, or every administrator, is refused with what would be left, unless it is forced.
#include "ManagementFixture.h"

#include "control/change/WayIn.h"
#include "pki/Hash.h"

using namespace gatehouse;
using namespace gatehouse::control;

class LastWayInTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(LastWayInTest);
  CPPUNIT_TEST(testCertificatesOffForACertificateCaller);
  CPPUNIT_TEST(testAnotherCaForACertificateCaller);
  CPPUNIT_TEST(testASubjectThatIsNotAuthorized);
  CPPUNIT_TEST(testATlsVersionAboveTheCallers);
  CPPUNIT_TEST(testPasswordsOffForAPasswordCaller);
  CPPUNIT_TEST(testPasswordsOffNeedsAnotherWay);
  CPPUNIT_TEST(testTheLastWayOfAnyAdministratorStays);
  CPPUNIT_TEST(testAnotherAuthMethodMayCloseIt);
  CPPUNIT_TEST(testWhereNobodyCouldComeInNothingIsTaken);
  CPPUNIT_TEST(testForcedItIsDone);
  CPPUNIT_TEST(testTheLastAdministratorGoesOnlyWhenForced);
  CPPUNIT_TEST(testAManifestIsNoOtherWay);
  CPPUNIT_TEST(testARehearsalSaysItToo);
  CPPUNIT_TEST(testOnesOwnPasswordIsNoLockOut);
  CPPUNIT_TEST(testOneOfTwoAdministratorsMayGo);
  CPPUNIT_TEST(testTheLocalAdministratorIsNeverLockedOut);
  CPPUNIT_TEST_SUITE_END();

  const test::Forged ca_ = test::Forge().ca("Example CA").make();
  std::int64_t ada_ = 0; // an administrator by certificate

  Answer cluster(const Caller& caller, const std::string& body, const std::string& query = {}) {
    return ask(caller, {"PUT", "/v1/cluster", body, "application/json", query});
  }
  void certificatesOn() {
    trust(ca_);
    expectOk(cluster(root(), R"({"mtls_certificate_authentication":true})"));
    ada_ =
        uidIn(root("POST", "/v1/users",
                   R"({"auth_method":"certificate","certificate_subject_line":"CN=ada","role_uids":[1]})"));
  }
  Caller ada() {
    model::Admission admission;
    admission.kind = model::EvidenceKind::certificate;
    admission.tlsVersion = 0x0303;
    admission.userUid = ada_;
    admission.userRevision = row(ada_).judged.revision;
    admission.chain.anchor = *serving_->inForce.snapshot->anchors.begin();
    admission.chain.notAfter = clock_.wallSeconds() + 1000;
    admission.chain.subjectKey = row(ada_).judged.subjectKey;
    admission.chain.commonName = pki::nameDigest("ada");
    Caller caller;
    caller.user = reader_->userByUid(ada_)->record;
    caller.admission = std::make_shared<const model::Admission>(std::move(admission));
    return caller;
  }
  void refused(const Answer& answer, const std::string& naming) {
    expect(406, "last_way_in", answer, naming);
    CPPUNIT_ASSERT_MESSAGE(answer.body, holds(answer, "what would be left") && holds(answer, "force"));
  }
  const model::ClusterSettings& settings() { return serving_->inForce.snapshot->settings; }

public:
  void testCertificatesOffForACertificateCaller() {
    certificatesOn();
    const std::int64_t adam = make("adam", "1");
    refused(cluster(ada(), R"({"mtls_certificate_authentication":false})"), "administrators by password");
    CPPUNIT_ASSERT(settings().mtls_certificate_authentication);
    expectOk(cluster(ada(), R"({"password_complexity":true})")); // what concerns no way in
    expectOk(cluster(user(adam), R"({"mtls_certificate_authentication":false})"));
  }
  void testAnotherCaForACertificateCaller() {
    certificatesOn();
    const test::Forged other = test::Forge().ca("Other CA").make();
    const auto put = [&](const std::string& pem) {
      return ask(ada(), {"PUT", "/v1/cluster/certificates", certificates(entry("mtls_trusted_ca", pem))});
    };
    refused(put(other.pem()), "mtls_trusted_ca");
    expectOk(put(ca_.pem() + other.pem())); // one more, then the other way round
  }
  void testASubjectThatIsNotAuthorized() {
    certificatesOn();
    const auto narrow = [&](const std::string& name) {
      return cluster(ada(), R"({"mtls_client_cert_subject_validation_type":"san_cn",)"
                            R"("mtls_authorized_subjects":[{"CN":")" +
                                name + R"("}]})");
    };
    refused(narrow("eve"), "subject");
    expectOk(narrow("ada"));
  }
  void testTheLastAdministratorGoesOnlyWhenForced() {
    const std::int64_t adam = make("adam", "1");
    expect(406, "change_last_admin_role_not_allowed", root("DELETE", path("users", adam)), "control socket");
    expect(406, "change_last_admin_role_not_allowed",
           root("PUT", path("users", adam), R"({"role_uids":[5]})"), "force");
    expectOk(ask(root(), {"DELETE", path("users", adam), {}, {}, "force"}));
    CPPUNIT_ASSERT(!management_->hasAdministrator());
  }
  void testATlsVersionAboveTheCallers() {
    certificatesOn();
    refused(cluster(ada(), R"({"min_control_TLS_version":"1.3"})"), "min_control_TLS_version");
    expectOk(cluster(user(make("adam", "1")), R"({"min_control_TLS_version":"1.3"})")); // came by 1.3
  }
  void testPasswordsOffForAPasswordCaller() {
    certificatesOn();
    const std::int64_t adam = make("adam", "1");
    refused(cluster(user(adam), R"({"control_plane_basic_authentication":false})"),
            "administrators by certificate");
    expectOk(cluster(ada(), R"({"control_plane_basic_authentication":false})"));
  }
  void testPasswordsOffNeedsAnotherWay() {
    make("adam", "1");
    refused(cluster(root(), R"({"control_plane_basic_authentication":false})"), "control socket");
    trust(ca_); // an administrator by certificate is no way in while certificates are off
    ada_ =
        uidIn(root("POST", "/v1/users",
                   R"({"auth_method":"certificate","certificate_subject_line":"CN=ada","role_uids":[1]})"));
    refused(cluster(root(), R"({"control_plane_basic_authentication":false})"), "control socket");
    expectOk(cluster(
        root(), R"({"mtls_certificate_authentication":true,"control_plane_basic_authentication":false})"));
  }
  void testTheLastWayOfAnyAdministratorStays() {
    certificatesOn();
    const std::int64_t adam = make("adam", "1");
    expectOk(cluster(ada(), R"({"control_plane_basic_authentication":false})"));
    // adam is an administrator still, but cannot come in.
    expect(406, "last_way_in", root("DELETE", path("users", ada_)), "control socket");
    expect(406, "last_way_in", root("PUT", path("users", ada_), R"({"role_uids":[5]})"));
    expect(406, "last_way_in", cluster(root(), R"({"mtls_certificate_authentication":false})"));
    expectOk(root("DELETE", path("users", adam)));
  }
  void testAnotherAuthMethodMayCloseIt() {
    const std::int64_t adam = make("adam", "1");
    const Answer changed = root("PUT", path("users", adam),
                                R"({"auth_method":"certificate","certificate_subject_line":"CN=adam"})");
    refused(changed, "control socket"); // certificates are off
    certificatesOn();
    expectOk(root("PUT", path("users", adam),
                  R"({"auth_method":"certificate","certificate_subject_line":"CN=adam"})"));
    expectOk(cluster(ada(), R"({"control_plane_basic_authentication":false})"));
    expectOk(root("PUT", path("users", adam), R"({"auth_method":"regular","password":"x"})"));
    refused(root("PUT", path("users", ada_), R"({"auth_method":"regular","password":"x"})"),
            "control socket");
  }
  void testWhereNobodyCouldComeInNothingIsTaken() {
    expectOk(cluster(root(), R"({"control_plane_basic_authentication":false})")); // nobody is there yet
    make("adam", "1");
    expectOk(cluster(root(), R"({"password_complexity":true})"));
    expectOk(cluster(root(), R"({"control_plane_basic_authentication":true})"));
  }
  void testAManifestIsNoOtherWay() {
    certificatesOn();
    const std::string off = R"({"manifest":{"cluster":{"mtls_certificate_authentication":false}},)"
                            R"("options":{"adopt":["cluster"]})";
    const auto plan = [&](const std::string& query) {
      return ask(ada(), {"POST", "/v1/plan", off + "}", "application/json", query});
    };
    const auto apply = [&](const std::string& query) {
      return ask(ada(), {"POST", "/v1/apply", off + ",\"revision\":" + std::to_string(revision()) + "}",
                         "application/json", query});
    };
    refused(plan(""), "mtls_certificate_authentication would be off"); // a plan says it, too
    refused(apply(""), "mtls_certificate_authentication would be off");
    expectOk(plan("force=true"));
    CPPUNIT_ASSERT(settings().mtls_certificate_authentication);
    expectOk(apply("force=true"));
    CPPUNIT_ASSERT(!settings().mtls_certificate_authentication);
  }
  void testForcedItIsDone() {
    certificatesOn();
    expectOk(cluster(ada(), R"({"mtls_certificate_authentication":false})", "force"));
    CPPUNIT_ASSERT(!settings().mtls_certificate_authentication);
    make("adam", "1");
    expect(400, "invalid_param",
           cluster(root(), R"({"control_plane_basic_authentication":false})", "force=maybe"));
    expectOk(cluster(root(), R"({"control_plane_basic_authentication":false})", "force=true"));
  }
  void testARehearsalSaysItToo() {
    certificatesOn();
    refused(cluster(ada(), R"({"mtls_certificate_authentication":false})", "dry_run"), "would be off");
  }
  void testOnesOwnPasswordIsNoLockOut() {
    const std::int64_t adam = make("adam", "1");
    expectOk(ask(user(adam), {"PUT", "/v1/users/password", R"({"new_password":"another"})"}));
    expectOk(ask(user(adam), {"PUT", path("users", adam), R"({"name":"adam2"})"}));
    clock_.wall += 2 * 86'400;
    expectOk(cluster(user(adam), R"({"password_expiration_duration":1})")); // it may set a new one
  }
  void testOneOfTwoAdministratorsMayGo() {
    const std::int64_t adam = make("adam", "1"), anne = make("anne", "1");
    expectOk(ask(user(adam), {"PUT", path("users", adam), R"({"role_uids":[5]})"}));
    expect(406, "change_last_admin_role_not_allowed",
           ask(user(anne), {"PUT", path("users", anne), R"({"role_uids":[5]})"}));
    expect(406, "change_last_admin_role_not_allowed", root("DELETE", path("users", anne)));
  }
  void testTheLocalAdministratorIsNeverLockedOut() {
    certificatesOn();
    make("adam", "1");
    expectOk(cluster(root(), R"({"min_control_TLS_version":"1.3"})"));
    expectOk(cluster(root(), R"({"mtls_certificate_authentication":false})")); // adam has his password
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LastWayInTest);
