// Protects: the permission matrix at the door. The cases are made from the route table and the matrix, so
// that an endpoint that is added is judged with all others, for every management word and every union of two.
// What the matrix itself must say stands in PermissionsTest.
#include "ManagementFixture.h"

#include "control/change/Permissions.h"
#include "control/rest/Operations.h"
#include "control/rest/Router.h"

#include <optional>

using namespace gatehouse;
using namespace gatehouse::control;
using Word = model::Management;

class PermissionMatrixTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(PermissionMatrixTest);
  CPPUNIT_TEST(testEveryWordGetsExactlyWhatTheMatrixSays);
  CPPUNIT_TEST(testWhoHasNoRoleMayWhatAnybodyMay);
  CPPUNIT_TEST(testTwoRolesGiveTheUnion);
  CPPUNIT_TEST(testTheLocalAdministratorMayAll);
  CPPUNIT_TEST(testOneselfIsOnlyOneself);
  CPPUNIT_TEST(testNobodyIsRefusedEverywhereButAtOpenDoors);
  CPPUNIT_TEST(testAnExpiredPasswordOpensOnlyWhatEndsThat);
  CPPUNIT_TEST_SUITE_END();

  /// What is asked stops before the body: nothing is read, nothing changes.
  std::optional<Answer> refusalAtTheDoor(const Caller& caller, const Endpoint& endpoint,
                                         const std::string& uid = "4711") {
    std::string path(endpoint.path);
    for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{')) {
      const std::size_t end = path.find('}', at);
      path.replace(at, end + 1 - at, path.substr(at, end + 1 - at) == "{uid}" ? uid : "ldap_client");
    }
    Head head;
    head.method = endpoint.method;
    head.path = path;
    head.contentType = "application/json";
    head.length = endpoint.body ? 2 : 0;
    auto operation = management_->begin(caller, head, serving_->inForce);
    CPPUNIT_ASSERT(operation != nullptr);
    if (!dynamic_cast<Refusal*>(operation.get())) return {};
    return finish(std::move(operation));
  }
  static std::string where(const std::string& who, const Endpoint& endpoint) {
    return who + ": " + std::string(endpoint.method) + ' ' + std::string(endpoint.path);
  }
  void expectAllowed(bool may, const std::string& who, const Caller& caller, const Endpoint& endpoint) {
    const auto refusal = refusalAtTheDoor(caller, endpoint);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(where(who, endpoint) + (refusal ? ' ' + refusal->body : ""), may, !refusal);
    if (refusal)
      expect(403, "unauthorized_action", *refusal, std::string(control::row(endpoint.permission).word));
  }
  static std::string uidOf(Word word) { return std::to_string(model::builtinRoleUid(word)); }
  static bool mayOne(Word word, const Endpoint& endpoint) {
    return endpoint.open || endpoint.permission == Permission::authenticated ||
           control::row(endpoint.permission).roles.has(word);
  }

public:
  void testEveryWordGetsExactlyWhatTheMatrixSays() {
    std::size_t refused = 0;
    for (std::size_t i = 0; i < std::size(model::managements); ++i) {
      const auto word = static_cast<Word>(i);
      const Caller caller = user(make("u" + std::to_string(i), uidOf(word)));
      for (const Endpoint& endpoint : endpoints()) {
        const bool may = mayOne(word, endpoint);
        refused += may ? 0 : 1;
        expectAllowed(may, std::string(model::managements[i]), caller, endpoint);
      }
    }
    CPPUNIT_ASSERT(refused > endpoints().size()); // it does refuse
    CPPUNIT_ASSERT_EQUAL(refused, events_.count({"access.refused"}));
  }
  void testWhoHasNoRoleMayWhatAnybodyMay() {
    const Caller caller = user(make("ada", ""));
    for (const Endpoint& endpoint : endpoints())
      expectAllowed(endpoint.open || endpoint.permission == Permission::authenticated, "no role", caller,
                    endpoint);
  }
  void testTwoRolesGiveTheUnion() {
    const std::size_t count = std::size(model::managements);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t k = 0; k < i; ++k) {
        const auto one = static_cast<Word>(i), other = static_cast<Word>(k);
        const std::string name =
            std::string(model::managements[i]) + '-' + std::string(model::managements[k]);
        const Caller caller = user(make(name, uidOf(one) + ',' + uidOf(other)));
        for (const Endpoint& endpoint : endpoints())
          expectAllowed(mayOne(one, endpoint) || mayOne(other, endpoint), name, caller, endpoint);
      }
  }
  void testTheLocalAdministratorMayAll() {
    for (const Endpoint& endpoint : endpoints()) expectAllowed(true, "local administrator", root(), endpoint);
  }
  void testOneselfIsOnlyOneself() {
    const std::int64_t ada = make("ada", ""), grace = make("grace", "");
    std::size_t tried = 0;
    for (const Endpoint& endpoint : endpoints()) {
      if (!endpoint.orOneself) continue;
      ++tried;
      CPPUNIT_ASSERT(!refusalAtTheDoor(user(ada), endpoint, std::to_string(ada)));
      const auto other = refusalAtTheDoor(user(ada), endpoint, std::to_string(grace));
      CPPUNIT_ASSERT_MESSAGE(where("ada", endpoint), other.has_value());
      expect(403, "unauthorized_action", *other);
    }
    CPPUNIT_ASSERT(tried > 0);
  }
  void testNobodyIsRefusedEverywhereButAtOpenDoors() {
    for (const Endpoint& endpoint : endpoints()) {
      const auto refusal = refusalAtTheDoor(nobody(), endpoint);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(where("nobody", endpoint), endpoint.open, !refusal);
      if (refusal) expect(401, "unauthenticated", *refusal);
      // An open door is for what makes somebody of nobody, and reads no policy.
      CPPUNIT_ASSERT_MESSAGE(where("open", endpoint),
                             !endpoint.open || endpoint.permission == Permission::authenticated);
    }
  }
  /// The caller would be an administrator; of its rights it has none while the password is expired.
  void testAnExpiredPasswordOpensOnlyWhatEndsThat() {
    const Caller whole = user(make("ada", "1"));
    Caller caller = nobody();
    caller.expired = whole.admission;
    caller.user = whole.user;
    for (const Endpoint& endpoint : endpoints()) {
      const auto refusal = refusalAtTheDoor(caller, endpoint);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(where("expired", endpoint), endpoint.open || endpoint.expiredMay,
                                   !refusal);
      if (refusal) CPPUNIT_ASSERT_EQUAL(401, refusal->status);
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PermissionMatrixTest);
