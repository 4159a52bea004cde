// Protects: plugins/http_rest/openapi.yaml as a promise. The running server is driven from it: every
// operation is called, every answer has a status that it lists and a body that fits the schema of that
// status, every path has the methods that it lists and no others, and nothing is served beside it.
#include "DatabaseFixture.h"

#include "control/codec/JsonReader.h"
#include "support/JsonSchema.h"
#include "yaml/YamlReader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

namespace gatehouse::test {
namespace {

constexpr std::array<std::string_view, 6> methods = {"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"};

std::string lower(std::string_view word) {
  std::string out(word);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}
std::string upper(std::string_view word) {
  std::string out(word);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

/// A call and what it must be answered; {user}, {bdb}, ... stand for what the house has made.
struct Call {
  std::string_view method, path; // as in the description
  std::string_view as;           // the path that is asked for; empty: the same
  std::string body;
  int status = 200;
};

class OpenApiTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(OpenApiTest);
  CPPUNIT_TEST(everyOperationAnswersAsDescribed);
  CPPUNIT_TEST(everyPathHasTheMethodsOfTheDescriptionAndNoOthers);
  CPPUNIT_TEST(nothingElseIsServed);
  CPPUNIT_TEST(nobodyIsRefusedEverywhereButAtOpenOperations);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    const std::string path =
        (std::filesystem::path(__FILE__).parent_path() / "../../plugins/http_rest/openapi.yaml")
            .lexically_normal()
            .string();
    yaml::Document read = yaml::readYamlFile(path);
    CPPUNIT_ASSERT_MESSAGE(read.ok() ? "" : read.mistakes.front().line(), read.ok());
    document_ = std::move(read.root);
  }

