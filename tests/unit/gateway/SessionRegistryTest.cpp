// Protects: a change finds every session that it concerns, and no other (lessons 33, 37, 40).
#include "gateway/SessionRegistry.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <memory>

using namespace gatehouse;
using gateway::Session;
using gateway::SessionRegistry;

namespace {

model::Digest digest(std::uint8_t b) {
  model::Digest d{};
  d.fill(b);
  return d;
}
model::ChainFacts chain(std::uint8_t anchor, std::uint8_t subject, std::int64_t notAfter) {
  model::ChainFacts c;
  c.anchor = digest(anchor);
  c.subjectKey = digest(subject);
  c.notAfter = notAfter;
  return c;
}

} // namespace

class SessionRegistryTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SessionRegistryTest);
  CPPUNIT_TEST(testAUserConcernsItsOwnSessions);
  CPPUNIT_TEST(testARemovedAnchorConcernsItsChains);
  CPPUNIT_TEST(testAChangedSubjectConcernsTheCertificatesThatBearIt);
  CPPUNIT_TEST(testSettingsConcernEveryone);
  CPPUNIT_TEST(testRolesConcernNobody);
  CPPUNIT_TEST(testTheEndOfValidityIsFoundInOrder);
  CPPUNIT_TEST(testADatabaseConcernsItsOwnSessions);
  CPPUNIT_TEST(testAnAclConcernsTheDatabasesThatNameIt);
  CPPUNIT_TEST(testADatabasesAnchorsAreItsOwn);
  CPPUNIT_TEST(testAnEndThatIsNotWatchedIsNotFound);
  CPPUNIT_TEST(testWhatWasRemovedIsNotFound);
  CPPUNIT_TEST_SUITE_END();

  // The registry never looks into a session, so addresses are enough.
  std::unique_ptr<char[]> memory = std::make_unique<char[]>(8);
  Session& at(std::size_t i) { return reinterpret_cast<Session&>(memory[i]); }
  SessionRegistry registry;
  model::Snapshot next;
  model::ChainFacts one = chain(1, 10, 100), two = chain(2, 20, 200), three = chain(1, 30, 300);

public:
  void setUp() override {
    for (std::size_t i = 0; i < 4; ++i) registry.add(at(i));
    registry.addUser(7, at(0));
    registry.addUser(7, at(1));
    registry.addUser(8, at(2));
    registry.addChain(one, 0, at(0));
    registry.addChain(two, 0, at(2));
    registry.addChain(three, 0, at(3)); // nobody's certificate
  }
  void finds(const store::Change& change, std::vector<model::Digest> subjects,
             std::set<model::Digest> anchors, std::vector<std::size_t> expected) {
    std::vector<Session*> wanted;
    for (const std::size_t i : expected) wanted.push_back(&at(i));
    next.anchors = std::move(anchors);
    auto found = registry.concerned(change, subjects, next);
    std::sort(found.begin(), found.end());
    CPPUNIT_ASSERT(found == wanted);
  }
  void testAUserConcernsItsOwnSessions() {
    store::Change change;
    change.users = {7};
    finds(change, {}, {digest(1), digest(2)}, {0, 1});
  }
  void testARemovedAnchorConcernsItsChains() {
    store::Change change;
    change.certificates = {"mtls_trusted_ca"};
    finds(change, {}, {digest(2)}, {0, 3});
    finds(change, {}, {digest(1), digest(2)}, {});
    finds(change, {}, {}, {0, 2, 3});
  }
  void testAChangedSubjectConcernsTheCertificatesThatBearIt() {
    store::Change change;
    change.users = {99};
    finds(change, {digest(30)}, {}, {3});
  }
  void testSettingsConcernEveryone() {
    store::Change change;
    change.settings = true;
    finds(change, {}, {}, {0, 1, 2, 3});
  }
  void testRolesConcernNobody() { // rights are looked up at each request
    store::Change change;
    change.roles = {1};
    finds(change, {}, {}, {});
  }
  void testTheEndOfValidityIsFoundInOrder() {
    CPPUNIT_ASSERT(registry.expired(99).empty());
    CPPUNIT_ASSERT(registry.expired(100) == std::vector<Session*>{&at(0)});
    CPPUNIT_ASSERT(registry.expired(250) == (std::vector<Session*>{&at(0), &at(2)}));
  }
  void testADatabaseConcernsItsOwnSessions() {
    registry.addDatabase(5, at(1));
    registry.addDatabase(6, at(2));
    store::Change change;
    change.databases = {5};
    finds(change, {}, {}, {1});
    registry.removeDatabase(5, at(1));
    finds(change, {}, {}, {});
  }
  void testAnAclConcernsTheDatabasesThatNameIt() { // R16
    registry.addDatabase(5, at(1));
    registry.addDatabase(6, at(2));
    next.databases[5].database.roles_permissions = {{1, 40, {}}};
    next.databases[6].database.roles_permissions = {{1, 41, {}}};
    store::Change change;
    change.redisAcls = {41};
    finds(change, {}, {}, {2});
    change.redisAcls = {99};
    finds(change, {}, {}, {});
  }
  void testADatabasesAnchorsAreItsOwn() { // R9
    registry.addChain(two, 5, at(1));
    next.databases[5].anchors = {digest(2)};
    store::Change change;
    change.certificates = {"mtls_trusted_ca"};
    finds(change, {}, {digest(1)}, {2}); // the same anchor at the management API is gone, at the database not
    next.databases[5].anchors = {};
    finds(change, {}, {digest(1), digest(2)}, {1});
  }
  void testAnEndThatIsNotWatchedIsNotFound() { // mtls_allow_outdated_certs
    registry.forgetExpiry(one, at(0));
    CPPUNIT_ASSERT(registry.expired(100).empty());
    registry.watchExpiry(one, at(0));
    CPPUNIT_ASSERT(registry.expired(100) == std::vector<Session*>{&at(0)});
  }
  void testWhatWasRemovedIsNotFound() {
    registry.removeUser(7, at(0));
    registry.removeChain(one, 0, at(0));
    registry.remove(at(0));
    store::Change change;
    change.users = {7};
    change.certificates = {"mtls_trusted_ca"};
    finds(change, {digest(10)}, {digest(2)}, {1, 3});
    change.settings = true;
    finds(change, {}, {}, {1, 2, 3});
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SessionRegistryTest);
