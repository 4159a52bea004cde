// Protects what-if: a plan names the open connections that would close, of the API and of databases, and
// judged by the one judge (design 2): after the apply exactly those close, and nobody else's connection
// notices.
#include "ManifestHouseFixture.h"

#include "control/codec/JsonReader.h"

#include <set>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr int aSecond = 1000;

std::string user(std::string_view name, std::string_view role) {
  return "  - {name: " + std::string(name) +
         ", auth_method: certificate, certificate_subject_line: \"CN=" + std::string(name) +
         ", OU=dev, O=Example\", roles: [" + std::string(role) + "]}\n";
}

} // namespace

class ManifestImpactTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ManifestImpactTest);
  CPPUNIT_TEST(testThoseThatAPlanNamesCloseAndNoOthers);
  CPPUNIT_TEST(testAnAclThatGivesLessClosesTheSessionsUnderIt);
  CPPUNIT_TEST(testACaThatGoesTakesItsConnections);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    house_ = std::make_unique<ManifestHouse>();
    database_.port = freePort();
    house_->write(manifest("+@all ~* &*", true));
    house_->apply();
    database_.uid = house_->uidOf("bdbs", "cache");
    house_->waitActive(database_.uid);
  }
  void tearDown() override { house_.reset(); }

  void testThoseThatAPlanNamesCloseAndNoOthers() {
    HttpsClient ada = kept("ada"), grace = kept("grace");
    RespClient eve = opened("eve"), dora = opened("dora");
    house_->write(manifest("+@all ~* &*", false)); // without grace and dora
    const CommandRun plan = house_->run("plan", {"--prune", "--impact"});
    expectCode(2, plan);
    expectPart("the connection from 127.0.0.1", plan.out);
    expectPart(" to api as grace would close: ", plan.out);
    expectPart(" as dora would close: ", plan.out);
    for (const char* part : {"as ada would close", "as eve would close"}) expectNoPart(part, plan.out);
    expectPart("grace would lose: ", plan.out);
    expectPart("open connections would stay", plan.out);
    CPPUNIT_ASSERT_EQUAL(std::string("dora, grace"), closing({"--prune"}));
    answers(ada);
    answers(grace); // it was a question
    expect("PONG", dora.say({"PING"}));

    house_->apply({"--prune"});
    CPPUNIT_ASSERT(grace.closedWithin(aSecond));
    CPPUNIT_ASSERT(dora.closedWithin(aSecond));
    answers(ada);
    expect("PONG", eve.say({"PING"}));
    CPPUNIT_ASSERT_EQUAL(std::string(), closing({"--prune"}));
  }

  void testAnAclThatGivesLessClosesTheSessionsUnderIt() {
    HttpsClient ada = kept("ada");
    RespClient eve = opened("eve");
    house_->write(manifest("+@read +ping ~*", true));
    CPPUNIT_ASSERT_EQUAL(std::string("eve"), closing({}));
    house_->apply();
    CPPUNIT_ASSERT(eve.closedWithin(aSecond));
    answers(ada);
  }

  void testACaThatGoesTakesItsConnections() {
    HttpsClient ada = kept("ada");
    RespClient eve = opened("eve");
    HttpsClient keeper = house_->connect();
    const auto byPassword = basic(house_->keeper, house_->keeperPassword);
    CPPUNIT_ASSERT_EQUAL(200, keeper.request("GET", whoAmI, {}, {byPassword}).status);
    const Forged next = TestPki::otherCa("Next CA", randomName("key-"));
    house_->server.folder().write("provision/ca.pem", next.pem());
    const CommandRun plan = house_->run("plan", {"--impact"});
    expectCode(2, plan);
    expectPart("CN=Next CA", plan.out); // nobody stands on it yet
    CPPUNIT_ASSERT_EQUAL(std::string("ada, eve"), closing({}));
    house_->apply();
    CPPUNIT_ASSERT(ada.closedWithin(aSecond));
    CPPUNIT_ASSERT(eve.closedWithin(aSecond));
    CPPUNIT_ASSERT_EQUAL(200, keeper.request("GET", whoAmI, {}, {byPassword}).status);
  }

private:
  [[nodiscard]] std::string manifest(std::string_view acl, bool everybody) const {
    return "roles: [{name: helper, management: cluster_viewer}, {name: caches, management: none}]\n"
           "redis_acls: [{name: caches, acl: \"" +
           std::string(acl) + "\"}]\nusers:\n" + user("ada", "helper") + user("eve", "caches") +
           (everybody ? user("grace", "helper") + user("dora", "caches") : std::string()) +
           "bdbs:\n  - {name: cache, memory_size: 67108864, port: " + std::to_string(database_.port) +
           ", roles_permissions: [{role: caches, redis_acl: caches}]}\n";
  }
  HttpsClient kept(std::string_view name) {
    HttpsClient client = house_->connect(house_->pki.client(name));
    answers(client);
    return client;
  }
  static void answers(HttpsClient& client) {
    CPPUNIT_ASSERT_EQUAL(200, client.request("GET", whoAmI).status);
  }
  RespClient opened(std::string_view name) {
    RespClient client = house_->client(database_, name);
    expect(name, client.say({"ACL", "WHOAMI"}));
    return client;
  }
  /// Whose connections a plan says would close, by name.
  std::string closing(std::vector<std::string> words) {
    words.insert(words.end(), {"--impact", "--json"});
    const CommandRun plan = house_->run("plan", std::move(words));
    CPPUNIT_ASSERT_MESSAGE(plan.all(), plan.code == 2 || plan.code == 0);
    const auto read = control::readJson(plan.out.substr(0, plan.out.size() - 1));
    CPPUNIT_ASSERT_MESSAGE(plan.out, read.ok());
    std::set<std::string> users;
    for (const Node& one : read->find("impact")->find("closes")->items) users.insert(one.find("user")->text);
    std::string out;
    for (const std::string& user : users) out += (out.empty() ? "" : ", ") + user;
    return out;
  }

  std::unique_ptr<ManifestHouse> house_;
  DatabaseHouse::Database database_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManifestImpactTest);