  void everyOperationAnswersAsDescribed() {
    Cache house;
    const std::string bdb = std::to_string(house.cache.uid);
    names_ = {{"{user}", std::to_string(house.jobUid)},
              {"{ada}", std::to_string(house.adaUid)},
              {"{role}", std::to_string(house.roleUid("viewer"))},
              {"{acl}", std::to_string(house.readersAcl)},
              {"{bdb}", bdb}};
    const std::string keeperUid = uidOfUser(house, house.keeper);
    const Forged shown =
        Forge().server("localhost").valid(TestPki::now() - 3600, TestPki::now() + 86'400).make();
    names_["{action}"] =
        fieldIn(house.must("POST", "/v1/roles", R"({"name":"first","management":"none"})"), "action_uid");
    const std::string hedy = randomName("hedy-");
    house.must("POST", "/v1/users",
               "{\"name\":" + jsonText(hedy) + ",\"password\":\"a-long-secret\",\"role_uids\":[" +
                   std::to_string(house.roleUid("operator")) + ',' + std::to_string(house.everything) + "]}");

    const std::string planned = R"({"manifest":{"roles":[{"name":"planned","management":"admin"}],)"
                                R"("users":[{"name":")" +
                                house.ada + R"(","auth_method":"certificate"}]},"impact":true})";
    const std::vector<Call> calls = {
        {"GET", "/v1/cluster", "", ""},
        {"PUT", "/v1/cluster", "", R"({"password_min_length":9,"email_alerts":true})"},
        {"PUT", "/v1/cluster", "", R"({"http_support":true})", 406},
        {"PUT", "/v1/cluster", "", R"({"nothing":true})", 400},
        {"GET", "/v1/cluster/certificates", "", ""},
        {"PUT", "/v1/cluster/certificates", "", trustedCaBody({house.pki.ca()})},
        {"PUT", "/v1/cluster/update_cert", "",
         "{\"name\":\"mtls_trusted_ca\",\"certificate\":" + jsonText(house.pki.ca().pem()) + '}'},
        {"PUT", "/v1/cluster/update_cert", "", R"({"name":"nothing","certificate":"x"})", 403},
        {"DELETE", "/v1/cluster/certificates/{name}", "/v1/cluster/certificates/mtls_trusted_ca", "", 406},
        {"DELETE", "/v1/cluster/certificates/{name}", "/v1/cluster/certificates/api", "", 403},
        {"DELETE", "/v1/cluster/certificates/{name}", "/v1/cluster/certificates/nothing", "", 404},
        {"POST", "/v1/cluster/certificates/rotate", "", R"({"name":"mtls_trusted_ca"})", 403},
        {"GET", "/v1/cluster/policy", "", ""},
        {"PUT", "/v1/cluster/policy", "", R"({"login_lockout_threshold":50})"},
        {"PUT", "/v1/cluster/policy/restore_default", "", ""},
        {"PATCH", "/v1/cluster/change_password_hashing_algorithm", "", R"({"algorithm":"PBKDF2"})", 400},
        {"GET", "/v1/cluster/actions", "", ""},
        {"GET", "/v1/cluster/actions/{name}", "/v1/cluster/actions/change_master", "", 404},
        {"GET", "/v1/nodes", "", ""},
        {"GET", "/v1/nodes/{uid}", "/v1/nodes/1", ""},
        {"GET", "/v1/nodes/{uid}", "/v1/nodes/2", "", 404},
        {"PUT", "/v1/nodes/{uid}", "/v1/nodes/1", R"({"uid":1})"},
        {"PUT", "/v1/nodes/{uid}", "/v1/nodes/1", R"({"rack_id":"r1"})", 406},
        {"GET", "/v1/license", "", "", 404},
        {"PUT", "/v1/license", "", R"({"license":"text"})", 406},
        {"GET", "/v1/ocsp", "", "", 406},
        {"PUT", "/v1/ocsp", "", R"({"ocsp_functionality":true})", 406},
        {"GET", "/v1/ocsp/status", "", "", 406},
        {"POST", "/v1/ocsp/test", "", "", 406},
        {"GET", "/v1/jsonschema", "", ""},
        {"GET", "/v1/jsonschema", "/v1/jsonschema?object=user", ""},
        {"GET", "/v1/jsonschema", "/v1/jsonschema?object=nothing", "", 406},
        {"GET", "/v1/users", "", ""},
        {"POST", "/v1/users", "", R"({"name":"grace","password":"a-long-secret","role_uids":[5]})"},
        {"POST", "/v1/users", "", R"({"name":"grace","password":"a-long-secret"})", 409},
        {"POST", "/v1/users", "",
         R"({"auth_method":"certificate","certificate_subject_line":"CN=hedy,O=X"})"},
        {"GET", "/v1/users/role", "", ""},
        {"GET", "/v1/users/{uid}", "/v1/users/{user}", ""},
        {"GET", "/v1/users/{uid}", "/v1/users/{ada}", ""},
        {"GET", "/v1/users/{uid}", "/v1/users/4711", "", 404},
        {"PUT", "/v1/users/{uid}", "/v1/users/{user}", R"({"email":"job@example.com"})"},
        {"PUT", "/v1/users/{uid}", "/v1/users/" + keeperUid, R"({"role_uids":[4711]})", 400},
        {"GET", "/v1/roles", "", ""},
        {"POST", "/v1/roles", "", R"({"name":"readers of logs","management":"db_viewer"})"},
        {"GET", "/v1/roles/{uid}", "/v1/roles/{role}", ""},
        {"PUT", "/v1/roles/{uid}", "/v1/roles/{role}", R"({"management":"cluster_viewer"})"},
        {"DELETE", "/v1/roles/{uid}", "/v1/roles/1", "", 406},
        {"DELETE", "/v1/roles/{uid}", "/v1/roles/{role}", ""},
        {"GET", "/v1/redis_acls", "", ""},
        {"POST", "/v1/redis_acls", "", R"({"name":"getters","acl":"+get ~a"})"},
        {"GET", "/v1/redis_acls/{uid}", "/v1/redis_acls/{acl}", ""},
        {"PUT", "/v1/redis_acls/{uid}", "/v1/redis_acls/{acl}", R"({"acl":"+get ~b"})"},
        {"PUT", "/v1/redis_acls/{uid}", "/v1/redis_acls/1", R"({"acl":"+get ~b"})", 409},
        {"DELETE", "/v1/redis_acls/{uid}", "/v1/redis_acls/{acl}", "", 406},
        {"GET", "/v1/bdbs", "", ""},
        {"POST", "/v1/bdbs", "", R"({"name":"second","memory_size":67108864})"},
        {"POST", "/v1/bdbs", "", R"({"name":"cache","memory_size":67108864})", 409},
        {"POST", "/v2/bdbs", "", R"({"bdb":{"name":"third","memory_size":67108864}})"},
        {"GET", "/v1/bdbs/{uid}", "/v1/bdbs/{bdb}", ""},
        {"PUT", "/v1/bdbs/{uid}", "/v1/bdbs/{bdb}", R"({"eviction_policy":"noeviction"})"},
        {"PUT", "/v1/bdbs/{uid}/flush", "/v1/bdbs/{bdb}/flush", "", 406},
        {"PUT", "/v1/bdbs/{uid}/reset_admin_pass", "/v1/bdbs/{bdb}/reset_admin_pass", "", 406},
        {"PUT", "/v1/bdbs/{uid}/passwords", "/v1/bdbs/{bdb}/passwords", R"({"password":"first-secret"})"},
        {"POST", "/v1/bdbs/{uid}/passwords", "/v1/bdbs/{bdb}/passwords", R"({"password":"other-secret"})"},
        {"DELETE", "/v1/bdbs/{uid}/passwords", "/v1/bdbs/{bdb}/passwords", R"({"password":"other-secret"})"},
        {"GET", "/v1/bdbs/{uid}/certificates", "/v1/bdbs/{bdb}/certificates", "", 404},
        {"POST", "/v1/bdbs/{uid}/certificates", "/v1/bdbs/{bdb}/certificates",
         "{\"cert\":" + jsonText(shown.pem()) + ",\"private_key\":" + jsonText(shown.keyPem()) + '}'},
        {"GET", "/v1/bdbs/{uid}/certificates", "/v1/bdbs/{bdb}/certificates", ""},
        {"GET", "/v1/bdbs/certificates", "", ""},
        {"DELETE", "/v1/bdbs/{uid}/certificates", "/v1/bdbs/{bdb}/certificates", ""},
        {"GET", "/v1/bdbs/{uid}/availability", "/v1/bdbs/{bdb}/availability", ""},
        {"GET", "/v1/bdbs/{uid}/availability", "/v1/bdbs/4711/availability", "", 404},
        {"GET", "/v1/local/bdbs/{uid}/endpoint/availability", "/v1/local/bdbs/{bdb}/endpoint/availability",
         ""},
        {"POST", "/v1/bdbs/{uid}/command", "/v1/bdbs/{bdb}/command", R"({"command":"PING"})", 403},
        {"GET", "/v1/actions", "", ""},
        {"GET", "/v1/actions/{name}", "/v1/actions/{action}", ""},
        {"GET", "/v1/actions/{name}", "/v1/actions/nothing", "", 404},
        {"GET", "/v1/actions/bdb/{uid}", "/v1/actions/bdb/{bdb}", ""},
        {"GET", "/v2/actions", "", ""},
        {"GET", "/v2/actions/{name}", "/v2/actions/{action}", ""},
        {"GET", "/v1/logs", "", ""},
        {"GET", "/v1/logs", "/v1/logs?order=asc&limit=3", ""},
        {"GET", "/v1/logs", "/v1/logs?order=up", "", 400},
        {"POST", "/v1/redis_acls/validate", "", R"({"acl":"+get ~a"})"},
        {"POST", "/v1/redis_acls/validate", "", R"({"acl":"+nothing"})", 400},
        {"POST", "/v1/users/{uid}/unlock", "/v1/users/{user}/unlock", ""},
        {"POST", "/v1/users/{uid}/unlock", "/v1/users/4711/unlock", "", 404},
        {"GET", "/v1/users/permissions", "", ""},
        {"GET", "/v1/users/permissions/{name}", "/v1/users/permissions/db_member", ""},
        {"GET", "/v1/users/permissions/{name}", "/v1/users/permissions/king", "", 404},
        {"POST", "/v1/users/authorize", "", ""},
        {"POST", "/v1/users/authorize", "", R"({"ttl":86401})", 400},
        {"POST", "/v1/users/refresh_jwt", "", "", 401},
        {"PUT", "/v1/users/password", "", R"({"username":"nobody here","new_password":"x"})", 404},
        {"GET", "/v1/bootstrap", "", ""},
        {"POST", "/v1/bootstrap/create_cluster", "",
         R"({"cluster":{"name":"localhost"},"credentials":{"username":"x","password":"y"}})", 409},
        {"POST", "/v1/bootstrap/validate/create_cluster", "",
         R"({"cluster":{"name":"localhost"},"credentials":{"username":"x","password":"y"}})", 409},
        {"POST", "/v1/bootstrap/join_cluster", "", "", 406},
        {"POST", "/v1/bootstrap/recover_cluster", "", "", 406},
        {"POST", "/v1/bootstrap/validate/join_cluster", "", "", 406},
        {"POST", "/v1/bootstrap/validate/recover_cluster", "", "", 406},
        {"GET", "/v1/manifest", "", ""},
        {"POST", "/v1/plan", "", planned},
        {"POST", "/v1/plan", "", R"({"manifest":{"roles":[{"nothing":1}]}})", 400},
        {"POST", "/v1/plan", "", R"({"manifest":7})", 400},
        {"POST", "/v1/apply", "", R"({"revision":1,)" + planned.substr(1), 412},
        {"POST", "/v1/apply", "", planned, 400},
    };
    const std::vector<Call> ofHedy = {
        {"POST", "/v1/bdbs/{uid}/command", "/v1/bdbs/{bdb}/command", R"({"command":"SET","args":["a",1]})"},
        {"POST", "/v1/bdbs/{uid}/command", "/v1/bdbs/{bdb}/command", R"({"command":"LRANGE","args":["a",0]})",
         400},
        {"POST", "/v1/users/password", "", R"({"new_password":"another-secret"})"},
        {"DELETE", "/v1/users/password", "", R"({"old_password":"another-secret"})"},
        {"DELETE", "/v1/users/password", "", R"({"old_password":"a-long-secret"})", 400},
        {"PUT", "/v1/users/password", "", R"({"new_password":"a-third-secret"})"},
    };

    HttpsClient keeper(house.peer());
    for (const Call& call : calls) drive(keeper, call, {basic(house.keeper, house.keeperPassword)});
    // Who changes its own password is closed after the answer.
    const auto driveAnew = [&](const Call& call, const std::string& login, const std::string& password) {
      HttpsClient client(house.peer());
      drive(client, call, {basic(login, password)});
    };
    for (const Call& call : ofHedy) driveAnew(call, hedy, "a-long-secret"); // has a role there
    HttpsClient again(house.peer());
    driveToken(again, {basic(hedy, "a-third-secret")});
    const std::string revision = fieldIn(house.must("POST", "/v1/plan", planned), "revision");
    const std::vector<Call> last = {
        {"POST", "/v1/apply", "", "{\"revision\":" + revision + ',' + planned.substr(1)},
        {"DELETE", "/v1/bdbs/{uid}", "/v1/bdbs/{bdb}", ""},
        {"DELETE", "/v1/users/{uid}", "/v1/users/{user}", ""},
    };
    for (const Call& call : last) driveAnew(call, house.keeper, house.keeperPassword);
    expectNothingForgotten();
    finish(house);
  }

  /// A path that is served knows the methods of every described path that it could be.
  void everyPathHasTheMethodsOfTheDescriptionAndNoOthers() {
    House house;
    ClientOptions local;
    local.unixSocket = house.server.controlSocket();
    HttpsClient client(local);
    for (const Node::Member& path : paths()) {
      const std::string asked = concrete(path.key);
      const std::set<std::string> described = methodsAt(asked);
      const HttpAnswer options = client.request("OPTIONS", asked);
      if (options.status != 200) failures_.push_back("OPTIONS " + asked + ": " + options.body);
      std::set<std::string> allowed = wordsOf(options.field("Allow"));
      std::set<std::string> wanted = described;
      wanted.insert("OPTIONS");
      if (described.contains("GET")) wanted.insert("HEAD"); // no operation of its own: it is a GET's head
      if (allowed != wanted) failures_.push_back("OPTIONS " + asked + ": " + options.field("Allow"));
      for (const std::string_view method : methods) {
        if (wanted.contains(std::string(method))) continue;
        const HttpAnswer answer = client.request(method, asked, method == "GET" ? "" : "{}");
        if (answer.status != 405 || wordsOf(answer.field("Allow")) != wanted)
          failures_.push_back(std::string(method) + ' ' + asked + ": " + std::to_string(answer.status));
        expectFits(answer.body, errorSchema(), std::string(method) + ' ' + asked);
      }
    }
    finish(house);
  }

  void nothingElseIsServed() {
    House house;
    ClientOptions local;
    local.unixSocket = house.server.controlSocket();
    HttpsClient client(local);
    std::vector<std::string> others = {"/",
                                       "/v1",
                                       "/v1/",
                                       "/v1/cluster/",
                                       "/v2/users",
                                       "/v1/cluster/ldap",
                                       "/v1/cluster/sso",
                                       "/v1/ldap_mappings",
                                       "/v1/crdbs",
                                       "/v1/modules",
                                       "/v1/proxies",
                                       "/v1/shards",
                                       "/v1/suffixes",
                                       "/v4/cluster/health",
                                       "/v1/users/1/permissions",
                                       "/v1/cluster/witness_disk",
                                       "/openapi.yaml",
                                       "/v1/openapi.json"};
    for (const Node::Member& path : paths()) others.push_back(concrete(path.key) + "/nothing");
    for (const std::string& path : others) {
      if (!methodsAt(path).empty()) continue;
      for (const std::string_view method : methods) {
        const HttpAnswer answer = client.request(method, path, method == "GET" ? "" : "{}");
        if (answer.status != 404)
          failures_.push_back(std::string(method) + ' ' + path + ": " + std::to_string(answer.status));
        expectFits(answer.body, errorSchema(), std::string(method) + ' ' + path);
      }
    }
    finish(house);
  }

  void nobodyIsRefusedEverywhereButAtOpenOperations() {
    House house;
    HttpsClient client(house.peer());
    std::size_t open = 0;
    for (const Node::Member& path : paths())
      for (const Node::Member& operation : path.value.members) {
        if (isOpen(operation.value)) {
          ++open;
          continue;
        }
        const std::string what = upper(operation.key) + ' ' + concrete(path.key);
        const HttpAnswer answer =
            client.request(upper(operation.key), concrete(path.key), operation.key == "get" ? "" : "{}");
        if (answer.status != 401) failures_.push_back(what + ": " + std::to_string(answer.status));
        expectFits(answer.body, errorSchema(), what);
      }
    CPPUNIT_ASSERT(open < paths().size() / 4);
    finish(house);
  }

