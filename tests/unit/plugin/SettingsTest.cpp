// Protects: that a plugin gets typed, checked values, and that an operator's mistakes come all at once with
// their place.
#include "plugin/Settings.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::plugin;
using namespace std::string_literals;

namespace {

Node scalar(std::string text, Position at = {7, 9}, Node::Style style = Node::Style::bare) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.style = style;
  node.text = std::move(text);
  node.at = at;
  return node;
}
Node list(std::initializer_list<Node> items) {
  Node node;
  node.kind = Node::Kind::sequence;
  node.items = items;
  node.at = {7, 9};
  return node;
}
Node mapping(std::vector<std::pair<std::string, Node>> members) {
  Node node;
  node.kind = Node::Kind::mapping;
  node.at = {5, 3};
  for (auto& [key, value] : members) node.members.push_back({key, {7, 5}, std::move(value)});
  return node;
}

std::vector<SettingDeclaration> declared() {
  std::vector<SettingDeclaration> all(5);
  all[0] = {"enabled", "", "Whether.", "true", GH_SETTING_BOOL, 0, 0};
  all[1] = {"limit", "bytes", "How much.", "10", GH_SETTING_INT, 1, 100};
  all[2] = {"greeting", "", "What to say.", std::nullopt, GH_SETTING_TEXT, 0, 5};
  all[3] = {"names", "", "Which.", "[a, b]", GH_SETTING_LIST, 0, 3};
  all[4] = {"key", "", "The key.", "", GH_SETTING_SECRET, 0, 0};
  return all;
}

std::string text(gh_bytes b) { return {b.data == nullptr ? "" : b.data, b.size}; }

} // namespace

class SettingsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SettingsTest);
  CPPUNIT_TEST(testPresetsFillWhatIsNotGiven);
  CPPUNIT_TEST(testGivenValuesAreTypedInDeclaredOrder);
  CPPUNIT_TEST(testEachMistakeIsSaidWithItsPlace);
  CPPUNIT_TEST(testValuesOutliveAMove);
  CPPUNIT_TEST_SUITE_END();

  std::vector<Mistake> mistakes_;
  Settings read(const Node* given) {
    mistakes_.clear();
    return Settings::read(declared(), given, "gatehouse.yaml", "plugins.settings.sample", mistakes_);
  }

public:
  void testPresetsFillWhatIsNotGiven() {
    const Node given = mapping({{"greeting", scalar("hello")}});
    const auto settings = read(&given);
    CPPUNIT_ASSERT(mistakes_.empty());
    const auto values = settings.values();
    CPPUNIT_ASSERT(values[0].number == 1 && values[0].given == 0);
    CPPUNIT_ASSERT(values[1].number == 10 && values[1].type == GH_SETTING_INT);
    CPPUNIT_ASSERT(text(values[2].text) == "hello" && values[2].given == 1);
    CPPUNIT_ASSERT(values[3].item_count == 2 && text(values[3].items[1]) == "b");
    CPPUNIT_ASSERT(text(values[4].text).empty());
  }
  void testGivenValuesAreTypedInDeclaredOrder() {
    const Node given = mapping({{"names", list({scalar("x"), scalar("y, z")})},
                                {"greeting", scalar("010")},
                                {"limit", scalar("100")},
                                {"enabled", scalar("false")},
                                {"key", scalar("s3cret")}});
    const auto settings = read(&given);
    CPPUNIT_ASSERT(mistakes_.empty());
    const auto values = settings.values();
    CPPUNIT_ASSERT(values[0].number == 0 && values[1].number == 100 && text(values[2].text) == "010");
    CPPUNIT_ASSERT(values[3].item_count == 2 && text(values[3].items[1]) == "y, z" &&
                   text(values[4].text) == "s3cret");
  }
  void testEachMistakeIsSaidWithItsPlace() {
    const struct {
      const char *setting, *expected;
      Node value;
    } cases[] = {
        {"limits", "did you mean limit?", scalar("10")},
        {"bananas", "no such setting", scalar("10")},
        {"enabled", "true or false", scalar("yes")},
        {"enabled", "true or false", scalar("true", {7, 9}, Node::Style::quoted)},
        {"enabled", "has no value", Node{}},
        {"limit", "whole number of bytes", scalar("010")},
        {"limit", "whole number of bytes", scalar("10", {7, 9}, Node::Style::quoted)},
        {"limit", "between 1 bytes and 100 bytes", scalar("101")},
        {"limit", "single value", list({})},
        {"greeting", "its length", scalar("too long")},
        {"names", "must be a list", scalar("a")},
        {"names", "list of texts", list({list({})})},
        {"names", "number of entries", list({scalar("a"), scalar("b"), scalar("c"), scalar("d")})},
    };
    for (const auto& one : cases) {
      auto members = std::vector<std::pair<std::string, Node>>{{one.setting, one.value}};
      if (one.setting != "greeting"s) members.emplace_back("greeting", scalar("hello"));
      const Node given = mapping(members);
      (void)read(&given);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(one.expected, std::size_t{1}, mistakes_.size());
      const std::string line = mistakes_[0].line();
      CPPUNIT_ASSERT_MESSAGE(line, line.find("gatehouse.yaml:7:") == 0);
      CPPUNIT_ASSERT_MESSAGE(line, line.find("plugins.settings.sample."s + one.setting) != std::string::npos);
      CPPUNIT_ASSERT_MESSAGE(line + " / " + one.expected, line.find(one.expected) != std::string::npos);
    }
    (void)read(nullptr);
    CPPUNIT_ASSERT(mistakes_.size() == 1 && mistakes_[0].text.find("must be given: What to say.") == 0);
    const Node wrong = list({});
    (void)read(&wrong);
    CPPUNIT_ASSERT(!mistakes_.empty() && mistakes_[0].text.find("mapping") != std::string::npos);
  }
  void testValuesOutliveAMove() {
    const Node given = mapping({{"greeting", scalar("hi")}, {"names", list({scalar("one")})}});
    auto first = read(&given);
    const Settings second = std::move(first);
    CPPUNIT_ASSERT(text(second.values()[2].text) == "hi" && text(second.values()[3].items[0]) == "one");
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SettingsTest);
