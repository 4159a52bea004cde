// Protects: the one decision. Each row of the table takes one thing away from an admission that stands, and
// the answer must be no.
#include "model/Judge.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>

using namespace gatehouse;
using namespace gatehouse::model;

namespace {

constexpr std::int64_t now = 1'800'000'000;
Digest digest(std::uint8_t b) {
  Digest d{};
  d.fill(b);
  return d;
}

struct Case {
  Admission admission;
  Snapshot snapshot;
  UserRow row;
  bool gone = false;
  std::int64_t at = now;
  [[nodiscard]] Judgement judged() const { return judge(admission, snapshot, gone ? nullptr : &row, at); }
};

Case certificateCase() {
  Case c;
  c.admission.kind = EvidenceKind::certificate;
  c.admission.tlsVersion = 0x0304;
  c.admission.userUid = 7;
  c.admission.chain.anchor = digest(1);
  c.admission.chain.notAfter = now + 100;
  c.admission.chain.subjectKey = digest(2);
  c.admission.chain.commonName = digest(3);
  c.admission.chain.dnsNames = {digest(4)};
  c.admission.chain.subjectTuple = digest(5);
  c.snapshot.settings.mtls_certificate_authentication = true;
  c.snapshot.anchors = {digest(1), digest(9)};
  c.row.user.uid = 7;
  c.row.user.auth_method = AuthMethod::certificate;
  c.row.subjectKey = digest(2);
  return c;
}
Case passwordCase() {
  Case c;
  c.admission.kind = EvidenceKind::password;
  c.admission.tlsVersion = 0x0303;
  c.admission.userUid = 7;
  c.admission.userRevision = 5;
  c.row.user.uid = 7;
  c.row.hasVerifier = true;
  c.row.revision = 5;
  return c;
}
Case tokenCase() {
  Case c = passwordCase();
  c.admission.kind = EvidenceKind::token;
  c.admission.tokenExpires = now + 100;
  return c;
}
Case boundTokenCase() { // of a certificate user
  Case c = certificateCase();
  c.admission.kind = EvidenceKind::token;
  c.admission.tokenExpires = now + 100;
  c.admission.userRevision = c.row.revision = 5;
  c.admission.tokenLeaf = c.admission.presented = digest(6);
  return c;
}
void refuses(Case c, Reason reason, const std::function<void(Case&)>& change) {
  CPPUNIT_ASSERT(c.judged().stands());
  change(c);
  CPPUNIT_ASSERT_EQUAL(std::string(word(reason)), std::string(word(c.judged().reason)));
  CPPUNIT_ASSERT(!c.judged().stands());
}

} // namespace

class JudgeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JudgeTest);
  CPPUNIT_TEST(testACertificateStandsUntilOneThingIsTakenAway);
  CPPUNIT_TEST(testAPasswordStandsUntilOneThingIsTakenAway);
  CPPUNIT_TEST(testAnExpiredPasswordIsTheLastThingThatIsSaid);
  CPPUNIT_TEST(testATokenStandsUntilOneThingIsTakenAway);
  CPPUNIT_TEST(testATokenOfACertificateStandsBesideThatCertificateAlone);
  CPPUNIT_TEST(testATokenIsNoLoginAtADatabase);
  CPPUNIT_TEST(testSubjectValidation);
  CPPUNIT_TEST(testAClockSetBackRevivesNobody);
  CPPUNIT_TEST(testLocalEvidenceCountsOnTheControlSocketAlone);
  CPPUNIT_TEST(testAnEmptyAdmissionIsNobody);
  CPPUNIT_TEST(testAnAbsentSubjectKeyMatchesNobody);
  CPPUNIT_TEST_SUITE_END();

