// Protects: every write is one revision, whole or not there; what it changed is named; emptiness, holds.
#include "StoreFixture.h"
#include "base/Text.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;

class TransactionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TransactionTest);
  CPPUNIT_TEST(testEachWriteMakesTheNextRevisionAndNamesWhatItChanged);
  CPPUNIT_TEST(testWhatChangesNothingMakesNoRevision);
  CPPUNIT_TEST(testWhatIsNotCommittedDidNotHappen);
  CPPUNIT_TEST(testThePolicyOfTheNextRevisionIsSeenBeforeItIsCommitted);
  CPPUNIT_TEST(testTheTimeOfRevisionsNeverFalls);
  CPPUNIT_TEST(testAFreshStoreIsEmptyUntilACallerCommits);
  CPPUNIT_TEST(testHoldsAreFoundByAnyKeyAndOutliveTheirRow);
  CPPUNIT_TEST(testTheSameHoldTwiceIsOne);
  CPPUNIT_TEST(testPredefinedRolesAreThere);
  CPPUNIT_TEST_SUITE_END();

  static CertificateRow certificate(const char* name, Origin origin, bool generated) {
    CertificateRow row;
    row.certificate.name = name;
    row.certificate.certificate = "-----BEGIN CERTIFICATE-----";
    row.key = Secret("-----BEGIN PRIVATE KEY-----");
    row.generated = generated;
    row.origin = origin;
    return row;
  }

