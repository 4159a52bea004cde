// Protects: the promise of one table. A field that is in a table survives JSON and YAML, reading and writing;
// nothing else gets in; every mistake is found, each with its code. (The store's half is tests/unit/store.)
#include "control/codec/Decoder.h"
#include "control/codec/Encoder.h"
#include "control/codec/InertValues.h"
#include "control/codec/JsonReader.h"
#include "model/ClusterCertificate.h"
#include "model/ClusterSettings.h"
#include "model/Role.h"
#include "model/User.h"
#include "yaml/YamlReader.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::control;
using namespace gatehouse::model;

namespace {

struct Roles : Names {
  [[nodiscard]] std::optional<std::int64_t> uid(ObjectKind, std::string_view name) const override {
    if (name == "seven") return 7;
    if (name == "eight") return 8;
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::string_view> all(ObjectKind) const override { return {"seven", "eight"}; }
};

struct Text {
  std::string json, yaml;
};

/// A value of that shape that is not `fallback`.
Text sample(const Shape& shape, const Default& fallback) {
  Text one;
  switch (shape.kind) {
  case Kind::boolean: one.json = fallback.integer != 0 ? "false" : "true"; break;
  case Kind::integer:
    one.json = std::to_string(shape.least == fallback.integer ? shape.least + 1 : shape.least);
    break;
  case Kind::choice:
    one.json = '"' + std::string(fallback.text == shape.words[0] ? shape.words[1] : shape.words[0]) + '"';
    break;
  case Kind::any: one.json = R"({"a":[1,true,"x"],"b":{}})"; break;
  case Kind::object: {
    for (const Field& field : shape.table->fields) {
      const Text part = sample(field.shape, field.fallback);
      for (auto [into, value] : {std::pair(&one.json, &part.json), std::pair(&one.yaml, &part.yaml)})
        *into += (into->empty() ? "{" : ",") + ('"' + std::string(field.name) + "\": " + *value);
    }
    one.json += '}';
    one.yaml += '}';
    std::erase(one.json, ' ');
    break;
  }
  case Kind::text:
  case Kind::secret:
    for (const char* candidate : {"sample", "XY", "a@example.com"}) {
      const std::string_view c = candidate;
      if (static_cast<std::int64_t>(c.size()) <= shape.most && (!shape.fits || shape.fits(c))) {
        one.json = '"' + std::string(c) + '"';
        break;
      }
    }
    break;
  }
  if (one.yaml.empty()) one.yaml = one.json;
  if (shape.refersTo != ObjectKind::none) one = {"7", "seven"};
  if (shape.many) one = {"[" + one.json + "]", "[" + one.yaml + "]"};
  return one;
}

Node json(const std::string& text) {
  auto read = readJson(text);
  CPPUNIT_ASSERT_MESSAGE(text.substr(0, 200) + (read.ok() ? "" : ": " + read.error().description), read.ok());
  return std::move(*read);
}

std::string all(const Decoded& decoded) { return decoded.ok() ? "" : asError(decoded.findings).description; }

const Roles roles;

template <class T>
Decoded fromJson(T& into, const std::string& text, const T* before = nullptr) {
  DecodeOptions options;
  if (before) options.before = View(*before);
  return decode(json(text), Edit(into), options);
}

template <class T>
Decoded fromYaml(T& into, const std::string& text, const T* before = nullptr) {
  const yaml::Document document = yaml::readYaml("t.yaml", text);
  CPPUNIT_ASSERT_MESSAGE(text, document.ok());
  DecodeOptions options;
  options.dialect = Dialect::yaml;
  options.names = &roles;
  options.file = "t.yaml";
  if (before) options.before = View(*before);
  return decode(document.root, Edit(into), options);
}

/// The required fields other than `but`, as the inside of a JSON object.
template <class T>
std::string required(std::string_view but = {}) {
  std::string out;
  for (const Field& field : table<T>().fields)
    if (field.fallback.is == Default::Is::required && field.name != but)
      out += '"' + std::string(field.name) + "\":" + sample(field.shape, field.fallback).json + ',';
  return out;
}

std::string member(const Field& field, const std::string& value) {
  return '"' + std::string(field.name) + "\":" + value;
}

/// What the field that is judged first says, and with which code.
template <class T>
void refused(const std::string& body, Code code, std::string_view part, const T* before = nullptr) {
  T object = before ? *before : T{};
  const Decoded decoded = fromJson(object, body, before);
  CPPUNIT_ASSERT_MESSAGE(body.substr(0, 200) + " was accepted", !decoded.ok());
  const std::string said = all(decoded);
  CPPUNIT_ASSERT_MESSAGE(body.substr(0, 200) + ": " + said + " (" +
                             std::string(row(decoded.findings[0].code).word) + ")",
                         decoded.findings[0].code == code && said.find(part) != std::string::npos);
}

template <class T>
void everyFieldSurvives() {
  for (const Field& field : table<T>().fields) {
    const std::string name(field.name);
    if (field.standing == Standing::read_only || field.standing == Standing::refused ||
        field.shape.kind == Kind::secret)
      continue;
    const Text value = sample(field.shape, field.fallback);
    T object;
    const Decoded decoded = fromJson(object, "{" + required<T>(field.name) + member(field, value.json) + "}");
    CPPUNIT_ASSERT_MESSAGE(name + ": " + all(decoded), decoded.ok() && decoded.gave(field.name));
    const std::string written = encode(View(object));
    CPPUNIT_ASSERT_MESSAGE(name + " in " + written,
                           written.find(member(field, value.json)) != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(name, !(object == T{}));

    // A client may write back all that it read: nothing changes by it, and the field stays.
    T again = object;
    const Decoded put = fromJson(again, written, &object);
    CPPUNIT_ASSERT_MESSAGE(name + ": " + all(put), put.ok() && again == object);

    // The same in YAML.
    std::string text = std::string(field.manifestName()) + ": " + value.yaml + "\n";
    for (const Field& other : table<T>().fields)
      if (other.fallback.is == Default::Is::required && other.name != field.name)
        text += std::string(other.manifestName()) + ": " + sample(other.shape, other.fallback).yaml + "\n";
    T fromManifest;
    const Decoded yaml = fromYaml(fromManifest, text);
    CPPUNIT_ASSERT_MESSAGE(name + ": " + all(yaml), yaml.ok() && yaml.gave(field.name));
    CPPUNIT_ASSERT_MESSAGE(name + ": " + encode(View(fromManifest)), [&] {
      if (field.shape.refersTo == ObjectKind::none) return fromManifest == object;
      return encode(View(fromManifest)) == written;
    }());
  }
}

/// One table of bad inputs, for each field of each object.
template <class T>
void badInputsAreRefused() {
  const Table& t = table<T>();
  for (const Field& field : t.fields) {
    const std::string name(field.name);
    const auto body = [&](const std::string& value) {
      return "{" + required<T>(field.name) + member(field, value) + "}";
    };
    if (field.fallback.is == Default::Is::required)
      refused<T>("{" + required<T>(field.name) + "\"x\":1}", Code::invalid_schema, name);
    if (field.moves) continue; // ignored
    if (field.fallback.is != Default::Is::absent || field.shape.kind == Kind::secret)
      refused<T>(body("null"), Code::invalid_schema, name);
    if (field.shape.kind == Kind::any) continue;
    // wrong types
    refused<T>(body("{}"), Code::invalid_schema, name);
    refused<T>(body(field.shape.many ? "\"x\"" : "[]"), Code::invalid_schema, name);
    const auto one = [&](const std::string& value) {
      return body(field.shape.many ? "[" + value + "]" : value);
    };
    if (field.shape.many) refused<T>(one("null"), Code::invalid_schema, name);
    switch (field.shape.kind) {
    case Kind::boolean:
      for (const char* value : {"\"true\"", "1", "0", "\"no\"", "1.0"})
        refused<T>(one(value), Code::invalid_schema, name);
      break;
    case Kind::integer:
      for (const char* value : {"\"12\"", "1.0", "1e2", "true", "12.5"})
        refused<T>(one(value), Code::invalid_schema, name);
      for (const char* value : {"18446744073709551616", "9223372036854775808", "-9223372036854775809"})
        refused<T>(one(value), Code::invalid_param, name);
      if (field.standing == Standing::enforced || field.standing == Standing::inert)
        refused<T>(one(std::to_string(field.shape.least - 1)), Code::invalid_param, name);
      break;
    case Kind::text:
    case Kind::secret:
    case Kind::choice:
      for (const char* value : {"1", "true", "1.2"}) refused<T>(one(value), Code::invalid_schema, name);
      if (field.standing != Standing::enforced && field.standing != Standing::inert) break;
      if (field.shape.kind == Kind::choice) {
        refused<T>(one("\"no such word\""), Code::invalid_param, name);
        break;
      }
      if (field.shape.least > 0) refused<T>(one("\"\""), Code::invalid_param, name);
      refused<T>(one('"' + std::string(static_cast<std::size_t>(field.shape.most) + 1, 'a') + '"'),
                 Code::invalid_param, name);
      break;
    case Kind::object:
    case Kind::any: break;
    }
    for (const std::string_view word : field.shape.refusedWords) // known, but not offered: 406, not 400
      refused<T>(one('"' + std::string(word) + '"'), Code::unsupported_value, "known but not offered");
  }
  refused<T>("[]", Code::invalid_schema, "fields of a");
  refused<T>("\"x\"", Code::invalid_schema, "fields of a");
  refused<T>("{" + required<T>() + "\"no_such_field\":1}", Code::invalid_schema, "no_such_field");
}

} // namespace

class CodecTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CodecTest);
  CPPUNIT_TEST(testEveryFieldSurvivesJsonAndYaml);
  CPPUNIT_TEST(testBadInputsAreRefused);
  CPPUNIT_TEST(testAllMistakesComeAtOnce);
  CPPUNIT_TEST(testUnknownFieldsNameTheNearest);
  CPPUNIT_TEST(testMissingFieldsAreNamed);
  CPPUNIT_TEST(testReadOnlyFieldsAreAcceptedAsTheyAre);
  CPPUNIT_TEST(testMovingFieldsAreIgnoredOnRestAndAMistakeInAManifest);
  CPPUNIT_TEST(testRefusedFieldsTakeTheirDefaultAlone);
  CPPUNIT_TEST(testInertValuesAreCanonical);
  CPPUNIT_TEST(testSecretsReachNoObjectAndNoText);
  CPPUNIT_TEST(testManifestSecretsComeByReference);
  CPPUNIT_TEST(testYamlWritesNamesForUids);
  CPPUNIT_TEST(testYamlTypesAreTheFields);
  CPPUNIT_TEST(testASetHoldsAValueOnce);
  CPPUNIT_TEST(testAnUnchangedValuePassesItsLimits);
  CPPUNIT_TEST(testMembersThatAreNotNamedStay);
  CPPUNIT_TEST(testEncodingIsJsonInTheOrderOfTheTable);
  CPPUNIT_TEST_SUITE_END();

public:
  void testEveryFieldSurvivesJsonAndYaml() { // lesson 50: a setting that had no effect from the file
    everyFieldSurvives<User>();
    everyFieldSurvives<Role>();
    everyFieldSurvives<ClusterSettings>();
    everyFieldSurvives<ClusterCertificate>();
    everyFieldSurvives<AuthorizedSubject>();
  }

