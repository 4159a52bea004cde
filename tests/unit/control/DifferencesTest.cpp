// Protects: the table of differences in appliance/control/README.md. Each row is proved: by a request made
// here, whose answer must be what the row says, or by a test elsewhere, which must be there. A row that
// nobody proves fails, and so does a proof whose row has gone.
#include "ManagementFixture.h"

#include "base/Error.h"
#include "base/Json.h"
#include "model/Role.h"

#include <algorithm>
#include <filesystem>

using namespace gatehouse;
using namespace gatehouse::control;

class DifferencesTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(DifferencesTest);
  CPPUNIT_TEST(testEveryRowIsWholeAndSaysWhatThereIs);
  CPPUNIT_TEST(testEveryRowIsProvedHereOrElsewhere);
  CPPUNIT_TEST(testWhatTheRowsSayIsSo);
  CPPUNIT_TEST_SUITE_END();

  struct Row {
    std::vector<std::string> cells;
    [[nodiscard]] const std::string& what() const { return cells[0]; }
    [[nodiscard]] const std::string& here() const { return cells[2]; }
  };
  static std::string file(const std::string& path) {
    return test::readFile(
        (std::filesystem::path(__FILE__).parent_path() / "../../.." / path).lexically_normal().string());
  }
  static std::vector<Row> rows() {
    const std::string text = file("appliance/control/README.md");
    std::size_t at = text.find("| what | Redis Software | here | why |");
    CPPUNIT_ASSERT(at != text.npos);
    at = text.find('\n', text.find('\n', at) + 1) + 1; // behind the rule
    std::vector<Row> all;
    for (; at < text.size() && text[at] == '|'; at = text.find('\n', at) + 1) {
      Row row;
      const std::string line = text.substr(at + 1, text.find('\n', at) - at - 1);
      for (std::size_t from = 0; from < line.size();) {
        const std::size_t end = line.find('|', from);
        CPPUNIT_ASSERT_MESSAGE(line, end != line.npos);
        std::string cell = line.substr(from, end - from);
        while (!cell.empty() && cell.front() == ' ') cell.erase(0, 1);
        while (!cell.empty() && cell.back() == ' ') cell.pop_back();
        row.cells.push_back(std::move(cell));
        from = end + 1;
      }
      all.push_back(std::move(row));
    }
    return all;
  }

  // ---- what the probes ask with
  Answer post(const std::string& path, const std::string& body) { return root("POST", path, body); }
  Answer put(const std::string& path, const std::string& body) { return root("PUT", path, body); }
  Answer byCertificate(const std::string& name, const std::string& line) {
    return post("/v1/users", R"({"name":")" + name +
                                 R"(","auth_method":"certificate","certificate_subject_line":")" + line +
                                 "\"}");
  }
  std::string made(const std::string& more = {}) { // a database, as it is answered
    const Answer answer = post("/v1/bdbs", R"({"name":"cache","memory_size":1048576)" + more + '}');
    expectOk(answer);
    return answer.body;
  }
  void expectHolds(const std::string& text, const std::string& part) {
    CPPUNIT_ASSERT_MESSAGE(text + " does not hold " + part, text.find(part) != text.npos);
  }
  std::string bdb(const std::string& rest = {}) { return path("bdbs", makeDatabase("cache")) + rest; }

  using Probe = void (*)(DifferencesTest&);
  static const std::map<std::string, Probe>& probes() {
    using T = DifferencesTest;
    static const std::map<std::string, Probe> all = {
        {"private keys",
         [](T& t) {
           const Answer answer = t.root("GET", "/v1/cluster/certificates");
           t.expectOk(answer, "BEGIN CERTIFICATE");
           CPPUNIT_ASSERT(!holds(answer, "PRIVATE KEY") && !holds(answer, "_key"));
         }},
        {"subject line with several OUs",
         [](T& t) { t.expectOk(t.byCertificate("ada", "CN=ada,OU=a,OU=b")); }},
        {"subject line, spelling",
         [](T& t) {
           t.expectOk(t.byCertificate("ada", "CN=ada,OU=a,O=X"));
           t.expect(409, "subject_already_exists", t.byCertificate("grace", "O=X, OU=a, CN=ada"));
         }},
        {"one subject for two users",
         [](T& t) {
           t.expectOk(t.byCertificate("ada", "CN=ada"));
           t.expect(409, "subject_already_exists", t.byCertificate("grace", "CN=ada"));
         }},
        {"a name that is another's e-mail address",
         [](T& t) {
           t.expectOk(t.post("/v1/users", R"({"name":"ada","email":"a@example.com","password":"secret-1"})"));
           CPPUNIT_ASSERT_EQUAL(
               409, t.post("/v1/users", R"({"name":"A@example.com","password":"secret-2"})").status);
         }},
        {"an issuer without CA:TRUE in `mtls_trusted_ca`",
         [](T& t) {
           const test::Forged leaf = test::Forge().client("ada").make();
           t.expect(400, "invalid_certificate",
                    t.put("/v1/cluster/certificates", certificates(entry("mtls_trusted_ca", leaf.pem()))));
         }},
        {"`mtls_certificate_authentication` without `mtls_trusted_ca`",
         [](T& t) {
           t.expect(400, "missing_certificate",
                    t.put("/v1/cluster", R"({"mtls_certificate_authentication":true})"));
         }},
        {"DELETE of `mtls_trusted_ca` while it is in use",
         [](T& t) {
           t.trust(test::Forge().ca("Example CA").make());
           t.expectOk(t.put("/v1/cluster", R"({"mtls_certificate_authentication":true})"));
           CPPUNIT_ASSERT_EQUAL(406, t.root("DELETE", "/v1/cluster/certificates/mtls_trusted_ca").status);
         }},
        {"a password for a certificate user",
         [](T& t) {
           const Answer answer = t.byCertificate("ada", "CN=ada");
           CPPUNIT_ASSERT_EQUAL(400,
                                t.put(path("users", uidIn(answer)), R"({"password":"secret-1"})").status);
         }},
        {"role of a user that was given none",
         [](T& t) {
           const Answer answer = t.post("/v1/users", R"({"name":"ada","password":"secret-1"})");
           t.expectOk(answer, R"("role":"none","role_uids":[])");
         }},
        {"`user_manager` and administrators",
         [](T& t) {
           const std::int64_t admin = t.make("ada", "1"), manager = t.make("grace", "7");
           CPPUNIT_ASSERT_EQUAL(
               403, t.ask(t.user(manager), {"PUT", path("users", admin), R"({"email":"a@b.cc"})"}).status);
         }},
        {"`dry_run`",
         [](T& t) {
           const std::int64_t uid = t.make("ada", "");
           Ask what{"DELETE", path("users", uid), ""};
           what.query = "dry_run";
           t.expectOk(t.ask(t.root(), what));
           t.expectOk(t.root("GET", path("users", uid)));
         }},
        {"names of certificates",
         [](T& t) {
           for (const char* name : {"cm", "syncer", "metrics_exporter", "ccs_internode_encryption",
                                    "data_internode_encryption", "ldap_client", "sso_service", "sso_issuer"})
             CPPUNIT_ASSERT_EQUAL_MESSAGE(
                 name, 406, t.put("/v1/cluster/certificates", certificates(entry(name, "x"))).status);
         }},
        {"`resources` of a role, `password_hash_method`, `entraid`, `sso`",
         [](T& t) {
           for (const char* more : {R"("auth_method":"entraid")", R"("auth_method":"sso","email":"a@b.cc")",
                                    R"("password":"secret-1","password_hash_method":1)"})
             CPPUNIT_ASSERT_EQUAL_MESSAGE(
                 more, 406, t.post("/v1/users", R"({"name":"ada",)" + std::string(more) + '}').status);
           CPPUNIT_ASSERT_EQUAL(
               406, t.post("/v1/roles", R"({"name":"r","resources":[{"type":"db","uids":["1"]}]})").status);
         }},
        {"`uid` on create",
         [](T& t) {
           t.expectHolds(t.made(R"(,"uid":70)"), R"("uid":70)");
           const auto bodyOf = [](std::string_view name, std::string_view more) {
             return R"({"uid":70,"name":")" + std::string(name) + '"' + std::string(more) + '}';
           };
           for (const auto& [kind, more] :
                {std::pair("roles", ""), std::pair("redis_acls", R"(,"acl":"+@read ~*")"),
                 std::pair("users", R"(,"password":"secret-1")")}) {
             const std::string all = std::string("/v1/") + kind;
             t.expectOk(t.post(all, bodyOf("first", more)), R"("uid":70)");
             t.expect(409, "uid_exists", t.post(all, bodyOf("second", more)));
             t.expectOk(t.root("DELETE", path(kind, 70)));
             t.expect(409, "uid_exists", t.post(all, bodyOf("third", more)));
           }
         }},
        {"`role_uids` that is empty",
         [](T& t) {
           t.expectOk(t.post("/v1/users", R"({"name":"ada","password":"secret-1","role_uids":[]})"),
                      R"("role":"none","role_uids":[])");
         }},
        {"`enforce_client_authentication: enabled` with nothing to trust",
         [](T& t) {
           t.expectHolds(t.made(R"(,"enforce_client_authentication":"enabled")"),
                         R"("enforce_client_authentication":"enabled")");
         }},
        {"`authorized_names`, `mtls_allow_weak_hashing`",
         [](T& t) {
           const std::string at = t.bdb();
           t.expect(406, "unsupported_value", t.put(at, R"({"authorized_names":["ada"]})"));
           t.expect(406, "unsupported_value", t.put(at, R"({"mtls_allow_weak_hashing":true})"));
           t.expectOk(t.put(at, R"({"authorized_names":[],"mtls_allow_weak_hashing":false})"));
         }},
        {"`disconnect_clients_on_password_removal`",
         [](T& t) {
           t.expectOk(t.put(t.bdb(), R"({"disconnect_clients_on_password_removal":false})"),
                      R"("disconnect_clients_on_password_removal":false)");
         }},
        {"`background_op` of a database",
         [](T& t) { CPPUNIT_ASSERT(t.made().find("background_op") == std::string::npos); }},
        {"codes of a value that a database cannot have",
         [](T& t) {
           const std::string at = t.bdb();
           t.expect(400, "invalid_param", t.put(at, R"({"data_persistence":"often"})"), "data_persistence");
           t.expect(406, "unsupported_value", t.put(at, R"({"replication":true})"), "replication");
         }},
        {"what a server certificate must have",
         [](T& t) {
           const test::Forged plain = test::Forge().server("elsewhere.example").make();
           t.expectOk(
               t.put("/v1/cluster/certificates", certificates(entry("api", plain.pem(), plain.keyPem()))));
         }},
        {"ports, plain HTTP, discovery, `data_cipher_list` and further settings of the cluster",
         [](T& t) {
           for (const char* body :
                {R"({"cnm_http_port":8081})", R"({"cm_port":9000})", R"({"http_support":true})",
                 R"({"sentinel_tls_mode":"required"})", R"({"data_cipher_list":"HIGH"})",
                 R"({"metrics_auth":true})", R"({"options_method_forbidden":true})"})
             t.expect(406, "unsupported_value", t.put("/v1/cluster", body));
           t.expectOk(t.put("/v1/cluster", R"({"debuginfo_path":"/nowhere","email_alerts":true})"));
         }},
        {"`port` of a database whose port was chosen",
         [](T& t) {
           const std::string body = t.made();
           t.expectHolds(body, R"("port":10000)");
           CPPUNIT_ASSERT(body.find(R"("port":0)") == body.npos);
         }},
        {"`status` of a database",
         [](T& t) {
           const std::int64_t uid = t.makeDatabase("cache");
           t.serving_->states[uid].status = model::DatabaseStatus::recovery;
           t.serving_->states[uid].reason = "it was killed";
           const Answer answer = t.root("GET", path("bdbs", uid));
           t.expectOk(answer, R"("status":"recovery")");
           t.expectHolds(answer.body, R"("status_reason":"it was killed")");
         }},
        {"`tls_mode`", [](T& t) { t.expectHolds(t.made(), R"("tls_mode":"enabled")"); }},
        {"`enforce_client_authentication`",
         [](T& t) { t.expectHolds(t.made(), R"("enforce_client_authentication":"disabled")"); }},
        {"`default_user`", [](T& t) { t.expectHolds(t.made(), R"("default_user":false)"); }},
        {"`data_persistence`", [](T& t) { t.expectHolds(t.made(), R"("data_persistence":"aof")"); }},
        {"name of a database",
         [](T& t) {
           t.made();
           t.expect(409, "name_already_exists",
                    t.post("/v1/bdbs", R"({"name":"cache","memory_size":1048576})"));
         }},
        {"a database's answer to PUT and DELETE",
         [](T& t) {
           const Answer answer = t.put(t.bdb(), R"({"memory_size":2097152})");
           t.expectOk(answer, R"("status":"active")");
         }},
        {"pub/sub channels in `Full Access` and `+@all`",
         [](T& t) {
           const Answer answer = t.root("GET", "/v1/redis_acls/1");
           t.expectOk(answer, "Full Access");
           CPPUNIT_ASSERT(textIn(answer, "acl").find('&') == std::string::npos);
         }},
        {"words of an ACL",
         [](T& t) {
           CPPUNIT_ASSERT_EQUAL(400,
                                t.post("/v1/redis_acls", R"({"name":"a","acl":"+nosuchcommand"})").status);
         }},
        {"`authentication_redis_pass`, replication, clustering, modules, backups, further fields",
         [](T& t) {
           for (const char* more :
                {R"("authentication_redis_pass":"x")", R"("replication":true)", R"("oss_cluster":true)",
                 R"("module_list":[{"module_name":"x"}])", R"("backup":true)", R"("max_connections":5)"})
             CPPUNIT_ASSERT_EQUAL_MESSAGE(
                 more, 406,
                 t.post("/v1/bdbs", R"({"name":"cache","memory_size":1048576,)" + std::string(more) + '}')
                     .status);
         }},
        {"rotation of certificates",
         [](T& t) {
           t.expectOk(t.post("/v1/cluster/certificates/rotate", R"({"name":"api"})"));
           CPPUNIT_ASSERT_EQUAL(
               403, t.post("/v1/cluster/certificates/rotate", R"({"name":"mtls_trusted_ca"})").status);
         }},
        {"`/v1/cluster/change_password_hashing_algorithm`",
         [](T& t) {
           for (const char* word : {"SHA-256", "PBKDF2"})
             CPPUNIT_ASSERT_EQUAL(400, t.root("PATCH", "/v1/cluster/change_password_hashing_algorithm",
                                              R"({"algorithm":")" + std::string(word) + "\"}")
                                           .status);
         }},
        {"`/v1/ocsp`",
         [](T& t) { t.expect(406, "ocsp_unsupported_by_capability", t.root("GET", "/v1/ocsp")); }},
        {"`/v1/license`",
         [](T& t) {
           CPPUNIT_ASSERT_EQUAL(404, t.root("GET", "/v1/license").status);
           CPPUNIT_ASSERT_EQUAL(406, t.put("/v1/license", R"({"license":"x"})").status);
         }},
        {"`/v1/nodes`",
         [](T& t) {
           const Answer answer = t.root("GET", "/v1/nodes");
           t.expectOk(answer, R"([{"uid":1,)");
           CPPUNIT_ASSERT_EQUAL(answer.body.find("\"uid\""), answer.body.rfind("\"uid\""));
         }},
        {"`PUT /v1/nodes/{uid}`",
         [](T& t) {
           const Answer node = t.root("GET", "/v1/nodes/1");
           t.expectOk(t.put("/v1/nodes/1", node.body), R"("uid":1)");
           for (const char* body : {R"({"addr":"192.0.2.77"})", R"({"rack_id":"r1"})",
                                    R"({"external_addr":["192.0.2.77"]})", R"({"accept_servers":false})"})
             t.expect(406, "unsupported_value", t.put("/v1/nodes/1", body));
           t.expect(404, "node_not_found", t.put("/v1/nodes/2", "{}"));
         }},
        {"auditing of connections, health, `/v1/metrics_config`",
         [](T& t) {
           for (const char* path : {"/v1/cluster/auditing/db_conns", "/v4/cluster/health", "/v4/db/1/health",
                                    "/v1/metrics_config"})
             t.expect(404, "not_found", t.root("GET", path));
         }},
        {"`/v1/cluster/actions`",
         [](T& t) {
           CPPUNIT_ASSERT_EQUAL(std::string(R"({"actions":[]})"), t.root("GET", "/v1/cluster/actions").body);
         }},
        {"`PUT /v1/bdbs/{uid}/flush`",
         [](T& t) { CPPUNIT_ASSERT_EQUAL(406, t.put(t.bdb("/flush"), "{}").status); }},
        {"`PUT /v1/bdbs/{uid}/reset_admin_pass`",
         [](T& t) { CPPUNIT_ASSERT_EQUAL(406, t.put(t.bdb("/reset_admin_pass"), "{}").status); }},
        {"`recovery_plan` of `POST /v2/bdbs`",
         [](T& t) {
           const std::string body = R"({"bdb":{"name":"cache","memory_size":1048576},"recovery_plan":)";
           CPPUNIT_ASSERT_EQUAL(406, t.post("/v2/bdbs", body + R"({"original_bdb_shards":[1]}})").status);
           t.expectOk(t.post("/v2/bdbs", body + "{}}"));
         }},
        {"`/v1/bdbs/{uid}/command`",
         [](T& t) { CPPUNIT_ASSERT_EQUAL(403, t.post(t.bdb("/command"), R"({"command":"PING"})").status); }},
        {"passwords of a database's default user",
         [](T& t) {
           const std::string at = t.bdb("/passwords");
           for (int i = 0; i < 5; ++i)
             t.expectOk(t.post(at, R"({"password":"secret-)" + std::to_string(i) + "\"}"));
           CPPUNIT_ASSERT(t.post(at, R"({"password":"one more"})").status >= 400);
           CPPUNIT_ASSERT_EQUAL(406, t.root("DELETE", at, R"({"password":"unknown"})").status);
         }},
        {"`acl_pubsub_default`",
         [](T& t) {
           CPPUNIT_ASSERT_EQUAL(
               406, t.put("/v1/cluster/policy", R"({"acl_pubsub_default":"allchannels"})").status);
         }},
        {"`join_cluster`, `recover_cluster`",
         [](T& t) {
           CPPUNIT_ASSERT_EQUAL(406, t.post("/v1/bootstrap/join_cluster", "{}").status);
           CPPUNIT_ASSERT_EQUAL(406, t.post("/v1/bootstrap/recover_cluster", "{}").status);
         }},
        {"`ui_permissions`",
         [](T& t) { t.expectOk(t.root("GET", "/v1/users/permissions/admin"), R"("ui_permissions":[])"); }},
        {"passwords of a user",
         [](T& t) {
           t.make("ada", "");
           const auto add = [&](int i) {
             return t
                 .post("/v1/users/password",
                       R"({"username":"ada","new_password":"one-of-)" + std::to_string(i) + "\"}")
                 .status;
           };
           for (int i = 1; i < 5; ++i) CPPUNIT_ASSERT_EQUAL(200, add(i));
           CPPUNIT_ASSERT(add(5) >= 400);
         }},
        {"`POST /v1/users/{uid}/unlock`",
         [](T& t) {
           const std::int64_t uid = t.make("ada", "");
           t.serving_->lockedUsers.insert(uid);
           t.expectOk(t.post(path("users", uid) + "/unlock", "{}"));
           CPPUNIT_ASSERT(!t.serving_->lockedUsers.contains(uid));
           t.serving_->lockedUsers.insert(uid);
           t.expectOk(t.put(path("users", uid), R"({"password":"another-1"})"));
           CPPUNIT_ASSERT(!t.serving_->lockedUsers.contains(uid));
         }},
        {"LDAP and its mappings, SSO, modules, shards, proxies, Active-Active, statistics, alerts",
         [](T& t) {
           for (const char* path :
                {"/v1/cluster/ldap", "/v1/ldap_mappings", "/v1/cluster/sso", "/v1/modules", "/v1/shards",
                 "/v1/proxies", "/v1/crdbs", "/v1/cluster/stats", "/v1/cluster/alerts"})
             t.expect(404, "not_found", t.root("GET", path));
         }},
    };
    return all;
  }

  /// What takes connections, a clock or a library of its own: the file and the test in it.
  static const std::map<std::string, std::pair<std::string, std::string>>& elsewhere() {
    static const std::map<std::string, std::pair<std::string, std::string>> all = {
        {"changes of trust, users and roles", {"integration/ChangeSessionsTest.cpp", "aDeletedUserIsOut"}},
        {"a certificate that is nobody's",
         {"integration/IdentityLoginTest.cpp", "aCertificateThatIsNobodysLetsAuthorizationDecide"}},
        {"a certificate whose subject is not authorised",
         {"integration/IdentityValidationTest.cpp", "aRefusedSubjectIsRefusedWithAuthorizationToo"}},
        {"trust of a database without a list",
         {"integration/DatabaseTlsTest.cpp", "aDatabaseTakesItsOwnListOrTheInheritedOne"}},
        {"a listed leaf", {"integration/DatabaseTlsTest.cpp", "aListedLeafMatchesItselfAlone"}},
        {"commands that need no right",
         {"unit/model/AclProjectionTest.cpp", "testTheRootGrantsTransactionsAndOnesName"}},
        {"number of users", {"unit/store/QueryPlanTest.cpp", "testWritesAndLoginsReadThroughNoTableOfUsers"}},
        {"`/v1/bootstrap/create_cluster`",
         {"integration/ControlRequestsTest.cpp", "whoHasTheOneTimeTokenMakesTheFirstAdministrator"}},
        {"its `cluster.name`, `nodes`, `license`, certificates as credentials",
         {"unit/control/BootstrapTest.cpp", "testTheBody"}},
        {"what `GET /v1/bootstrap` tells strangers", {"unit/control/BootstrapTest.cpp", "testHowFarItIs"}},
        {"a token", {"integration/ControlIdentityTest.cpp", "aTokenEndsWithEveryChangeOfItsUser"}},
        {"`/v1/users/refresh_jwt`", {"unit/control/AuthorizeTest.cpp", "testOnlyTokensAreRefreshed"}},
        {"history of passwords",
         {"unit/control/PasswordsTest.cpp", "testFormerOnesAreRefusedWhileTheRulesAreOn"}},
        {"a password that the user has already, in PUT of a whole user",
         {"unit/control/PasswordsTest.cpp", "testTheSameAgainIsRefused"}},
        {"`password_issue_date` after `POST /v1/users/password`",
         {"unit/control/PasswordsTest.cpp", "testAddingGivesTheOldOnesNoOtherLife"}},
        {"DELETE of oneself", {"unit/control/UsersTest.cpp", "testNobodyDeletesItselfUnasked"}},
        {"a password that has expired",
         {"integration/ControlRequestsTest.cpp", "anExpiredPasswordSetsANewOneAndDoesNothingElse"}},
        {"lock-out", {"unit/gateway/LockoutsTest.cpp", "testTheThresholdLocksThatUserForThatNetworkAlone"}},
        {"a user called `local administrator ...`, `gatehouse`, `manifest` or `nobody`",
         {"unit/control/UsersTest.cpp", "testNobodyIsCalledWhatTheLogCallsOthers"}},
        {"the last way in",
         {"integration/ControlIdentityTest.cpp", "passwordsAreSwitchedOffByWhoHasAnotherWayIn"}},
        {"`If-Match` and `ETag`", {"integration/ControlWritersTest.cpp", "writesOfOneObjectFollowEachOther"}},
        {"a request with a certificate alone and a foreign `Origin`",
         {"integration/ControlRequestsTest.cpp", "aPageOfAnotherSiteHasNoCertificate"}},
        {"HTTP Digest", {"integration/ControlClientsTest.cpp", "otherSchemesProveNothing"}},
        {"`/v1/logs`", {"unit/store/AuditTest.cpp", "testTheOldestRowsGo"}},
        {"`/v1/plan`, `/v1/apply`, `/v1/manifest`",
         {"unit/control/PlanTest.cpp", "testItTellsWhatWouldBeMadeAndWritesNothing"}},
    };
    return all;
  }

  /// Each status of a refusal with the word behind it: "406 `last_way_in`".
  static std::vector<std::pair<int, std::string>> errorsIn(const std::string& text) {
    std::vector<std::pair<int, std::string>> found;
    for (std::size_t tick = text.find(" `"); tick != std::string::npos; tick = text.find(" `", tick + 1)) {
      const std::size_t end = text.find('`', tick + 2);
      if (tick < 3 || end == std::string::npos) continue;
      const std::string status = text.substr(tick - 3, 3), word = text.substr(tick + 2, end - tick - 2);
      if ((status[0] == '4' || status[0] == '5') &&
          status.find_first_not_of("0123456789") == std::string::npos &&
          word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos)
        found.emplace_back(std::stoi(status), word);
    }
    return found;
  }

