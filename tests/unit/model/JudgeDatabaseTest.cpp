// Protects: the one decision at a database. Each row takes one thing away from an admission that stands
// there, and the answer must be no. R3, R9, R17; lessons 33, 37, 40.
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

/// Database 3, which gives role 10 the ACL 1, role 11 the ACL 2; its chains come from anchor 1.
struct Case {
  Admission admission;
  Snapshot snapshot;
  UserRow row;
  bool gone = false;
  std::int64_t at = now;
  [[nodiscard]] Judgement judged() const { return judge(admission, snapshot, gone ? nullptr : &row, at); }
  DatabasePolicy& policy() { return snapshot.databases.at(3); }
  Database& database() { return policy().database; }
};

Case anyCase() {
  Case c;
  c.admission.database = 3;
  c.admission.tlsVersion = 0x0303;
  DatabasePolicy policy;
  policy.database.uid = 3;
  policy.database.name = "cache";
  policy.database.roles_permissions = {{10, 1, {}}, {11, 2, {}}};
  policy.anchors = {digest(1), digest(9)};
  c.snapshot.databases.emplace(3, policy);
  for (const std::int64_t uid : {1, 2}) {
    RedisAcl acl;
    acl.uid = uid;
    c.snapshot.redisAcls.emplace(uid, acl);
  }
  return c;
}

void showChain(Case& c) {
  c.admission.chain.anchor = digest(1);
  c.admission.chain.notAfter = now + 100;
  c.admission.chain.subjectKey = digest(2);
  c.admission.chain.commonName = digest(3);
  c.admission.chain.dnsNames = {digest(4)};
  c.admission.chain.subjectTuple = digest(5);
}

Case certificateCase() {
  Case c = anyCase();
  c.admission.kind = EvidenceKind::certificate;
  c.admission.userUid = 7;
  showChain(c);
  c.row.user.uid = 7;
  c.row.user.name = "ada";
  c.row.user.auth_method = AuthMethod::certificate;
  c.row.user.role_uids = {10};
  c.row.subjectKey = digest(2);
  return c;
}
Case passwordCase() {
  Case c = anyCase();
  c.admission.kind = EvidenceKind::password;
  c.admission.userUid = 7;
  c.admission.userRevision = 5;
  c.row.user.uid = 7;
  c.row.user.name = "job@example.com";
  c.row.user.role_uids = {12, 11};
  c.row.hasVerifier = true;
  c.row.revision = 5;
  return c;
}
Case defaultCase() {
  Case c = anyCase();
  c.admission.kind = EvidenceKind::none;
  c.database().default_user = true;
  c.gone = true;
  return c;
}

Case defaultPasswordCase() { // the default user by one of its passwords
  Case c = defaultCase();
  c.admission.kind = EvidenceKind::password;
  c.admission.userRevision = c.policy().passwordsRevision = 5;
  return c;
}

void refuses(Case c, Reason reason, const std::function<void(Case&)>& change) {
  CPPUNIT_ASSERT_EQUAL(std::string("stands"), std::string(word(c.judged().reason)));
  change(c);
  CPPUNIT_ASSERT_EQUAL(std::string(word(reason)), std::string(word(c.judged().reason)));
  CPPUNIT_ASSERT(!c.judged().stands());
}
void accepts(Case c, const std::function<void(Case&)>& change) {
  change(c);
  CPPUNIT_ASSERT_EQUAL(std::string("stands"), std::string(word(c.judged().reason)));
  CPPUNIT_ASSERT(c.judged().stands());
}

} // namespace

class JudgeDatabaseTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JudgeDatabaseTest);
  CPPUNIT_TEST(testACertificateStandsUntilOneThingIsTakenAway);
  CPPUNIT_TEST(testAPasswordStandsUntilOneThingIsTakenAway);
  CPPUNIT_TEST(testTheDefaultUserIsForPeersThatShowAndTryNothing);
  CPPUNIT_TEST(testADefaultUserWithAPasswordIsAskedForIt);
  CPPUNIT_TEST(testPasswordsExpireAtDatabasesToo);
  CPPUNIT_TEST(testADatabasesOwnListIsItsOnlyTrust);
  CPPUNIT_TEST(testSubjectsAreValidatedByTheDatabasesOwnList);
  CPPUNIT_TEST(testOutdatedCertificatesPassWhereTheDatabaseSaysSo);
  CPPUNIT_TEST(testAChainThatWasShownCountsBesideAPassword);
  CPPUNIT_TEST(testACertificateIsRequiredWhereItIsEnforced);
  CPPUNIT_TEST(testTlsVersionsAreTheDataPlanesOwn);
  CPPUNIT_TEST(testWithoutARoleThereNobodyComesIn);
  CPPUNIT_TEST(testNamesThatTheEngineCannotHaveAreRefused);
  CPPUNIT_TEST(testTheDatabaseMayBeGone);
  CPPUNIT_TEST(testTheRestApisRulesAreNotTheDatabases);
  CPPUNIT_TEST(testTheLocalAdministratorIsNobodyAtADatabase);
  CPPUNIT_TEST(testAclsComeInTheOrderOfTheDatabase);
  CPPUNIT_TEST_SUITE_END();