  void testBadInputsAreRefused() {
    badInputsAreRefused<User>();
    badInputsAreRefused<Role>();
    badInputsAreRefused<ClusterSettings>();
    badInputsAreRefused<ClusterCertificate>();
    badInputsAreRefused<AuthorizedSubject>();
  }

  void testAllMistakesComeAtOnce() {
    User user;
    const Decoded decoded =
        fromJson(user, R"({"email":1,"role_uids":[0,"a"],"auth_method":"sso","nmae":"x"})");
    CPPUNIT_ASSERT_EQUAL(std::size_t{6}, decoded.findings.size());
    const std::string said = all(decoded);
    for (const char* part :
         {"email: ", "role_uids[0]: ", "role_uids[1]: ", "auth_method: ", "nmae: ", "name: is missing"})
      CPPUNIT_ASSERT_MESSAGE(said, said.find(part) != std::string::npos);
    CPPUNIT_ASSERT(asError(decoded.findings).code == Code::invalid_schema);
  }

  void testUnknownFieldsNameTheNearest() {
    refused<User>(R"({"name":"a","auth_methd":"regular"})", Code::invalid_schema,
                  "did you mean `auth_method`?");
    refused<User>(R"({"name":"a","roles":[1]})", Code::invalid_schema, "is written `role_uids` here");
    User user;
    CPPUNIT_ASSERT(all(fromYaml(user, "name: a\nrole_uids: [7]\n")).find("is written `roles` here") !=
                   std::string::npos);
    CPPUNIT_ASSERT(all(fromYaml(user, "name: a\nemial: x\n")).find("t.yaml:2:1: emial: ") == 0);
    ClusterSettings settings;
    CPPUNIT_ASSERT(all(fromJson(settings, R"({"mtls_authorized_subjects":[{"CN":"a","Q":"b"}]})"))
                       .find("mtls_authorized_subjects[0].Q: ") == 0);
  }

