// Protects: whatever a body is that it should not be, the answer is a 4xx in JSON that names the field where
// there is one, and nothing has changed. BadInput.json has a row for every endpoint that takes a body: one
// that is good, what it must have, and what is bad about its meaning; everything else that can be wrong with
// a body, a member or a field of a table is made here for all of them.
#include "ManagementFixture.h"

#include "base/Json.h"
#include "control/codec/JsonReader.h"
#include "control/rest/Router.h"
#include "support/TempFolder.h"

#include <algorithm>
#include <filesystem>

using namespace gatehouse;
using namespace gatehouse::control;

namespace {

void write(const Node& node, std::string& out) {
  switch (node.kind) {
  case Node::Kind::null: out += "null"; return;
  case Node::Kind::scalar:
    if (node.style == Node::Style::quoted) return json::text(out, node.text);
    out += node.text;
    return;
  case Node::Kind::sequence:
    out += '[';
    for (const Node& item : node.items) {
      if (out.back() != '[') out += ',';
      write(item, out);
    }
    out += ']';
    return;
  case Node::Kind::mapping: break;
  }
  out += '{';
  for (const Node::Member& member : node.members) {
    if (out.back() != '{') out += ',';
    json::text(out, member.key);
    out += ':';
    write(member.value, out);
  }
  out += '}';
}
std::string text(const Node& node) {
  std::string out;
  write(node, out);
  return out;
}
std::string inQuotes(std::string_view value) {
  std::string out;
  json::text(out, value);
  return out;
}

enum class Is : std::uint8_t { null, boolean, number, text, list, object };
Is kindOf(const Node& node) {
  switch (node.kind) {
  case Node::Kind::null: return Is::null;
  case Node::Kind::sequence: return Is::list;
  case Node::Kind::mapping: return Is::object;
  case Node::Kind::scalar: break;
  }
  if (node.style == Node::Style::quoted) return Is::text;
  return node.text == "true" || node.text == "false" ? Is::boolean : Is::number;
}
/// Values of every other kind.
std::vector<std::string> othersThan(Is kind) {
  std::vector<std::string> all;
  const auto add = [&](Is of, std::string_view json) {
    if (of != kind) all.emplace_back(json);
  };
  add(Is::boolean, "true");
  add(Is::number, "7");
  add(Is::text, R"("7")");
  add(Is::list, R"(["7"])");
  add(Is::object, R"({"seven":7})");
  return all;
}
Is kindOf(const model::Shape& shape) {
  if (shape.many) return Is::list;
  switch (shape.kind) {
  case model::Kind::boolean: return Is::boolean;
  case model::Kind::integer: return Is::number;
  case model::Kind::object: return Is::object;
  default: return Is::text;
  }
}

/// A body with one member put in, or in place of the one that there is.
std::string with(const Node& valid, std::string_view name, std::string_view value) {
  std::string out = "{";
  for (const Node::Member& member : valid.members)
    if (member.key != name) out += inQuotes(member.key) + ':' + text(member.value) + ',';
  return out + inQuotes(name) + ':' + std::string(value) + '}';
}
std::string without(const Node& valid, std::string_view name) {
  Node less = valid;
  std::erase_if(less.members, [&](const Node::Member& member) { return member.key == name; });
  return text(less);
}
std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

} // namespace

class BadInputTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(BadInputTest);
  CPPUNIT_TEST(testEveryEndpointWithABodyHasARow);
  CPPUNIT_TEST(testTheGoodBodiesAreGood);
  CPPUNIT_TEST(testBodiesThatAreNoObject);
  CPPUNIT_TEST(testMembersThatAreNotWhatTheyShouldBe);
  CPPUNIT_TEST(testWhatIsMissing);
  CPPUNIT_TEST(testMeaningsThatAreWrong);
  CPPUNIT_TEST(testEveryFieldOfEveryTable);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    ManagementFixture::setUp();
    const test::Forged ca = test::Forge().ca("Example CA").make();
    const test::Forged leaf = test::Forge().client("ada").signedBy(ca).make();
    std::string json = test::readFile(
        (std::filesystem::path(__FILE__).parent_path() / "BadInput.json").lexically_normal().string());
    replace(json, "\"@ca\"", inQuotes(ca.pem()));
    replace(json, "\"@leafkey\"", inQuotes(leaf.keyPem()));
    replace(json, "\"@leaf\"", inQuotes(leaf.pem()));
    const test::Forged server = test::Forge().server("localhost").make();
    replace(json, "\"@server\"", inQuotes(server.pem()));
    replace(json, "\"@serverkey\"", inQuotes(server.keyPem()));
    replace(json, "{user}", std::to_string(make("ada", "")));
    const auto made = [&](const char* path, const char* body) {
      const Answer answer = root("POST", path, body);
      expectOk(answer);
      return std::to_string(uidIn(answer));
    };
    replace(json, "{role}", made("/v1/roles", R"({"name":"some role"})"));
    replace(json, "{redis_acl}", made("/v1/redis_acls", R"({"name":"some acl","acl":"+get ~a"})"));
    replace(json, "{bdb}", std::to_string(makeDatabase("there")));
    auto read = readJson(json);
    CPPUNIT_ASSERT_MESSAGE(read ? "" : read.error().description, read.ok());
    rows_ = std::move(*read);
    someUser_ = user(make("grace", "1"));
    serving_->engine = [](std::int64_t, const std::vector<std::string>&) -> Result<std::string> {
      return std::string("\"OK\"");
    };
    before_ = revision();
  }
  void tearDown() override {
    std::string all;
    for (const std::string& failure : failures_) all += failure + '\n';
    failures_.clear();
    ManagementFixture::tearDown();
    CPPUNIT_ASSERT_MESSAGE(all, all.empty());
  }

  /// What is added to the routes must be added to the table.
  void testEveryEndpointWithABodyHasARow() {
    for (const Endpoint& endpoint : endpoints()) {
      if (!endpoint.body) continue;
      const bool found = std::any_of(rows_.items.begin(), rows_.items.end(),
                                     [&](const Node& row) { return &endpointOf(row) == &endpoint; });
      if (!found)
        failures_.push_back("no row for " + std::string(endpoint.method) + ' ' + std::string(endpoint.path));
    }
  }

  void testTheGoodBodiesAreGood() {
    for (const Node& row : rows_.items) {
      const Answer answer = put(row, text(valid(row)), endpointOf(row).plan ? "dry_run" : "");
      const Node* status = row.find("status");
      if (answer.status != (status ? std::stoi(status->text) : 200))
        failures_.push_back(member(row, "object") + ": the good body is answered " + answer.body);
    }
  }

  void testBodiesThatAreNoObject() {
    for (const Node& row : rows_.items) {
      const std::string good = text(valid(row));
      std::vector<std::string> bodies = {"[]",
                                         "[" + good + "]",
                                         "null",
                                         "7",
                                         "\"text\"",
                                         "true",
                                         "{",
                                         good + "x",
                                         good + good,
                                         "{\"a\":}",
                                         "{'a': 1}",
                                         "\xef\xbb\xbf" + good,
                                         "{\"\xff\xfe\":1}",
                                         "{\"name\":\"\xc0\xaf\"}",
                                         "{\"a\":\"\\u0000\"}",
                                         "{\"a\":\"\\ud800\"}",
                                         std::string("\0", 1),
                                         nested(10'000),
                                         std::string(10'000, '['),
                                         std::string(10'000, '{')};
      if (!endpointOf(row).mayLackBody) bodies.emplace_back();
      for (const std::string& body : bodies) expectRefused(row, body, "");
      expectRefused(
          row,
          std::string(endpointOf(row).bodyLimit ? endpointOf(row).bodyLimit + 1 : Management::bodyLimit + 1,
                      ' '),
          "");
    }
  }

  void testMembersThatAreNotWhatTheyShouldBe() {
    for (const Node& row : rows_.items) {
      const Node& good = valid(row);
      // Where a body has one form only, that is shown.
      expectRefused(row, with(good, "no_such_field", "1"),
                    row.find("shown") ? "the body is" : "no_such_field");
      expectRefused(row, with(good, "no such field <", "null"),
                    row.find("shown") ? "the body is" : "no such");
      for (const Node::Member& each : good.members) {
        const std::string& name = each.key;
        for (const std::string& other : othersThan(kindOf(each.value)))
          if (!lists(row, "anything", name)) expectRefused(row, with(good, name, other), name);
        if (!lists(row, "nullable", name)) expectRefused(row, with(good, name, "null"), name);
        expectRefused(row, with(good, name, nested(10'000)), "");
        const std::string once = text(good);
        expectRefused(
            row, once.substr(0, once.size() - 1) + ',' + inQuotes(name) + ':' + text(each.value) + '}', name);
        if (kindOf(each.value) == Is::number)
          for (const char* number : {"1.0", "1e1", "18446744073709551616", "-9223372036854775809"})
            expectRefused(row, with(good, name, number), name);
        if (kindOf(each.value) != Is::text) continue;
        expectRefused(row, with(good, name, "\"\xff\""), "");
        expectRefused(row, with(good, name, "\"a\\u0000b\""), "");
        const std::size_t limit = endpointOf(row).bodyLimit;
        const bool readAtAll = limit == 0 || limit > 1'000'000; // else it is the body that is too large
        if (!lists(row, "boundless", name))
          expectRefused(row, with(good, name, inQuotes(std::string(1'000'000, 'a'))), readAtAll ? name : "");
      }
    }
  }

  void testWhatIsMissing() {
    for (const Node& row : rows_.items)
      for (const Node& name : row.find("required")->items)
        expectRefused(row, without(valid(row), name.text), name.text);
  }

  /// References to what is not there, values that another rule refuses.
  void testMeaningsThatAreWrong() {
    for (const Node& row : rows_.items)
      for (const Node& bad : row.find("bad")->items) {
        Node body = valid(row);
        for (const Node::Member& other : bad.find("with")->members) {
          std::erase_if(body.members, [&](const Node::Member& m) { return m.key == other.key; });
          body.members.push_back(other);
        }
        expectRefused(row, text(body), bad.find("field")->text,
                      bad.find("path") ? bad.find("path")->text : "");
      }
  }

  void testEveryFieldOfEveryTable() {
    std::size_t tried = 0;
    for (const Node& row : rows_.items) {
      const Described& takes = endpointOf(row).request;
      if (!takes.table) continue;
      for (const model::Field& field : takes.table().fields) {
        const model::Shape& shape = field.shape;
        if (field.moves || lists(row, "anything", std::string(field.name))) continue; // any value passes
        ++tried;
        const auto refused = [&](const std::string& value) {
          expectRefused(row, with(valid(row), field.name, value), std::string(field.name));
        };
        if (shape.kind != model::Kind::any || shape.many)
          for (const std::string& other : othersThan(kindOf(shape))) refused(other);
        if (shape.many || field.standing == model::Standing::read_only) continue;
        if (shape.kind == model::Kind::choice) refused("\"no_such_word\"");
        if (shape.kind == model::Kind::integer) {
          refused("1.5");
          refused("99999999999999999999");
          if (shape.least > INT64_MIN) refused(std::to_string(shape.least - 1));
          if (shape.most < INT64_MAX) refused(std::to_string(shape.most + 1));
        }
        if ((shape.kind == model::Kind::text || shape.kind == model::Kind::secret) && shape.most < 1'000'000)
          refused(inQuotes(std::string(static_cast<std::size_t>(shape.most) + 1, 'a')));
      }
    }
    CPPUNIT_ASSERT(tried > 100);
  }

private:
  static void replace(std::string& text, const std::string& what, const std::string& by) {
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
      text.replace(at, what.size(), by);
  }
  static std::string member(const Node& row, const char* name) { return row.find(name)->text; }
  static const Node& valid(const Node& row) { return *row.find("valid"); }
  static bool lists(const Node& row, const char* list, const std::string& name) {
    const Node* names = row.find(list);
    return names && std::any_of(names->items.begin(), names->items.end(),
                                [&](const Node& item) { return item.text == name; });
  }
  static const Endpoint& endpointOf(const Node& row) {
    auto found = route(member(row, "method"), member(row, "path"));
    CPPUNIT_ASSERT_MESSAGE(member(row, "object"), found.ok() && found->endpoint && found->endpoint->body);
    return *found->endpoint;
  }

  /// A row for the time before the first administrator is asked of another store, which has none.
  void beforeAnybody() {
    if (early_) return;
    ManagementFixture::tearDown();
    ManagementFixture::setUp();
    early_ = true;
    before_ = revision();
  }
  Answer put(const Node& row, const std::string& body, const std::string& query = {},
             const std::string& path = {}) {
    Ask what{member(row, "method"), path.empty() ? member(row, "path") : path, body};
    what.query = query;
    if (row.find("early")) beforeAnybody();
    return ask(row.find("as") ? someUser_ : root(), what);
  }
  void expectRefused(const Node& row, const std::string& body, const std::string& naming,
                     const std::string& path = {}) {
    const Answer answer = put(row, body, {}, path);
    const std::string what = member(row, "object") + " <- " + printable(body, 300) + " -> " +
                             std::to_string(answer.status) + ' ' + answer.body;
    const auto error = readJson(answer.body);
    const auto word = [&](const char* name) {
      const Node* found = error.ok() ? error->find(name) : nullptr;
      return found ? found->text : std::string();
    };
    if (answer.status < 400 || answer.status > 499)
      failures_.push_back("no refusal: " + what);
    else if (word("error_code").empty() || word("description").empty() ||
             word("message") != word("description"))
      failures_.push_back("no error in JSON: " + what);
    else if (!row.find("refuses") && word("description").find(naming) == std::string::npos)
      failures_.push_back("does not name " + naming + ": " + what);
    if (revision() == before_) return;
    failures_.push_back("has changed something: " + what);
    before_ = revision();
  }

  Node rows_;
  bool early_ = false;
  Caller someUser_;
  model::Revision before_ = 0;
  std::vector<std::string> failures_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(BadInputTest);
