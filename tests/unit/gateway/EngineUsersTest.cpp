// Protects: a user has at an engine the rights of his roles there and no more (R14), and a session is let
// stand only while nothing was taken from it.
#include "gateway/EngineUsers.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

using namespace gatehouse;
using gateway::EngineUser;

class EngineUsersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineUsersTest);
  CPPUNIT_TEST(testRolesAreSelectorsInTheirOrder);
  CPPUNIT_TEST(testARoleThatIsNotThereGivesNothing);
  CPPUNIT_TEST(testTheDefaultUserHasANameThatNobodyCanHave);
  CPPUNIT_TEST(testTheDefaultUsersPasswordGivesNoMoreAndNoLess);
  CPPUNIT_TEST(testMoreKeepsAllAndLessDoesNot);
  CPPUNIT_TEST_SUITE_END();

  model::Snapshot snapshot;
  gateway::Proof proof;

public:
  void setUp() override {
    auto table = std::make_shared<model::CommandTable>();
    table->version = "7.0.15";
    table->commands = {"get", "set", "multi", "exec", "discard", "migrate"};
    table->categories = {"all", "read", "write", "admin"};
    snapshot.commands = std::move(table);
    add(1, "+@read ~cache:*");
    add(2, "+set ~app:*");
    snapshot.databases[5].database.roles_permissions = {{11, 1, {}}, {12, 2, {}}, {13, 77, {}}};
    auto admission = std::make_shared<model::Admission>();
    admission->database = 5;
    proof.admission = std::move(admission);
    has({11, 12});
  }
  void add(std::int64_t uid, std::string_view acl) {
    model::RedisAcl one;
    one.uid = uid;
    one.acl = acl;
    snapshot.redisAcls[uid] = std::move(one);
  }
  void has(std::vector<std::int64_t> roles) {
    auto record = std::make_shared<store::UserRecord>();
    record->judged.user.name = "ada";
    record->judged.user.role_uids = std::move(roles);
    proof.record = std::move(record);
  }
  EngineUser user() { return gateway::engineUserOf(proof, snapshot); }
  static std::size_t place(const EngineUser& user, std::string_view begin) {
    const auto found = std::find_if(user.rules.begin(), user.rules.end(),
                                    [&](const std::string& rule) { return rule.starts_with(begin); });
    return static_cast<std::size_t>(found - user.rules.begin());
  }

  void testRolesAreSelectorsInTheirOrder() {
    const EngineUser ada = user();
    CPPUNIT_ASSERT_EQUAL(std::string("ada"), ada.name);
    CPPUNIT_ASSERT(place(ada, "(+@read") < place(ada, "(+set"));
    CPPUNIT_ASSERT(place(ada, "(+set") < ada.rules.size());
    for (const std::string& rule : ada.rules) // nothing of a role at the root
      CPPUNIT_ASSERT_MESSAGE(rule, rule.starts_with('(') || rule.find('~') == rule.npos);
  }
  void testARoleThatIsNotThereGivesNothing() {
    has({99});
    const EngineUser ada = user();
    CPPUNIT_ASSERT_EQUAL(ada.rules.size(), place(ada, "("));
    has({13}); // its ACL is gone
    CPPUNIT_ASSERT(user() == ada);
  }
  void testTheDefaultUserHasANameThatNobodyCanHave() { // R3, R17
    auto admission = std::make_shared<model::Admission>();
    admission->kind = model::EvidenceKind::none;
    admission->database = 5;
    proof = {std::move(admission), nullptr};
    CPPUNIT_ASSERT(!model::fitsEngineName(user().name));
    CPPUNIT_ASSERT(place(user(), "(+@all") < user().rules.size());
  }
  void testTheDefaultUsersPasswordGivesNoMoreAndNoLess() { // R3
    const auto as = [&](model::EvidenceKind kind, std::int64_t database) {
      auto admission = std::make_shared<model::Admission>();
      admission->kind = kind;
      admission->database = database;
      proof = {std::move(admission), nullptr};
      return user();
    };
    const EngineUser byNothing = as(model::EvidenceKind::none, 5);
    CPPUNIT_ASSERT(as(model::EvidenceKind::password, 5) == byNothing);
    // Nobody with uid 0 is the default user by accident.
    for (const EngineUser& nobody :
         {as(model::EvidenceKind::password, 0), as(model::EvidenceKind::token, 5),
          as(model::EvidenceKind::certificate, 5), as(model::EvidenceKind::local, 5)})
      CPPUNIT_ASSERT(nobody.name.empty() && place(nobody, "(+@all") == nobody.rules.size());
  }
  void testMoreKeepsAllAndLessDoesNot() { // R16
    has({11});
    const EngineUser one = user();
    has({11, 12});
    const EngineUser both = user();
    CPPUNIT_ASSERT(gateway::keepsAll(one, both));
    CPPUNIT_ASSERT(!gateway::keepsAll(both, one));
    EngineUser renamed = both;
    renamed.name = "eve";
    CPPUNIT_ASSERT(!gateway::keepsAll(both, renamed));
    add(1, "+get ~cache:*");
    CPPUNIT_ASSERT(!gateway::keepsAll(one, user())); // another text: who can tell whether it is more
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineUsersTest);