  void testMissingFieldsAreNamed() {
    refused<User>("{}", Code::missing_field, "name: is missing");
    refused<ClusterCertificate>(R"({"name":"api"})", Code::missing_field, "certificate: is missing");
    refused<ClusterSettings>(R"({"mtls_authorized_subjects":[{"O":"b"}]})", Code::missing_field,
                             "[0].CN: is missing");
    User before, user;
    before.name = user.name = "ada";
    CPPUNIT_ASSERT(fromJson(user, "{}", &before).ok());
  }

  void testReadOnlyFieldsAreAcceptedAsTheyAre() {
    User before;
    before.uid = 5;
    before.name = "ada";
    User user = before;
    const Decoded same = fromJson(user, R"({"uid":5,"status":"active"})", &before);
    CPPUNIT_ASSERT_MESSAGE(all(same), same.ok() && same.given.empty());
    refused<User>(R"({"uid":6})", Code::invalid_param, "uid: is read-only", &before);
    refused<User>(R"({"status":"locked"})", Code::invalid_param, "status: is read-only",
                  &before); // else a lock "succeeds"
    refused<User>(R"({"uid":-1})", Code::invalid_param, "uid: ", &before);
    refused<User>(R"({"name":"a","uid":6})", Code::invalid_param, "uid: ");
    ClusterSettings settings;
    refused<ClusterSettings>(R"({"cnm_https_port":9444})", Code::invalid_param, "cnm_https_port", &settings);
  }

