// Protects: clients that were written for Redis Software. The sequences that its pages, a Vault plugin, a
// Terraform-like tool and older clients send, each as they send it: Basic by name or e-mail, no Accept or a
// charset, a body on DELETE, PEM without its last newline, the root before the rest.
#include "DatabaseFixture.h"

namespace gatehouse::test {
namespace {

using Json = std::string;

class ControlClientsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ControlClientsTest);
  CPPUNIT_TEST(theGuideToCertificates);
  CPPUNIT_TEST(aVaultPlugin);
  CPPUNIT_TEST(aTerraformLikeTool);
  CPPUNIT_TEST(olderClients);
  CPPUNIT_TEST(aLoadBalancerAsksByHead);
  CPPUNIT_TEST(otherSchemesProveNothing);
  CPPUNIT_TEST_SUITE_END();

  static bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
  }
  static std::string number(std::int64_t value) { return std::to_string(value); }

  /// The object of a list whose name is this, as those do that look a role up by its name.
  static Json named(const Json& list, std::string_view name) {
    const std::size_t at = list.find("\"name\":" + jsonText(name));
    CPPUNIT_ASSERT_MESSAGE(list, at != std::string::npos);
    const std::size_t from = list.rfind('{', at), to = list.find('}', at);
    return list.substr(from, to - from + 1);
  }

  /// One client: its login and the fields that it sends with everything.
  struct Client {
    House& house;
    HttpFields fields;
    std::unique_ptr<HttpsClient> connection = std::make_unique<HttpsClient>(house.peer());

    HttpAnswer ask(std::string_view method, std::string_view path, std::string_view body = {}) {
      return connection->request(method, path, body, fields);
    }
    Json must(std::string_view method, std::string_view path, std::string_view body = {}) {
      const HttpAnswer answer = ask(method, path, body);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(method) + ' ' + std::string(path) + ": " + answer.body, 200,
                                   answer.status);
      return answer.body;
    }
    /// The action that an answer names, until it is done.
    void waits(const Json& answer) {
      const std::string uid = fieldIn(answer, "action_uid");
      CPPUNIT_ASSERT_MESSAGE(answer, !uid.empty());
      CPPUNIT_ASSERT(
          eventually([&] { return fieldIn(must("GET", "/v1/actions/" + uid), "status") == "completed"; }));
    }
    /// Until the database's status is active, as most do.
    void waitsForDatabase(const std::string& path) {
      CPPUNIT_ASSERT(eventually([&] { return fieldIn(must("GET", path), "status") == "active"; }));
    }
    /// 404, and not an empty 200, once it is gone.
    void waitsUntilGone(const std::string& path) {
      CPPUNIT_ASSERT(eventually([&] { return ask("GET", path).status == 404; }));
    }
  };
  static Client keeperOf(House& house, HttpFields more = {}) {
    more.push_back(basic(house.keeper, house.keeperPassword));
    return {house, std::move(more)};
  }

