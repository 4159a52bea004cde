// Protects the rules of ownership, against the running server: R22 (no manifest brings back what REST took
// away, under any name), R21 (nothing is destroyed, and no administrator lost, by omission), R23 (over REST a
// manifest has values only), prune, adopt and drift. Each holds for apply, at a start and on SIGHUP.
#include "ManifestHouseFixture.h"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr std::string_view helper =
    "roles: [{name: helper, management: cluster_viewer}, {name: chief, management: admin}]\n";

std::string user(std::string_view name, std::string_view subject, std::string_view more = {}) {
  return "  - {name: " + std::string(name) +
         ", auth_method: certificate, certificate_subject_line: \"CN=" + std::string(subject) +
         ", OU=dev, O=Example\", roles: [helper]" + std::string(more) + "}\n";
}

std::string team(const std::string& users) { return std::string(helper) + "users:\n" + users; }

} // namespace

class ManifestRulesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ManifestRulesTest);
  CPPUNIT_TEST(testADeletedUserStaysAwayUnderEachOfItsNames);
  CPPUNIT_TEST(testReleaseAloneBringsItBack);
  CPPUNIT_TEST(testANarrowedFieldStaysNarrowed);
  CPPUNIT_TEST(testOtherKindsStayAwayToo);
  CPPUNIT_TEST(testASettingThatRestTightenedStaysTight);
  CPPUNIT_TEST(testADatabaseOutlivesItsManifest);
  CPPUNIT_TEST(testADatabaseTakesThePortOfOneThatGoes);
  CPPUNIT_TEST(testADatabaseKeepsItsDataAgainstAnEdit);
  CPPUNIT_TEST(testPruneTakesWhatManifestsMadeAndNothingElse);
  CPPUNIT_TEST(testARowOfTheApiIsTakenOverOnlyWhenTold);
  CPPUNIT_TEST(testDriftIsCountedAtEachStartInEveryMode);
  CPPUNIT_TEST(testNoManifestLeavesAClusterWithoutAnAdministrator);
  CPPUNIT_TEST(testAManifestThatCannotBeReadKeepsNoServerDown);
  CPPUNIT_TEST(testAGlobWithoutAFileIsNoEmptyWish);
  CPPUNIT_TEST(testOverRestAManifestHasValuesOnly);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override { house_ = std::make_unique<ManifestHouse>(); }
  void tearDown() override { house_.reset(); }

  void testADeletedUserStaysAwayUnderEachOfItsNames() { // R22
    house_->write(team(user("eve", "eve", ", email: eve@example.com")));
    house_->apply();
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client("eve")));
    house_->must("DELETE", "/v1/users/" + std::to_string(house_->uidOf("users", "eve")));

    house_->provision("reconcile");
    for (const auto& [name, manifest] : {
             std::pair("eve", user("eve", "eve", ", email: eve@example.com")),
             std::pair("eve", user("eve", "another")),
             std::pair("evelyn", user("evelyn", "another", ", renamed_from: eve")),
             std::pair("evelyn", user("evelyn", "eve")),
             std::pair("evelyn", user("evelyn", "another", ", email: Eve@example.com")),
             std::pair("eve@example.com", user("eve@example.com", "another")),
         }) {
      house_->write(team(manifest));
      const CommandRun plan = house_->run("plan");
      expectCode(0, plan);
      expectPart("Held back: ", plan.out);
      expectPart(std::string("! users/") + name + ": was removed by ", plan.out);
      house_->apply();
      CPPUNIT_ASSERT_MESSAGE(manifest, !house_->has("users", name));
      house_->restart();
      CPPUNIT_ASSERT_MESSAGE(manifest, !house_->has("users", name));
      CPPUNIT_ASSERT(house_->server.logs("provision.held", {name}));
      house_->reload();
      CPPUNIT_ASSERT_MESSAGE(manifest, !house_->has("users", name));
      for (const char* subject : {"eve", "another"})
        CPPUNIT_ASSERT_EQUAL_MESSAGE(manifest, 401, house_->status(house_->pki.client(subject)));
    }
    // Somebody who shares nothing with her is nobody's hold.
    house_->write(team(user("adam", "adam")));
    house_->reload();
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client("adam")));
  }

  void testReleaseAloneBringsItBack() { // R22
    house_->write(team(user("eve", "eve")));
    house_->apply();
    house_->must("DELETE", "/v1/users/" + std::to_string(house_->uidOf("users", "eve")));
    expectCode(0, house_->run("plan", {"--release", "mallory"}));
    expectCode(0, house_->run("plan", {"--adopt", "eve", "--prune"}));
    const CommandRun plan = house_->run("plan", {"--release", "eve"});
    expectCode(2, plan);
    expectNoPart("Held back", plan.out);
    CPPUNIT_ASSERT(!house_->has("users", "eve")); // a plan ends no hold
    expectCode(0, house_->run("plan"));
    house_->apply({"--release", "users/eve"});
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client("eve")));
    expectCode(0, house_->run("plan")); // and it stays ended
    expectNoPart("Held back", house_->run("plan").out);
  }

  void testANarrowedFieldStaysNarrowed() { // R22
    house_->write(team(
        "  - {name: eve, auth_method: certificate, certificate_subject_line: \"CN=eve, OU=dev, O=Example\",\n"
        "     roles: [chief]}\n"));
    house_->apply();
    CPPUNIT_ASSERT_EQUAL(std::string("admin"), house_->roleOf(house_->pki.client("eve")));
    house_->must("PUT", "/v1/users/" + std::to_string(house_->uidOf("users", "eve")), R"({"role_uids":[]})");
    const CommandRun plan = house_->run("plan");
    expectCode(0, plan);
    expectPart("! users/eve (roles): was ", plan.out);
    house_->provision("reconcile");
    house_->apply();
    house_->restart();
    expectPart(R"("role_uids":[])", house_->object("users", "eve"));
    house_->reload();
    expectPart(R"("role_uids":[])", house_->object("users", "eve"));
    house_->apply({"--release", "eve"});
    CPPUNIT_ASSERT_EQUAL(std::string("admin"), house_->roleOf(house_->pki.client("eve")));
  }

  void testADatabaseOutlivesItsManifest() { // R21
    makeCache();
    house_->provision("reconcile", "owned");
    house_->write(team(user("eve", "eve")) + "redis_acls: [{name: other, acl: \"+@read ~*\"}]\n");
    const CommandRun plan = house_->run("plan", {"--prune"});
    expectCode(2, plan);
    expectPart("! bdbs/cache: no manifest names it any more, and it stays with its data", plan.out);
    expectPart("? redis_acls/everything: is used by bdbs/cache", plan.out); // and so it can be done at all
    CPPUNIT_ASSERT(plan.out.find("! bdbs/cache") < plan.out.find("+ redis_acls/other")); // it is read first
    expectNoPart("- bdbs/cache", plan.out);
    house_->apply({"--prune"});
    house_->restart();
    CPPUNIT_ASSERT(house_->server.logs("provision.destroys", {"cache"}));
    house_->reload();
    house_->waitActive(house_->uidOf("bdbs", "cache"));
    expect("kept", client().say({"GET", "key"}));

    const CommandRun destroyed = house_->run("plan", {"--destroy", "cache"});
    expectCode(2, destroyed);
    expectPart("- bdbs/cache", destroyed.out);
    house_->apply({"--destroy", "cache"});
    CPPUNIT_ASSERT(!house_->has("bdbs", "cache"));
    // Its port is another's to have, although it stood open when the server started.
    house_->addDatabase("next", {}, "\"port\":" + std::to_string(cache_.port));
  }

  void testOtherKindsStayAwayToo() { // R22
    makeCache();
    const auto remove = [&](const std::string& collection, std::string_view name) {
      house_->must("DELETE", "/v1/" + collection + '/' + std::to_string(house_->uidOf(collection, name)));
    };
    remove("bdbs", "cache");
    CPPUNIT_ASSERT(eventually([&] { return !house_->has("bdbs", "cache"); }));
    remove("redis_acls", "everything");
    remove("users", "eve");
    remove("roles", "helper");
    house_->provision("reconcile", "owned");
    // Under their names, and under others: what refers to them does not bring them back either.
    std::string renamed = cacheManifest();
    for (const auto& [before, after] :
         {std::pair("{name: cache,", "{name: cache2, renamed_from: cache,"),
          std::pair("{name: everything,", "{name: all, renamed_from: everything,"),
          std::pair("redis_acl: everything", "redis_acl: all"),
          std::pair("{name: helper,", "{name: help, renamed_from: helper,"),
          std::pair("role: helper", "role: help"), std::pair("[helper]", "[help]")})
      renamed.replace(renamed.find(before), std::string_view(before).size(), after);
    for (const std::string& manifest : {cacheManifest(), renamed}) {
      house_->write(manifest);
      const CommandRun plan = house_->run("plan");
      expectCode(0, plan);
      for (const char* kind : {"! bdbs/", "! redis_acls/", "! roles/", "! users/"})
        expectPart(kind, plan.out);
      house_->apply();
      house_->restart();
      house_->reload();
      CPPUNIT_ASSERT_EQUAL(std::string("[]"), house_->must("GET", "/v1/bdbs"));
      for (const char* name : {"everything", "all"}) CPPUNIT_ASSERT(!house_->has("redis_acls", name));
      for (const char* name : {"helper", "help"}) CPPUNIT_ASSERT(!house_->has("roles", name));
      CPPUNIT_ASSERT(!house_->has("users", "eve"));
    }
  }

  void testASettingThatRestTightenedStaysTight() { // R22
    house_->write("cluster_policy: {login_lockout_threshold: 9}\n");
    house_->apply();
    house_->must("PUT", "/v1/cluster",
                 R"({"mtls_certificate_authentication":false,"min_control_TLS_version":"1.3"})");
    house_->must("PUT", "/v1/cluster/policy", R"({"login_lockout_threshold":3})");
    house_->provision("reconcile");
    const CommandRun plan = house_->run("plan");
    expectCode(0, plan);
    expectPart("! cluster (mtls_certificate_authentication): ", plan.out);
    expectPart("! cluster_policy (login_lockout_threshold): ", plan.out);
    house_->apply();
    house_->restart();
    house_->reload();
    expectPart(R"("mtls_certificate_authentication":false)", house_->must("GET", "/v1/cluster"));
    expectPart(R"("login_lockout_threshold":3)", house_->must("GET", "/v1/cluster/policy"));
    house_->apply({"--release", "cluster"});
    expectPart(R"("mtls_certificate_authentication":true)", house_->must("GET", "/v1/cluster"));
    expectPart(R"("login_lockout_threshold":3)", house_->must("GET", "/v1/cluster/policy"));
  }

  void testADatabaseTakesThePortOfOneThatGoes() {
    makeCache();
    RespClient before = client();
    expect("kept", before.say({"GET", "key"}));
    std::string manifest = cacheManifest();
    manifest.replace(manifest.find("{name: cache,"), 13, "{name: next,");
    house_->write(manifest);
    const CommandRun taken = house_->run("plan");
    expectCode(1, taken); // it is not given away
    expectPart("20-team.yaml:", taken.err);
    expectPart("is the port of database " + std::to_string(cache_.uid) + " (cache)", taken.err);
    house_->apply({"--destroy", "cache"});
    CPPUNIT_ASSERT(before.closedWithin(1000));
    house_->waitActive(house_->uidOf("bdbs", "next"));
    expect("(nil)", client().say({"GET", "key"})); // the other's data is not in it
    expect("OK", client().say({"SET", "key", "another"}));
    house_->restart();
    house_->waitActive(house_->uidOf("bdbs", "next"));
    expect("another", client().say({"GET", "key"}));
  }

  void testADatabaseKeepsItsDataAgainstAnEdit() { // R21: persistence off counts as destroying
    makeCache();
    house_->write(cacheManifest(", data_persistence: disabled"));
    const CommandRun plan = house_->run("plan");
    expectPart("! bdbs/cache (data_persistence): would lose data", plan.out);
    house_->apply();
    expectPart(R"("data_persistence":"aof")", house_->object("bdbs", "cache"));
    house_->apply({"--destroy", "cache"});
    expectPart(R"("data_persistence":"disabled")", house_->object("bdbs", "cache"));
  }

  void testPruneTakesWhatManifestsMadeAndNothingElse() {
    house_->write(team(user("eve", "eve") + user("bob", "bob")));
    house_->apply();
    house_->addByCertificate("api-made", TestPki::subjectLine("api-made"), "helper");
    house_->write(team(user("bob", "bob")));
    house_->apply();
    CPPUNIT_ASSERT(house_->has("users", "eve")); // omission alone takes nothing
    const CommandRun plan = house_->run("plan", {"--prune"});
    expectCode(2, plan);
    expectPart("- users/eve", plan.out);
    expectNoPart("api-made", plan.out);
    house_->provision("reconcile", "owned");
    house_->restart();
    CPPUNIT_ASSERT(!house_->has("users", "eve"));
    for (const char* name : {"bob", "api-made"}) CPPUNIT_ASSERT_MESSAGE(name, house_->has("users", name));
    CPPUNIT_ASSERT(house_->has("roles", "Admin")); // what every store has is nobody's
    // What an API's user has stays with it, and keeps nothing else from being done.
    house_->write("roles: [{name: chief, management: admin}]\n");
    const CommandRun role = house_->run("plan", {"--prune"});
    expectPart("? roles/helper: is used by users/api-made, and stays with it", role.out);
    house_->apply({"--prune"});
    CPPUNIT_ASSERT(!house_->has("users", "bob"));
    CPPUNIT_ASSERT_EQUAL(std::string("cluster_viewer"), house_->roleOf(house_->pki.client("api-made")));
  }

  void testARowOfTheApiIsTakenOverOnlyWhenTold() {
    house_->write(helper);
    house_->apply();
    const std::int64_t uid = house_->addByCertificate("eve", TestPki::subjectLine("eve"));
    house_->write(team(user("eve", "eve")));
    const CommandRun plan = house_->run("plan");
    expectCode(0, plan);
    expectPart("? users/eve (roles): was made over the API and stays as it is; adopt users/eve", plan.out);
    house_->provision("reconcile");
    house_->apply();
    house_->restart();
    CPPUNIT_ASSERT_EQUAL(std::string("admin"), house_->roleOf(house_->pki.client("eve")));
    house_->apply({"--adopt", "users/eve"});
    CPPUNIT_ASSERT_EQUAL(std::string("cluster_viewer"), house_->roleOf(house_->pki.client("eve")));
    CPPUNIT_ASSERT_EQUAL(uid, house_->uidOf("users", "eve")); // the same row
    expectNoPart("users/eve", house_->run("plan").out);
  }

  void testDriftIsCountedAtEachStartInEveryMode() {
    house_->write(team(user("eve", "eve", ", email: eve@example.com") +
                       user("bob", "bob", ", email: bob@example.com")));
    house_->apply();
    house_->restart();
    CPPUNIT_ASSERT(house_->server.lines("provision.drift").empty());
    for (const char* name : {"eve", "bob"})
      house_->must("PUT", "/v1/users/" + std::to_string(house_->uidOf("users", name)), R"({"email":""})");
    const CommandRun plan = house_->run("plan");
    expectPart("Changed over REST since a manifest wrote it\n", plan.out);
    expectPart("~ users/eve (email): was changed over REST at revision ", plan.out);
    for (const char* mode : {"seed", "reconcile", "seed"}) {
      house_->provision(mode);
      house_->restart();
      CPPUNIT_ASSERT_MESSAGE(house_->server.log(),
                             house_->server.logs("provision.drift", {"them: 2: ", "eve", "bob"}));
    }
  }

  void testNoManifestLeavesAClusterWithoutAnAdministrator() { // R21
    std::string text = readFile(house_->server.folder() / "provision/10-test.yaml");
    const std::string wanted = "{name: operator, management: admin}";
    const std::size_t at = text.find(wanted);
    CPPUNIT_ASSERT(at != std::string::npos);
    house_->server.folder().write("provision/10-test.yaml",
                                  text.replace(at, wanted.size(), "{name: operator, management: none}"));
    house_->write("roles: [{name: helper, management: none}]\n");
    const CommandRun applied = house_->run("apply", {"--yes"});
    expectCode(1, applied);
    expectPart("no active user with the management word admin", applied.err);
    house_->provision("reconcile");
    house_->restart(); // it starts on what it has
    CPPUNIT_ASSERT(house_->server.logs("provision.failed", {"admin"}));
    house_->reload();
    CPPUNIT_ASSERT(!house_->has("roles", "helper")); // all or nothing
    const auto keeper = basic(house_->keeper, house_->keeperPassword);
    CPPUNIT_ASSERT_EQUAL(200, house_->connect().request("GET", "/v1/users", {}, {keeper}).status);
  }

  void testAManifestThatCannotBeReadKeepsNoServerDown() {
    house_->provision("reconcile");
    house_->write("roles: [{name: helper, managment: none}]\n");
    house_->restart();
    CPPUNIT_ASSERT(house_->server.logs("provision.mistake", {"20-team.yaml:1:24", "management"}));
    CPPUNIT_ASSERT(!house_->has("roles", "helper"));
    house_->write("roles: [{name: helper, management: none}]\n");
    house_->reload();
    CPPUNIT_ASSERT(house_->has("roles", "helper"));
    house_->write("users: [{name: job, password: {file: gone.txt}, roles: [helper]}]\n");
    house_->reload();
    CPPUNIT_ASSERT(house_->server.logs("provision.mistake", {"gone.txt"}));
    CPPUNIT_ASSERT(house_->has("roles", "helper"));
  }

  void testAGlobWithoutAFileIsNoEmptyWish() { // R21
    house_->write(team(user("eve", "eve")));
    house_->apply();
    const CommandRun none =
        command(house_->server, {"apply", house_->server.folder() / "provision/*.yml", "--prune", "--yes"});
    expectCode(1, none);
    expectPart("*.yml", none.err);
    CPPUNIT_ASSERT(house_->has("users", "eve"));
  }

  void testOverRestAManifestHasValuesOnly() { // R23
    const std::string secret = randomName("secret-");
    const std::string path = house_->server.folder().write("secret.txt", secret);
    for (const char* from : {"file", "env", "credential"})
      for (const char* endpoint : {"/v1/plan", "/v1/apply"}) {
        const HttpAnswer answer =
            house_->control("POST", endpoint,
                            R"({"manifest":{"users":[{"name":"eve","password":{")" + std::string(from) +
                                "\":" + jsonText(path) + "}}]}" +
                                (std::string_view(endpoint) == "/v1/apply" ? R"(,"revision":1})" : "}"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, 400, answer.status);
        expectPart("users[0].password: must be the value itself", answer.body);
        expectNoPart(secret, answer.body);
      }
    const HttpAnswer key = house_->control(
        "POST", "/v1/plan",
        R"({"manifest":{"certificates":[{"name":"api","certificate":"x","key":{"file":"api.key"}}]}})");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(key.body, 400, key.status);
    expectNoPart("PRIVATE KEY", house_->must("GET", "/v1/manifest"));
  }

private:
  [[nodiscard]] std::string cacheManifest(std::string_view more = {}) const {
    return std::string(helper) + "redis_acls: [{name: everything, acl: \"+@all ~* &*\"}]\n" + "users:\n" +
           user("eve", "eve") +
           "bdbs:\n  - {name: cache, memory_size: 67108864, port: " + std::to_string(cache_.port) +
           ", enforce_client_authentication: enabled,\n" +
           "     roles_permissions: [{role: helper, redis_acl: everything}]" + std::string(more) + "}\n";
  }
  void makeCache() {
    cache_.port = freePort();
    house_->write(cacheManifest());
    house_->apply();
    cache_.uid = house_->uidOf("bdbs", "cache");
    house_->waitActive(cache_.uid);
    expect("OK", client().say({"SET", "key", "kept"}));
  }
  [[nodiscard]] RespClient client() const { return house_->client(cache_, "eve"); }

  std::unique_ptr<ManifestHouse> house_;
  DatabaseHouse::Database cache_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManifestRulesTest);