  void testMovingFieldsAreIgnoredOnRestAndAMistakeInAManifest() {
    User before;
    before.name = "ada";
    before.last_login = 10;
    User user = before;
    const Decoded put =
        fromJson(user, R"({"last_login":3,"action_uid":"x","password_issue_date":null})", &before);
    CPPUNIT_ASSERT(put.ok() && put.given.empty() && user == before);
    CPPUNIT_ASSERT(!fromYaml(user, "last_login: 3\n", &before).ok());
  }

  void testRefusedFieldsTakeTheirDefaultAlone() {
    for (const Field& field : table<ClusterSettings>().fields) {
      if (field.standing != Standing::refused) continue;
      ClusterSettings settings;
      if (const std::string fallback = defaultJson(field); !fallback.empty())
        CPPUNIT_ASSERT_MESSAGE(std::string(field.name),
                               fromJson(settings, "{" + member(field, fallback) + "}").ok());
      refused<ClusterSettings>("{" + member(field, sample(field.shape, field.fallback).json) + "}",
                               Code::unsupported_value, field.name);
      CPPUNIT_ASSERT(settings == ClusterSettings{});
    }
    refused<Role>(R"({"name":"a","resources":[{"type":"db","uids":["1"]}]})", Code::unsupported_value,
                  "resources");
    Role role;
    CPPUNIT_ASSERT(fromJson(role, R"({"name":"a","resources":null})").ok());
  }