public:
  void testEachWriteMakesTheNextRevisionAndNamesWhatItChanged() {
    OpenStore s;
    std::int64_t uid = 0;
    const Change first = s.change([&](Transaction& t) {
      CPPUNIT_ASSERT_EQUAL(model::Revision{1}, t.base());
      uid = must(t.insertUser(passwordUser("job")));
      model::ClusterSettings settings = must(t.settings()).settings;
      settings.mtls_certificate_authentication = true;
      must(t.putSettings(settings, Origin::api));
    });
    CPPUNIT_ASSERT_EQUAL(model::Revision{2}, first.revision);
    CPPUNIT_ASSERT_EQUAL(OpenStore::now, first.committedAt);
    CPPUNIT_ASSERT_EQUAL(std::string("tester"), first.who);
    CPPUNIT_ASSERT(first.settings && first.users == std::set<std::int64_t>{uid} && first.roles.empty() &&
                   first.certificates.empty());
    const Change second = s.change([&](Transaction& t) {
      must(t.putCertificate(certificate("api", Origin::api, false)));
      must(t.removeUser(uid));
      RoleRow role;
      role.role.name = "reader";
      must(t.insertRole(role));
    });
    CPPUNIT_ASSERT_EQUAL(model::Revision{3}, second.revision);
    CPPUNIT_ASSERT(!second.settings && second.certificates == std::set<std::string>{"api"} &&
                   second.users == std::set<std::int64_t>{uid} && second.roles == std::set<std::int64_t>{8});
    const PolicyRows policy = must(s.reader->policy());
    CPPUNIT_ASSERT_EQUAL(model::Revision{3}, policy.revision);
    CPPUNIT_ASSERT_EQUAL(OpenStore::now, policy.committedAt);
    CPPUNIT_ASSERT_EQUAL(model::Revision{2}, policy.settings.revision);
    CPPUNIT_ASSERT_EQUAL(model::Revision{3}, policy.roles.back().revision);
    CPPUNIT_ASSERT_EQUAL(model::Revision{1}, policy.roles.front().revision);
    CPPUNIT_ASSERT_EQUAL(model::Revision{3}, policy.certificates.at(0).revision);
  }

  void testWhatChangesNothingMakesNoRevision() {
    OpenStore s;
    UserRecord record = passwordUser("job");
    record.judged.user.uid = s.addUser(record);
    s.change([&](Transaction& t) { must(t.putCertificate(certificate("api", Origin::api, false))); });
    const Change none = s.change([&](Transaction& t) {
      record.judged.user.role = model::Management::admin; // computed
      must(t.updateUser(record));
      must(t.updateRole(*must(t.role(1))));
      const SettingsRow settings = must(t.settings());
      must(t.putSettings(settings.settings, settings.origin));
      must(t.putCertificate(certificate("api", Origin::api, false)));
      CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, must(t.release("user", "nobody")));
      CPPUNIT_ASSERT(!t.changed());
    });
    CPPUNIT_ASSERT_EQUAL(model::Revision{3}, none.revision);
    CPPUNIT_ASSERT(none.users.empty() && none.roles.empty() && none.certificates.empty() && !none.settings);
    CPPUNIT_ASSERT_EQUAL(model::Revision{3}, must(s.reader->revision()));
    CPPUNIT_ASSERT_EQUAL(model::Revision{2}, must(s.reader->userByLogin("job")).record->judged.revision);
  }

  // R20
  void testWhatIsNotCommittedDidNotHappen() {
    OpenStore s;
    s.in([&](Transaction& t) {
      must(t.insertUser(passwordUser("job")));
      CPPUNIT_ASSERT(must(t.userByLogin("job"))); // its own writes it sees
      CPPUNIT_ASSERT(!must(s.reader->userByLogin("job")).record);
    });
    CPPUNIT_ASSERT(!must(s.reader->userByLogin("job")).record);
    CPPUNIT_ASSERT_EQUAL(model::Revision{1}, must(s.reader->revision()));
  }

  // R11
  void testThePolicyOfTheNextRevisionIsSeenBeforeItIsCommitted() {
    OpenStore s;
    s.in([&](Transaction& t) {
      CPPUNIT_ASSERT_EQUAL(model::Revision{1}, must(t.policy()).revision);
      must(t.putCertificate(certificate("proxy", Origin::api, false)));
      const PolicyRows next = must(t.policy());
      CPPUNIT_ASSERT_EQUAL(model::Revision{2}, next.revision);
      CPPUNIT_ASSERT_EQUAL(OpenStore::now, next.committedAt);
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, next.certificates.size());
      CPPUNIT_ASSERT(must(s.reader->policy()).certificates.empty());
      must(t.removeCertificate("proxy"));
      assertCode(Code::certificate_not_exist, codeOf(t.removeCertificate("proxy")));
    });
  }

  // R12
  void testTheTimeOfRevisionsNeverFalls() {
    OpenStore s;
    s.addUser(passwordUser("job"));
    const Change later =
        s.change([](Transaction& t) { must(t.insertUser(passwordUser("second"))); }, OpenStore::now - 1000);
    CPPUNIT_ASSERT_EQUAL(OpenStore::now, later.committedAt);
  }

  // R21, design §8: what seed asks
  void testAFreshStoreIsEmptyUntilACallerCommits() {
    OpenStore s;
    CPPUNIT_ASSERT(must(s.reader->empty()));
    s.change([](Transaction& t) { must(t.putCertificate(certificate("api", Origin::builtin, true))); });
    CPPUNIT_ASSERT(must(s.reader->empty())); // generated at first start
    s.in([](Transaction& t) { must(t.insertUser(passwordUser("job"))); });
    CPPUNIT_ASSERT(must(s.reader->empty())); // a seeding that failed
    s.change([](Transaction& t) {
      UserRecord seeded = passwordUser("job");
      seeded.origin = Origin::manifest;
      const std::int64_t uid = must(t.insertUser(seeded));
      CPPUNIT_ASSERT(must(t.empty()));
      must(t.removeUser(uid));
    });
    CPPUNIT_ASSERT(!must(s.reader->empty())); // nothing is left, yet somebody wrote
    s.in([](Transaction& t) { CPPUNIT_ASSERT(!must(t.empty())); });
  }

  // R22
  void testHoldsAreFoundByAnyKeyAndOutliveTheirRow() {
    OpenStore s;
    s.change([](Transaction& t) {
      Hold user;
      user.kind = "user";
      user.name = "Ada";
      user.email = "ada@example.com";
      user.subjectKey = hex(std::string(32, 'k'));
      must(t.hold(user));
      Hold field;
      field.kind = "cluster";
      field.field = "mtls_authorized_subjects";
      must(t.hold(field));
      Hold role;
      role.kind = "role";
      role.name = "operator";
      must(t.hold(role));
    });
    s.close();
    s.open();
    s.in([](Transaction& t) {
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(t.holdsMeeting("user", "ADA")).size());
      CPPUNIT_ASSERT_EQUAL(std::size_t{1},
                           must(t.holdsMeeting("user", "ADA@example.com")).size()); // one namespace (R8)
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(t.holdsMeeting("user", "other", "ada")).size());
      CPPUNIT_ASSERT_EQUAL(std::size_t{1},
                           must(t.holdsMeeting("user", "other", "", hex(std::string(32, 'k')))).size());
      CPPUNIT_ASSERT(must(t.holdsMeeting("user", "other", "o@example.com", "00")).empty());
      CPPUNIT_ASSERT(must(t.holdsMeeting("user", "")).empty());
      CPPUNIT_ASSERT(must(t.holdsMeeting("role", "ada")).empty());
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(t.holdsMeeting("role", "Operator")).size());
      const std::vector<Hold> cluster = must(t.holdsMeeting("cluster", ""));
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, cluster.size());
      CPPUNIT_ASSERT_EQUAL(std::string("mtls_authorized_subjects"), cluster[0].field);
      CPPUNIT_ASSERT_EQUAL(std::string("tester"), cluster[0].who);
      CPPUNIT_ASSERT_EQUAL(model::Revision{2}, cluster[0].revision);
      CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, must(t.release("user", "")));
      CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, must(t.release("user", "ada@example.com")));
      CPPUNIT_ASSERT(must(t.holdsMeeting("user", "ada")).empty());
      CPPUNIT_ASSERT(t.changed());
      CPPUNIT_ASSERT_EQUAL(std::size_t{2}, must(t.holds()).size());
    });
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, must(s.reader->holds()).size());
  }

  void testTheSameHoldTwiceIsOne() {
    OpenStore s;
    for (int i = 0; i < 3; ++i)
      s.change([](Transaction& t) {
        Hold hold;
        hold.kind = "user";
        hold.name = "ada";
        hold.field = "role_uids";
        must(t.hold(hold));
      });
    const std::vector<Hold> holds = must(s.reader->holds());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, holds.size());
    CPPUNIT_ASSERT_EQUAL(model::Revision{4}, holds[0].revision);
  }

  void testPredefinedRolesAreThere() {
    OpenStore s;
    const std::vector<RoleRow> roles = must(s.reader->policy()).roles;
    CPPUNIT_ASSERT_EQUAL(std::size_t{7}, roles.size());
    for (const RoleRow& row : roles) {
      CPPUNIT_ASSERT(row.origin == Origin::builtin);
      CPPUNIT_ASSERT_EQUAL(row.role.uid, model::builtinRoleUid(row.role.management));
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TransactionTest);
