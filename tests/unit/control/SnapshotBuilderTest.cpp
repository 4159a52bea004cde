// Protects: a Snapshot holds all of the rows that judge and the doors need, and no secret (R23).
#include "control/change/SnapshotBuilder.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::control;

class SnapshotBuilderTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SnapshotBuilderTest);
  CPPUNIT_TEST(testWhatStandsBesideADatabasesRowIsInItsPolicy);
  CPPUNIT_TEST(testTheClustersPolicyIsInIt);
  CPPUNIT_TEST(testADatabaseWithoutAListTrustsWhomTheClusterTrusts);
  CPPUNIT_TEST(testAListThatCannotBeReadIsAnErrorAndNeverEmpty);
  CPPUNIT_TEST_SUITE_END();

  static store::PolicyRows rows() {
    store::PolicyRows out;
    out.revision = 7;
    out.committedAt = 1000;
    store::DatabaseRow row;
    row.database.uid = 3;
    row.database.name = "cache";
    row.engineId = "engine";
    row.actionUid = "action";
    row.revision = 6;
    row.certificate = "PEM";
    row.passwordsRevision = 5;
    out.databases.push_back(row);
    return out;
  }
  static std::shared_ptr<const model::Snapshot> built(const store::PolicyRows& rows) {
    auto snapshot = buildSnapshot(rows, NodeFacts{}, nullptr);
    CPPUNIT_ASSERT_MESSAGE(snapshot.ok() ? "" : snapshot.error().description, snapshot.ok());
    return *snapshot;
  }

public:
  void testWhatStandsBesideADatabasesRowIsInItsPolicy() {
    const auto snapshot = built(rows());
    const model::DatabasePolicy* policy = snapshot->database(3);
    CPPUNIT_ASSERT(policy);
    CPPUNIT_ASSERT_EQUAL(std::string("PEM"), policy->certificate);
    CPPUNIT_ASSERT_EQUAL(model::Revision{5}, policy->passwordsRevision);
    CPPUNIT_ASSERT_EQUAL(model::Revision{6}, policy->revision);
    CPPUNIT_ASSERT_EQUAL(std::string("engine"), policy->engineId);
    CPPUNIT_ASSERT_EQUAL(std::string("action"), policy->action_uid);
    CPPUNIT_ASSERT(!snapshot->database(4));
    CPPUNIT_ASSERT(snapshot->revision == 7 && snapshot->committedAt == 1000);
  }

  void testTheClustersPolicyIsInIt() {
    store::PolicyRows given = rows();
    given.clusterPolicy.policy.login_lockout_threshold = 3;
    given.clusterPolicy.policy.login_lockout_duration = 0;
    CPPUNIT_ASSERT(built(given)->clusterPolicy == given.clusterPolicy.policy);
    given.settings.settings.password_expiration_duration = 30;
    given.settings.settings.control_plane_basic_authentication = false;
    const auto snapshot = built(given);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{30}, snapshot->settings.password_expiration_duration);
    CPPUNIT_ASSERT(!snapshot->settings.control_plane_basic_authentication);
  }

  // R9, R11
  void testADatabaseWithoutAListTrustsWhomTheClusterTrusts() {
    const auto snapshot = built(rows());
    CPPUNIT_ASSERT(snapshot->anchors.empty() && snapshot->database(3)->anchors.empty()); // nobody
    store::PolicyRows given = rows();
    given.databases[0].database.authentication_ssl_client_certs.emplace();
    CPPUNIT_ASSERT(built(given)->database(3)->anchors.empty());
    CPPUNIT_ASSERT(built(given)->database(3)->trustList == model::Digest{});
  }

  void testAListThatCannotBeReadIsAnErrorAndNeverEmpty() { // R11
    store::PolicyRows given = rows();
    store::CertificateRow trusted;
    trusted.certificate.name = "mtls_trusted_ca";
    trusted.certificate.certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    given.certificates.push_back(std::move(trusted));
    CPPUNIT_ASSERT(!buildSnapshot(given, NodeFacts{}, nullptr).ok());
    given.certificates.clear();
    given.databases[0].database.authentication_ssl_client_certs.emplace().emplace_back().client_cert = "PEM";
    CPPUNIT_ASSERT(!buildSnapshot(given, NodeFacts{}, nullptr).ok());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SnapshotBuilderTest);