public:
  void testACertificateStandsUntilOneThingIsTakenAway() {
    refuses(certificateCase(), Reason::no_user, [](Case& c) { c.gone = true; });
    refuses(certificateCase(), Reason::no_user, [](Case& c) { c.row.user.uid = 8; });
    refuses(certificateCase(), Reason::user_not_active,
            [](Case& c) { c.row.user.status = UserStatus::locked; });
    refuses(certificateCase(), Reason::user_not_active,
            [](Case& c) { c.row.user.status = UserStatus::password_expired; });
    refuses(certificateCase(), Reason::method_not_allowed,
            [](Case& c) { c.row.user.auth_method = AuthMethod::regular; }); // R1
    refuses(certificateCase(), Reason::subject_changed, [](Case& c) { c.row.subjectKey = digest(8); });
    refuses(certificateCase(), Reason::certificates_off,
            [](Case& c) { c.snapshot.settings.mtls_certificate_authentication = false; });
    refuses(certificateCase(), Reason::untrusted,
            [](Case& c) { c.snapshot.anchors = {digest(9)}; }); // lessons 33, 40
    refuses(certificateCase(), Reason::untrusted, [](Case& c) { c.snapshot.anchors.clear(); }); // R11
    refuses(certificateCase(), Reason::expired, [](Case& c) { c.at = now + 101; });             // lesson 37
    refuses(certificateCase(), Reason::tls_too_old, [](Case& c) {
      c.snapshot.settings.min_control_TLS_version = TlsVersion::v1_3;
      c.admission.tlsVersion = 0x0303;
    });
    refuses(certificateCase(), Reason::tls_too_old, [](Case& c) { c.admission.tlsVersion = 0; });
  }
  void testAPasswordStandsUntilOneThingIsTakenAway() {
    refuses(passwordCase(), Reason::method_not_allowed,
            [](Case& c) { c.row.user.auth_method = AuthMethod::certificate; }); // R4, lesson 42
    refuses(passwordCase(), Reason::method_not_allowed, [](Case& c) { c.row.hasVerifier = false; });
    refuses(passwordCase(), Reason::verifier_changed, [](Case& c) { c.row.revision = 6; });
    refuses(passwordCase(), Reason::no_user, [](Case& c) { c.gone = true; });
    refuses(passwordCase(), Reason::user_not_active, [](Case& c) { c.row.user.status = UserStatus::locked; });
    refuses(passwordCase(), Reason::basic_off,
            [](Case& c) { c.snapshot.settings.control_plane_basic_authentication = false; });
    Case c = passwordCase(); // the control socket is nobody's way round, nor shut by it
    c.admission.control = true;
    c.snapshot.settings.control_plane_basic_authentication = false;
    CPPUNIT_ASSERT(c.judged().stands());
    c = passwordCase(); // no default user at the API
    c.admission.userUid = c.row.user.uid = 0;
    CPPUNIT_ASSERT(c.judged().reason == Reason::no_user);
  }
  void testAnExpiredPasswordIsTheLastThingThatIsSaid() { // facts §2.2: counted from password_issue_date
    constexpr std::int64_t day = 86'400;
    const auto aged = [] {
      Case c = passwordCase();
      c.snapshot.settings.password_expiration_duration = 30;
      c.row.passwordSetAt = now - 30 * day + 1;
      return c;
    };
    refuses(aged(), Reason::password_expired, [](Case& c) { c.at = now + 1; });
    refuses(aged(), Reason::password_expired,
            [](Case& c) { c.snapshot.settings.password_expiration_duration = 29; });
    refuses(aged(), Reason::password_expired, [](Case& c) { c.row.passwordSetAt = 0; });
    refuses(aged(), Reason::password_expired, [](Case& c) { // R12
      c.snapshot.committedAt = now + day;
      c.at = now - 100 * day;
    });
    const auto expired = [&] {
      Case c = aged();
      c.at = now + day;
      CPPUNIT_ASSERT(c.judged().verdict == Verdict::expired);
      return c;
    };
    // Who is refused for its age alone may change it, so everything else must have been asked before.
    Case c = expired();
    c.snapshot.settings.control_plane_basic_authentication = false;
    CPPUNIT_ASSERT(c.judged().reason == Reason::basic_off);
    c = expired();
    c.row.revision = 6;
    CPPUNIT_ASSERT(c.judged().reason == Reason::verifier_changed);
    c = expired();
    c.snapshot.settings.password_expiration_duration = 0;
    CPPUNIT_ASSERT(c.judged().stands());
    c = certificateCase(); // who has no password has none that expires
    c.snapshot.settings.password_expiration_duration = 1;
    CPPUNIT_ASSERT(c.judged().stands());
  }
  void testATokenStandsUntilOneThingIsTakenAway() {
    refuses(tokenCase(), Reason::no_user, [](Case& c) { c.gone = true; });
    refuses(tokenCase(), Reason::no_user, [](Case& c) { c.row.user.uid = 8; });
    refuses(tokenCase(), Reason::no_user, [](Case& c) { c.admission.userUid = c.row.user.uid = 0; });
    refuses(tokenCase(), Reason::user_not_active, [](Case& c) { c.row.user.status = UserStatus::locked; });
    refuses(tokenCase(), Reason::verifier_changed, [](Case& c) { c.row.revision = 6; });
    refuses(tokenCase(), Reason::token_expired, [](Case& c) { c.at = now + 100; });
    refuses(tokenCase(), Reason::token_expired, [](Case& c) { // R12
      c.snapshot.committedAt = now + 500;
      c.at = now - 1000;
    });
    refuses(tokenCase(), Reason::token_expired, [](Case& c) { c.admission.tokenExpires = 0; });
    refuses(tokenCase(), Reason::token_not_bound, [](Case& c) { // lent to another connection
      c.snapshot.settings.mtls_certificate_authentication = true;
      c.admission.tokenLeaf = digest(6);
      c.admission.presented = digest(7);
    });
    refuses(tokenCase(), Reason::certificates_off,
            [](Case& c) { c.admission.tokenLeaf = c.admission.presented = digest(6); });
    refuses(tokenCase(), Reason::password_expired, [](Case& c) { // facts §4.1
      c.snapshot.settings.password_expiration_duration = 30;
      c.row.passwordSetAt = now - 31 * 86'400;
    });
    refuses(tokenCase(), Reason::method_not_allowed, [](Case& c) { c.row.hasVerifier = false; });
    refuses(tokenCase(), Reason::tls_too_old, [](Case& c) { c.admission.tlsVersion = 0; });
    Case c = tokenCase(); // a certificate beside it that it is not bound to is no hindrance
    c.admission.presented = digest(6);
    CPPUNIT_ASSERT(c.judged().stands());
    c.snapshot.settings.control_plane_basic_authentication = false; // concerns passwords (facts §1.4)
    CPPUNIT_ASSERT(c.judged().stands());
  }
  void testATokenOfACertificateStandsBesideThatCertificateAlone() { // RFC 8705 §3
    refuses(boundTokenCase(), Reason::token_not_bound, [](Case& c) { c.admission.presented = {}; });
    refuses(boundTokenCase(), Reason::token_not_bound, [](Case& c) { c.admission.presented = digest(7); });
    refuses(boundTokenCase(), Reason::token_not_bound, [](Case& c) { c.admission.tokenLeaf = {}; });
    refuses(boundTokenCase(), Reason::token_not_bound,
            [](Case& c) { c.admission.tokenLeaf = c.admission.presented = {}; });
    refuses(boundTokenCase(), Reason::certificates_off,
            [](Case& c) { c.snapshot.settings.mtls_certificate_authentication = false; });
    refuses(boundTokenCase(), Reason::certificates_off, [](Case& c) {
      c.snapshot.settings.mtls_certificate_authentication = false;
      c.admission.chain = {};
    });
    refuses(boundTokenCase(), Reason::untrusted, [](Case& c) { c.snapshot.anchors = {digest(9)}; });
    refuses(boundTokenCase(), Reason::untrusted, [](Case& c) { c.admission.chain = {}; });
    refuses(boundTokenCase(), Reason::expired, [](Case& c) {
      c.admission.chain.notAfter = now + 50;
      c.at = now + 50;
    });
    refuses(boundTokenCase(), Reason::token_expired, [](Case& c) { c.admission.tokenExpires = now; });
    refuses(boundTokenCase(), Reason::verifier_changed, [](Case& c) { c.row.revision = 6; });
    Case c = boundTokenCase();
    c.snapshot.settings.password_expiration_duration = 1; // it has no password
    CPPUNIT_ASSERT(c.judged().stands());
  }
  void testATokenIsNoLoginAtADatabase() {
    refuses(tokenCase(), Reason::method_not_allowed, [](Case& c) {
      c.admission.database = 3;
      DatabasePolicy policy;
      policy.database.uid = 3;
      policy.database.default_user = true;
      c.snapshot.databases.emplace(3, policy);
    });
  }
  void testSubjectValidation() { // facts §2.3
    const auto with = [](SubjectValidation how, std::set<Digest> names, std::set<Digest> tuples) {
      Case c = certificateCase();
      c.snapshot.settings.mtls_client_cert_subject_validation_type = how;
      c.snapshot.authorizedNames = std::move(names);
      c.snapshot.authorizedTuples = std::move(tuples);
      return c;
    };
    CPPUNIT_ASSERT(with(SubjectValidation::san_cn, {digest(3)}, {}).judged().stands());
    CPPUNIT_ASSERT(with(SubjectValidation::san_cn, {digest(4)}, {}).judged().stands());
    CPPUNIT_ASSERT(!with(SubjectValidation::san_cn, {digest(5)}, {digest(5)}).judged().stands());
    CPPUNIT_ASSERT(!with(SubjectValidation::san_cn, {}, {}).judged().stands()); // an empty list: nobody
    CPPUNIT_ASSERT(with(SubjectValidation::full_subject, {}, {digest(5)}).judged().stands());
    CPPUNIT_ASSERT(!with(SubjectValidation::full_subject, {digest(3), digest(4)}, {}).judged().stands());
    Case c = with(SubjectValidation::full_subject, {}, {Digest{}});
    c.admission.chain.subjectTuple = {}; // a subject that cannot match
    CPPUNIT_ASSERT(!c.judged().stands());
    c = with(SubjectValidation::san_cn, {Digest{}}, {});
    c.admission.chain.commonName = {};
    CPPUNIT_ASSERT(!c.judged().stands());
    CPPUNIT_ASSERT(c.judged().reason == Reason::subject_not_authorized);
  }
  void testAClockSetBackRevivesNobody() { // R12
    refuses(certificateCase(), Reason::expired, [](Case& c) {
      c.snapshot.committedAt = now + 500;
      c.at = now - 1000;
    });
  }
  void testLocalEvidenceCountsOnTheControlSocketAlone() {
    Admission local;
    local.kind = EvidenceKind::local;
    CPPUNIT_ASSERT(!judge(local, Snapshot{}, nullptr, now).stands());
    local.control = true;
    CPPUNIT_ASSERT(judge(local, Snapshot{}, nullptr, now).stands());
  }
  void testAnEmptyAdmissionIsNobody() {
    CPPUNIT_ASSERT(!judge(Admission{}, Snapshot{}, nullptr, now).stands());
    const UserRow empty;
    CPPUNIT_ASSERT(!judge(Admission{}, Snapshot{}, &empty, now).stands());
    Case c = certificateCase();
    c.admission.userUid = c.row.user.uid = 0;
    CPPUNIT_ASSERT(!c.judged().stands());
  }
  void testAnAbsentSubjectKeyMatchesNobody() {
    Case c = certificateCase();
    c.row.subjectKey = c.admission.chain.subjectKey = {};
    CPPUNIT_ASSERT(!c.judged().stands());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JudgeTest);