  void testInertValuesAreCanonical() {
    ClusterSettings settings;
    CPPUNIT_ASSERT(
        fromJson(settings, R"({"use_ipv6":false,"alert_settings":{"z":"45","a":[ {"d":1.0,"c":null} ]},
                                          "email_from":"a\"}b,c","wait_command":true})")
            .ok());
    CPPUNIT_ASSERT_EQUAL(
        std::string(
            R"({"alert_settings":{"a":[{"c":null,"d":1.0}],"z":"45"},"email_from":"a\"}b,c","use_ipv6":false})"),
        settings.inert.json); // keys sorted, what equals its default left out
    CPPUNIT_ASSERT(writeInert(openInert(settings.inert)) == settings.inert);
    const ClusterSettings before = settings;
    CPPUNIT_ASSERT(
        fromJson(settings, R"({"alert_settings":null,"email_from":"","use_ipv6":true})", &before).ok());
    CPPUNIT_ASSERT_EQUAL(std::string(), settings.inert.json);
    refused<ClusterSettings>(R"({"smtp_port":70000})", Code::invalid_param, "smtp_port");
    refused<ClusterSettings>(R"({"disconnect_clients_on_password_removal":"disabled"})",
                             Code::unsupported_value, "disconnect");
    refused<ClusterSettings>("{\"alert_settings\":\"" + std::string(70000, 'a') + "\"}", Code::invalid_param,
                             "alert_settings");
    for (const char* broken : {"{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":\"x}", "x", "{\"a\":[1}"})
      CPPUNIT_ASSERT_MESSAGE(broken, openInert({broken}).size() <= 1);
  }

  void testSecretsReachNoObjectAndNoText() {
    User user;
    Decoded decoded = fromJson(user, R"({"name":"ada","password":"correct horse"})");
    CPPUNIT_ASSERT(decoded.ok() && decoded.gave("password"));
    CPPUNIT_ASSERT_EQUAL(std::string("correct horse"),
                         std::string(decoded.secrets.find("password")->reveal()));
    CPPUNIT_ASSERT(encode(View(user)).find("password\"") == std::string::npos);
    CPPUNIT_ASSERT(!decoded.secrets.take("password").empty() && decoded.secrets.take("key").empty());
    refused<User>(R"({"name":"ada","password":""})", Code::invalid_param,
                  "password: must have 1 to 1024 bytes");
    ClusterSettings settings; // inert and secret: taken and dropped
    const Decoded smtp = fromJson(settings, R"({"smtp_password":"s3cret"})");
    CPPUNIT_ASSERT(smtp.ok() && smtp.given.empty() && smtp.secrets.empty() && settings.inert.json.empty());
    CPPUNIT_ASSERT(encode(View(settings)).find("smtp_password") == std::string::npos);
  }

  void testManifestSecretsComeByReference() {
    User user;
    const Decoded decoded = fromYaml(user, "name: job\npassword: {credential: job_password}\n");
    CPPUNIT_ASSERT_MESSAGE(all(decoded), decoded.ok() && decoded.gave("password") && decoded.secrets.empty());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, decoded.references.size());
    CPPUNIT_ASSERT(decoded.references[0].from == SourceReference::From::credential &&
                   decoded.references[0].name == "job_password" && decoded.references[0].at.line == 2);
    const std::string inlined = all(fromYaml(user, "name: job\npassword: hunter2\n"));
    CPPUNIT_ASSERT_MESSAGE(inlined, inlined.find("{file: PATH}") != std::string::npos &&
                                        inlined.find("hunter2") == std::string::npos);
    for (const char* wrong : {"{fil: x}", "{file: x, env: Y}", "{}", "{file: [x]}", "[x]", "{file: \"\"}"})
      CPPUNIT_ASSERT_MESSAGE(wrong,
                             !fromYaml(user, "name: job\npassword: " + std::string(wrong) + "\n").ok());
    ClusterCertificate certificate; // a certificate may stand in the manifest, or in a file
    CPPUNIT_ASSERT(fromYaml(certificate, "name: mtls_trusted_ca\ncertificate: {file: ca.pem}\n").ok());
    CPPUNIT_ASSERT(fromYaml(certificate, "name: mtls_trusted_ca\ncertificate: |\n  PEM\n").ok());
    CPPUNIT_ASSERT_EQUAL(std::string("PEM\n"), certificate.certificate);
    // R23: over REST values only
    refused<ClusterCertificate>(R"({"name":"api","certificate":{"file":"x"}})", Code::invalid_schema,
                                "certificate: ");
    refused<User>(R"({"name":"a","password":{"env":"X"}})", Code::invalid_schema, "password: ");
  }

  void testYamlWritesNamesForUids() {
    User user;
    CPPUNIT_ASSERT(fromYaml(user, "name: ada\nroles: [seven, \"eight\"]\n").ok());
    CPPUNIT_ASSERT(user.role_uids == (std::vector<std::int64_t>{7, 8}));
    const std::string dangling = all(fromYaml(user, "name: ada\nroles: [sven]\n"));
    CPPUNIT_ASSERT_MESSAGE(dangling, dangling.find("t.yaml:2:9: roles[0]: ") == 0 &&
                                         dangling.find("did you mean `seven`?") != std::string::npos);
    CPPUNIT_ASSERT(!fromYaml(user, "name: ada\nroles: [7]\n").ok()); // a uid is no name
  }

  void testYamlTypesAreTheFields() {
    ClusterSettings settings;
    CPPUNIT_ASSERT(fromYaml(settings, "min_control_TLS_version: 1.3\nsmtp_port: 26\n").ok());
    CPPUNIT_ASSERT(settings.min_control_TLS_version == TlsVersion::v1_3);
    CPPUNIT_ASSERT(fromYaml(settings, "min_control_TLS_version: \"1.2\"\n").ok());
    for (const char* wrong : {"no", "yes", "True", "on", "\"true\"", "1"})
      CPPUNIT_ASSERT_MESSAGE(
          wrong, !fromYaml(settings, "mtls_certificate_authentication: " + std::string(wrong) + "\n").ok());
    for (const char* wrong : {"010", "0x10", "1_000", "\"25\"", "25.0", "+25", "2e1"})
      CPPUNIT_ASSERT_MESSAGE(wrong, !fromYaml(settings, "smtp_port: " + std::string(wrong) + "\n").ok());
    User user;
    CPPUNIT_ASSERT(fromYaml(user, "name: true\nemail: \"\"\n").ok());
    CPPUNIT_ASSERT_EQUAL(std::string("true"), user.name);
  }

  void testASetHoldsAValueOnce() {
    refused<User>(R"({"name":"a","role_uids":[1,2,1]})", Code::invalid_param,
                  "role_uids[2]: `1` stands twice");
  }

  void testAnUnchangedValuePassesItsLimits() {
    User before;
    before.name = "<odd>"; // written when another alphabet held
    before.email = "ada";
    User user = before;
    const Decoded same = fromJson(user, R"({"name":"<odd>","email":"ada","role_uids":[1]})", &before);
    CPPUNIT_ASSERT_MESSAGE(all(same), same.ok());
    refused<User>(R"({"name":"<odder>"})", Code::invalid_param, "name: ", &before);
    refused<User>(R"({"name":"<odd>"})", Code::invalid_param, "name: "); // never on create
  }

  void testMembersThatAreNotNamedStay() {
    User before;
    before.name = "ada";
    before.email = "ada@example.com";
    before.role_uids = {1, 2};
    before.inert.json = R"({"email_alerts":false})";
    User user = before;
    const Decoded decoded = fromJson(user, R"({"email":""})", &before);
    CPPUNIT_ASSERT(decoded.ok() && decoded.given.size() == 1);
    before.email.clear();
    CPPUNIT_ASSERT(user == before);
  }

  void testEncodingIsJsonInTheOrderOfTheTable() {
    User user;
    user.uid = 2;
    user.name = "a\"\\\n\x01";
    user.role_uids = {2, 9};
    CPPUNIT_ASSERT_EQUAL(
        std::string(
            R"({"uid":2,"name":"a\"\\\n\u0001","email":"","auth_method":"regular","certificate_subject_line":"",)"
            R"("role":"none","role_uids":[2,9],"status":"active","email_alerts":true})"),
        encode(View(user)));
    std::string list;
    const View views[] = {View(user), View(user)};
    encodeList(views, list);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, json(list).items.size());
    for (const Field& field : table<ClusterSettings>().fields) // whole, with defaults
      if (!defaultJson(field).empty())
        CPPUNIT_ASSERT_MESSAGE(std::string(field.name),
                               encode(View(ClusterSettings{})).find(member(field, defaultJson(field))) !=
                                   std::string::npos);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CodecTest);