public:
  /// Four cells, none empty; a status that is given with a word is that word's.
  void testEveryRowIsWholeAndSaysWhatThereIs() {
    const std::vector<Row> all = rows();
    CPPUNIT_ASSERT(all.size() > 40);
    std::set<std::string> seen;
    for (const Row& row : all) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(row.what(), std::size_t{4}, row.cells.size());
      for (const std::string& cell : row.cells) CPPUNIT_ASSERT_MESSAGE(row.what(), !cell.empty());
      CPPUNIT_ASSERT_MESSAGE(row.what() + " is there twice", seen.insert(row.what()).second);
      for (const auto& [status, word] : errorsIn(row.here())) {
        bool known = false;
        for (std::size_t i = 0; i <= static_cast<std::size_t>(Code::internal_error); ++i) {
          const CodeRow& code = gatehouse::row(static_cast<Code>(i));
          known = known || (code.word == word && code.httpStatus == status);
        }
        CPPUNIT_ASSERT_MESSAGE(row.what() + ": " + word + " is no error", known);
      }
    }
  }

  void testEveryRowIsProvedHereOrElsewhere() {
    std::string wrong;
    std::set<std::string> claims;
    for (const Row& row : rows()) {
      claims.insert(row.what());
      const bool here = probes().contains(row.what()), there = elsewhere().contains(row.what());
      if (here == there) wrong += row.what() + (here ? ": is proved twice\n" : ": nobody proves it\n");
    }
    for (const auto& [what, probe] : probes())
      if (!claims.contains(what)) wrong += what + ": is no row any more\n";
    for (const auto& [what, proof] : elsewhere()) {
      if (!claims.contains(what)) wrong += what + ": is no row any more\n";
      if (file("tests/" + proof.first).find("CPPUNIT_TEST(" + proof.second + ')') == std::string::npos)
        wrong += what + ": " + proof.first + " has no test " + proof.second + '\n';
    }
    CPPUNIT_ASSERT_MESSAGE(wrong, wrong.empty());
  }

  void testWhatTheRowsSayIsSo() {
    std::string wrong;
    for (const auto& [what, probe] : probes()) {
      tearDown();
      setUp();
      try {
        probe(*this);
      } catch (const CPPUNIT_NS::Exception& failure) {
        wrong += what + ": " + failure.what() + '\n';
      }
    }
    CPPUNIT_ASSERT_MESSAGE(wrong, wrong.empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DifferencesTest);