public:
  void testACertificateStandsUntilOneThingIsTakenAway() {
    refuses(certificateCase(), Reason::no_user, [](Case& c) { c.gone = true; });
    refuses(certificateCase(), Reason::no_user, [](Case& c) { c.row.user.uid = 8; });
    refuses(certificateCase(), Reason::no_user, [](Case& c) { c.admission.userUid = c.row.user.uid = 0; });
    refuses(certificateCase(), Reason::user_not_active,
            [](Case& c) { c.row.user.status = UserStatus::locked; });
    refuses(certificateCase(), Reason::method_not_allowed,
            [](Case& c) { c.row.user.auth_method = AuthMethod::regular; }); // R1
    refuses(certificateCase(), Reason::subject_changed, [](Case& c) { c.row.subjectKey = digest(8); });
    refuses(certificateCase(), Reason::subject_changed,
            [](Case& c) { c.row.subjectKey = c.admission.chain.subjectKey = {}; });
    refuses(certificateCase(), Reason::untrusted, [](Case& c) { c.policy().anchors = {digest(9)}; });
    refuses(certificateCase(), Reason::expired, [](Case& c) { c.at = now + 100; }); // lesson 37
    refuses(certificateCase(), Reason::expired, [](Case& c) {                       // R12
      c.snapshot.committedAt = now + 500;
      c.at = now - 1000;
    });
    refuses(certificateCase(), Reason::no_role, [](Case& c) { c.row.user.role_uids = {12}; });
    refuses(certificateCase(), Reason::untrusted, [](Case& c) { c.admission.chain = {}; });
  }

  void testAPasswordStandsUntilOneThingIsTakenAway() {
    refuses(passwordCase(), Reason::method_not_allowed,
            [](Case& c) { c.row.user.auth_method = AuthMethod::certificate; }); // R4, lesson 42
    refuses(passwordCase(), Reason::method_not_allowed, [](Case& c) { c.row.hasVerifier = false; });
    refuses(passwordCase(), Reason::verifier_changed, [](Case& c) { c.row.revision = 6; });
    refuses(passwordCase(), Reason::no_user, [](Case& c) { c.gone = true; });
    refuses(passwordCase(), Reason::user_not_active,
            [](Case& c) { c.row.user.status = UserStatus::password_expired; });
    refuses(passwordCase(), Reason::no_role, [](Case& c) { c.row.user.role_uids.clear(); });
  }

  // R3: no match is never a default user; who showed a certificate is not one either.
  void testTheDefaultUserIsForPeersThatShowAndTryNothing() {
    refuses(defaultCase(), Reason::default_user_off, [](Case& c) { c.database().default_user = false; });
    refuses(defaultCase(), Reason::default_user_off, [](Case& c) { showChain(c); });
    refuses(defaultCase(), Reason::untrusted, [](Case& c) {
      showChain(c);
      c.policy().anchors.clear();
    });
    refuses(defaultCase(), Reason::no_database, [](Case& c) { c.snapshot.databases.clear(); });
    refuses(defaultCase(), Reason::default_user_off,
            [](Case& c) { c.admission.database = 0; }); // never on REST
    refuses(defaultCase(), Reason::default_user_off, [](Case& c) { c.admission.userUid = 7; });
    refuses(defaultCase(), Reason::tls_too_old, [](Case& c) { c.admission.tlsVersion = 0; });
    refuses(defaultCase(), Reason::certificate_required,
            [](Case& c) { c.database().enforce_client_authentication = Enforcement::enabled; });
    Case c = defaultCase(); // a session that was somebody does not become the default user with its row gone
    c.admission.kind = EvidenceKind::certificate;
    c.admission.userUid = 7;
    showChain(c);
    CPPUNIT_ASSERT(c.judged().reason == Reason::no_user);
    c = passwordCase();
    c.database().default_user = true;
    c.gone = true;
    CPPUNIT_ASSERT(c.judged().reason == Reason::no_user);
  }

  void testADefaultUserWithAPasswordIsAskedForIt() {
    refuses(defaultCase(), Reason::password_required, [](Case& c) { c.policy().passwordsRevision = 5; });
    refuses(defaultPasswordCase(), Reason::verifier_changed,
            [](Case& c) { c.policy().passwordsRevision = 6; });
    refuses(defaultPasswordCase(), Reason::verifier_changed,
            [](Case& c) { c.policy().passwordsRevision = 0; });
    refuses(defaultPasswordCase(), Reason::verifier_changed,
            [](Case& c) { c.policy().passwordsRevision = c.admission.userRevision = 0; });
    refuses(defaultPasswordCase(), Reason::default_user_off,
            [](Case& c) { c.database().default_user = false; });
    refuses(defaultPasswordCase(), Reason::no_database, [](Case& c) { c.snapshot.databases.clear(); });
    refuses(defaultPasswordCase(), Reason::no_user, [](Case& c) { c.admission.database = 0; });
    refuses(defaultPasswordCase(), Reason::no_user, [](Case& c) { c.admission.userUid = 7; });
    refuses(defaultPasswordCase(), Reason::tls_too_old, [](Case& c) { c.admission.tlsVersion = 0; });
    refuses(defaultPasswordCase(), Reason::untrusted, [](Case& c) {
      showChain(c);
      c.policy().anchors.clear();
    });
    refuses(defaultPasswordCase(), Reason::certificate_required,
            [](Case& c) { c.database().enforce_client_authentication = Enforcement::enabled; });
    accepts(defaultPasswordCase(), [](Case& c) { // a certificate is one factor, the password another
      c.database().enforce_client_authentication = Enforcement::enabled;
      showChain(c);
    });
  }

  void testPasswordsExpireAtDatabasesToo() {
    const auto expired = [](Case& c) {
      c.snapshot.settings.password_expiration_duration = 30;
      c.row.passwordSetAt = now - 30 * 86'400;
    };
    refuses(passwordCase(), Reason::password_expired, expired);
    accepts(certificateCase(), expired);
    accepts(defaultPasswordCase(), expired);
    accepts(passwordCase(), [](Case& c) { // concerns the management API alone
      c.snapshot.settings.control_plane_basic_authentication = false;
    });
  }

  // R9. Whether the list is its own or inherited was settled when the Snapshot was made.
  void testADatabasesOwnListIsItsOnlyTrust() {
    refuses(certificateCase(), Reason::untrusted, [](Case& c) { // an own list: the cluster's does not count
      c.snapshot.anchors = {digest(1)};
      c.policy().anchors = {digest(9)};
    });
    refuses(certificateCase(), Reason::untrusted, [](Case& c) { // a list that is empty: nobody
      c.snapshot.anchors = {digest(1)};
      c.database().authentication_ssl_client_certs.emplace();
      c.policy().anchors.clear();
    });
    accepts(certificateCase(), [](Case& c) { c.snapshot.anchors.clear(); });
    Case c = certificateCase(); // another database's list does not count either
    DatabasePolicy other = c.policy();
    other.database.uid = 4;
    other.anchors = {digest(9)};
    c.snapshot.databases.emplace(4, other);
    CPPUNIT_ASSERT(c.judged().stands());
    c.admission.database = 4;
    CPPUNIT_ASSERT(c.judged().reason == Reason::untrusted);
  }

  void testSubjectsAreValidatedByTheDatabasesOwnList() {
    const auto with = [](SubjectValidation how, std::set<Digest> names, std::set<Digest> tuples) {
      Case c = certificateCase();
      c.snapshot.authorizedNames = {digest(3)}; // the API's own list is no help, and no hindrance
      c.snapshot.authorizedTuples = {digest(5)};
      c.database().client_cert_subject_validation_type = how;
      c.policy().authorizedNames = std::move(names);
      c.policy().authorizedTuples = std::move(tuples);
      return c.judged();
    };
    CPPUNIT_ASSERT(with(SubjectValidation::disabled, {}, {}).stands());
    CPPUNIT_ASSERT(with(SubjectValidation::san_cn, {digest(3)}, {}).stands());
    CPPUNIT_ASSERT(with(SubjectValidation::san_cn, {digest(4)}, {}).stands());
    CPPUNIT_ASSERT(with(SubjectValidation::san_cn, {}, {digest(5)}).reason == Reason::subject_not_authorized);
    CPPUNIT_ASSERT(with(SubjectValidation::full_subject, {}, {digest(5)}).stands());
    CPPUNIT_ASSERT(!with(SubjectValidation::full_subject, {digest(3), digest(4)}, {}).stands());
    Case c = certificateCase();
    c.snapshot.settings.mtls_client_cert_subject_validation_type = SubjectValidation::full_subject;
    CPPUNIT_ASSERT(c.judged().stands());
  }

  void testOutdatedCertificatesPassWhereTheDatabaseSaysSo() {
    Case c = certificateCase();
    c.at = now + 100000;
    CPPUNIT_ASSERT(c.judged().reason == Reason::expired);
    c.database().mtls_allow_outdated_certs = true;
    CPPUNIT_ASSERT(c.judged().stands());
    c.policy().anchors.clear(); // trust is another question
    CPPUNIT_ASSERT(c.judged().reason == Reason::untrusted);
    CPPUNIT_ASSERT(
        judgeChain(certificateCase().admission.chain, certificateCase().snapshot, 3, now + 99).stands());
  }

  void testAChainThatWasShownCountsBesideAPassword() {
    const auto withChain = [] {
      Case c = passwordCase();
      showChain(c);
      return c;
    };
    refuses(withChain(), Reason::untrusted, [](Case& c) { c.policy().anchors = {digest(9)}; });
    refuses(withChain(), Reason::expired, [](Case& c) { c.at = now + 101; });
    refuses(withChain(), Reason::subject_not_authorized,
            [](Case& c) { c.database().client_cert_subject_validation_type = SubjectValidation::san_cn; });
    accepts(withChain(), [](Case& c) { c.row.user.name = "other"; }); // whose it is does not matter
  }

  void testACertificateIsRequiredWhereItIsEnforced() {
    const auto enforced = [](Case c) {
      c.database().enforce_client_authentication = Enforcement::enabled;
      return c;
    };
    CPPUNIT_ASSERT(enforced(certificateCase()).judged().stands());
    CPPUNIT_ASSERT(enforced(passwordCase()).judged().reason == Reason::certificate_required);
    Case c = enforced(passwordCase());
    showChain(c);
    CPPUNIT_ASSERT(c.judged().stands());
    Case plain = enforced(passwordCase()); // no TLS is no way round it
    plain.admission.tlsVersion = 0;
    plain.database().tls_mode = TlsMode::disabled;
    CPPUNIT_ASSERT(plain.judged().reason == Reason::certificate_required);
  }

  void testTlsVersionsAreTheDataPlanesOwn() {
    refuses(certificateCase(), Reason::tls_too_old,
            [](Case& c) { c.snapshot.settings.min_data_TLS_version = TlsVersion::v1_3; });
    accepts(certificateCase(),
            [](Case& c) { c.snapshot.settings.min_control_TLS_version = TlsVersion::v1_3; });
    refuses(passwordCase(), Reason::tls_too_old, [](Case& c) { c.admission.tlsVersion = 0; });
    accepts(passwordCase(), [](Case& c) { // where `disabled` is written
      c.admission.tlsVersion = 0;
      c.database().tls_mode = TlsMode::disabled;
    });
    Case c = passwordCase(); // switched on again: who came without goes
    c.admission.tlsVersion = 0;
    CPPUNIT_ASSERT(c.judged().reason == Reason::tls_too_old);
  }

  void testWithoutARoleThereNobodyComesIn() {
    refuses(certificateCase(), Reason::no_role, [](Case& c) { c.database().roles_permissions.clear(); });
    refuses(certificateCase(), Reason::no_role, [](Case& c) {
      c.database().roles_permissions = {{11, 2, {}}};
    });
    refuses(certificateCase(), Reason::no_role, [](Case& c) { c.snapshot.redisAcls.erase(1); });
  }

  // R17
  void testNamesThatTheEngineCannotHaveAreRefused() {
    for (const char* name :
         {"default", "-", "", "a b", "a:b", "gatehouse:admin", "x=1,addr", "\xC3\xA9", "a\nb", "(a)"})
      refuses(certificateCase(), Reason::name_not_usable, [&](Case& c) { c.row.user.name = name; });
    refuses(certificateCase(), Reason::name_not_usable,
            [](Case& c) { c.row.user.name = std::string(129, 'a'); });
    for (const char* name : {"ada", "Default", "a-b", "--", "a.b_c@d-e", "0"})
      accepts(certificateCase(), [&](Case& c) { c.row.user.name = name; });
    accepts(certificateCase(), [](Case& c) { c.row.user.name = std::string(128, 'a'); });
    CPPUNIT_ASSERT(!fitsEngineName(std::string_view("a\0b", 3)));
  }

  void testTheDatabaseMayBeGone() {
    refuses(certificateCase(), Reason::no_database, [](Case& c) { c.snapshot.databases.clear(); });
    refuses(passwordCase(), Reason::no_database, [](Case& c) { c.admission.database = 4; });
    const Case c = certificateCase();
    CPPUNIT_ASSERT(judgeChain(c.admission.chain, c.snapshot, 4, now).reason == Reason::no_database);
  }

  void testTheRestApisRulesAreNotTheDatabases() {
    CPPUNIT_ASSERT(
        !certificateCase().snapshot.settings.mtls_certificate_authentication); // concerns REST alone
    CPPUNIT_ASSERT(certificateCase().judged().stands());
    Case c = certificateCase(); // at the API this database's trust is nothing
    c.admission.database = 0;
    c.snapshot.settings.mtls_certificate_authentication = true;
    CPPUNIT_ASSERT(c.judged().reason == Reason::untrusted);
    c = passwordCase(); // no role at any database is needed there, and any name will do
    c.admission.database = 0;
    c.row.user.role_uids.clear();
    c.row.user.name = "with blanks";
    CPPUNIT_ASSERT(c.judged().stands());
  }

  void testTheLocalAdministratorIsNobodyAtADatabase() {
    Admission local;
    local.kind = EvidenceKind::local;
    local.control = true;
    local.database = 3;
    CPPUNIT_ASSERT(judge(local, anyCase().snapshot, nullptr, now).reason == Reason::not_control);
  }

  void testAclsComeInTheOrderOfTheDatabase() {
    Case c = anyCase();
    c.database().roles_permissions = {{11, 2, {}}, {10, 1, {}}, {10, 2, {}}, {10, 99, {}}};
    const std::vector<std::int64_t> both = {10, 11, {}}, none = {};
    const auto acls = aclsAt(c.database(), both, c.snapshot);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, acls.size()); // 99 is no ACL
    CPPUNIT_ASSERT(acls[0]->uid == 2 && acls[1]->uid == 1 && acls[2]->uid == 2);
    CPPUNIT_ASSERT(aclsAt(c.database(), none, c.snapshot).empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JudgeDatabaseTest);