public:
  /// The seed page with curl, as it is printed there; a bundle with the root first and no last newline.
  void theGuideToCertificates() {
    House house({}, "{mtls_certificate_authentication: false}");
    const std::string url = "https://localhost:" + number(house.server.port());
    const std::string trusted = house.server.folder() / "provision/api.pem";
    const auto say = [&](const std::string& method, const std::string& path, const std::string& body) {
      const CurlAnswer answer = curl({"-k", "-u", house.keeper + ':' + house.keeperPassword, "-X", method,
                                      "-H", "content-type: application/json", url + path, "-d", body});
      CPPUNIT_ASSERT_EQUAL_MESSAGE(path + ": " + answer.output, 200, answer.status);
      return answer.output;
    };
    const Forged root = TestPki::otherCa(randomName("Root "), randomName("key-"));
    const Forged issuer = Forge()
                              .ca(randomName("Issuer "))
                              .signedBy(root)
                              .valid(TestPki::now() - 3600, TestPki::now() + 86'400)
                              .make();
    std::string bundle = root.pem() + issuer.pem();
    while (bundle.back() == '\n') bundle.pop_back(); // $(<file)
    say("PUT", "/v1/cluster/certificates",
        R"({ "certificates": [ { "name": "mtls_trusted_ca", "certificate": )" + jsonText(bundle) + " } ] }");
    say("PUT", "/v1/cluster",
        R"({ "mtls_certificate_authentication": true, "mtls_client_cert_subject_validation_type": "san_cn",)"
        R"( "mtls_authorized_subjects": [{ "CN": "*.example", "OU": [], "O": "", "L": "", "ST": "", "C": "" },)"
        R"( { "CN": "admin" }] })");
    // Two members, blanks between the attributes: the page's own body.
    const Json made = say("POST", "/v1/users",
                          R"({ "auth_method": "certificate", "certificate_subject_line": )"
                          R"("CN=admin, OU=dev, O=Example" })");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(made, std::string("admin"), fieldIn(made, "name"));
    CPPUNIT_ASSERT_MESSAGE(made, has(made, R"("certificate_subject_line":"CN=admin, OU=dev, O=Example")"));
    say("PUT", "/v1/users/" + fieldIn(made, "uid"), R"({"role_uids":[1]})");

    const Forged who = house.pki.client("admin", issuer);
    const CurlAnswer nodes =
        curl({"--request", "GET", "--url", url + "/v1/nodes", "--cert",
              house.server.folder().write("client.pem", who.pem()), "--key",
              house.server.folder().write("client.key", who.keyPem()), "--cacert", trusted});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(nodes.output + house.server.log(), 200, nodes.status);
    CPPUNIT_ASSERT_MESSAGE(nodes.output, has(nodes.output, R"("status":"active")"));
    // Additive: the password goes on.
    say("PUT", "/v1/cluster", "{}");
  }

  /// A database secrets engine: it finds a role and an ACL by their names, binds them, makes users and
  /// takes them away.
  void aVaultPlugin() {
    DatabaseHouse house;
    Client vault = keeperOf(house, {{"Accept", "application/json"}});
    const std::string role = fieldIn(named(vault.must("GET", "/v1/roles"), "DB Member"), "uid");
    const std::string acl = fieldIn(named(vault.must("GET", "/v1/redis_acls"), "Not Dangerous"), "uid");
    const auto cache = house.addDatabase("cache", {});
    const std::string path = "/v1/bdbs/" + number(cache.uid);
    const Json found = vault.must("GET", "/v1/bdbs?fields=uid,name,endpoints");
    CPPUNIT_ASSERT_MESSAGE(found, has(found, R"("addr_type":"external")"));
    const Json bound = vault.must(
        "PUT", path, R"({"roles_permissions":[{"role_uid":)" + role + R"(,"redis_acl_uid":)" + acl + "}]}");
    CPPUNIT_ASSERT_MESSAGE(bound, has(bound, R"("order":0)"));
    vault.waitsForDatabase(path);

    const std::string name = randomName("v-token-");
    const Json user =
        vault.must("POST", "/v1/users",
                   "{\"name\":" + jsonText(name) + R"(,"password":"lease-Secret-1","email":"",)" +
                       R"("email_alerts":false,"role_uids":[)" + role + "]}");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(user, std::string("db_member"), fieldIn(user, "role"));
    RespClient client = house.client(cache);
    expect("OK", client.say({"AUTH", name, "lease-Secret-1"}));
    expect("OK", client.say({"SET", "a", "1"}));
    expect("-NOPERM...", client.say({"FLUSHALL"}));
    // Rotated, then revoked.
    const std::string at = "/v1/users/" + fieldIn(user, "uid");
    vault.must("PUT", at, R"({"password":"lease-Secret-2"})");
    RespClient again = house.client(cache);
    expect("OK", again.say({"AUTH", name, "lease-Secret-2"}));
    vault.must("DELETE", at);
    CPPUNIT_ASSERT_EQUAL(404, vault.ask("GET", at).status);
    CPPUNIT_ASSERT(again.closedWithin(5000));
    // A role of its own, gone from the database with it.
    const std::string own =
        fieldIn(vault.must("POST", "/v1/roles", R"({"name":"vault-role","management":"db_member"})"), "uid");
    vault.must("PUT", path,
               R"({"roles_permissions":[{"role_uid":)" + role + R"(,"redis_acl_uid":)" + acl +
                   R"(},{"role_uid":)" + own + R"(,"redis_acl_uid":)" + acl + "}]}");
    vault.must("DELETE", "/v1/roles/" + own);
    CPPUNIT_ASSERT(!has(vault.must("GET", path), R"("role_uid":)" + own + ','));
  }

  /// Creates, reads, updates by writing back all that it read, and deletes; polls actions and states.
  void aTerraformLikeTool() {
    DatabaseHouse house;
    Client tool = keeperOf(house, {{"Content-Type", "application/json;charset=utf-8"}});
    const Json role =
        tool.must("POST", "/v1/roles", R"({"name":"app","management":"db_viewer","resources":[]})");
    const Json acl = tool.must("POST", "/v1/redis_acls", R"({"name":"app","acl":"+@read ~app:*"})");
    const std::string roleUid = fieldIn(role, "uid"), aclUid = fieldIn(acl, "uid");
    tool.waits(role);
    tool.waits(acl);
    const Json user =
        tool.must("POST", "/v1/users",
                  R"({"name":"app","email":"app@example.com","password":"first-Secret-1","role_uids":[)" +
                      roleUid + R"(],"bdbs_email_alerts":["all"],"cluster_email_alerts":false})");
    tool.waits(user);
    const Json body = R"({"name":"app-cache","type":"redis","memory_size":1024,"port":)" +
                      number(freePort()) + R"(,"tls_mode":"enabled","replication":false,"shards_count":1,)" +
                      R"("data_persistence":"disabled","roles_permissions":[{"role_uid":)" + roleUid +
                      R"(,"redis_acl_uid":)" + aclUid + "}]}";
    CPPUNIT_ASSERT(!has(tool.must("GET", "/v1/bdbs"), "app-cache"));
    tool.must("POST", "/v1/bdbs?dry_run=true", body);
    CPPUNIT_ASSERT(!has(tool.must("GET", "/v1/bdbs"), "app-cache"));
    const Json made = tool.must("POST", "/v2/bdbs", R"({"bdb":)" + body + '}');
    tool.waits(made);
    const std::string at = "/v1/bdbs/" + fieldIn(made, "uid");
    tool.waitsForDatabase(at);

    // GET, change nothing, PUT: of each object.
    for (const std::string& path :
         {at, "/v1/roles/" + roleUid, "/v1/redis_acls/" + aclUid, "/v1/users/" + fieldIn(user, "uid"),
          std::string("/v1/cluster"), std::string("/v1/cluster/policy"), std::string("/v1/nodes/1")}) {
      const Json read = tool.must("GET", path);
      tool.must("PUT", path, read);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(path, read, tool.must("GET", path));
    }
    Json changed = tool.must("GET", at);
    const std::size_t size = changed.find(R"("memory_size":1024)");
    CPPUNIT_ASSERT_MESSAGE(changed, size != std::string::npos);
    changed.replace(size, 18, R"("memory_size":104857600)");
    tool.waits(tool.must("PUT", at, changed));
    CPPUNIT_ASSERT(has(tool.must("GET", at), R"("memory_size":104857600)"));
    tool.waits(tool.must("PUT", "/v1/roles/" + roleUid, R"({"name":"app-2"})"));

    // What is still used stays; then all goes.
    CPPUNIT_ASSERT_EQUAL(406, tool.ask("DELETE", "/v1/roles/" + roleUid).status);
    CPPUNIT_ASSERT_EQUAL(406, tool.ask("DELETE", "/v1/redis_acls/" + aclUid).status);
    const Json going = tool.must("DELETE", at, "{}");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(going, std::string("delete-pending"), fieldIn(going, "status"));
    tool.waitsUntilGone(at);
    tool.waits(tool.must("DELETE", "/v1/users/" + fieldIn(user, "uid"), "{}"));
    tool.waits(tool.must("DELETE", "/v1/roles/" + roleUid));
    tool.waits(tool.must("DELETE", "/v1/redis_acls/" + aclUid));
    for (const char* list : {"/v1/users", "/v1/roles", "/v1/redis_acls", "/v1/bdbs"})
      CPPUNIT_ASSERT(!has(tool.must("GET", list), R"("name":"app)"));
  }

  /// update_cert in place of the list; credentials in the body of authorize, the word JWT.
  void olderClients() {
    House house({}, "{mtls_certificate_authentication: false}");
    Client script = keeperOf(house);
    const Forged ca = TestPki::otherCa(randomName("Old CA "), randomName("key-"));
    script.must("PUT", "/v1/cluster/update_cert",
                R"({"name":"mtls_trusted_ca","certificate":)" + jsonText(ca.pem()) + '}');
    const HttpAnswer unknown =
        script.ask("PUT", "/v1/cluster/update_cert", R"({"name":"nothing","certificate":"x","key":"y"})");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(unknown.body, 403, unknown.status);
    const Forged server =
        Forge().server("localhost").valid(TestPki::now() - 3600, TestPki::now() + 86'400).make();
    script.must("PUT", "/v1/cluster/update_cert",
                R"({"name":"proxy_cert","certificate":)" + jsonText(server.pem()) + R"(,"key":)" +
                    jsonText(server.keyPem()) + '}');
    script.must("PUT", "/v1/cluster", R"({"mtls_certificate_authentication":true})");

    const Json body = "{\"username\":" + jsonText(house.keeper) +
                      ",\"password\":" + jsonText(house.keeperPassword) + R"(,"ttl":600)";
    Client stranger{house, {}};
    const std::string token =
        fieldIn(stranger.must("POST", "/v1/users/authorize", body + '}'), "access_token");
    for (const char* scheme : {"JWT ", "Bearer ", "bearer "}) {
      Client bearer{house, {{"Authorization", scheme + token}}};
      CPPUNIT_ASSERT_EQUAL(std::string("admin"), fieldIn(bearer.must("GET", "/v1/users/role"), "role"));
      CPPUNIT_ASSERT(
          !fieldIn(bearer.must("POST", "/v1/users/refresh_jwt", R"({"ttl":60})"), "access_token").empty());
    }
    // Header and body must agree.
    const HttpAnswer other =
        script.ask("POST", "/v1/users/authorize", R"({"username":"somebody else","password":"x"})");
    CPPUNIT_ASSERT_MESSAGE(other.body, other.status == 400 || other.status == 401);
    // There is a cluster already.
    const HttpAnswer late = stranger.ask(
        "POST", "/v1/bootstrap/create_cluster",
        R"({"action":"create_cluster","cluster":{"name":"localhost","nodes":[]},"node":{},)"
        R"("credentials":{"username":"late@example.com","password":"late-Secret-1"},"license":""})");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(late.body, 409, late.status);
  }

  void aLoadBalancerAsksByHead() {
    Cache house;
    Client probe = keeperOf(house);
    const std::string path = "/v1/bdbs/" + number(house.cache.uid);
    const HttpAnswer get = probe.ask("GET", path), head = probe.ask("HEAD", path);
    CPPUNIT_ASSERT_EQUAL(200, head.status);
    CPPUNIT_ASSERT_EQUAL(std::string(), head.body);
    for (const char* field : {"Content-Type", "ETag", "Content-Length"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(field, get.field(field), head.field(field));
    CPPUNIT_ASSERT_EQUAL(200, probe.ask("HEAD", path + "/availability").status);
    CPPUNIT_ASSERT_EQUAL(200, probe.ask("HEAD", "/v1/users").status); // it streams
    CPPUNIT_ASSERT_EQUAL(404, probe.ask("HEAD", "/v1/bdbs/999/availability").status);
    CPPUNIT_ASSERT_EQUAL(401, house.connect().request("HEAD", path).status);
    CPPUNIT_ASSERT_EQUAL(200, probe.ask("GET", "/v1/users/role").status); // on the same connection
  }

  void otherSchemesProveNothing() {
    House house;
    const std::string basicWord = basic(house.keeper, house.keeperPassword).second.substr(6);
    for (const std::string& value :
         {"Digest username=" + jsonText(house.keeper) +
              R"(, realm="gatehouse", nonce="1", uri="/v1/users/role", response="00")",
          "Negotiate " + basicWord, "Token " + basicWord, basicWord, std::string("Basic"),
          std::string("JWT")})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(
          value, 401, house.connect().request("GET", whoAmI, "", {{"Authorization", value}}).status);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ControlClientsTest);

} // namespace
} // namespace gatehouse::test
