// Protects: what manifests own is noted beside it and goes with it (R22); digests of secrets and the
// cluster's own keys are kept; none of it makes a Revision by itself.
#include "DatabaseRows.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;

namespace {

std::string shown(const std::vector<ManifestRow>& rows) {
  std::string out;
  for (const ManifestRow& row : rows)
    out += row.kind + "/" + row.key + "@" + std::to_string(row.revision) + " ";
  return out;
}

} // namespace

class ManifestRowsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ManifestRowsTest);
  CPPUNIT_TEST(testARowBearsTheRevisionOfItsCommit);
  CPPUNIT_TEST(testWhatAnObjectLeavesGoesWithIt);
  CPPUNIT_TEST(testARowThatIsRemovedTakesItsSecretsWithIt);
  CPPUNIT_TEST(testDigestsAreToldApartByObjectAndField);
  CPPUNIT_TEST(testKeysAreKeptAndReplacedWithoutARevision);
  CPPUNIT_TEST(testAKeyThatIsTooShortIsNone);
  CPPUNIT_TEST_SUITE_END();

public:
  void testARowBearsTheRevisionOfItsCommit() {
    OpenStore s;
    std::int64_t uid = 0;
    const Change first = s.change([&](Transaction& t) {
      must(t.putManifestRow("cluster", ""));
      uid = must(t.insertUser(passwordUser("job")));
      must(t.putManifestRow("user", std::to_string(uid)));
    });
    const std::string at = "@" + std::to_string(first.revision) + " ";
    CPPUNIT_ASSERT_EQUAL("cluster/" + at + "user/" + std::to_string(uid) + at,
                         shown(must(s.reader->manifestRows())));
    // Somebody else's write leaves it behind: that is what tells a row that has drifted.
    s.change([&](Transaction& t) { must(t.insertUser(passwordUser("other"))); });
    CPPUNIT_ASSERT_EQUAL(first.revision, must(s.reader->manifestRows())[1].revision);
    // Noted again where nothing had to be changed: no Revision, and none that does not exist yet.
    const model::Revision now = must(s.reader->revision());
    const Change again = s.change([&](Transaction& t) {
      must(t.putManifestRow("user", std::to_string(uid)));
      CPPUNIT_ASSERT(!t.changed());
    });
    CPPUNIT_ASSERT_EQUAL(now, again.revision);
    CPPUNIT_ASSERT_EQUAL(now, must(s.reader->revision()));
    CPPUNIT_ASSERT_EQUAL("cluster/" + at + "user/" + std::to_string(uid) + "@" + std::to_string(now) + " ",
                         shown(must(s.reader->manifestRows())));
    s.in([&](Transaction& t) { must(t.putManifestRow("cluster_policy", "")); }); // not committed
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, must(s.reader->manifestRows()).size());
  }

  void testWhatAnObjectLeavesGoesWithIt() {
    OpenStore s;
    std::int64_t user = 0, role = 0, acl = 0, bdb = 0;
    s.change([&](Transaction& t) {
      user = must(t.insertUser(passwordUser("job")));
      RoleRow operators;
      operators.role.name = "operators";
      role = must(t.insertRole(operators));
      acl = must(t.insertRedisAcl(redisAcl("readers", "+@read ~*")));
      bdb = must(t.insertDatabase(database("cache", 12000)));
      CertificateRow certificate;
      certificate.certificate.name = "mtls_trusted_ca";
      must(t.putCertificate(certificate));
      must(t.putManifestRow("certificate", "mtls_trusted_ca"));
      for (const auto& [kind, uid] : {std::pair{"user", user}, std::pair{"role", role},
                                      std::pair{"redis_acl", acl}, std::pair{"bdb", bdb}})
        must(t.putManifestRow(kind, std::to_string(uid)));
      must(t.putManifestRow("user", "4711"));
      must(t.putSecretDigest("user", std::to_string(user), "password", digest(1)));
    });
    CPPUNIT_ASSERT_EQUAL(std::size_t{6}, must(s.reader->manifestRows()).size());
    s.change([&](Transaction& t) {
      must(t.removeUser(user));
      must(t.removeRole(role));
      must(t.removeDatabase(bdb));
      must(t.removeRedisAcl(acl));
      must(t.removeCertificate("mtls_trusted_ca"));
    });
    CPPUNIT_ASSERT(shown(must(s.reader->manifestRows())).starts_with("user/4711@"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(s.reader->manifestRows()).size());
    CPPUNIT_ASSERT(!must(s.reader->secretDigest("user", std::to_string(user), "password")));
  }

  void testARowThatIsRemovedTakesItsSecretsWithIt() {
    OpenStore s;
    s.change([](Transaction& t) {
      for (const char* key : {"7", "8"}) {
        must(t.putManifestRow("user", key));
        must(t.putSecretDigest("user", key, "password", digest(1)));
      }
    });
    const model::Revision before = must(s.reader->revision());
    s.change([](Transaction& t) {
      must(t.removeManifestRow("user", "7"));
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(t.manifestRows()).size());
      must(t.removeManifestRow("user", "no such")); // nothing to do
    });
    CPPUNIT_ASSERT_EQUAL(before, must(s.reader->revision()));
    CPPUNIT_ASSERT(!must(s.reader->secretDigest("user", "7", "password")));
    CPPUNIT_ASSERT(must(s.reader->secretDigest("user", "8", "password")) == digest(1));
    CPPUNIT_ASSERT_EQUAL(std::string("8"), must(s.reader->manifestRows()).at(0).key);
  }

  void testDigestsAreToldApartByObjectAndField() {
    OpenStore s;
    s.change([](Transaction& t) {
      must(t.putSecretDigest("user", "7", "password", digest(1)));
      must(t.putSecretDigest("bdb", "7", "password", digest(2)));
      must(t.putSecretDigest("certificate", "api", "key", digest(3)));
      must(t.putSecretDigest("certificate", "api", "certificate", digest(4)));
      must(t.putSecretDigest("user", "7", "password", digest(5))); // the last one counts
      CPPUNIT_ASSERT(must(t.secretDigest("user", "7", "password")) == digest(5));
    });
    CPPUNIT_ASSERT(must(s.reader->secretDigest("user", "7", "password")) == digest(5));
    CPPUNIT_ASSERT(must(s.reader->secretDigest("bdb", "7", "password")) == digest(2));
    CPPUNIT_ASSERT(must(s.reader->secretDigest("certificate", "api", "key")) == digest(3));
    CPPUNIT_ASSERT(!must(s.reader->secretDigest("user", "8", "password")));
    CPPUNIT_ASSERT(!must(s.reader->secretDigest("user", "7", "key")));
  }

  void testKeysAreKeptAndReplacedWithoutARevision() {
    OpenStore s;
    const std::string first(32, '\0'), second = std::string(31, 'k') + std::string("\0\xFF", 2);
    const model::Revision before = must(s.reader->revision());
    CPPUNIT_ASSERT(!must(s.reader->key("token")));
    s.change([&](Transaction& t) { must(t.putKey("token", Secret(first))); });
    CPPUNIT_ASSERT(must(s.reader->key("token"))->reveal() == first);
    const Change change = s.change([&](Transaction& t) {
      must(t.putKey("token", Secret(second)));
      CPPUNIT_ASSERT(must(t.key("token"))->reveal() == second && !must(t.key("other")));
    });
    s.close();
    s.open();
    CPPUNIT_ASSERT(must(s.reader->key("token"))->reveal() == second);
    CPPUNIT_ASSERT_EQUAL(before, change.revision);
    CPPUNIT_ASSERT_EQUAL(before, must(s.reader->revision()));
    CPPUNIT_ASSERT(must(s.reader->empty())); // a store that is to be seeded still
  }

  void testAKeyThatIsTooShortIsNone() {
    OpenStore s;
    s.in([](Transaction& t) {
      CPPUNIT_ASSERT(!t.putKey("token", Secret(std::string(31, 'k'))).ok());
      CPPUNIT_ASSERT(!must(t.key("token")));
    });
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ManifestRowsTest);
