// Protects: state as text. What export writes, the strict reader must read back as it was; what plan prints
// must show holds and destructions first; a server's mistake must point into the files.
#include "host/Application.h"
#include "host/ManifestDocument.h"
#include "host/PlanText.h"
#include "host/PresentNames.h"
#include "host/YamlText.h"
#include "support/TempFolder.h"
#include "yaml/YamlReader.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>
#include <string>

using namespace gatehouse;
using namespace gatehouse::host;
using namespace std::string_literals;

namespace {

std::string same(std::string_view sentence) { return std::string(sentence); }

std::string planned(std::string_view answer) {
  std::string out;
  const auto summary = writePlan(out, answer, same);
  CPPUNIT_ASSERT_MESSAGE(summary ? "" : summary.error().description, summary.ok());
  return out;
}

} // namespace

class StateTextTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(StateTextTest);
  CPPUNIT_TEST(testWhatIsWrittenAsYamlIsReadBackAsItWas);
  CPPUNIT_TEST(testYamlIsForPeople);
  CPPUNIT_TEST(testHoldsAndDestructionsComeFirst);
  CPPUNIT_TEST(testNothingToDoSaysSo);
  CPPUNIT_TEST(testAManifestBecomesOneDocumentOfValues);
  CPPUNIT_TEST(testAServersMistakePointsIntoTheFiles);
  CPPUNIT_TEST(testOfflineNeedsNoSecretAndListsWhatItDidNotOpen);
  CPPUNIT_TEST_SUITE_END();

  static std::string json(std::string_view value) {
    std::string out;
    Node node;
    node.kind = Node::Kind::scalar;
    node.style = Node::Style::quoted;
    node.text = value;
    writeJson(out, node);
    return out;
  }