private:
  [[nodiscard]] const std::vector<Node::Member>& paths() const { return document_.find("paths")->members; }
  [[nodiscard]] const Node& errorSchema() const {
    return *document_.find("components")->find("schemas")->find("Error");
  }
  static bool isOpen(const Node& operation) {
    const Node* security = operation.find("security");
    return security && security->items.size() == 1 && security->items.front().members.empty();
  }
  /// A path with something in place of its parameters.
  static std::string concrete(std::string path) {
    for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{')) {
      const std::size_t end = path.find('}', at) + 1;
      path.replace(at, end - at, path.substr(at, end - at) == "{uid}" ? "4711" : "nothing");
    }
    return path;
  }
  static bool isLike(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
      pattern.remove_prefix(1);
      path.remove_prefix(1);
      const std::string_view wanted = pattern.substr(0, pattern.find('/'));
      const std::string_view got = path.substr(0, path.find('/'));
      const bool number = !got.empty() && got.find_first_not_of("0123456789") == got.npos;
      if (wanted == "{uid}" ? !number : wanted.starts_with('{') ? got.empty() : wanted != got) return false;
      pattern.remove_prefix(wanted.size());
      path.remove_prefix(got.size());
    }
    return pattern.empty() && path.empty();
  }
  [[nodiscard]] std::set<std::string> methodsAt(const std::string& path) const {
    std::set<std::string> all;
    for (const Node::Member& one : paths())
      if (isLike(one.key, path))
        for (const Node::Member& operation : one.value.members) all.insert(upper(operation.key));
    return all;
  }
  static std::set<std::string> wordsOf(std::string list) {
    std::set<std::string> all;
    std::erase(list, ' ');
    for (std::string_view rest = list; !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find(','));
      all.emplace(word);
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
    return all;
  }
  static std::string uidOfUser(House& house, const std::string& name) {
    const std::string users = house.must("GET", "/v1/users");
    const std::size_t at = users.find("\"name\":" + jsonText(name));
    CPPUNIT_ASSERT(at != users.npos);
    return std::to_string(uidIn(std::string_view(users).substr(users.rfind("{\"uid\":", at))));
  }

  [[nodiscard]] std::string filled(std::string path) const {
    for (const auto& [name, value] : names_)
      for (std::size_t at = path.find(name); at != path.npos; at = path.find(name))
        path.replace(at, name.size(), value);
    return path;
  }

  void expectFits(const std::string& body, const Node& schema, const std::string& what) {
    const auto read = control::readJson(body);
    if (!read) {
      failures_.push_back(what + " answers no JSON: " + body.substr(0, 200));
      return;
    }
    for (const std::string& misfit : JsonSchema(document_).misfits(*read, schema))
      failures_.push_back(what + ": " + misfit);
  }

  void drive(HttpsClient& client, const Call& call, const HttpFields& fields) {
    const Node* path = document_.find("paths")->find(call.path);
    const Node* operation = path ? path->find(lower(call.method)) : nullptr;
    std::string what = std::string(call.method) + ' ' + std::string(call.path);
    if (!operation) {
      failures_.push_back(what + " is not in the description");
      return;
    }
    called_.insert(what);
    what += ' ' + call.body.substr(0, 60);
    const HttpAnswer answer = client.request(
        call.method, filled(std::string(call.as.empty() ? call.path : call.as)), call.body, fields);
    if (answer.status != call.status)
      failures_.push_back(what + ": " + std::to_string(answer.status) + ' ' + answer.body.substr(0, 300));
    const Node* response = operation->find("responses")->find(std::to_string(answer.status));
    if (!response) {
      failures_.push_back(what + ": the status " + std::to_string(answer.status) + " is not described");
      return;
    }
    const Node* content = JsonSchema(document_).resolved(*response).find("content");
    if (!content) {
      if (!answer.body.empty()) failures_.push_back(what + ": has a body: " + answer.body.substr(0, 100));
      return;
    }
    expectFits(answer.body, *content->find("application/json")->find("schema"), what);
    const bool tagged = JsonSchema(document_).resolved(*response).find("headers") != nullptr;
    if (tagged == answer.field("ETag").empty()) failures_.push_back(what + ": ETag " + answer.field("ETag"));
  }

  void driveToken(HttpsClient& client, const HttpFields& fields) {
    const std::string token =
        fieldIn(client.request("POST", "/v1/users/authorize", "", fields).body, "access_token");
    const HttpFields byToken = {{"Authorization", "JWT " + token}};
    drive(client, {"POST", "/v1/users/refresh_jwt", "", R"({"ttl":60})"}, byToken);
    drive(client, {"GET", "/v1/users/role", "", ""}, byToken);
  }

  void expectNothingForgotten() {
    for (const Node::Member& path : paths())
      for (const Node::Member& operation : path.value.members)
        if (!called_.contains(upper(operation.key) + ' ' + path.key))
          failures_.push_back("nothing calls " + upper(operation.key) + ' ' + path.key);
  }

  void finish(House& house) {
    std::string all;
    for (const std::string& failure : failures_) all += failure + '\n';
    CPPUNIT_ASSERT_MESSAGE(all + house.server.log().substr(0, 2000), all.empty());
  }

  Node document_;
  std::map<std::string, std::string> names_;
  std::set<std::string> called_;
  std::vector<std::string> failures_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(OpenApiTest);

} // namespace
} // namespace gatehouse::test