public:
  void testWhatIsWrittenAsYamlIsReadBackAsItWas() {
    for (const std::string& text : {"plain"s,
                                    "Full Access"s,
                                    ""s,
                                    "no"s,
                                    "Yes"s,
                                    "null"s,
                                    "true"s,
                                    "12"s,
                                    "1.2"s,
                                    "010"s,
                                    "- a"s,
                                    "a: b"s,
                                    "a #b"s,
                                    "#a"s,
                                    "{a}"s,
                                    "[a]"s,
                                    "&a"s,
                                    "*a"s,
                                    "!a"s,
                                    "'a'"s,
                                    "\"a\""s,
                                    "\\"s,
                                    " a"s,
                                    "a "s,
                                    "CN=ada, OU=dev"s,
                                    "+@read ~cache:*"s,
                                    "one\ntwo"s,
                                    "one\ntwo\n"s,
                                    "\none"s,
                                    "a\n\nb"s,
                                    " a\nb"s,
                                    "a \nb"s,
                                    "a\n"s,
                                    "-----BEGIN X-----\nabc==\n-----END X-----"s,
                                    "\xc3\xa4\xe2\x82\xac"s,
                                    "a:\nb"s,
                                    "%x"s,
                                    "@a"s,
                                    "`a`"s,
                                    "a\xe2\x80\xa8"
                                    "b"s,
                                    "a\xe2\x80\xa9"
                                    "b"s,
                                    "\xef\xbb\xbf"
                                    "a"s,
                                    "~"s,
                                    "?"s,
                                    "..."s,
                                    "---"s}) {
      const auto yaml = yamlText("{\"users\":[{\"name\":" + json(text) + ",\"list\":[" + json(text) +
                                 "]}],\"x\":{\"y\":" + json(text) + "}}");
      CPPUNIT_ASSERT(yaml.ok());
      const yaml::Document read = yaml::readYaml("x.yaml", *yaml);
      CPPUNIT_ASSERT_MESSAGE(*yaml, read.ok());
      const Node& user = read.root.find("users")->items[0];
      for (const Node* node :
           {user.find("name"), &user.find("list")->items[0], read.root.find("x")->find("y")}) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(*yaml, text, node->text);
        const bool literal =
            node->style == Node::Style::bare && (text == "true" || text == "12" || text == "1.2");
        CPPUNIT_ASSERT_MESSAGE(*yaml, !literal); // a text stays one
      }
    }
  }

  void testYamlIsForPeople() {
    CPPUNIT_ASSERT_EQUAL(
        "cluster:\n  a: 12\n  b: true\nusers:\n  - name: ada\n    roles:\n      - Full Access\n"
        "    none: []\n    pem: |-\n      one\n      two\nroles: []\n"s,
        *yamlText(R"({"cluster":{"a":12,"b":true},"users":[{"name":"ada","roles":["Full Access"],)"
                  R"("none":[],"pem":"one\ntwo"}],"roles":[]})"));
    CPPUNIT_ASSERT(!yamlText("[]").ok() && !yamlText("{").ok());
  }

  void testHoldsAndDestructionsComeFirst() { // R21, R22
    const std::string text = planned(
        R"({"revision":7,"changes":[{"action":"update","kind":"users","name":"ada","fields":[{"name":"roles","before":["a"],"after":["b"]},)"
        R"({"name":"password","after":"changed","secret":true}],"reason":"the manifest says otherwise"},)"
        R"({"action":"rename","kind":"roles","name":"new","former_name":"old","fields":[]},)"
        R"({"action":"remove","kind":"users","name":"eve","fields":[],"reason":"no manifest names it any more"}],)"
        R"("held":[{"kind":"users","name":"job","fields":["roles"],"text":"was taken away"}],)"
        R"("destroys":[{"kind":"bdbs","name":"cache","text":"its data would go"}],)"
        R"("impact":{"gains":[{"user":"ada","what":"more"}],"loses":[],"closes":[{"peer":"1.2.3.4:5","listener":"api","user":"eve","reason":"no_user"}],"stays":3,"unused_certificates":[]}})");
    const auto at = [&](const char* part) {
      CPPUNIT_ASSERT_MESSAGE(text + "\nlacks " + part, text.find(part) != std::string::npos);
      return text.find(part);
    };
    CPPUNIT_ASSERT(at("! users/job (roles): was taken away") <
                   at("~ users/ada  (the manifest says otherwise)"));
    CPPUNIT_ASSERT(at("! bdbs/cache: its data would go") < at("~ users/ada"));
    at("    roles: [a] -> [b]\n");
    at("    password: changed\n");
    at("-> roles/old -> new\n");
    at("- users/eve  (no manifest names it any more)\n");
    at("ada would gain: more\n");
    at("the connection from 1.2.3.4:5 to api as eve would close: no_user\n");
    at("1 to change, 1 to remove, 1 to rename, on revision 7.\n");
  }

  void testNothingToDoSaysSo() {
    CPPUNIT_ASSERT_EQUAL("Nothing to do: everything is as the manifests say.\n"s,
                         planned(R"({"revision":7,"changes":[],"held":[]})"));
    std::string out;
    CPPUNIT_ASSERT(!writePlan(out, "{}", same).ok());
    CPPUNIT_ASSERT(!writePlan(out, R"({"revision":1,"changes":[{]})", same).ok());
    // What a server says cannot steer a terminal.
    CPPUNIT_ASSERT(
        planned(
            R"({"revision":1,"changes":[{"action":"create","kind":"users","name":"\u001b[2J","fields":[]}]})")
            .find('\x1b') == std::string::npos);
  }

  void testAManifestBecomesOneDocumentOfValues() { // R23
    const test::TempFolder folder;
    folder.write("pw", "Sup3r-secret\n");
    const std::string a = folder.write(
        "a.yaml", "roles: [{name: reader, management: none}]\n"
                  "users: [{name: ada, email: a@example.com, password: {file: pw}, roles: [reader]}]\n");
    const std::string b =
        folder.write("b.yaml", "cluster: {password_min_length: 12, min_control_TLS_version: 1.2}\n"
                               "users: [{name: '12', renamed_from: old, roles: []}]\n");
    control::Manifest manifest = control::readManifest({a, b}, **builtinNames());
    for (const Mistake& mistake : manifest.mistakes) CPPUNIT_FAIL(mistake.line());
    control::reveal(manifest, control::SecretSource());
    CPPUNIT_ASSERT(manifest.ok());
    CPPUNIT_ASSERT_EQUAL(
        R"({"cluster":{"password_min_length":12,"min_control_TLS_version":1.2},"roles":[{"name":"reader","management":"none"}],)"
        R"("users":[{"name":"ada","email":"a@example.com","roles":["reader"],"password":"Sup3r-secret"},{"name":"12","roles":[],"renamed_from":"old"}]})"s,
        std::string(manifestDocument(manifest).reveal()));
  }

  void testAServersMistakePointsIntoTheFiles() {
    const test::TempFolder folder;
    const std::string a = folder.write("a.yaml", "users:\n  - {name: ada}\n");
    const std::string b =
        folder.write("b.yaml", "users:\n  - {name: eve}\n  - {name: job, email: j@example.com}\n");
    const control::Manifest manifest = control::readManifest({a, b}, **builtinNames());
    CPPUNIT_ASSERT_EQUAL(b + ":3:17: users[1].email: is taken",
                         atItsPlace(manifest, "users[2].email: is taken"));
    CPPUNIT_ASSERT_EQUAL(a + ":2:5: users[0]: no", atItsPlace(manifest, "users[0]: no"));
    for (const char* other : {"users[3]: none", "users[x]: none", "no place", "", "roles[0]: none", "users["})
      CPPUNIT_ASSERT_EQUAL(std::string(other), atItsPlace(manifest, other));
  }

  void testOfflineNeedsNoSecretAndListsWhatItDidNotOpen() {
    const test::TempFolder folder;
    const auto ran = [&](const std::string& text) {
      std::ostringstream out, err;
      const int code = run({"check", "--offline", folder.write("m.yaml", text)}, {out, err});
      return std::to_string(code) + '\n' + out.str() + err.str();
    };
    const std::string good =
        ran("users: [{name: job, password: {credential: job_password}, roles: [Admin]}]\n");
    CPPUNIT_ASSERT_MESSAGE(good, good.starts_with("0\n"));
    CPPUNIT_ASSERT(good.find("users[0].password: not opened: credential job_password") != std::string::npos);
    for (const char* bad :
         {"users: [{name: job, roles: [nowhere]}]\n", "redis_acls: [{name: x, acl: '+get $'}]\n",
          "users: [{nam: x}]\n", "users: [{name: x, password: written}]\n", "users:\n",
          "users: [{name: x}, {name: X}]\n"})
      CPPUNIT_ASSERT_MESSAGE(bad, ran(bad).starts_with("78\n"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(StateTextTest);
